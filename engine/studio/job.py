"""A job of a studio: its parts, and what its musician hears of them. No Ray here."""

from collections.abc import Iterable, Iterator

from engine import protocol
from engine.remote.wire import MidiSent, PreviewSent, TakeSent, ToRelay
from engine.studio.packets import ANSWERS, with_id
from engine.studio.parts import Made, ranked, shares_of

Told = tuple[protocol.Message, bytes]
_PASSED_ON = (
    protocol.Loading | protocol.Understood | protocol.Analysed | PreviewSent | MidiSent | ANSWERS
)


class StudioJob:
    """One job from its arrival to its single reply."""

    def __init__(self, number: int, command: protocol.Command, nodes: Iterable[str] = ()) -> None:
        """Split a command.

        Args:
            number: different for each job of the studio.
            command: what the musician asked.
            nodes: the boxes, each of which does its part of a download.
        """
        self.number = number
        self.command = command
        self.id: str = getattr(command, "id", "")
        self.shares = shares_of(command, nodes)
        self.is_over = False
        self.is_cancelled = False
        self._made: list[Made] = []
        self._done: set[int] = set()
        self._begun_again: set[int] = set()
        self._understood: set[int] = set()
        self._fractions = [0.0] * len(self.shares)

    @property
    def fraction(self) -> float:
        """How far all parts are together, 0..1."""
        return sum(self._fractions) / len(self._fractions)

    def heard(self, number: int, message: ToRelay, payload: bytes) -> Iterator[Told]:
        """Take in what a worker says about a part; yield what the musician is told."""
        if self.is_over:
            return
        if isinstance(message, TakeSent):
            self._made.append(Made(self.shares[number], message, payload))
        elif isinstance(message, protocol.Progress):
            self._fractions[number] = max(self._fractions[number], message.fraction)
            yield protocol.Progress(self.id, self.fraction, message.stage), b""
        elif isinstance(message, protocol.Done):
            self._done.add(number)
            self._fractions[number] = 1.0
            if len(self._done) == len(self.shares):
                yield from self._end()
        elif isinstance(message, protocol.Failed | protocol.Cancelled):
            self.is_over = True
            yield with_id(message, self.id), b""
        elif isinstance(message, _PASSED_ON) and not self._was_told(number, message):
            self.is_over = isinstance(message, ANSWERS)
            yield with_id(message, self.id), payload

    def begin_again(self, number: int, reason: str) -> protocol.Progress:
        """Forget what a worker that has gone made of a part; return what the musician is told."""
        self._made = [made for made in self._made if made.share != self.shares[number]]
        self._begun_again.add(number)
        return protocol.Progress(self.id, self.fraction, reason)

    def _was_told(self, number: int, message: ToRelay) -> bool:
        """Return whether the musician has heard a message from another part, or the first time."""
        if isinstance(message, PreviewSent):
            return number in self._begun_again
        if isinstance(message, protocol.Understood):
            group = self.shares[number].group
            was_told = group in self._understood
            self._understood.add(group)
            return was_told
        return False

    def _end(self) -> Iterator[Told]:
        self.is_over = True
        takes = ranked(self.command, self._made)
        self._made = []
        for each in takes:
            yield with_id(each.sent, self.id), each.payload
        yield protocol.Done(self.id, ()), b""
