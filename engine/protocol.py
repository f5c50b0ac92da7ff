"""The messages between a front end and the engine process, and their encoding.

One JSON object per line, UTF-8, in each direction; `type` says which message it is. Described
for readers outside this code in docs/protocol.md; a test compares the two.
"""

import enum
from typing import Any, TypeVar

import msgspec

from engine.errors import ProtocolError
from engine.loops.clip import Clip
from engine.loops.request import LoopRequest
from engine.loops.source.analysis import Analysis
from engine.loops.source.facts import NOTHING_STATED, StatedFacts
from engine.loops.tempo import LoopGrid

Decoded = TypeVar("Decoded")

PROTOCOL_VERSION = 1
LONGEST_LINE_BYTES = 4 * 2**20


class JobState(enum.StrEnum):
    """The state of a job; only `engine.server.queue` changes it."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Message(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    """The base of all messages."""


class Reply(Message, frozen=True):
    """The base of all events that answer a command; `id` is the command's."""

    id: str


class JobEvent(Reply, frozen=True):
    """The base of all events of a job."""


# Front end to engine.


class Render(Message, frozen=True, tag="render"):
    """Make the takes of `request` and write them into the folder `project`.

    The front end chooses `id`, and each event of the job repeats it. The paths are the absolute
    paths of the request's sources, if it has any. `preview` requests `preview` events. Without
    `create_project` a missing folder is an error: it was open before and has gone. `only_take` is
    the one of the request's takes to make, from 0.
    """

    id: str
    request: LoopRequest
    project: str
    source_path: str = ""
    with_path: str = ""
    preview: bool = False
    create_project: bool = True
    fit_paths: tuple[str, ...] = ()
    kit_path: str = ""
    only_take: int | None = None


class Cancel(Message, frozen=True, tag="cancel"):
    """Cancel a queued or running job; an unknown or finished job is ignored."""

    id: str


class Ping(Message, frozen=True, tag="ping"):
    """Request a `pong` with the same `id`."""

    id: str


class ListModels(Message, frozen=True, tag="list_models"):
    """Request `models`."""

    id: str


class Diagnose(Message, frozen=True, tag="diagnose"):
    """Request a `diagnosis`: the versions and devices of this engine."""

    id: str


class Download(Message, frozen=True, tag="download"):
    """Download a model of the catalogue.

    A job like `render`, with the same terminal events, but in its own queue: downloads and renders
    do not wait for each other.
    """

    id: str
    model: str


class Save(Message, frozen=True, tag="save"):
    """Write the takes of the failed job `job` that were kept into the folder `project`.

    A job like `render`, with the same events.
    """

    id: str
    job: str
    project: str


class Analyse(Message, frozen=True, tag="analyse"):
    """Analyse the audio file `path`, which is absolute: what it is as a source, what is detected.

    `stated` is what a person states about it. A job like `render`, with the same ending; its result
    is `analysed`.
    """

    id: str
    path: str
    stated: StatedFacts = NOTHING_STATED


class WriteMidi(Message, frozen=True, tag="write_midi"):
    """Write the notes of the clip `path` as a standard MIDI file into the folder `folder`.

    Both paths are absolute. A job like `render`, with the same ending; its result is
    `midi_written`.
    """

    id: str
    path: str
    folder: str


class Unload(Message, frozen=True, tag="unload"):
    """Free the memory of the loaded model: now, or after the running job."""

    id: str


class Shutdown(Message, frozen=True, tag="shutdown"):
    """Cancel everything and exit. Closing the engine's stdin does the same."""


Command = (
    Render
    | Cancel
    | Ping
    | ListModels
    | Diagnose
    | Download
    | Save
    | Analyse
    | WriteMidi
    | Unload
    | Shutdown
)


# Engine to front end.


class Ready(Message, frozen=True, tag="ready"):
    """The engine accepts commands; always its first message."""

    protocol: int
    version: str
    pid: int


class Queued(JobEvent, frozen=True, tag="queued"):
    """A job is in the queue; `position` 0 is the next one or the running one."""

    position: int


class Understood(JobEvent, frozen=True, tag="understood"):
    """The job has begun: the model's plan for the request."""

    grid: LoopGrid
    frames: int
    title: str
    key: str | None = None
    role: str | None = None
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class Progress(JobEvent, frozen=True, tag="progress"):
    """The progress of the running job: `fraction` 0..1, `stage` in words."""

    fraction: float
    stage: str


class Loading(JobEvent, frozen=True, tag="loading"):
    """The job's model is being loaded into memory, until the job's next `progress`."""

    model: str


class Preview(JobEvent, frozen=True, tag="preview"):
    """The first take can be played while it is generated: `frames` of it are in the file `path`.

    They are raw float32, little-endian, interleaved, `rate` frames per second, as the model made
    them, before craft. The file grows to about `total_frames`, and is deleted with the job's
    terminal message.
    """

    path: str
    rate: int
    channels: int
    frames: int
    total_frames: int


class TakeReady(JobEvent, frozen=True, tag="take"):
    """A take is a clip in the project folder. Best take first; `rank` counts from 1."""

    rank: int
    clip: Clip


class Analysed(JobEvent, frozen=True, tag="analysed"):
    """The result of `analyse`."""

    analysis: Analysis


class MidiWritten(JobEvent, frozen=True, tag="midi_written"):
    """The result of `write_midi`: the absolute path of the file."""

    path: str


class Done(JobEvent, frozen=True, tag="done"):
    """Terminal: all takes are delivered; `clips` are their ids, best first.

    A download, an analysis and a MIDI file have none.
    """

    clips: tuple[str, ...]


class Failed(JobEvent, frozen=True, tag="failed"):
    """Terminal: the job failed. `code`: 400 request, 404, 500 model or folder, 503 engine.

    `kept` takes could not be written, and are kept in memory for `save` until the next job that
    keeps some.
    """

    code: int
    message: str
    detail: str = ""
    kept: int = 0


class Cancelled(JobEvent, frozen=True, tag="cancelled"):
    """Terminal: the job was cancelled."""


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """Sent every second: the engine is alive; `jobs` is the number of queued and running jobs."""

    jobs: int


class Pong(Reply, frozen=True, tag="pong"):
    """The answer to `ping`."""


class Models(Reply, frozen=True, tag="models"):
    """The answer to `list_models`: one object per model of the catalogue."""

    models: tuple[dict[str, Any], ...]


class Diagnosis(Reply, frozen=True, tag="diagnosis"):
    """The answer to `diagnose`: names and values for the screen."""

    facts: dict[str, Any]


class Unloaded(Reply, frozen=True, tag="unloaded"):
    """The answer to `unload`: no model is in memory; the next job loads its model again."""


class Rejected(Message, frozen=True, tag="rejected"):
    """A line from the front end was not a command; it was ignored."""

    message: str


Terminal = Done | Failed | Cancelled
Event = (
    Ready
    | Queued
    | Understood
    | Progress
    | Loading
    | Preview
    | TakeReady
    | Analysed
    | MidiWritten
    | Terminal
    | Heartbeat
    | Pong
    | Models
    | Diagnosis
    | Unloaded
    | Rejected
)

_command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def encode(message: Message) -> bytes:
    """Return a message as one line, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_command(line: bytes) -> Command:
    """Read a line from the front end.

    Raises:
        ProtocolError: the line is not a command.
    """
    return _decoded(_command_decoder, line, "command")


def decode_event(line: bytes) -> Event:
    """Read a line from the engine.

    Raises:
        ProtocolError: the line is not an event.
    """
    return _decoded(_event_decoder, line, "event")


def _decoded(decoder: msgspec.json.Decoder[Decoded], line: bytes, what: str) -> Decoded:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = line[:80].decode("utf-8", "replace")
        reason = str(error)[:300]  # It may quote a name of the line, however long.
        raise ProtocolError(f"{start!r} is not a valid {what}: {reason}.") from error
