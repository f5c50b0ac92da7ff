"""How fields of numbers are read, stepped and shown."""

from collections.abc import Callable
from typing import Any

from engine.loops.errors import OutOfRange

_MINUS = "\N{MINUS SIGN}"


def number(text: str, unit: str = "") -> float:
    """Return the number in a text, with a comma or a point, and with or without its unit.

    Raises:
        ValueError: it is no number.
    """
    plain = text.replace(",", ".").replace(_MINUS, "-").lower().strip().removesuffix(unit)
    return float(plain)


def reader(what: str, unit: str, low: float, high: float) -> Callable[[str], float]:
    """Return a reader of numbers between two bounds.

    The reader raises `OutOfRange` if the text is not such a number.
    """
    allowed = f"a number from {low:g} to {high:g}{f' {unit}' if unit else ''}"

    def read(text: str) -> float:
        try:
            value = number(text, unit.lower())
        except ValueError as error:
            raise OutOfRange(what, text, allowed) from error
        if not low <= value <= high:
            raise OutOfRange(what, text, allowed)
        return value

    return read


def stepper(
    low: float, high: float, by: float = 1.0, digits: int = 1
) -> Callable[[Any, float], Any]:
    """Return a function that moves a value by steps, within two bounds."""
    return lambda value, steps: round(min(max(value + steps * by, low), high), digits)


def signed(value: float, unit: str) -> str:
    """Return a number with its sign and its unit: `+3 dB`, `0 dB`."""
    return f"{value:+g} {unit}".replace("-", _MINUS) if value else f"0 {unit}"


def from_middle(value: float) -> tuple[float, float]:
    """Return the line of a level, -1..1, that begins in the middle."""
    return (0.5, value / 2) if value >= 0 else (0.5 + value / 2, -value / 2)
