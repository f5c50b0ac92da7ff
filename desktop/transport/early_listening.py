"""Hears takes while they are still being made."""

from pathlib import Path

from desktop.transport.audition import Audition
from engine import protocol
from playback.growing import GrowingSound


class EarlyListening:
    """What there is so far of the jobs that tell their sound early."""

    def __init__(self, audition: Audition) -> None:
        self._audition = audition
        self._sounds: dict[str, GrowingSound] = {}
        self._heard: GrowingSound | None = None

    def on_event(self, event: protocol.Event) -> None:
        """Take in what the engine says."""
        match event:
            case protocol.Preview():
                sound = self._sounds.get(event.id)
                if sound is None:
                    sound = GrowingSound(
                        Path(event.path), event.rate, event.channels, event.total_frames
                    )
                    self._sounds[event.id] = sound
                sound.read(event.frames)
                self._tell(sound)
            case protocol.Done() | protocol.Failed() | protocol.Cancelled():
                ended = self._sounds.pop(event.id, None)
                if ended is not None:
                    ended.whole = True
                    self._tell(ended)
            case _:
                pass

    def listen(self, job_id: str) -> None:
        """Let what there is of a job be heard, from its beginning, and what comes after it.

        Where it is heard already, fall silent.
        """
        sound = self._sounds.get(job_id)
        if sound is None:
            return
        if self._audition.playing == sound.path:
            self._audition.stop()
            return
        self._heard = sound
        self._audition.listen(sound)

    def _tell(self, sound: GrowingSound) -> None:
        if sound is self._heard:
            self._audition.grow()
