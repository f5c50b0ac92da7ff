"""The result of each id: a datagram may be lost or arrive twice, but no request runs twice."""

import hashlib
from collections import OrderedDict

from bridge.osc.errors import BAD_ARGUMENTS, BUSY, RequestFailed, shown
from bridge.osc.messages import Argument, OscMessage
from bridge.osc.sender import Call, MessageSender

MOST_STORED = 1_000
MOST_OPEN = 64
_MOST_REQUESTERS = 8


class Record:
    """One request with an id, from its first message to its last reply, which is kept."""

    def __init__(self, call: Call) -> None:
        self.id = call.id
        self.address = call.address
        self.signature = _signature(call.message)
        self.requesters = [call.sender]
        self.latest: tuple[Argument, ...] | None = None
        self.answer: tuple[Argument, ...] | None = None


class Records:
    """The requests by id: the open ones, and the last thousand that have ended."""

    def __init__(self, outgoing: MessageSender) -> None:
        self._outgoing = outgoing
        self._open: dict[str, Record] = {}
        self._ended: OrderedDict[str, Record] = OrderedDict()

    def begin(self, call: Call) -> Record | None:
        """Open a record for a request; for a repeated one, send the latest reply and return None.

        Raises:
            RequestFailed: the id is empty or was used before, or too many requests are open.
        """
        if not call.id:
            raise RequestFailed(
                BAD_ARGUMENTS, f"The id of {call.address} is empty: give the request an id."
            )
        known = self._open.get(call.id) or self._ended.get(call.id)
        if known is not None:
            self._repeat(known, call)
            return None
        if len(self._open) >= MOST_OPEN:
            raise RequestFailed(BUSY, f"{MOST_OPEN} requests are already waiting: try again later.")
        record = self._open[call.id] = Record(call)
        return record

    def drop(self, record: Record) -> None:
        """Forget a request that could not be started: its id may be used again."""
        self._open.pop(record.id, None)

    def update(self, record: Record, address: str, *arguments: Argument) -> None:
        """Send a message about an open request, its id as the first argument."""
        message = (address, record.id, *arguments)
        if address == "/lw/accepted":
            record.latest = message
        self._outgoing.reply_and_push(record.requesters, address, record.id, *arguments)

    def done(self, record: Record, *arguments: Argument) -> None:
        """End a request successfully."""
        self._end(record, "/lw/done", record.address, record.id, *arguments)

    def fail(self, record: Record, code: int, sentence: str) -> None:
        """End a request with a failure."""
        self._end(record, "/lw/fail", record.address, record.id, code, sentence)

    def _end(self, record: Record, address: str, *arguments: Argument) -> None:
        if self._open.pop(record.id, None) is None:
            return  # it has already had its last reply
        record.answer = (address, *arguments)
        self._ended[record.id] = record
        while len(self._ended) > MOST_STORED:
            self._ended.popitem(last=False)
        self._outgoing.reply_and_push(record.requesters, address, *arguments)
        record.requesters = []

    def _repeat(self, record: Record, call: Call) -> None:
        if record.signature != _signature(call.message):
            raise RequestFailed(
                BUSY, f"The id {shown(call.id)} was used for another request: choose a new one."
            )
        if record.answer is None and call.sender not in record.requesters[:_MOST_REQUESTERS]:
            record.requesters = [*record.requesters[: _MOST_REQUESTERS - 1], call.sender]
        message = record.answer or record.latest
        if message is not None:
            self._outgoing.repeat(call.sender, str(message[0]), *message[1:])


def _signature(message: OscMessage) -> bytes:
    """Return a digest that distinguishes requests, of the same size for any length."""
    return hashlib.blake2b(repr(message).encode("utf-8", "replace"), digest_size=16).digest()
