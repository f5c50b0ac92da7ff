"""Describes an editable value: how it is parsed, displayed and stepped."""

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """How one value is edited.

    Attributes:
        name: attribute that holds the value.
        caption: label of the field.
        hint: tooltip.
        read: parses text; raises `LoopError` if it is not a valid value.
        show: formats a value.
        step: returns a value moved by a number of steps.
        level: returns where in its range a value is, as the begin and the length of a line, 0..1;
            None if it has no range.
    """

    name: str
    caption: str
    hint: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]
    step: Callable[[Any, float], Any]
    level: Callable[[Any], tuple[float, float]] | None = None
