"""The window's player as the bridge sees it: one device, and whoever asks last is heard.

The bridge waits for its answer on a thread of its own, never on the window's.
"""

from pathlib import Path

from desktop.transport.audition import Audition


class SharedPlayer:
    """Does what `playback.interface.ClipPlayer` asks for with the audition of a window."""

    def __init__(self, audition: Audition) -> None:
        self._audition = audition

    @property
    def device(self) -> str:
        """The name of the chosen device; empty for the system's own choice."""
        return self._audition.device

    @property
    def playing(self) -> Path | None:
        """The file that is heard, or waits for its bar."""
        return self._audition.playing

    def choose_device(self, name: str) -> None:
        """Play on another device from now on.

        Raises:
            NoSound: no device has this in its name.
        """
        self._audition.carry_out(lambda player: player.choose_device(name))

    def play(
        self, path: Path, *, loop: bool, on_bar: bool = False, at_monotonic_s: float | None = None
    ) -> None:
        """Play a file: at once, on the next bar of what plays, or at a time.

        Raises:
            LoopError: it cannot be heard.
        """
        self._audition.carry_out(
            lambda player: player.play(
                path, loop=loop, on_bar=on_bar, at_monotonic_s=at_monotonic_s
            )
        )

    def stop(self) -> None:
        """Fall silent."""
        self._audition.carry_out(lambda player: player.stop())

    def close(self) -> None:
        """Leave the player to the window, which goes on."""
