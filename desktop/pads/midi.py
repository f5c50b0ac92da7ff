"""MIDI notes for the pads, from all inputs, including those that are plugged in later.

The library is optional, and a machine without MIDI is not an error: `MidiNotes.problem` says what
is missing. Notes arrive on a thread of the MIDI system.
"""

import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from engine.task_thread import TaskThread

POLL_EVERY_S = 1.0
LOWEST_NOTE = 36
_PADS = 16
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_ALSA_SEQUENCER = Path("/dev/snd/seq")
_log = logging.getLogger(__name__)

OnMessage = Callable[[Sequence[int]], None]
OnNote = Callable[[int, int], None]


class NoMidi(RuntimeError):
    """MIDI is not available; the message is a sentence."""


class MidiSystem(Protocol):
    """The MIDI inputs of a machine."""

    def names(self) -> list[str]:
        """Return the names of the inputs, in order; names may repeat."""

    def open(self, number: int, on_message: OnMessage) -> Callable[[], None]:
        """Open the input at an index of `names`; return a function that closes it.

        Raises:
            RuntimeError: the input cannot be opened.
        """


class RtMidi:
    """The MIDI inputs of the operating system."""

    def __init__(self) -> None:
        """Connect to the MIDI system.

        Raises:
            NoMidi: there is no MIDI system, or the library is missing.
        """
        try:
            import rtmidi2
        except ImportError as error:
            raise NoMidi(
                "MIDI needs the library rtmidi2: install it with 'pip install rtmidi2', then "
                "restart Loopwright."
            ) from error
        self._library: Any = rtmidi2
        # Without its sequencer device, ALSA prints errors to the terminal.
        if sys.platform.startswith("linux") and not _ALSA_SEQUENCER.exists():
            raise _no_system()
        try:
            self._probe = rtmidi2.MidiIn("Loopwright probe")
        except RuntimeError as error:
            raise _no_system() from error

    def names(self) -> list[str]:
        """Return the names of the inputs."""
        return list(self._probe.ports)

    def open(self, number: int, on_message: OnMessage) -> Callable[[], None]:
        """Open an input; return a function that closes it."""
        port = self._library.MidiIn("Loopwright")
        port.callback = lambda message, _time: on_message(message)
        port.open_port(number)

        def close() -> None:
            port.callback = None
            port.close_port()

        return close


def _no_system() -> NoMidi:
    return NoMidi("This machine has no MIDI system: play the pads with mouse and keyboard.")


class MidiNotes:
    """Receives notes from `start` to `close`: the place of a pad and a velocity, 0 for release."""

    def __init__(self, on_note: OnNote, make_system: Callable[[], MidiSystem] = RtMidi) -> None:
        """Prepare; `on_note` is called on a thread of the MIDI system."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when inputs appear or disappear, on the polling thread."""
        self.problem = ""
        """Why MIDI is not available, in a sentence; empty if it is."""
        self._on_note = on_note
        self._make_system = make_system
        self._open: dict[tuple[str, int], Callable[[], None]] = {}
        self._thread: TaskThread | None = None

    @property
    def inputs(self) -> list[str]:
        """The names of the open inputs."""
        return [name for name, _number in self._open.copy()]

    def start(self) -> None:
        """Start receiving notes."""
        if self._thread is None:
            self._thread = thread = TaskThread("midi")
            thread.run(lambda: self._begin(thread))

    def close(self) -> None:
        """Stop receiving notes."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.close()
            self._close_all(list(self._open))

    def _begin(self, thread: TaskThread) -> None:
        try:
            system = self._make_system()
        except NoMidi as error:
            self.problem = str(error)
            _log.info("MIDI is not available: %s", error)
        else:
            self.problem = ""
            self._watch(thread, system)
        self.on_change()

    def _watch(self, thread: TaskThread, system: MidiSystem) -> None:
        self._scan(system)
        thread.run(lambda: self._watch(thread, system), after_s=POLL_EVERY_S)

    def _scan(self, system: MidiSystem) -> None:
        counted: Counter[str] = Counter()
        there = {}
        for number, name in enumerate(system.names()):
            there[name, counted[name]] = number
            counted[name] += 1
        if self._keep_only(there, system):
            self.on_change()

    def _keep_only(self, there: dict[tuple[str, int], int], system: MidiSystem) -> bool:
        """Close inputs that are gone, open new ones; return whether anything has changed."""
        gone = self._open.keys() - there.keys()
        self._close_all(gone)
        opened = False
        for key in there.keys() - self._open.keys():
            try:
                self._open[key] = system.open(there[key], partial(on_message, self._on_note))
            except RuntimeError:
                continue  # unplugged, or in use by another program: try again later
            _log.info("MIDI input %s opened", key[0])
            opened = True
        return bool(gone) or opened

    def _close_all(self, keys: Iterable[tuple[str, int]]) -> None:
        for key in keys:
            self._open.pop(key)()
            _log.info("MIDI input %s closed", key[0])


def on_message(on_note: OnNote, message: Sequence[int]) -> None:
    """Pass on the note in a message if it belongs to a pad; note 36 is the lower left pad."""
    if len(message) < 3 or message[0] & 0xF0 not in (_NOTE_ON, _NOTE_OFF):
        return
    row, column = divmod(message[1] - LOWEST_NOTE, 4)
    if 0 <= message[1] - LOWEST_NOTE < _PADS:
        released = message[0] & 0xF0 == _NOTE_OFF
        on_note((3 - row) * 4 + column, 0 if released else message[2])
