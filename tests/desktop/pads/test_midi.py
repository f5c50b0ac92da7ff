"""MIDI notes: a fake system with the interface of the real one, and the real one where it is."""

import sys
from pathlib import Path

import pytest

from desktop.pads import midi
from desktop.pads.midi import MidiNotes, NoMidi, RtMidi, on_message
from tests.fakes.waiting import until

HAS_SEQUENCER = Path("/dev/snd/seq").exists()


class FakeMidi:
    """Inputs that a test plugs and unplugs; `busy` ones cannot be opened."""

    def __init__(self, *names):
        self.plugged = list(names)
        self.busy = set()
        self.listeners = {}

    def names(self):
        return list(self.plugged)

    def open(self, number, on_message):
        name = self.plugged[number]
        if name in self.busy:
            raise RuntimeError(f"{name} is busy")
        self.listeners.setdefault(name, []).append(on_message)
        return lambda: self.listeners[name].remove(on_message)

    def send(self, name, *message):
        for listener in self.listeners[name]:
            listener(list(message))


@pytest.fixture
def notes():
    return []


@pytest.fixture
def listen(notes, monkeypatch):
    monkeypatch.setattr(midi, "POLL_EVERY_S", 0.01)
    made = []

    def start(make_system):
        made.append(MidiNotes(lambda *note: notes.append(note), make_system))
        made[-1].start()
        return made[-1]

    yield start
    for listener in made:
        listener.close()


@pytest.mark.parametrize(
    ("message", "notes"),
    [
        ((0x90, 36, 127), [(12, 127)]),
        ((0x99, 39, 1), [(15, 1)]),
        ((0x9F, 48, 64), [(0, 64)]),
        ((0x90, 51, 64), [(3, 64)]),
        ((0x80, 36, 64), [(12, 0)]),
        ((0x90, 36, 0), [(12, 0)]),
        ((0x90, 35, 64), []),
        ((0x90, 52, 64), []),
        ((0xB0, 36, 64), []),
        ((0xF8,), []),
        ((), []),
        ((0xF0, 36, 36, 36, 0xF7), []),
    ],
)
def test_notes_36_to_51_are_the_pads_from_the_lower_left(message, notes):
    heard = []
    on_message(lambda *note: heard.append(note), message)
    assert heard == notes


def test_inputs_can_be_plugged_in_and_unplugged_later(listen, notes):
    system = FakeMidi("MPD218")
    listener = listen(lambda: system)
    until(lambda: listener.inputs == ["MPD218"])
    system.send("MPD218", 0x90, 36, 100)
    system.plugged += ["Launchpad", "MPD218"]  # two of the same name
    until(lambda: len(listener.inputs) == 3)
    system.send("Launchpad", 0x90, 37, 90)
    system.plugged = ["Launchpad"]
    until(lambda: listener.inputs == ["Launchpad"])
    assert system.listeners["MPD218"] == []
    assert notes == [(12, 100), (13, 90)]
    listener.close()
    assert system.listeners["Launchpad"] == []


def test_a_busy_input_is_retried(listen):
    system = FakeMidi("MPD218")
    system.busy = {"MPD218"}
    listener = listen(lambda: system)
    system.busy = set()
    until(lambda: listener.inputs == ["MPD218"])


def test_a_machine_without_midi_is_reported_without_an_error(listen):
    def nothing():
        raise NoMidi("This machine has no MIDI system.")

    listener = listen(nothing)
    until(lambda: listener.problem)
    assert listener.inputs == []


def test_a_missing_library_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rtmidi2", None)
    with pytest.raises(NoMidi, match="pip install rtmidi2"):
        RtMidi()


@pytest.mark.skipif(HAS_SEQUENCER, reason="this machine has MIDI")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ALSA is Linux's")
def test_the_real_library_without_a_sequencer_is_reported(capfd):
    pytest.importorskip("rtmidi2")
    with pytest.raises(NoMidi, match="no MIDI system"):
        RtMidi()
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not HAS_SEQUENCER, reason="needs the sequencer of ALSA")
def test_the_real_library_receives_from_a_virtual_port(listen, notes):
    rtmidi2 = pytest.importorskip("rtmidi2")
    out = rtmidi2.MidiOut("Loopwright test")
    out.open_virtual_port("pads")
    listener = listen(RtMidi)
    until(lambda: any("pads" in name for name in listener.inputs))
    out.send_noteon(0, 36, 100)
    until(lambda: notes)
    assert notes[0] == (12, 100)
    out.close_port()
