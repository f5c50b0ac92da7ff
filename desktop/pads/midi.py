"""MIDI notes for the pads: all inputs are listened to, those too that are plugged in later.

The library is optional, and a machine without MIDI is no error: what is missing is a sentence for
who asks. Notes are told on the thread of the MIDI system.
"""

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

LOOK_EVERY_S = 1.0
LOWEST_NOTE = 36
_PADS = 16
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_ALSA_SEQUENCER = Path("/dev/snd/seq")
_log = logging.getLogger(__name__)

OnMessage = Callable[[Sequence[int]], None]
OnNote = Callable[[int, int], None]


class NoMidi(RuntimeError):
    """There is no MIDI here; the message is a sentence."""


class MidiSystem(Protocol):
    """The inputs of a machine."""

    def names(self) -> list[str]:
        """Return the names of the inputs, in order; two may have the same."""

    def open(self, number: int, on_message: OnMessage) -> Callable[[], None]:
        """Listen to an input, by its place in `names`; return what closes it.

        Raises:
            RuntimeError: it cannot be opened.
        """


class RtMidi:
    """The inputs of the real system."""

    def __init__(self) -> None:
        """Look for a MIDI system.

        Raises:
            NoMidi: there is none, or the library is missing.
        """
        try:
            import rtmidi2
        except ImportError as error:
            raise NoMidi(
                "MIDI needs the library rtmidi2: install it with pip install rtmidi2, then start "
                "Loopwright again."
            ) from error
        self._library: Any = rtmidi2
        # Asked for its sequencer, ALSA complains on the terminal where there is none.
        if sys.platform.startswith("linux") and not _ALSA_SEQUENCER.exists():
            raise _no_system()
        try:
            self._looker = rtmidi2.MidiIn("Loopwright looks")
        except RuntimeError as error:
            raise _no_system() from error

    def names(self) -> list[str]:
        """Return the names of the inputs."""
        return list(self._looker.ports)

    def open(self, number: int, on_message: OnMessage) -> Callable[[], None]:
        """Listen to an input; return what closes it."""
        port = self._library.MidiIn("Loopwright")
        port.callback = lambda message, _time: on_message(message)
        port.open_port(number)

        def close() -> None:
            port.callback = None
            port.close_port()

        return close


def _no_system() -> NoMidi:
    return NoMidi("This machine has no MIDI system: pads are played by mouse and keys.")


class MidiNotes:
    """Listens from `start` to `close`; tells pads by their place, and how hard, 0 for released."""

    def __init__(self, on_note: OnNote, make_system: Callable[[], MidiSystem] = RtMidi) -> None:
        """Prepare; `on_note` is told on a thread of the MIDI system."""
        self.on_change: Callable[[], None] = lambda: None
        """Told when inputs come or go, on a thread of this."""
        self.problem = ""
        """Why nothing can be heard, in a sentence; empty where that is not so."""
        self._on_note = on_note
        self._make_system = make_system
        self._open: dict[tuple[str, int], Callable[[], None]] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def inputs(self) -> list[str]:
        """The names of the inputs that are listened to."""
        return [name for name, _number in self._open.copy()]

    def start(self) -> None:
        """Begin to listen."""
        if self._thread is None:
            self._closing.clear()
            self._thread = threading.Thread(target=self._work, name="midi", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        try:
            system = self._make_system()
        except NoMidi as error:
            self.problem = str(error)
            _log.info("no MIDI: %s", error)
            self.on_change()
            return
        self.problem = ""
        self.on_change()
        while not self._closing.is_set():
            self._look(system)
            self._closing.wait(LOOK_EVERY_S)
        self._keep_only({}, system)

    def _look(self, system: MidiSystem) -> None:
        counted: Counter[str] = Counter()
        there = {}
        for number, name in enumerate(system.names()):
            there[name, counted[name]] = number
            counted[name] += 1
        if self._keep_only(there, system):
            self.on_change()

    def _keep_only(self, there: dict[tuple[str, int], int], system: MidiSystem) -> bool:
        """Close what has gone, open what has come; return whether anything has changed."""
        gone = self._open.keys() - there.keys()
        for key in gone:
            self._open.pop(key)()
            _log.info("MIDI input %s closed", key[0])
        opened = False
        for key in there.keys() - self._open.keys():
            try:
                self._open[key] = system.open(there[key], partial(on_message, self._on_note))
            except RuntimeError:
                continue  # it has just gone, or another program holds it: tried again soon
            _log.info("MIDI input %s opened", key[0])
            opened = True
        return bool(gone) or opened


def on_message(on_note: OnNote, message: Sequence[int]) -> None:
    """Tell of the note in a message, if it is one of a pad: 36 is the lower left one."""
    if len(message) < 3 or message[0] & 0xF0 not in (_NOTE_ON, _NOTE_OFF):
        return
    row, column = divmod(message[1] - LOWEST_NOTE, 4)
    if 0 <= message[1] - LOWEST_NOTE < _PADS:
        released = message[0] & 0xF0 == _NOTE_OFF
        on_note((3 - row) * 4 + column, 0 if released else message[2])
