"""The open requests of a relay: what was asked, how often, and what of it is done."""

import datetime as dt
import secrets
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from engine import protocol
from engine.errors import TakesNotWritten
from engine.loops.errors import LoopError
from engine.loops.project import Project
from engine.loops.request import HIGHEST_SEED
from engine.remote.wire import MidiSent, PreviewSent, TakeSent
from engine.server.delivery import write_audio
from engine.server.kept import unsaved_folder

MOST_TIMES_SENT = 2
"""A request whose connection was lost is sent once more."""


class OpenRequest:
    """A request that has no reply yet, with what arrived of it."""

    def __init__(self, command: protocol.Command) -> None:
        """Settle the seed of a render, so that asking again makes the same takes."""
        if isinstance(command, protocol.Render) and command.request.seed is None:
            seed = secrets.randbelow(HIGHEST_SEED + 1)
            request = msgspec.structs.replace(command.request, seed=seed)
            command = msgspec.structs.replace(command, request=request)
        self.command = command
        self.times_sent = 0
        self.fraction = 0.0
        self.is_there = False
        """Whether the host has it, so that a cancel must be sent there, too."""
        self.is_cancelled = False
        self.clips: list[str] = []
        self._taken = 0
        self._arrived = 0
        self._unwritten = 0
        self._reason = ""
        self._previews = ExitStack()
        self._preview: tuple[Path, BinaryIO] | None = None

    @property
    def id(self) -> str:
        """The id of the request."""
        return str(getattr(self.command, "id", ""))

    def begin(self) -> None:
        """Note that it is sent, from the beginning."""
        self.times_sent += 1
        self.is_there = False
        self._arrived = 0
        self._close_preview()

    def close(self) -> None:
        """Delete what is only needed while it is open."""
        self._close_preview()

    def check_project(self) -> None:
        """Open the project of a render, so that a folder that cannot be used fails at once.

        Raises:
            ProjectError: it cannot be used.
        """
        if isinstance(self.command, protocol.Render):
            Project.open(Path(self.command.project), create=self.command.create_project)

    def ending(self, event: protocol.Terminal) -> protocol.Terminal:
        """Return how the request ends here, if it ends so on the host."""
        if isinstance(event, protocol.Failed):
            return msgspec.structs.replace(event, kept=0)  # what is kept there cannot be saved here
        if not isinstance(event, protocol.Done):
            return event
        if self._unwritten and isinstance(self.command, protocol.Render):
            seed = self.command.request.seed or 0
            error = TakesNotWritten(self._reason, self._unwritten, 0, str(unsaved_folder()), seed)
            return protocol.Failed(self.id, 500, str(error))
        return protocol.Done(self.id, tuple(self.clips))

    def take(self, sent: TakeSent, payload: bytes) -> protocol.TakeReady | None:
        """Write a take as a clip of the project; None if that was done before, or is impossible.

        What cannot be written to the project goes to the folder for unsaved takes.

        Raises:
            LoopError: it cannot be written anywhere.
        """
        self._arrived += 1
        if self._arrived <= self._taken or not isinstance(self.command, protocol.Render):
            return None
        self._taken += 1
        bits = self.command.request.bits
        if not self._unwritten:
            try:
                return self._written(sent, payload, Path(self.command.project), bits)
            except (LoopError, OSError) as error:
                self._reason = str(error)
        self._unwritten += 1
        folder = unsaved_folder()
        folder.parent.mkdir(parents=True, exist_ok=True)
        Project.open(folder)
        self._written(sent, payload, folder, bits)
        return None

    def _written(
        self, sent: TakeSent, payload: bytes, folder: Path, bits: str
    ) -> protocol.TakeReady:
        project = Project(folder)
        audio = np.frombuffer(payload[: sent.audio_bytes], "<f4").reshape(-1, sent.channels)
        latents = payload[sent.audio_bytes :]
        now = dt.datetime.now().astimezone().replace(tzinfo=None)
        request = msgspec.structs.replace(sent.recipe.request, bits=bits)
        recipe = msgspec.structs.replace(
            sent.recipe, clip_id=project.new_id(), request_id=self.id, request=request,
            created=now.isoformat(timespec="seconds"),
        )  # fmt: skip
        clip = write_audio(
            project, audio, recipe, rejected=sent.rejected,
            latents=(lambda stream: _write(stream, latents)) if latents else None,
        )  # fmt: skip
        self.clips.append(clip.id)
        return protocol.TakeReady(self.id, sent.rank, clip)

    def preview(self, sent: PreviewSent, payload: bytes) -> protocol.Preview | None:
        """Add to the growing file of a take; None if it cannot be written."""
        if not isinstance(self.command, protocol.Render):
            return None
        try:
            if self._preview is None:
                growing = Project(Path(self.command.project)).growing()
                self._preview = self._previews.enter_context(growing)
            path, stream = self._preview
            stream.write(payload)
        except (LoopError, OSError):
            return None
        return protocol.Preview(
            self.id, str(path), sent.rate, sent.channels, sent.frames, sent.total_frames
        )

    def midi(self, sent: MidiSent, payload: bytes) -> protocol.MidiWritten | None:
        """Write the MIDI file of a clip beside the others of its kind.

        Raises:
            LoopError: it cannot be written.
        """
        if not isinstance(self.command, protocol.WriteMidi):
            return None
        project = Project.open(Path(self.command.folder))
        path = project.write_once(f"{Path(self.command.path).stem}.mid", payload)
        return protocol.MidiWritten(sent.id, str(path))

    def _close_preview(self) -> None:
        self._preview = None
        self._previews.close()


def _write(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)
