"""A model as the window shows it: what it is, whether it is here, and what is being done with it.

That a model is here is the store's to say, how far a download is the
engine's.
"""

from pathlib import Path

import msgspec

from engine.models.entry import ModelEntry
from engine.models.errors import gigabytes

LOOKING, BUILT_IN, READY, MISSING, DAMAGED = (
    "looking", "built in", "ready", "not downloaded", "damaged",
)  # fmt: skip
WAITING, DOWNLOADING, CHECKING, REMOVING = "waiting", "downloading", "checking", "removing"
_BUSY = (WAITING, DOWNLOADING, CHECKING, REMOVING)


class ModelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One model.

    Attributes:
        state: one of the words above.
        fraction: how much of what is being done is done, 0..1.
        stage: what is being done, in words.
        here_bytes: what has arrived of a download that was not finished.
        of_bytes: what is on the disk, or will be; of a model that is not here, about.
        folder: of a folder of the user: where it is.
        problem: a sentence where something is wrong with it, or the last attempt failed.
        loading: whether the engine is bringing it into memory.
    """

    entry: ModelEntry
    state: str = LOOKING
    fraction: float = 0.0
    stage: str = ""
    here_bytes: int = 0
    of_bytes: int = 0
    folder: Path | None = None
    problem: str = ""
    loading: bool = False

    @property
    def id(self) -> str:
        """The id of the model."""
        return self.entry.id

    @property
    def usable(self) -> bool:
        """Whether a loop can be made with it now."""
        return self.state in (BUILT_IN, READY, CHECKING)

    @property
    def busy(self) -> bool:
        """Whether something is being done with it."""
        return self.state in _BUSY

    @property
    def resumable(self) -> bool:
        """Whether a part of it is here, from which a download goes on."""
        return self.state == MISSING and self.here_bytes > 0

    @property
    def state_text(self) -> str:
        """Its state in a few words: `downloading 43 %`."""
        if self.loading:
            return "loading"
        if self.state in (DOWNLOADING, CHECKING):
            return f"{self.state} {100 * self.fraction:.0f} %"
        if self.resumable and self.of_bytes:
            return f"{gigabytes(self.here_bytes)} of {gigabytes(self.of_bytes)} here"
        return self.state

    @property
    def facts_text(self) -> str:
        """What it takes and gives, in a line: size, memory, rate."""
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
        """Name and state, for a screen reader."""
        return f"{self.entry.name}, {self.state_text}"


def sound_text(entry: ModelEntry) -> str:
    """Return rate and channels: `16 kHz mono`."""
    if not entry.sample_rate:
        return ""
    channels = {1: "mono", 2: "stereo"}.get(entry.channels, f"{entry.channels} channels")
    return f"{entry.sample_rate / 1000:g} kHz {channels}"


def group_of(row: ModelRow) -> str:
    """Return the heading that a model stands under."""
    if row.folder is not None:
        return "Folders of your own"
    if row.state == BUILT_IN or not row.entry.hub:
        return "Built in"
    return "MusicGen" if row.entry.family.startswith("musicgen") else "MusicLDM and AudioLDM 2"
