"""The host: runs an ordinary engine on this machine for a relay on another (`loopwright serve`).

Sources arrive as uploads, into a temporary folder; takes are read from the engine's clips, which
are float32 here so that nothing is lost on the way, and are deleted when they are sent.
"""

import contextlib
import hashlib
import logging
import os
import queue
import shutil
import threading
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import msgspec
import soundfile

from engine import protocol
from engine.client import EngineClient
from engine.entry_points import ENGINE_VARIABLE
from engine.errors import EngineDied, EngineError, ProtocolError
from engine.loops.clip import Clip
from engine.loops.errors import LoopError
from engine.loops.files import Folder, read, reason_of, temporary_folder
from engine.loops.project import REJECTED_FOLDER
from engine.remote.wire import (
    LARGEST_PAYLOAD,
    TO_HOST,
    WIRE_VERSION,
    ConnectionLost,
    Hello,
    Link,
    MidiSent,
    PreviewSent,
    Received,
    TakeSent,
    ToHost,
    Upload,
    Wire,
)
from engine.server.main import leave, private_pipes
from engine.version import VERSION

_JobOrQuestion = (
    protocol.Render | protocol.Save | protocol.Analyse | protocol.WriteMidi | protocol.Download
    | protocol.Cancel | protocol.Ping | protocol.ListModels | protocol.Diagnose | protocol.Unload
)  # fmt: skip
_PREFIX = "loopwright-host-"
_DEEPEST = 8
_ACK_S = 600.0
"""How long a take may take to arrive and to be written."""
_log = logging.getLogger(__name__)


class Host:
    """Serves the other end of a link until it has gone, with an engine that may outlive it."""

    def __init__(
        self,
        link: Link[ToHost],
        engine: Callable[[Callable[[protocol.Event], None]], EngineClient],
    ) -> None:
        """Answer on `link`; `engine` returns one that passes its events on.

        The engine must have been started before `run`.
        """
        self._wire = link
        self._folder = temporary_folder(_PREFIX)
        self._uploads = self._folder / "uploads"
        self._jobs_folder = self._folder / "jobs"
        self._events: queue.SimpleQueue[protocol.Event | None] = queue.SimpleQueue()
        self._relay_ids: dict[str, str] = {}
        self._host_ids: dict[str, str] = {}
        self._previewed: dict[str, int] = {}
        self._unstored: dict[str, str] = {}
        self._ids_lock = threading.Lock()
        self._may_send_take = threading.Semaphore()
        self._gone = threading.Event()
        self.engine = engine(self._events.put)

    def run(self) -> None:
        """Answer until the other end has gone; then delete everything."""
        for folder in (self._uploads, self._jobs_folder):
            folder.mkdir()
        sender = threading.Thread(target=self._send_events, name="sender", daemon=True)
        try:
            self._wire.send(Hello(WIRE_VERSION, VERSION))
            sender.start()
            self._serve()
        except ConnectionLost:
            _log.info("the relay has gone")
        finally:
            self._gone.set()
            self._may_send_take.release()
            self._events.put(None)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                message, payload = self._wire.receive()
            except ProtocolError as error:
                self._wire.send(protocol.Rejected(str(error)))
                continue
            if isinstance(message, protocol.Shutdown):
                return
            if isinstance(message, Upload):
                self._store(message, payload)
            elif isinstance(message, Received):
                self._may_send_take.release()
            elif not isinstance(message, Hello):
                self._handle(message)

    def _store(self, upload: Upload, payload: bytes) -> None:
        """Write an uploaded file; one with a name that leads elsewhere is an error of the relay."""
        parts = PurePosixPath(upload.name).parts
        if not parts or len(parts) > _DEEPEST:
            raise ConnectionLost(f"{upload.name[:80]!r} is not the name of a file.")
        try:
            with contextlib.ExitStack() as stack:
                folder = stack.enter_context(Folder.open(self._uploads))
                for part in (upload.token, *parts[:-1]):
                    folder = stack.enter_context(folder.inside(part, make=True))
                folder.replace(parts[-1], payload)
        except OSError as error:
            _log.warning("an upload cannot be stored: %s", type(error).__name__)
            self._unstored[upload.token] = reason_of(error)

    def _handle(self, command: _JobOrQuestion) -> None:
        """Pass a command on to the engine, and remember under which id it is known there."""
        if isinstance(command, protocol.Cancel):
            if host_id := self._host_ids.get(command.id):
                self.engine.cancel(host_id)
            return
        try:
            with self._ids_lock:  # the sender looks up an id only after it is known
                host_id = self._begin(command)
                self._relay_ids[host_id], self._host_ids[command.id] = command.id, host_id
        except (LoopError, EngineError, OSError) as error:
            code = 503 if isinstance(error, EngineDied) else 400
            self._wire.send(protocol.Failed(command.id, code, str(error)))

    def _begin(self, command: _JobOrQuestion) -> str:
        """Begin a command with paths of this machine, and return the engine's id for it."""
        engine = self.engine
        if isinstance(command, protocol.Render):
            return self._render(command)
        if isinstance(command, protocol.Analyse):
            return engine.analyse(self._path(command.path), command.stated)
        if isinstance(command, protocol.WriteMidi):
            return engine.write_midi(self._path(command.path), self._job_folder(command.id))
        if isinstance(command, protocol.Download):
            return engine.download(command.model)
        plain = {
            protocol.ListModels: engine.list_models,
            protocol.Diagnose: engine.diagnose,
            protocol.Unload: engine.unload,
        }
        if type(command) not in plain:
            raise EngineError(f"A host knows no {type(command).__name__}.")
        return plain[type(command)]()

    def _render(self, command: protocol.Render) -> str:
        source, other, kit = (
            str(self._path(token)) if token else ""
            for token in (command.source_path, command.with_path, command.kit_path)
        )
        return self.engine.pass_on(
            msgspec.structs.replace(
                command,
                request=msgspec.structs.replace(command.request, bits="32f"),
                project=str(self._job_folder(command.id)),
                source_path=source,
                with_path=other,
                kit_path=kit,
                fit_paths=tuple(str(self._path(token)) for token in command.fit_paths),
            )
        )

    def _job_folder(self, relay_id: str) -> Path:
        """Return the folder of a job, which exists; any text may be an id."""
        folder = self._jobs_folder / hashlib.sha256(relay_id.encode()).hexdigest()[:32]
        folder.mkdir(exist_ok=True)
        return folder

    def _path(self, token: str) -> Path:
        """Return the path of an upload: a file, or the folder of a kit."""
        path = self._uploads / token
        if ".." in path.parts or not path.is_relative_to(self._uploads):
            raise EngineError(f"{token[:80]!r} is not an upload.")
        if reason := self._unstored.get(token.partition("/")[0]):
            raise EngineError(f"{path.name!r} cannot be stored on the other machine ({reason}).")
        return path

    # What follows runs on the sender's thread.

    def _send_events(self) -> None:
        try:
            while (event := self._events.get()) is not None and not self._gone.is_set():
                self._pass_on(event)
        except BaseException as error:  # noqa: BLE001 - a host that answers nothing must exit
            if not self._gone.is_set():
                _log.log(
                    logging.INFO if isinstance(error, ConnectionLost) else logging.CRITICAL,
                    "nothing can be sent any more", exc_info=True,
                )  # fmt: skip
                leave(1)  # the relay notices; the next host deletes the folder

    def _pass_on(self, event: protocol.Event) -> None:
        if isinstance(event, protocol.Heartbeat):
            self._wire.send(event)
        elif isinstance(event, protocol.Reply):
            with self._ids_lock:
                relay_id = self._relay_ids.get(event.id)
            if relay_id is not None:
                self._send_safely(relay_id, event)

    def _send_safely(self, relay_id: str, event: protocol.Reply) -> None:
        """Send an event; files that cannot be read cost their job, and not the connection."""
        try:
            self._send(relay_id, event)
        except (LoopError, OSError, soundfile.LibsndfileError) as error:
            _log.warning("job %s: what it made cannot be read: %s", relay_id, type(error).__name__)
            self._wire.send(
                protocol.Failed(relay_id, 500, f"The result cannot be read there: {error}")
            )
            self.engine.cancel(event.id)
            self._forget(relay_id, event.id)

    def _send(self, relay_id: str, event: protocol.Reply) -> None:
        match event:
            case protocol.TakeReady():
                self._send_take(relay_id, event)
            case protocol.Preview():
                self._send_preview(relay_id, event)
            case protocol.MidiWritten():
                self._wire.send(MidiSent(id=relay_id), read(Path(event.path)))
            case _:
                self._wire.send(msgspec.structs.replace(event, id=relay_id))
        if isinstance(event, protocol.Terminal):
            self._forget(relay_id, event.id)

    def _forget(self, relay_id: str, host_id: str) -> None:
        with self._ids_lock:
            self._relay_ids.pop(host_id, None)
            self._host_ids.pop(relay_id, None)
        self._previewed.pop(relay_id, None)
        shutil.rmtree(self._job_folder(relay_id), ignore_errors=True)

    def _send_take(self, relay_id: str, event: protocol.TakeReady) -> None:
        """Send a take once the one before it has been written, and delete its files."""
        if not self._may_send_take.acquire(timeout=_ACK_S) or self._gone.is_set():
            raise ConnectionLost("The relay does not take what it asked for.")
        clip = event.clip
        audio, _rate = soundfile.read(clip.path, dtype="float32", always_2d=True)
        data = audio.astype("<f4").tobytes()
        latents = b"" if clip.latents is None else read(Path(clip.latents), LARGEST_PAYLOAD)
        message = TakeSent(
            id=relay_id, rank=event.rank, rejected=_is_rejected(clip), channels=audio.shape[1],
            audio_bytes=len(data), recipe=clip.recipe,
        )  # fmt: skip
        self._wire.send(message, data + latents)
        for path in (clip.path, clip.latents):
            if path is not None:
                Path(path).unlink(missing_ok=True)

    def _send_preview(self, relay_id: str, event: protocol.Preview) -> None:
        """Send what was added to the growing file of a take."""
        sent = self._previewed.get(relay_id, 0)
        with contextlib.suppress(OSError), open(event.path, "rb") as stream:  # noqa: PTH123
            stream.seek(sent)
            piece = stream.read(event.frames * event.channels * 4 - sent)
            self._previewed[relay_id] = sent + len(piece)
            message = PreviewSent(
                id=relay_id, rate=event.rate, channels=event.channels, frames=event.frames,
                total_frames=event.total_frames,
            )  # fmt: skip
            self._wire.send(message, piece)


def _is_rejected(clip: Clip) -> bool:
    return clip.file.startswith(f"{REJECTED_FOLDER}/")


def serve_relay() -> None:
    """Serve the relay at the other end of stdin and stdout, with an engine of this machine."""
    os.environ.pop(ENGINE_VARIABLE, None)  # else two machines could pass jobs on for ever
    reading, writing = private_pipes()
    host = Host(Wire(reading, writing, TO_HOST), EngineClient)
    with host.engine:
        host.run()
