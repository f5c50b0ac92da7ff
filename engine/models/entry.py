"""One model of the catalogue, as data.

It knows where a generator's class lives, and imports it only when the model is wanted.
"""

import importlib
from pathlib import Path
from typing import Any, cast

import msgspec

from engine.loops.recipe import ModelFacts
from engine.models.memory import Work
from engine.models.settings import Setting


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One model.

    Attributes:
        licence: what a musician may do with what the model makes, in a few words.
        sample_rate: the rate it computes at, in Hz.
        size_bytes: what has to be downloaded, about; 0 for a model that is built in.
        good_for: one line for the screen.
        generator: where its class is: `package.module:Class`.
        hub: the repository of its checkpoint, `owner/name`; empty where there is none.
        memory_bytes: what it needs for a loop of 8 seconds in float32, about.
        work: what making something needs of the memory, beside the weights.
        modes: what it can make of a source; those of its generator.
        settings: what can be set of it; those of its generator.
    """

    id: str
    name: str
    family: str
    licence: str
    commercial_use: bool
    sample_rate: int
    channels: int
    size_bytes: int
    good_for: str
    generator: str
    hub: str = ""
    memory_bytes: int = 0
    work: Work = Work(0, 0)
    modes: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()

    def shown(self) -> dict[str, Any]:
        """Return what front ends are told of the model."""
        facts = cast("dict[str, Any]", msgspec.to_builtins(self))
        del facts["generator"], facts["work"]
        return facts

    def generator_class(self) -> Any:
        """Import and return the generator's class, which may take long."""
        module, _, name = self.generator.partition(":")
        return getattr(importlib.import_module(module), name)

    def load(self, folder: Path | None = None, revision: str = "", **more: Any) -> Any:
        """Import the generator's class and make one, which may take long.

        Args:
            folder: of the checkpoint, for a model that has one; it was checked.
            revision: of that checkpoint.
            more: what a class that shares parts takes beyond these.

        Returns an `engine.generators.interface.Generator`; this module imports none.
        """
        generator = self.generator_class()
        return generator() if folder is None else generator(folder, self.facts(revision), **more)

    def facts(self, revision: str) -> ModelFacts:
        """Return what the clips of this model tell of it."""
        return ModelFacts(
            id=self.id,
            name=self.name,
            revision=revision,
            licence=self.licence,
            commercial_use=self.commercial_use,
        )
