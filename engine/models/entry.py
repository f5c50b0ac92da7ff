"""One model of the catalogue, as data.

It names its generator's class, which is imported only when the model is needed.
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
        licence: what a musician may do with the model's output, in a few words.
        sample_rate: the rate it computes at, in Hz.
        size_bytes: the approximate download size; 0 for a built-in model.
        good_for: one line for the screen.
        generator: its generator class, `package.module:Class`.
        hub: the repository of its checkpoint, `owner/name`; empty if it has none.
        pickled: whether its weights are published as pickles, which a download converts.
        memory_bytes: the approximate memory for a loop of 8 seconds in float32.
        work: the memory for generating, in addition to the weights.
        modes: the modes of its generator.
        settings: the settings of its generator.
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
    pickled: bool = False
    memory_bytes: int = 0
    work: Work = Work(0, 0)
    modes: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()

    def shown(self) -> dict[str, Any]:
        """Return the model's facts for front ends."""
        facts = cast("dict[str, Any]", msgspec.to_builtins(self))
        del facts["generator"], facts["work"]
        return facts

    def generator_class(self) -> Any:
        """Import and return the generator's class; this may take long."""
        module, _, name = self.generator.partition(":")
        return getattr(importlib.import_module(module), name)

    def load(self, folder: Path | None = None, revision: str = "", **more: Any) -> Any:
        """Import the generator's class and create a generator; this may take long.

        Args:
            folder: the checked checkpoint folder, for a model that has one.
            revision: the revision of that checkpoint.
            more: `check`, for a model that has a checkpoint, and further arguments of a class that
                shares modules.

        Returns an `engine.generators.interface.Generator`, which this module does not import.
        """
        generator = self.generator_class()
        return generator() if folder is None else generator(folder, self.facts(revision), **more)

    def facts(self, revision: str) -> ModelFacts:
        """Return the facts that the model's clips record."""
        return ModelFacts(
            id=self.id,
            name=self.name,
            revision=revision,
            licence=self.licence,
            commercial_use=self.commercial_use,
        )
