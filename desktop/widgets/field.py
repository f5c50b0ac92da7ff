"""A value that is typed and nudged: how it is read from text, shown, and moved by steps."""

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """One field.

    Attributes:
        name: the attribute that the value is kept in.
        caption: what stands below it.
        hint: what its tooltip says.
        read: raises `LoopError` if the text is not a value.
    """

    name: str
    caption: str
    hint: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]
    step: Callable[[Any, float], Any]
