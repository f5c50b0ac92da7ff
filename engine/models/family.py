"""A family of checkpoints, as data: what one may consist of, and what its sound is like."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.models.allowed import AllowedClass
from engine.models.files import Refused, quoted
from engine.models.memory import Work
from engine.models.settings import Setting

RATES = range(8_000, 96_001)
CHANNELS = range(1, 3)
SIZES = range(1, 100_001)
"""What a whole number of a configuration may be."""


class Sound(NamedTuple):
    """What a checkpoint makes: rate in Hz, channels, and the memory for it beside the weights."""

    sample_rate: int
    channels: int
    work: Work


class Config(NamedTuple):
    """The configuration of a part, and the file that it is in."""

    file: str
    values: Mapping[str, Any]

    def whole(self, key: str, allowed: range, default: int) -> int:
        """Return a whole number, or the library's default if it is missing.

        Raises:
            Refused: it is another value.
        """
        value = self.values.get(key, default)
        if type(value) is not int or value not in allowed:
            first, last = allowed[0], allowed[-1]
            raise Refused(self.file, f"has {quoted(value)} as {key!r}, not {first:,} to {last:,}")
        return value


ConfigOf = Callable[[str], Config]
"""Returns the configuration of a part of a checkpoint, by its name."""


class Inner(NamedTuple):
    """A model inside another: the `model_type` of its configuration, and its class."""

    model_type: str
    allowed: AllowedClass


@dataclasses.dataclass(frozen=True, kw_only=True)
class Family:
    """One kind of checkpoint.

    Attributes:
        id: our name for it.
        named: its name in a folder: the pipeline in `model_index.json` or, in a flat folder, the
            architecture in `config.json`.
        generator: where its generator class is, `package.module:Class`.
        parts: the classes that each part may have.
        sound: reads rate, channels and work from the configurations.
        modes: the `engine.loops.request.MODES` that it supports; for `blend`, what needs a model.
        settings: returns its settings, given the class of each part.
        model_type: of a flat folder, the `model_type` of its configuration; empty for others.
        inner: of a flat folder, the models inside the configuration; the library chooses classes
            by their types.
        also_named: further classes that its configurations may mention.
        modules: the packages of the model libraries that it runs on, which a build includes.
        single: of Stability's own layout, the keys of its `model_config.json`, named by what reads
            the prompts; None for others.
        text_from: where a text encoder for that layout comes from.
        kind: where its checkpoints are of several kinds, by what their configurations say:
            returns the family with the modes and settings of a checkpoint's kind.
    """

    id: str
    named: str
    generator: str
    parts: Mapping[str, tuple[AllowedClass, ...]]
    sound: Callable[[ConfigOf], Sound]
    modes: tuple[str, ...]
    settings: Callable[[Mapping[str, str]], tuple[Setting, ...]]
    model_type: str = ""
    inner: Mapping[str, Inner] = dataclasses.field(default_factory=dict)
    also_named: frozenset[str] = frozenset()
    modules: tuple[str, ...]
    single: AllowedClass | None = None
    text_from: str = ""
    kind: "Callable[[ConfigOf], Family] | None" = None

    def of(self, config_of: ConfigOf) -> "Family":
        """Return the family with the modes and settings of a checkpoint's kind.

        Raises:
            Refused: the configurations are not those of this family.
        """
        return self if self.kind is None else self.kind(config_of)

    @property
    def flat(self) -> bool:
        """Whether all its files are in one folder."""
        return bool(self.model_type)

    @property
    def classes(self) -> tuple[AllowedClass, ...]:
        """All classes that its parts may have."""
        of_parts = [each for classes in self.parts.values() for each in classes]
        return (*of_parts, *(inner.allowed for inner in self.inner.values()))

    def allowed(self, part: str, class_name: object) -> AllowedClass | None:
        """Return a class that a part may have, by its name; None if it may not."""
        return next((each for each in self.parts[part] if each.name == class_name), None)
