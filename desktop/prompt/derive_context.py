"""What deriving a loop depends on beside its source: the session, the models, what is selected."""

import dataclasses

from desktop.transport.session_time import SessionTime
from engine.loops.derive import Models


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeriveContext:
    """The state of the window that decides what can be made of a source.

    Attributes:
        time: the session's tempo, meter, key and bars.
        models: the chosen model, and what each model can do.
        takes: how many candidates are wanted.
        amount: how different a variation is, 0..1.
        bars: the first and the last selected bar, counted from 1.
    """

    time: SessionTime
    models: Models
    takes: int = 1
    amount: float = 0.2
    bars: tuple[int, int] | None = None
