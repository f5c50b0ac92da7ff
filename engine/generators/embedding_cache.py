"""Caches the latest embeddings, so that a repeated prompt costs nothing."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

CACHE_SIZE = 64


class EmbeddingCache:
    """The most recently used embeddings, by what they were made from."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the embedding for `key`, calling `make` the first time."""
        if key not in self._known:
            self._known[key] = make()
            if len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
