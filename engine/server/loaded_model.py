"""The model in memory: one at a time, loaded when a job wants it, until the next or until asked.

What two models have in common stays in memory when one follows the other; all else of the old one
is gone before the new one is loaded. Before that, its libraries must be new enough and the memory
must suffice.
"""

import gc
import logging
import sys
import time
from collections.abc import Callable

from engine.generators.interface import Generator, ReusableModule, SharesModules
from engine.models.libraries import require_libraries
from engine.models.memory import require_memory, weight_bytes
from engine.models.store import ModelStore, ResolvedModel

_log = logging.getLogger(__name__)


class LoadedModel:
    """The one model that is in memory, or none."""

    def __init__(self, store: ModelStore) -> None:
        """Hold nothing yet; `store` knows which models would fit where one does not."""
        self._store = store
        self._loaded: tuple[tuple[str, str], Generator] | None = None

    def generator(
        self, model: ResolvedModel, seconds: float, loading: Callable[[], None]
    ) -> Generator:
        """Return the generator of a model, loading it unless it ran last.

        Args:
            model: which one.
            seconds: about how long a take will be.
            loading: called before what may take long.

        Raises:
            LibraryMissing: a library that it runs on is not installed.
            LibraryTooOld: a library that it runs on is too old.
            NotEnoughMemory: it does not fit into the memory.
        """
        wanted = model.entry.id, model.revision
        if self._loaded is None or self._loaded[0] != wanted:
            reusable = self._reusable_for(model)
            self.unload()
            if model.checkpoint is not None:
                require_libraries()
                parts = model.checkpoint.parts
                missing = sum(parts[name].parameters for name in parts if name not in reusable)
                weights = weight_bytes(missing)
                others = self._store.memory_of_others(model.entry.id)
                work = model.entry.work
                require_memory(model.entry.id, weights, seconds, 1, work=work, smaller=others)
            loading()
            began_at = time.monotonic()
            self._loaded = wanted, _made(model, reusable)
            loaded_s = time.monotonic() - began_at
            _log.info(
                "model %s loaded in %.2f s, %d parts kept", wanted[0], loaded_s, len(reusable)
            )
        return self._loaded[1]

    def _reusable_for(self, model: ResolvedModel) -> dict[str, ReusableModule]:
        """Return what the model in memory has in common with another."""
        old: object = None if self._loaded is None else self._loaded[1]
        if isinstance(old, SharesModules) and model.checkpoint is not None:
            return old.release_modules(model.checkpoint.folder, model.hashes)
        return {}

    def unload(self) -> None:
        """Give the memory of the model back; the next job that wants it loads it again."""
        if self._loaded is not None:
            _log.info("model %s unloaded", self._loaded[0][0])
        self._loaded = None
        gc.collect()
        if "torch" in sys.modules:
            from engine.generators.device import release_unused_memory

            release_unused_memory()


def _made(model: ResolvedModel, reusable: dict[str, ReusableModule]) -> Generator:
    generator: Generator
    if model.checkpoint is not None and issubclass(model.entry.generator_class(), SharesModules):
        generator = model.load(hashes=model.hashes, reusable=reusable)
    else:
        generator = model.load()
    return generator
