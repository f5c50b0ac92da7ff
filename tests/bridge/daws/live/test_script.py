"""The Remote Script against a model of Live, through a real bridge and real sockets."""

import ast
import sys
import time
from pathlib import Path

import pytest

from bridge.daws.live.Loopwright import create_instance, script
from bridge.daws.live.Loopwright.placing import Refused, place, place_notes
from bridge.daws.live.Loopwright.triggers import read_name
from engine.loops.midi import midi_bytes
from tests.fakes.clips import BASS_PART, CLIP_ID, DRUM_PART, clip_of, grid_of
from tests.fakes.live import LIVE_MODULE, FakeLive, FakeSong, OldClipSlot

SOURCE = Path(script.__file__).parent
PATIENCE_S = 30


class Set:
    """A model of Live with the script, which the tests run."""

    def __init__(self, *tracks, slot=None):
        options = {} if slot is None else {"slot": slot}
        self.song = FakeSong(*tracks, **options)
        self.live = FakeLive(self.song)
        self.script = create_instance(self.live)

    def run_until(self, condition):
        """Let Live call the script until a condition holds."""
        end = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            assert time.monotonic() < end, (self.live.messages, self.live.logged)
            self.script.update_display()
        assert self.live.logged == []
        return found


@pytest.fixture
def live(bridge, monkeypatch):
    """A function that returns a Live with given tracks, registered with the bridge."""
    monkeypatch.setattr(script, "BRIDGE", ("127.0.0.1", bridge.port))
    sets = []

    def start(*tracks, **options):
        found = Set(*tracks, **options)
        sets.append(found)
        found.script.update_display()
        return found

    yield start
    for each in sets:
        each.script.disconnect()


@pytest.fixture(autouse=True)
def live_module(monkeypatch):
    monkeypatch.setitem(sys.modules, "Live", LIVE_MODULE)


AUDIO, MIDI = ("Audio", True), ("Keys", False)


def inserted(bridge, client, live_set, target, **grid):
    """Insert a clip, and return the last reply."""
    bridge.write_clip(**grid)
    client.all_before_pong()  # the bridge has received the registration
    client.send("/lw/clip/insert", "i", CLIP_ID, target)
    return last_reply(client, live_set)


def notes_inserted(bridge, client, live_set, target, *parts, **grid):
    """Insert the notes of a clip, and return the last reply."""
    bridge.write_clip(**grid)
    client.all_before_pong()
    client.send("/lw/midi/insert", "i", CLIP_ID, target)
    client.all_before_pong()
    bridge.write_midi(*parts, **grid)
    return last_reply(client, live_set)


def last_reply(client, live_set):
    def answered():
        answer = client.next_soon()
        return answer if answer is not None and answer.address in ("/lw/done", "/lw/fail") else None

    return live_set.run_until(answered)


def test_song_values_become_request_defaults(client, live):
    live_set = live(AUDIO)
    song = live_set.song
    song.tempo, song.signature_numerator, song.signature_denominator = 93.5, 7, 8
    song.root_note, song.scale_name, song.scale_mode = 9, "Minor", True
    live_set.script.update_display()
    assert client.ask("/lw/get", "tempo").arguments == ("tempo", 93.5)
    assert client.ask("/lw/get", "meter").arguments == ("meter", "7/8")
    assert client.ask("/lw/get", "key").arguments == ("key", "A minor")


def test_transport_is_sent_on_every_beat(bridge, client, live):
    live_set = live(AUDIO)
    live_set.song.is_playing, live_set.song.current_song_time = True, 5.25
    live_set.script.update_display()
    client.all_before_pong()
    session = bridge.server.router.session
    assert session.is_playing
    assert session.beat.quarters == 5


@pytest.mark.parametrize(
    "grid",
    (
        {"bars": 4},
        {"bars": 3, "bpm": 93.3},
        {"bars": 1, "meter": "7/8", "bpm": 141.0},
        {"bars": 12, "bpm": 60.0},
        {"bars": 4, "bpm": 61.0},
        {"bars": 2, "bpm": 239.0, "meter": "5/4"},
    ),
)
def test_a_clip_has_its_exact_bars_whatever_live_guesses(tmp_path, grid):
    made = grid_of(**grid)
    path = tmp_path / "clip.wav"
    path.write_bytes(clip_of(made))
    song = FakeSong(AUDIO)
    clip = place(song, str(path), (0, 0), made.bpm, float(made.quarters))
    assert clip.length == float(made.quarters)
    assert clip.beat_of_end() == pytest.approx(float(made.quarters), abs=1e-3)
    assert (clip.warping, clip.looping) == (True, True)
    assert (clip.start_marker, clip.end_marker) == (0, float(made.quarters))


def test_a_clip_is_inserted_into_the_requested_slot(bridge, client, live):
    live_set = live(MIDI, AUDIO)
    answer = inserted(bridge, client, live_set, "live:1,1", bpm=61.0)
    assert answer == ("/lw/done", ("/lw/clip/insert", "i"))
    clip = live_set.song.tracks[1].clip_slots[1].clip
    assert clip.length == 4
    assert clip.name == f"warm-bass_128bpm_4bars_{CLIP_ID}"


def test_a_clip_for_the_selected_place_takes_the_next_free_slot(bridge, client, live):
    live_set = live(AUDIO)
    (track,) = live_set.song.tracks
    bridge.write_clip()
    for slot in track.clip_slots:
        slot.create_audio_clip(str(bridge.write_clip()))
    answer = inserted(bridge, client, live_set, "live:selected")
    assert answer.address == "/lw/done"
    assert len(track.clip_slots) == len(live_set.song.scenes) == 3
    assert track.clip_slots[2].has_clip


@pytest.mark.parametrize(
    ("target", "code", "sentence"),
    (
        ("live:0,0", 409, "Track 'Keys' is not an audio track: choose an audio track."),
        ("live:selected", 409, "Track 'Keys' is not an audio track: choose an audio track."),
        ("live:9,0", 404, "There is no track 10: the last one is 2."),
        ("live:1,9", 404, "There is no scene 10: the last one is 2."),
        ("live:1,0", 409, "Slot 1 of track 'Audio' is full: choose another one."),
    ),
)
def test_an_invalid_slot_is_reported(bridge, client, live, target, code, sentence):
    live_set = live(MIDI, AUDIO)
    live_set.song.tracks[1].clip_slots[0].create_audio_clip(str(bridge.write_clip()))
    answer = inserted(bridge, client, live_set, target)
    assert answer.arguments == ("/lw/clip/insert", "i", code, sentence)


def test_the_notes_of_a_part_are_inserted_into_the_requested_slot(bridge, client, live):
    live_set = live(AUDIO, MIDI)
    answer = notes_inserted(bridge, client, live_set, "live:1,1", BASS_PART, meter="7/8")
    assert answer == ("/lw/done", ("/lw/midi/insert", "i"))
    clip = live_set.song.tracks[1].clip_slots[1].clip
    assert (clip.length, clip.looping, clip.signature_numerator) == (3.5, True, 7)
    assert clip.name == f"warm-bass_128bpm_4bars_{CLIP_ID}"
    first, second = clip.notes
    assert first[:4] == (36, 0.0, 0.5, 102.0)
    assert second[:4] == (43, 2.25, 0.75, 51.0)


def test_several_parts_get_a_new_track_each(bridge, client, live):
    live_set = live(AUDIO, MIDI)
    live_set.song.view.selected_scene = live_set.song.scenes[1]
    answer = notes_inserted(bridge, client, live_set, "live:selected", DRUM_PART, BASS_PART)
    assert answer.address == "/lw/done"
    assert [track.name for track in live_set.song.tracks] == ["Audio", "Keys", "drums", "bass"]
    drums, bass = (track.clip_slots[1].clip for track in live_set.song.tracks[2:])
    assert [note.pitch for note in drums.notes] == [36, 38]
    assert [note.pitch for note in bass.notes] == [36, 43]


@pytest.mark.parametrize(
    ("target", "parts", "code", "sentence"),
    (
        ("live:0,0", 1, 409, "Track 'Audio' is not a MIDI track: choose a MIDI track."),
        ("live:1,0", 1, 409, "Slot 1 of track 'Keys' is full: choose another one."),
        ("live:0,9", 2, 404, "There is no scene 10: the last one is 2."),
        (
            "live:0,0", 2, 500,
            "Live could not add a track (No more tracks allowed): delete one.",
        ),
    ),
)  # fmt: skip
def test_notes_that_have_no_place_are_reported(bridge, client, live, target, parts, code, sentence):
    live_set = live(AUDIO, MIDI)
    live_set.song.tracks[1].clip_slots[0].create_clip(4.0)
    live_set.song.most_tracks = 3
    found = (DRUM_PART, BASS_PART)[:parts]
    answer = notes_inserted(bridge, client, live_set, target, *found)
    assert answer.arguments == ("/lw/midi/insert", "i", code, sentence)


def test_a_file_without_our_notes_is_reported(tmp_path):
    good = tmp_path / "good.mid"
    good.write_bytes(midi_bytes("Warm bass", grid_of(bars=1), None, (BASS_PART,)))
    whole = good.read_bytes()
    for data in (b"", b"RIFF", whole[:20], whole[:-20], whole.replace(b"\x90", b"\x80")):
        path = tmp_path / "clip.mid"
        path.write_bytes(data)
        with pytest.raises(Refused, match=r"'clip\.mid' cannot be read: send the clip's MIDI"):
            place_notes(FakeSong(MIDI), str(path), (0, 0), loops=True)


def test_an_old_live_version_names_the_required_one(bridge, client, live):
    answer = inserted(bridge, client, live(AUDIO, slot=OldClipSlot), "live:0,0")
    assert answer.arguments[2:] == (
        500, "This version of Live cannot insert clips: use Live 11.3.25 or 12.0.5 or later.",
    )  # fmt: skip


def test_an_error_in_live_is_reported(tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    for path in (str(broken), "relative.wav"):
        with pytest.raises(
            Refused, match=r"Live could not insert the file \(.*\): drag it into Live\."
        ):
            place(FakeSong(AUDIO), path, (0, 0), 120.0, 4.0)


@pytest.mark.parametrize(
    ("name", "read"),
    (
        ("lw: dusty drums 4", ("dusty drums", 4)),
        ("LW:bass", ("bass", 0)),
        ("lw: 808", ("808", 0)),
        ("lw: bass 1000", ("bass 1000", 0)),
        ("lw: bass 808", ("bass 808", 0)),
        ("lw: techno 130", ("techno 130", 0)),
        ("lw: pads 64", ("pads", 64)),
        ("lw:", ("", 0)),
        ("drums", ("", 0)),
    ),
)
def test_a_name_is_parsed_into_prompt_and_bars(name, read):
    assert read_name(name) == read


def test_a_scene_that_requests_a_loop_gets_it_in_its_row(bridge, client, live):
    live_set = live(MIDI)
    client.all_before_pong()
    scene = live_set.song.scenes[1]
    scene.name, scene.is_triggered = "lw: dusty drums 4", True
    live_set.run_until(lambda: bridge.engine.requests)
    for _ in range(3):  # it stays triggered for a while, and sends one request
        live_set.script.update_display()
    client.all_before_pong()
    (request,) = bridge.engine.requests
    assert (request.prompt, request.bars, request.bpm) == ("dusty drums", 4, 120.0)
    path = bridge.write_clip()
    bridge.run_job(bars=1)
    clip = live_set.run_until(
        lambda: len(live_set.song.tracks) > 1 and live_set.song.tracks[1].clip_slots[1].clip
    )
    assert clip.file_path == str(path)


def test_a_failed_request_from_the_set_is_shown(bridge, client, live):
    live_set = live(MIDI)
    client.all_before_pong()
    slot = live_set.song.tracks[0].clip_slots[0]
    slot.clip = type("MidiClip", (), {"name": "lw: bass"})()
    live_set.song.tracks[0].fired_slot_index = 0
    live_set.song.tempo = 999.0  # Live allows it, but the bridge rejects it
    bridge.engine.lives_left = 0
    live_set.run_until(lambda: any("not running" in each for each in live_set.live.messages))


def test_the_script_imports_only_what_live_provides():
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"), feature_version=(3, 7))):
            if isinstance(node, ast.Import):
                provided = {*sys.stdlib_module_names, "Live"}
                assert {alias.name for alias in node.names} <= provided
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert node.module.partition(".")[0] in sys.stdlib_module_names


def test_without_a_bridge_the_set_keeps_running(monkeypatch):
    monkeypatch.setattr(script, "BRIDGE", ("127.0.0.1", 9))
    live_set = Set(AUDIO)
    for _ in range(20):
        live_set.script.update_display()
    assert live_set.live.logged == []
    live_set.script.disconnect()
