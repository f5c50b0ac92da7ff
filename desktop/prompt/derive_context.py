"""The state that deriving a loop depends on, apart from its source."""

import dataclasses

from engine.loops.derive import Models
from engine.loops.precedence import SessionTime


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeriveContext:
    """The state of the window that decides what can be made from a source.

    Attributes:
        time: the session's tempo, meter, key and bars.
        models: the selected model, and the modes of each model.
        takes: number of takes.
        amount: how different a variation is, 0..1.
        bars: the first and the last selected bar, counted from 1.
    """

    time: SessionTime
    models: Models
    takes: int = 1
    amount: float = 0.2
    bars: tuple[int, int] | None = None
