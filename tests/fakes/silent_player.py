"""A player for tests: it holds what it was told, and needs no device."""

from pathlib import Path


class SilentPlayer:
    """Does as `engine.loops.player.Player`, without a sound; `fails_with` makes `play` fail."""

    def __init__(self, fails_with: Exception | None = None) -> None:
        self.volume = 1.0
        self.playing: Path | None = None
        self.played: list[Path] = []
        self.closed = False
        self._fails_with = fails_with

    @property
    def heard(self) -> Path | None:
        return self.playing

    def play(self, path: Path, *, loop: bool, on_bar: bool = False) -> None:  # noqa: ARG002
        if self._fails_with is not None:
            raise self._fails_with
        self.playing = path
        self.played.append(path)

    def stop(self) -> None:
        self.playing = None

    def close(self) -> None:
        self.closed = True
