"""Projects, clips, the preview and clips for the DAW, on a real socket."""

import time

import pytest

from tests.bridge.osc_client import DRUMS, failed
from tests.fakes.clips import BASS_PART, CLIP_ID

HOSTILE_NAMES = (
    "..", "../x", "/etc", "C:\\x", "a/b", "a\\b", ".hidden", "rejected", "NUL", "com1", "x" * 65,
    "~root", "a\nb", "trailing ", "ünïcode", "\\\\server\\share", "$HOME", "a:b", "-", " ",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_project_is_a_plain_name_in_the_projects_folder(bridge, client, name):
    failed(client.ask("/lw/set", "project", name), "/lw/set", "", 400)
    client.send(*DRUMS)
    client.all_before_pong()
    assert bridge.engine.folders == [bridge.folder]


def test_a_project_that_links_elsewhere_is_refused(bridge, client):
    (bridge.folder / "out").symlink_to("/")
    failed(client.ask("/lw/set", "project", "out"), "/lw/set", "", 400)


def test_clips_go_to_the_chosen_project(bridge, client):
    client.ask("/lw/set", "project", "Album")
    client.send(*DRUMS)
    client.all_before_pong()
    assert bridge.engine.folders == [bridge.folder / "Album"]


def test_clips_are_listed_newest_first_and_found_by_id(bridge, client):
    client.ask("/lw/register", "x", 0)
    path = bridge.write_clip()
    client.send("/lw/clip/list", 0, 20)
    assert client.all_before_pong() == [
        ("/lw/clip", (CLIP_ID, path.name, 128.0, 1, 4, 4, "", 90_000, 48_000)),
        ("/lw/done", ("/lw/clip/list", "", 1)),
    ]
    assert client.ask("/lw/clip/path", CLIP_ID) == ("/lw/clip/path", (CLIP_ID, str(path)))
    failed(client.ask("/lw/clip/list", 0, 21), "/lw/clip/list", "", 400)
    failed(client.ask("/lw/clip/list", -1, 2), "/lw/clip/list", "", 400)


@pytest.mark.parametrize("clip_id", ("nosuch22", "", "../../etc/passwd", "*", "\N{SNOWMAN}"))
def test_an_unknown_clip_is_404(client, clip_id):
    failed(client.ask("/lw/clip/path", clip_id), "/lw/clip/path", "", 404)
    failed(client.ask("/lw/preview/play", clip_id, 1, 0), "/lw/preview/play", "", 404)
    failed(client.ask("/lw/clip/insert", "i", clip_id, "live:0,0"), "/lw/clip/insert", "i", 404)


def test_a_preview_plays_and_is_announced(bridge, client):
    path = bridge.write_clip()
    client.ask("/lw/register", "x", 0)
    client.send("/lw/preview/play", CLIP_ID, 1, 0)
    client.until("/lw/done", "/lw/preview/play")
    assert bridge.player.calls == [(path, True, False, None)]
    assert ("/lw/preview/state", (CLIP_ID, 1)) in client.received
    client.send("/lw/preview/stop")
    client.until("/lw/done", "/lw/preview/stop")
    assert ("/lw/preview/state", (CLIP_ID, 0)) in client.received


def test_a_preview_in_time_starts_on_the_hosts_next_bar(bridge, client):
    bridge.write_clip()
    client.send("/lw/host/tempo", 120)
    client.send("/lw/host/meter", 7, 8)
    client.send("/lw/host/play")
    client.all_before_pong()
    before = time.monotonic()
    client.send("/lw/host/beat", "2.2.00")
    client.send("/lw/preview/play", CLIP_ID, 0, 1)
    client.until("/lw/done", "/lw/preview/play")
    after = time.monotonic()
    ((_, loop, on_bar, at_s),) = bridge.player.calls
    assert (loop, on_bar) == (False, True)
    # Six eighths remain of the bar: 1.5 s.
    assert before + 1.49 < at_s < after + 1.51


def test_a_missing_device_is_reported(client):
    failed(client.ask("/lw/set", "device", "missing"), "/lw/set", "", 503)


def test_a_failing_sound_system_is_reported_and_the_next_preview_plays(bridge, client, expect_log):
    expect_log("/lw/preview/play failed")
    path = bridge.write_clip()
    bridge.player.play, play = None, bridge.player.play
    client.send("/lw/preview/play", CLIP_ID, 1, 0)
    failed(client.until("/lw/fail"), "/lw/preview/play", "", 500)
    bridge.player.play = play
    client.send("/lw/preview/play", CLIP_ID, 1, 0)
    client.until("/lw/done", "/lw/preview/play")
    assert bridge.player.playing == path


def test_a_clip_is_sent_to_the_registered_daw(bridge, client):
    path = bridge.write_clip()
    failed(client.ask("/lw/clip/insert", "i", CLIP_ID, "live:2,0"), "/lw/clip/insert", "i", 503)
    live = bridge.client()
    live.ask("/lw/register", "live", 0)
    client.send("/lw/clip/insert", "i", CLIP_ID, "live:2,0")
    insertion = live.until("/lw/host/insert")
    assert insertion.arguments == ("i", CLIP_ID, str(path), 2, 0, 128.0, 1, 4, 4)
    client.send("/lw/host/inserted", "i")  # accepted only from the DAW itself
    assert client.all_before_pong() == []
    live.send("/lw/host/inserted", "i")
    assert client.next() == ("/lw/done", ("/lw/clip/insert", "i"))
    client.send("/lw/clip/insert", "j", CLIP_ID, "live:selected")
    assert live.until("/lw/host/insert").arguments[3:5] == (-1, -1)
    live.send("/lw/fail", "/lw/host/insert", "j", 409, "The slot is full: choose another one.")
    failed(client.next(), "/lw/clip/insert", "j", 409)


def test_the_notes_of_a_clip_are_written_and_sent_to_the_daw(bridge, client):
    bridge.write_clip()
    asked = "/lw/midi/insert", "m", CLIP_ID, "live:2,0"
    failed(client.ask(*asked), "/lw/midi/insert", "m", 503)
    assert bridge.engine.midi == []
    live = bridge.client()
    live.ask("/lw/register", "live", 0)
    client.send(*asked)
    client.all_before_pong()
    path = bridge.write_midi(BASS_PART)
    insertion = live.until("/lw/host/insert")
    assert insertion.arguments == ("m", CLIP_ID, str(path), 2, 0, 128.0, 1, 4, 4)
    live.send("/lw/host/inserted", "m")
    assert client.until("/lw/done") == ("/lw/done", ("/lw/midi/insert", "m"))


def test_notes_for_a_daw_that_has_left_are_reported(bridge, client):
    bridge.write_clip()
    live = bridge.client()
    live.ask("/lw/register", "live", 0)
    client.send("/lw/midi/insert", "m", CLIP_ID, "live:2,0")
    client.all_before_pong()
    live.ask("/lw/unregister", 0)
    bridge.write_midi(BASS_PART)
    failed(client.until("/lw/fail"), "/lw/midi/insert", "m", 503)


@pytest.mark.parametrize(
    "target", ("", "live", "live:1", "live:-1,0", "pro tools:1,1", "live:1,2;")
)
def test_an_invalid_target_is_400(bridge, client, target):
    bridge.write_clip()
    failed(client.ask("/lw/clip/insert", "i", CLIP_ID, target), "/lw/clip/insert", "i", 400)
