"""A player for tests: it records its calls, and needs no device."""

import time
from pathlib import Path

import numpy as np

from engine.loops.cancel import Check, no_check
from playback.growing import GrowingSound, GrowingVoice
from playback.mixer import BLOCK_FRAMES, Mixer
from playback.sound_library import NoSound


class SilentPlayer:
    """Behaves like `playback.player.Player`, without sound; `fails_with` makes it fail.

    Its pads and layers are real: `render` runs the mixer, as the callback would.
    """

    def __init__(self, fails_with: Exception | None = None) -> None:
        self.volume = 1.0
        self.playing: Path | None = None
        self.played: list[Path] = []
        self.starts_at_s: list[float | None] = []
        self.device = ""
        self.devices = ["Built-in", "Scarlett 2i2"]
        self.metronome = False
        self.lost = False
        self.level = (0.0, 0.0)
        self.fraction = 0.0
        self.bars: list[tuple[int, int] | None] = []
        self.closed = False
        self.rate = 0
        self.mixer = Mixer()
        self._fails_with = fails_with

    @property
    def sounding(self) -> Path | None:
        return self.playing

    @property
    def playhead(self) -> tuple[Path, float] | None:
        return None if self.playing is None or self.lost else (self.playing, self.fraction)

    def take_level(self) -> tuple[float, float]:
        return self.level

    def device_names(self) -> list[str]:
        return self.devices

    def is_present(self, name: str) -> bool:
        return name in self.devices

    @property
    def pads(self):
        return self.mixer.pads

    @property
    def layers(self):
        return self.mixer.layers

    @property
    def pads_place(self) -> tuple[int, int] | None:
        return self.mixer.pads.place()

    @property
    def layers_place(self) -> float | None:
        return self.mixer.layers.place()

    def open(self, rate: int) -> int:
        if self._fails_with is not None:
            raise self._fails_with
        self._refuse_a_missing_device()
        self.rate = self.rate or rate
        return self.rate

    def frame_at(self, monotonic_s: float) -> int:
        return self.mixer.frames_done + round((monotonic_s - time.monotonic()) * self.rate)

    def render(self, blocks: int = 1):
        """Return what pads and layers would sound like from here on, (frames, 2)."""
        out = np.zeros((blocks * BLOCK_FRAMES, 2), dtype=np.float32)
        for start in range(0, len(out), BLOCK_FRAMES):
            self.mixer.fill(out[start : start + BLOCK_FRAMES])
        return out

    def play(
        self,
        path: Path,
        *,
        bars: tuple[int, int] | None = None,
        at_monotonic_s: float | None = None,
        check: Check = no_check,
        **_how: bool,
    ) -> None:
        check()
        if self._fails_with is not None:
            raise self._fails_with
        self._refuse_a_missing_device()
        self.bars.append(bars)
        self.playing = path
        self.starts_at_s.append(at_monotonic_s)
        self.played.append(path)  # last: tests wait for it

    def play_growing(self, sound: GrowingSound) -> GrowingVoice:
        if self._fails_with is not None:
            raise self._fails_with
        voice = self.mixer.pending = sound.voice(48_000)
        self.playing = sound.path
        return voice

    def _refuse_a_missing_device(self) -> None:
        if self.device and self.device not in self.devices:
            raise NoSound(f"no device is called {self.device!r}")

    def choose_device(self, name: str) -> None:
        self.device, self.lost, self.playing = name, False, None

    def stop(self) -> None:
        self.playing = None

    def close(self) -> None:
        self.closed = True
