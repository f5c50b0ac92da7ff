"""The model in memory: one at a time, loaded when a job needs it and kept until the next one.

Modules that two models share stay in memory when one replaces the other; everything else of the
old model is freed before the new one is loaded. Before that, its libraries must be new enough, and
it must fit into memory.
"""

import gc
import logging
import sys
import time
from collections.abc import Callable

from engine.generators.interface import Generator, ReusableModule, SharesModules
from engine.loops.cancel import Check, no_check, unless_cancelled
from engine.models.libraries import require_libraries
from engine.models.memory import require_memory, weight_bytes
from engine.models.store import ModelStore, ResolvedModel
from engine.server.free_memory import return_large_blocks

_log = logging.getLogger(__name__)


class LoadedModel:
    """The model that is in memory, if any."""

    def __init__(self, store: ModelStore) -> None:
        """Start without a model; `store` suggests others when one does not fit."""
        self._store = store
        self._loaded: tuple[tuple[str, str], Generator] | None = None
        self._used_weights = False
        """Whether a checkpoint was loaded, in part at least, since memory was last freed."""

    def generator(
        self,
        model: ResolvedModel,
        seconds: float,
        loading: Callable[[], None],
        check: Check = no_check,
    ) -> Generator:
        """Return the generator of a model, loading it unless it is in memory.

        Args:
            model: the model.
            seconds: the approximate length of a take.
            loading: called before the model is loaded, which may take long.
            check: called between the steps of loading; it may raise to end it.

        Raises:
            LibraryMissing: a library that the model needs is not installed.
            LibraryTooOld: a library that the model needs is too old.
            NotEnoughMemory: the model does not fit into memory.
        """
        key = model.entry.id, model.revision
        if self._loaded is None or self._loaded[0] != key:
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
            self._used_weights = model.checkpoint is not None
            self._loaded = key, _made(model, reusable, check)
            loaded_s = time.monotonic() - began_at
            _log.info("model %s loaded in %.2f s, %d parts kept", key[0], loaded_s, len(reusable))
        return self._loaded[1]

    def _reusable_for(self, model: ResolvedModel) -> dict[str, ReusableModule]:
        """Return the modules that the model in memory shares with another."""
        old: object = None if self._loaded is None else self._loaded[1]
        if isinstance(old, SharesModules) and model.checkpoint is not None:
            return old.release_modules(model.checkpoint.folder, model.hashes)
        return {}

    def unload(self) -> None:
        """Free the memory of the model; the next job that needs it loads it again."""
        if self._loaded is not None:
            _log.info("model %s unloaded", self._loaded[0][0])
        self._loaded = None
        if self._used_weights:  # Once the model libraries are imported, this takes long.
            self._used_weights = False
            gc.collect()
            if "torch" in sys.modules:
                from engine.generators.device import release_unused_memory

                release_unused_memory()


def _made(model: ResolvedModel, reusable: dict[str, ReusableModule], check: Check) -> Generator:
    generator: Generator
    if model.checkpoint is not None:
        return_large_blocks()
    # Its import takes seconds. If the job is cancelled it goes on, and the next job has it ready.
    generator_class = unless_cancelled(model.entry.generator_class, check)
    if model.checkpoint is None:
        generator = model.load()
    elif issubclass(generator_class, SharesModules):
        generator = model.load(check=check, hashes=model.hashes, reusable=reusable)
    else:
        generator = model.load(check=check)
    return generator
