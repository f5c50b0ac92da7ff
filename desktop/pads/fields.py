"""The fields of a pad: how each is parsed, displayed and stepped."""

from collections.abc import Callable

from desktop.pads.banks import HIGHEST_CHOKE, HIGHEST_LEVEL_DB, LOWEST_LEVEL_DB
from desktop.widgets.field import Field
from desktop.widgets.numbers import from_middle, reader, signed, stepper
from playback.pad_sound import MAX_SEMITONES


def _read_choke(text: str) -> int:
    if text.strip().lower() in ("none", "–", "-", ""):
        return 0
    value = reader("The choke group", "", 0, HIGHEST_CHOKE)(text)
    return int(value)


def _read_pan(text: str) -> float:
    """Parse `20 L`, `centre`, `35 R`, or a number from -100 to 100."""
    plain = text.strip().lower()
    if plain in ("centre", "center", "c"):
        return 0.0
    side = -1 if plain.endswith("l") else 1
    return side * reader("The pan", "", -100, 100)(plain.rstrip("lr").strip()) / 100


def _show_pan(pan: float) -> str:
    if not pan:
        return "centre"
    return f"{abs(pan) * 100:g} {'L' if pan < 0 else 'R'}"


def _read_share(what: str) -> Callable[[str], float]:
    read = reader(what, "%", 0, 100)
    return lambda text: read(text) / 100


def _show_share(share: float) -> str:
    return f"{round(share * 100, 2):g} %"


_PART_STEP = 1 / 64


PAD_FIELDS = (
    Field(
        name="semitones", caption="Pitch",
        read=reader("The pitch", "st", -MAX_SEMITONES, MAX_SEMITONES),
        show=lambda value: signed(value, "st"),
        step=stepper(-MAX_SEMITONES, MAX_SEMITONES),
        level=lambda value: from_middle(value / MAX_SEMITONES),
        hint="Pitch in semitones; 12 is an octave up at double speed",
    ),
    Field(
        name="level_db", caption="Level",
        read=reader("The level", "db", LOWEST_LEVEL_DB, HIGHEST_LEVEL_DB),
        show=lambda value: signed(value, "dB"),
        step=stepper(LOWEST_LEVEL_DB, HIGHEST_LEVEL_DB),
        level=lambda value: (
            0.0, (value - LOWEST_LEVEL_DB) / (HIGHEST_LEVEL_DB - LOWEST_LEVEL_DB)
        ),
        hint="Level in dB, -60 to 6",
    ),
    Field(
        name="pan", caption="Pan", read=_read_pan, show=_show_pan,
        step=stepper(-1, 1, 0.05, 2), level=from_middle,
        hint="Pan: 20 L, centre, 35 R",
    ),
    Field(
        name="choke", caption="Choke", read=_read_choke, show=lambda n: str(n) if n else "none",
        step=lambda n, steps: int(min(max(n + round(steps), 0), HIGHEST_CHOKE)),
        hint="Choke group, 1-8 or none: only one pad of a group sounds at a time",
    ),
    Field(
        name="start", caption="Start", read=_read_share("The start"), show=_show_share,
        step=stepper(0, 1, _PART_STEP, 6), level=lambda start: (start, 1 - start),
        hint="Start point in the loop, in per cent; one step is 1/64 of the loop",
    ),
    Field(
        name="end", caption="End", read=_read_share("The end"), show=_show_share,
        step=stepper(0, 1, _PART_STEP, 6), level=lambda end: (0.0, end),
        hint="End point in the loop, in per cent; one step is 1/64 of the loop",
    ),
)  # fmt: skip
