"""A player for tests: it holds what it was told, and needs no device."""

from pathlib import Path


class SilentPlayer:
    """Does as `engine.loops.player.Player`, without a sound; `fails_with` makes `play` fail."""

    def __init__(self, fails_with: Exception | None = None) -> None:
        self.volume = 1.0
        self.playing: Path | None = None
        self.played: list[Path] = []
        self.starts_at_s: list[float | None] = []
        self.device = ""
        self.closed = False
        self._fails_with = fails_with

    @property
    def heard(self) -> Path | None:
        return self.playing

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
