"""Shares the window's player with the bridge: one device, and the last request plays.

The bridge calls it on its own thread, never on the window's.
"""

from pathlib import Path

from desktop.transport.audition import Audition


class SharedPlayer:
    """Implements `playback.interface.ClipPlayer` with a window's audition."""

    def __init__(self, audition: Audition) -> None:
        self._audition = audition

    @property
    def device(self) -> str:
        """The name of the selected device; empty for the system default."""
        return self._audition.device

    @property
    def playing(self) -> Path | None:
        """The file that plays, or waits for its bar."""
        return self._audition.playing

    def choose_device(self, name: str) -> None:
        """Switch to another device.

        Raises:
            NoSound: no device name contains this text.
        """
        self._audition.carry_out(lambda player: player.choose_device(name))

    def play(
        self, path: Path, *, loop: bool, on_bar: bool = False, at_monotonic_s: float | None = None
    ) -> None:
        """Play a file: at once, on the next bar of what plays, or at a given time.

        Raises:
            LoopError: the file cannot be played.
        """
        self._audition.carry_out(
            lambda player: player.play(
                path, loop=loop, on_bar=on_bar, at_monotonic_s=at_monotonic_s
            )
        )

    def stop(self) -> None:
        """Stop playback."""
        self._audition.carry_out(lambda player: player.stop())

    def close(self) -> None:
        """Do nothing: the window owns the player."""
