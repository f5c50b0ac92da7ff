"""A model as the window shows it: its facts, its state and its progress.

The state comes from the model store, the progress of a download from the engine.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.loops.precedence import SessionTime
from engine.loops.tempo import LoopGrid, Meter, bars_in_words
from engine.models.entry import ModelEntry
from engine.models.errors import gigabytes
from engine.models.needs import Capacity, memory_need

SCANNING, BUILT_IN, READY, MISSING, DAMAGED = (
    "scanning", "built in", "ready", "not downloaded", "damaged",
)  # fmt: skip
WAITING, DOWNLOADING, CHECKING, REMOVING = "waiting", "downloading", "checking", "removing"
HERE, ARRIVING, TO_ADD, TOO_LARGE = (
    "On this computer", "Arriving", "Can be added", "Too large here",
)  # fmt: skip
GROUPS = (HERE, ARRIVING, TO_ADD, TOO_LARGE)
"""The headings of the page, in its order: what runs here comes first."""
_HIGHS = ((44_100, "Full range"), (32_000, "Clear highs"), (0, "Soft highs"))
"""How bright models sound that compute at least at a rate in Hz."""
USUAL_TIME = SessionTime(bpm=120.0, meter="4/4", bars=4)
_BUSY = (WAITING, DOWNLOADING, CHECKING, REMOVING)


class ModelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One model.

    Attributes:
        state: one of the constants above.
        fraction: progress of the running action, 0..1.
        stage: running action in words.
        here_bytes: size of an unfinished download so far.
        of_bytes: size on the disk; an estimate if the model is not downloaded.
        folder: path of a user folder; None for other models.
        problem: sentence that says what is wrong with it, or why the last action failed.
        per_second: how many seconds it took for a second of sound, as measured; None if it was not.
        loading: whether the engine is loading it into memory.
        is_there: whether it is on another machine, which can be asked to fetch it, and no more.
    """

    entry: ModelEntry
    state: str = SCANNING
    fraction: float = 0.0
    stage: str = ""
    here_bytes: int = 0
    of_bytes: int = 0
    folder: Path | None = None
    problem: str = ""
    per_second: float | None = None
    loading: bool = False
    is_there: bool = False

    @property
    def id(self) -> str:
        """The id of the model."""
        return self.entry.id

    @property
    def usable(self) -> bool:
        """Whether it can generate loops now."""
        return self.state in (BUILT_IN, READY, CHECKING)

    @property
    def busy(self) -> bool:
        """Whether an action on it is queued or running."""
        return self.state in _BUSY

    @property
    def resumable(self) -> bool:
        """Whether a partial download can be resumed."""
        return self.state == MISSING and self.here_bytes > 0

    @property
    def state_text(self) -> str:
        """The state in short: `downloading 43 %`."""
        if self.loading:
            return "loading"
        if self.state in (DOWNLOADING, CHECKING):
            return f"{self.state} {100 * self.fraction:.0f} %"
        if self.resumable and self.of_bytes:
            return f"{gigabytes(self.here_bytes)} of {gigabytes(self.of_bytes)} downloaded"
        return self.state

    @property
    def facts_text(self) -> str:
        """Size, memory and sound in one line."""
        entry = self.entry
        parts = [entry.id]
        if entry.size_bytes:
            about = "" if self.state in (READY, CHECKING) else "about "
            parts.append(f"{about}{gigabytes(self.of_bytes or entry.size_bytes)} on disk")
        if entry.memory_bytes:
            parts.append(f"{gigabytes(entry.memory_bytes)} of memory")
        parts.append(sound_text(entry))
        return " · ".join(part for part in parts if part)

    @property
    def spoken(self) -> str:
        """The name and the state, for a screen reader."""
        return f"{self.entry.name}, {self.state_text}"


def rows_there(models: Iterable[Mapping[str, Any]]) -> list[ModelRow]:
    """Return the models that an engine elsewhere lists; what cannot be read is left out."""
    rows = []
    for facts in models:
        try:
            entry = msgspec.convert({**facts, "generator": ""}, ModelEntry)
        except msgspec.ValidationError:
            continue
        state = str(facts.get("state"))
        here = state if state in (READY, MISSING, DAMAGED) else SCANNING
        rows.append(ModelRow(entry=entry, state=here if entry.hub else BUILT_IN, is_there=True))
    return rows


def sound_words(entry: ModelEntry) -> str:
    """Return how it sounds in a few words: `Clear highs, stereo`."""
    if not entry.sample_rate:
        return ""
    highs = next(words for rate, words in _HIGHS if entry.sample_rate >= rate)
    return f"{highs}, {_channels(entry)}"


def take_words(time: SessionTime, per_second: float) -> str:
    """Return about how long a take of the session's length takes: `4 bars in about 6 s`."""
    grid = LoopGrid(time.bpm, Meter.parse(time.meter), time.bars)
    took_s = float(grid.length_s) * per_second
    if took_s < 1:
        about = "under 1 s"
    else:
        about = f"about {took_s:.0f} s" if took_s < 100 else f"about {took_s / 60:.0f} min"
    return f"{bars_in_words(time.bars)} in {about}"


def sound_text(entry: ModelEntry) -> str:
    """Return sample rate and channels: `16 kHz mono`."""
    if not entry.sample_rate:
        return ""
    return f"{entry.sample_rate / 1000:g} kHz {_channels(entry)}"


def _channels(entry: ModelEntry) -> str:
    return {1: "mono", 2: "stereo"}.get(entry.channels, f"{entry.channels} channels")


def is_too_large(row: ModelRow, capacity: Capacity | None) -> bool:
    """Return whether this computer lacks the memory for a model."""
    return capacity is not None and not memory_need(row.entry, capacity).met


def group_of(row: ModelRow, capacity: Capacity | None) -> str:
    """Return the heading of a model's group, one of `GROUPS`."""
    if row.state in (WAITING, DOWNLOADING):
        return ARRIVING
    if row.folder is not None or row.state not in (MISSING, SCANNING):
        return HERE
    return TOO_LARGE if is_too_large(row, capacity) else TO_ADD
