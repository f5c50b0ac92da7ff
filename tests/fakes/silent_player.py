"""A player for tests: it holds what it was told, and needs no device."""

from pathlib import Path

import numpy as np

from engine.loops.mixer import BLOCK_FRAMES, Mixer


class SilentPlayer:
    """Does as `engine.loops.player.Player`, without a sound; `fails_with` makes it fail.

    Its pads are real: `render` runs the mixer, as the callback would.
    """

    def __init__(self, fails_with: Exception | None = None) -> None:
        self.volume = 1.0
        self.playing: Path | None = None
        self.played: list[Path] = []
        self.starts_at_s: list[float | None] = []
        self.device = ""
        self.closed = False
        self.rate = 0
        self.mixer = Mixer()
        self._fails_with = fails_with

    @property
    def heard(self) -> Path | None:
        return self.playing

    @property
    def pads(self):
        return self.mixer.pads

    def open(self, rate: int) -> int:
        if self._fails_with is not None:
            raise self._fails_with
        self.rate = self.rate or rate
        return self.rate

    def render(self, blocks: int = 1):
        """Return what the pads would sound like from here on, (frames, 2)."""
        out = np.zeros((blocks * BLOCK_FRAMES, 2), dtype=np.float32)
        for start in range(0, len(out), BLOCK_FRAMES):
            self.mixer.fill(out[start : start + BLOCK_FRAMES])
        return out

    def play(self, path: Path, *, at_monotonic_s: float | None = None, **_how: bool) -> None:
        if self._fails_with is not None:
            raise self._fails_with
        self.playing = path
        self.played.append(path)
        self.starts_at_s.append(at_monotonic_s)

    def choose_device(self, name: str) -> None:
        self.device = name

    def stop(self) -> None:
        self.playing = None

    def close(self) -> None:
        self.closed = True
