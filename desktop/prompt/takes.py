"""How the number of takes is read, shown and stepped."""

from desktop.widgets.field import Field
from engine.loops.errors import OutOfRange
from engine.loops.request import HIGHEST_TAKES


def _read(text: str) -> int:
    digits = text.strip()
    if not digits.isdecimal() or not 1 <= int(digits[:6]) <= HIGHEST_TAKES:
        raise OutOfRange("The number of takes", text, f"1 to {HIGHEST_TAKES}")
    return int(digits)


TAKES = Field(
    name="takes", caption="Takes", read=_read, show=str,
    step=lambda takes, steps: int(min(max(takes + round(steps), 1), HIGHEST_TAKES)),
    hint=f"Number of takes, 1-{HIGHEST_TAKES}: double-click to type, drag or scroll to change",
    level=lambda takes: (0.0, takes / HIGHEST_TAKES),
)  # fmt: skip
