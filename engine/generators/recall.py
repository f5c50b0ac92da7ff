"""Remembers what was embedded last: a repeated prompt costs nothing."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

REMEMBERED = 64


class Memory:
    """The last few embeddings by what they were made from; one repeated prompt costs nothing."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def recall(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made for `key`, making it the first time."""
        if key not in self._known:
            self._known[key] = make()
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
