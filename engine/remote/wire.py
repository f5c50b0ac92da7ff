"""What relay and host say to each other: lines of JSON, some with a payload of bytes behind them.

Most are the messages of `engine.protocol`. A payload has its length and SHA-256 in its message.
"""

import hashlib
import threading
from typing import BinaryIO, Generic, Protocol, TypeVar

import msgspec

from engine import protocol
from engine.errors import EngineError, ProtocolError
from engine.loops.recipe import Recipe

Message = TypeVar("Message")
Heard_co = TypeVar("Heard_co", covariant=True)

WIRE_VERSION = 1
LARGEST_PAYLOAD = 2**30
_AT_ONCE = 2**20


class Hello(protocol.Message, frozen=True, tag="hello"):
    """The first message of each side."""

    wire: int
    version: str


class Payload(protocol.Message, frozen=True, kw_only=True):
    """The base of messages with bytes behind their line."""

    size: int = 0
    sha256: str = ""


class Upload(Payload, frozen=True, kw_only=True, tag="upload"):
    """A file that later commands name by its `token`; `name` is its path inside of that."""

    token: str
    name: str


class Received(protocol.Message, frozen=True, tag="received"):
    """The take of a job is written: the host may send the next."""

    id: str


class TakeSent(Payload, frozen=True, kw_only=True, tag="take_sent"):
    """A take: float32, little-endian, interleaved, and after that its latents as NPY, if any."""

    id: str
    rank: int
    rejected: bool
    channels: int
    audio_bytes: int
    recipe: Recipe


class PreviewSent(Payload, frozen=True, kw_only=True, tag="preview_sent"):
    """The next piece of a take that is being made; see `protocol.Preview`."""

    id: str
    rate: int
    channels: int
    frames: int
    total_frames: int


class MidiSent(Payload, frozen=True, kw_only=True, tag="midi_sent"):
    """The MIDI file of a clip."""

    id: str


ToHost = Hello | Upload | Received | protocol.Command
ToRelay = Hello | TakeSent | PreviewSent | MidiSent | protocol.Event
TO_HOST: msgspec.json.Decoder[ToHost] = msgspec.json.Decoder(ToHost)
TO_RELAY: msgspec.json.Decoder[ToRelay] = msgspec.json.Decoder(ToRelay)


class ConnectionLost(EngineError):
    """The other side has gone, or what it sent is damaged."""


class Link(Protocol[Heard_co]):
    """One end of a connection, whatever it is made of."""

    def send(self, message: protocol.Message, payload: bytes = b"") -> None:
        """Send a message, with its payload.

        Raises:
            ConnectionLost: the other side has gone.
        """

    def receive(self) -> tuple[Heard_co, bytes]:
        """Wait for the next message, and return it with its payload.

        Raises:
            ConnectionLost: there is none, or it is damaged.
            ProtocolError: what arrived is not a message.
        """


class Wire(Generic[Message]):
    """A link over two streams. Any thread may send; one thread receives."""

    def __init__(
        self, reading: BinaryIO, writing: BinaryIO, decoder: msgspec.json.Decoder[Message]
    ) -> None:
        """Use two streams; `decoder` reads what the other end says, `TO_HOST` or `TO_RELAY`."""
        self._reading, self._writing = reading, writing
        self._decoder = decoder
        self._lock = threading.Lock()

    def send(self, message: protocol.Message, payload: bytes = b"") -> None:
        """Send a message, with its payload.

        Raises:
            ConnectionLost: the other side has gone.
        """
        if isinstance(message, Payload):
            digest = hashlib.sha256(payload).hexdigest()
            message = msgspec.structs.replace(message, size=len(payload), sha256=digest)
        try:
            with self._lock:
                self._writing.write(protocol.encode(message))
                for first in range(0, len(payload), _AT_ONCE):
                    self._writing.write(payload[first : first + _AT_ONCE])
                self._writing.flush()
        except (OSError, ValueError) as error:
            raise ConnectionLost("The connection was lost.") from error

    def receive(self) -> tuple[Message, bytes]:
        """Wait for the next message, and return it with its payload.

        Raises:
            ConnectionLost: there is none, or it is damaged.
            ProtocolError: the line is not a message.
        """
        line = self._line()
        try:
            message = self._decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(f"{line[:80]!r} is not a message: {str(error)[:200]}.") from error
        return message, self._payload(message)

    def _line(self) -> bytes:
        try:
            line = self._reading.readline(protocol.LONGEST_LINE_BYTES + 1)
        except (OSError, ValueError) as error:
            raise ConnectionLost("The connection was lost.") from error
        if not line.endswith(b"\n"):
            raise ConnectionLost("The connection was lost.")
        return line

    def _payload(self, message: Message) -> bytes:
        if not isinstance(message, Payload):
            return b""
        if not 0 <= message.size <= LARGEST_PAYLOAD:
            raise ConnectionLost(f"The other side sends {message.size:,} bytes at once.")
        data = bytearray()
        try:
            while len(data) < message.size:
                piece = self._reading.read(min(_AT_ONCE, message.size - len(data)))
                if not piece:
                    raise ConnectionLost("The connection was lost.")
                data += piece
        except (OSError, ValueError) as error:
            raise ConnectionLost("The connection was lost.") from error
        if hashlib.sha256(data).hexdigest() != message.sha256:
            raise ConnectionLost("What arrived is damaged.")
        return bytes(data)
