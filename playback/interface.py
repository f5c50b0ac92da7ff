"""What other packages need from a player; `playback.player.Player` implements all of it."""

from pathlib import Path
from typing import Protocol

from engine.loops.cancel import Check, no_check
from playback.growing import GrowingSound, GrowingVoice
from playback.layer_voices import LayerMixer
from playback.pad_voices import PadMixer


class PadPlayer(Protocol):
    """What the sampler needs: pads, on the clock of the stream."""

    @property
    def pads(self) -> PadMixer:
        """Where pads are struck."""

    @property
    def pads_place(self) -> tuple[int, int] | None:
        """The bar and beat of what pads play or record, from 1; None while they are silent."""

    @property
    def rate(self) -> int:
        """The rate of the stream in Hz; 0 while none is open."""

    def frame_at(self, monotonic_s: float) -> int:
        """Return the frame of the stream that sounds at a time."""


class LayerPlayer(Protocol):
    """What the layers need: their mixer, on the clock of the stream."""

    @property
    def layers(self) -> LayerMixer:
        """Where sets of layers are played."""

    @property
    def layers_place(self) -> float | None:
        """Where in their round the layers are, in bars; None while they are silent."""

    @property
    def rate(self) -> int:
        """The rate of the stream in Hz; 0 while none is open."""

    def frame_at(self, monotonic_s: float) -> int:
        """Return the frame of the stream that sounds at a time."""


class ClipPlayer(Protocol):
    """What the bridge needs: one clip at a time, on a device of choice."""

    @property
    def device(self) -> str:
        """The name of the chosen device; empty for the system default."""

    @property
    def playing(self) -> Path | None:
        """The file that is playing, or waiting for its start time."""

    def choose_device(self, name: str) -> None:
        """Play on another device from now on."""

    def play(
        self, path: Path, *, loop: bool, on_bar: bool = False, at_monotonic_s: float | None = None
    ) -> None:
        """Play a file: at once, on the next bar of what is playing, or at a given time."""

    def stop(self) -> None:
        """Stop the clip."""

    def close(self) -> None:
        """Close the device."""


class Player(PadPlayer, LayerPlayer, ClipPlayer, Protocol):
    """What the window needs: clips, takes being made, layers, pads, level, metronome."""

    volume: float
    metronome: bool

    @property
    def lost(self) -> bool:
        """Whether the device has gone while it was open."""

    @property
    def playhead(self) -> tuple[Path, float] | None:
        """The file that plays now, and the position in it, 0..1."""

    @property
    def sounding(self) -> Path | None:
        """The file that plays now."""

    def open(self, rate: int) -> int:
        """Open the stream, unless one is open, and return its rate."""

    def play(
        self,
        path: Path,
        *,
        loop: bool,
        bars: tuple[int, int] | None = None,
        on_bar: bool = False,
        keeps_place: bool = False,
        at_monotonic_s: float | None = None,
        check: Check = no_check,
    ) -> None:
        """Play a file, or some of its bars; `check` is called while it is read."""

    def play_growing(self, sound: GrowingSound) -> GrowingVoice:
        """Play a sound that is still being made."""

    def take_level(self) -> tuple[float, float]:
        """Return the peak of left and right since the last call."""

    def device_names(self) -> list[str]:
        """Return the names of all devices."""

    def is_present(self, name: str) -> bool:
        """Return whether a device is there now."""
