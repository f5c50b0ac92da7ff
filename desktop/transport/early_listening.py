"""Plays takes while they are still being generated."""

from pathlib import Path

from desktop.transport.audition import Audition
from engine import protocol
from playback.growing import GrowingSound


class EarlyListening:
    """Collects the previews of running jobs, and plays them."""

    def __init__(self, audition: Audition) -> None:
        self._audition = audition
        self._sounds: dict[str, GrowingSound] = {}
        self._playing: GrowingSound | None = None

    def on_event(self, event: protocol.Event) -> None:
        """Handle an engine event."""
        match event:
            case protocol.Preview():
                sound = self._sounds.get(event.id)
                if sound is None:
                    sound = GrowingSound(
                        Path(event.path), event.rate, event.channels, event.total_frames
                    )
                    self._sounds[event.id] = sound
                sound.read(event.frames)
                self._grow(sound)
            case (
                protocol.Queued() | protocol.Done() | protocol.Failed() | protocol.Cancelled()
            ):  # A job is queued again if the engine failed in it: its first sound is over.
                ended = self._sounds.pop(event.id, None)
                if ended is not None:
                    ended.whole = True
                    self._grow(ended)
            case _:
                pass

    def listen(self, job_id: str) -> None:
        """Play the preview of a job from its start as it grows, or stop it if it plays."""
        sound = self._sounds.get(job_id)
        if sound is None:
            return
        if self._audition.playing == sound.path:
            self._audition.stop()
            return
        self._playing = sound
        self._audition.listen(sound)

    def _grow(self, sound: GrowingSound) -> None:
        if sound is self._playing:
            self._audition.grow()
