"""The bridge on a real socket: requests, answers, pushes, and what gets no reply."""

import random
import socket
import threading
import time

import psutil
import pytest

from bridge.osc.clients import LEASE_S
from bridge.osc.engine_events import EngineEvents
from bridge.osc.errors import AddressUnusable, PortTaken
from bridge.osc.messages import OscMessage, build
from bridge.osc.projects import Projects
from bridge.osc.server import BridgeServer
from engine.protocol import Cancelled, Failed, Queued, Ready
from engine.version import VERSION
from tests.bridge.osc.test_messages import KILLERS, mutated
from tests.fakes.bridge import FakeEngine, FakePlayer
from tests.fakes.clips import CLIP_ID

DRUMS = ("/lw/generate", "a", "dusty drums")


def failed(answer: OscMessage, address: str, request_id: str, code: int) -> str:
    """Check a failure, and return its sentence."""
    assert (answer.address, *answer.arguments[:3]) == ("/lw/fail", address, request_id, code)
    sentence = answer.arguments[3]
    assert sentence.endswith((".", "?", "cancelled"))
    return sentence


def test_a_ping_is_answered_with_the_state_of_the_engine(bridge, client):
    assert client.ask("/lw/ping") == ("/lw/pong", (VERSION, 1, "starting", 0))
    bridge.events.on_event(Ready(protocol=1, version=VERSION, pid=1))
    assert client.ask("/lw/ping").arguments[2] == "ready"
    bridge.events.on_exit(None)
    assert client.ask("/lw/ping").arguments[2] == "down"


def test_a_ping_can_name_the_port_of_its_answer(bridge, client):
    other = bridge.client()
    client.send("/lw/ping", other.port)
    assert other.next().address == "/lw/pong"


def test_a_job_is_told_from_its_place_in_the_queue_to_its_best_take(bridge, client):
    client.send(*DRUMS, 128.37, 4, "Am", 5, "sketch", 2)
    assert client.all_before_pong() == []
    (request,) = bridge.engine.requests
    assert (request.prompt, request.bpm, request.bars) == ("dusty drums", 128.37, 4)
    assert (request.key, request.seed, request.takes) == ("A minor", 5, 2)
    assert bridge.engine.folders == [bridge.folder]
    bridge.run_job(bars=3, meter="7/8")
    file = f"warm-bass_{CLIP_ID}.wav"
    frames = round(10.5 * 60 / 128 * 48_000)
    assert client.all_before_pong() == [
        ("/lw/accepted", ("a", 0)),
        ("/lw/progress", ("a", 0.5, "playing")),
        ("/lw/take", ("a", 1, CLIP_ID, file, 0.75, "")),
        ("/lw/done", ("/lw/generate", "a", CLIP_ID, file, 128.0, 3, 10.5, frames, 48_000)),
    ]
    assert client.ask("/lw/job", "a") == ("/lw/job", ("a", "done", 1.0))


def test_what_the_host_says_is_the_default_of_what_is_left_open(bridge, client):
    client.send("/lw/host/tempo", 93.3)
    client.send("/lw/host/meter", 7, 8)
    client.send("/lw/host/key", "F#m")
    client.send("/lw/set", "bars", 3)
    client.send(*DRUMS, 0.0, 0, "", -1)
    client.send("/lw/generate", "b", "bass", 100.0, 8, "C")
    client.all_before_pong()
    open_one, asked = bridge.engine.requests
    assert (open_one.bpm, open_one.meter, open_one.bars) == (93.3, "7/8", 3)
    assert (open_one.key, open_one.seed) == ("F# minor", None)
    assert (asked.bpm, asked.bars, asked.key) == (100.0, 8, "C major")


def test_without_a_host_the_words_of_the_prompt_decide(bridge, client):
    client.send(*DRUMS)
    client.all_before_pong()
    (request,) = bridge.engine.requests
    assert (request.bpm, request.bars, request.meter, request.key) == (None, None, None, None)


def test_the_length_of_the_hosts_loop_is_the_number_of_bars(bridge, client):
    client.send("/lw/host/tempo", 120.0)
    client.send("/lw/host/loop/start", 4.0)
    client.send("/lw/host/loop/end", 10.0)
    client.send(*DRUMS)
    client.all_before_pong()
    assert bridge.engine.requests[0].bars == 3


def test_a_request_in_json_sets_what_the_short_one_cannot(bridge, client):
    client.send("/lw/make", "a", '{"prompt": "rain", "meter": "5/4", "negative": "drums"}')
    client.all_before_pong()
    assert bridge.engine.requests[0].meter == "5/4"
    assert bridge.engine.requests[0].negative == "drums"
    bridge.run_job()
    assert client.until("/lw/done").arguments[:2] == ("/lw/make", "a")


@pytest.mark.parametrize(
    "text",
    ("[]", "{", "", '{"prompt": "x", "project": "/etc"}', '{"prompt": "x", "bars": "many"}',
     '{"prompt": "x", "model": "../secret"}', '{"prompt": "x", "model": 3}', "[" * 60_000),
)  # fmt: skip
def test_json_that_is_no_request_fails_and_nothing_is_rendered(bridge, client, text):
    failed(client.ask("/lw/make", "a", text), "/lw/make", "a", 400)
    assert bridge.engine.requests == []


OTHER_ID = "bcde2345"


def test_a_clip_is_varied_by_the_model_that_made_it_in_its_own_time(bridge, client):
    path = bridge.write_clip(rate=44_100)
    client.send("/lw/host/tempo", 60.0)
    client.send("/lw/set", "model", "musicldm")
    client.send("/lw/vary", "a", CLIP_ID, 0.2, 5)
    client.send("/lw/vary", "b", CLIP_ID, 0.2)
    client.all_before_pong()
    request, open_one = bridge.engine.requests
    assert (request.mode, request.source, request.amount, request.seed) == ("vary", CLIP_ID, 0.2, 5)
    assert (request.prompt, request.model, request.rate) == ("Warm bass", "sketch", 44_100)
    assert (request.bpm, request.bars, request.key, open_one.seed) == (None, None, None, None)
    assert bridge.engine.sources[0] == (path, None)
    bridge.run_job()
    assert client.until("/lw/done").arguments[:2] == ("/lw/vary", "a")


def test_two_clips_are_mixed_or_what_lies_between_their_prompts_is_played(bridge, client):
    paths = bridge.write_clip(), bridge.write_clip(OTHER_ID)
    client.send("/lw/blend", "a", CLIP_ID, OTHER_ID, 0.3)
    client.send("/lw/blend", "b", CLIP_ID, OTHER_ID, 0.3, "prompts")
    client.all_before_pong()
    mixed, between = bridge.engine.requests
    assert (mixed.mode, mixed.source, mixed.with_source) == ("blend", CLIP_ID, OTHER_ID)
    assert mixed.amount == 0.3
    assert (between.prompt, between.toward) == ("Warm bass", "Warm bass")
    assert (between.toward_amount, between.bpm, between.bars) == (0.3, 128.0, 1)
    assert bridge.engine.sources == [paths, (None, None)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    (
        ('{"prompt": "rain", "bars": "four"}', "bars is 'four', but must be a whole number."),
        ('{"prompt": 5}', "prompt is 5, but must be text."),
        ('{"prompt": "rain", "bpm": [1]}', "bpm is [1], but must be a number."),
        ('{"prompt": "rain", "also": "snow"}', "also is 'snow', but must be a list of texts."),
    ),
)
def test_a_value_of_a_wrong_type_is_told_with_what_it_must_be(client, text, sentence):
    assert client.ask("/lw/make", "a", text).arguments == ("/lw/make", "a", 400, sentence)


def test_the_chosen_model_blends_in_its_latents_and_makes_anew(bridge, client):
    paths = bridge.write_clip(), bridge.write_clip(OTHER_ID)
    client.ask("/lw/set", "model", "musicldm")
    client.send("/lw/blend", "a", CLIP_ID, OTHER_ID, 0.3, "latents")
    client.send("/lw/blend", "b", CLIP_ID, OTHER_ID, 0.3, "mix", 0.4)
    client.send("/lw/blend", "c", CLIP_ID, OTHER_ID, 0.3, "mix", 0)
    client.all_before_pong()
    latents, anew, mixed = bridge.engine.requests
    assert (latents.model, latents.blend_in, latents.renoise) == ("musicldm", "latents", None)
    assert (anew.model, anew.blend_in, anew.renoise) == ("musicldm", None, 0.4)
    assert (mixed.model, mixed.needs_no_model) == ("sketch", True)
    assert bridge.engine.sources == [paths] * 3


def test_a_request_in_json_names_its_sources_by_clip_id(bridge, client):
    path = bridge.write_clip()
    client.send("/lw/host/tempo", 60.0)
    client.send("/lw/host/key", "D minor")
    client.send("/lw/make", "a", f'{{"source": "{CLIP_ID}", "mode": "retempo"}}')
    client.send("/lw/make", "b", f'{{"source": "{CLIP_ID}", "mode": "redo", "redo_bars": "1"}}')
    client.all_before_pong()
    retempo, redo = bridge.engine.requests
    assert (retempo.bpm, retempo.key) == (60.0, None)
    assert (redo.bpm, redo.key, redo.redo_bars) == (None, None, "1")
    assert bridge.engine.sources == [(path, None), (path, None)]


@pytest.mark.parametrize(
    ("address", "arguments", "code"),
    (
        ("/lw/vary", ("../secret", 0.5), 404),
        ("/lw/vary", ("zzzz2345", 0.5), 404),
        ("/lw/vary", (CLIP_ID, 1.5), 400),
        ("/lw/vary", (CLIP_ID, float("nan")), 400),
        ("/lw/vary", (CLIP_ID,), 400),
        ("/lw/blend", (CLIP_ID, "zzzz2345", 0.5), 404),
        ("/lw/blend", (CLIP_ID, CLIP_ID, 0.5, "loudly"), 400),
        ("/lw/blend", (CLIP_ID, CLIP_ID, 0.5, "latents", 1.5), 400),
        ("/lw/blend", (CLIP_ID, CLIP_ID, 0.5, "prompts", 0.5), 400),
        ("/lw/make", ('{"source": 7, "mode": "vary"}',), 400),
        ("/lw/make", ('{"source": "/etc/passwd", "mode": "vary"}',), 404),
        ("/lw/make", (f'{{"source": "{CLIP_ID}"}}',), 400),
        ("/lw/make", (f'{{"source": "{CLIP_ID}", "mode": ["vary"]}}',), 400),
    ),
)
def test_a_source_that_cannot_be_fails_and_nothing_is_rendered(
    bridge, client, address, arguments, code
):
    bridge.write_clip()
    failed(client.ask(address, "a", *arguments), address, "a", code)
    assert bridge.engine.requests == []


@pytest.mark.parametrize(
    "arguments",
    (("a",), (), ("a", 5), ("a", "x", "fast"), ("a", "x", float("nan")), ("a", "x", 1e30),
     ("a", "x", 0.0, 2.5), ("a", "x", 0.0, -1), ("a", "x", 0.0, 0, "H moll"), ("a", ""),
     ("a", "x", 0.0, 0, "", 2**40), ("", "x"), ("a", "x", 0.0, 0, "", -1, "/etc/passwd"),
     ("a", "x", 0.0, 0, "", -1, "..\\x"), ("a", "x", 0.0, 0, "", -1, "", 99), ("a", b"blob")),
)  # fmt: skip
def test_wrong_arguments_fail_with_a_sentence_and_nothing_is_rendered(bridge, client, arguments):
    answer = client.ask("/lw/generate", *arguments)
    first = arguments[0] if arguments else ""
    failed(answer, "/lw/generate", first, 400)
    assert bridge.engine.requests == []
    assert client.ask("/lw/ping").address == "/lw/pong"


def test_a_text_that_is_too_long_fails_with_413(client):
    failed(client.ask("/lw/generate", "x" * 65, "drums"), "/lw/generate", "x" * 64, 413)
    failed(client.ask("/lw/generate", "a", "x" * 17_000), "/lw/generate", "a", 413)


def test_a_request_that_was_refused_may_be_sent_again_put_right(bridge, client):
    failed(client.ask("/lw/generate", "a", "drums", 5.0), "/lw/generate", "a", 400)
    client.send(*DRUMS)
    client.all_before_pong()
    assert len(bridge.engine.requests) == 1


def test_a_repeated_request_gets_the_stored_answer_and_does_not_run_twice(bridge, client):
    client.send(*DRUMS)
    client.all_before_pong()
    bridge.run_job()
    done = client.until("/lw/done")
    assert client.ask(*DRUMS) == done
    other = bridge.client()
    assert other.ask(*DRUMS) == done
    sentence = failed(client.ask("/lw/generate", "a", "bass"), "/lw/generate", "a", 409)
    assert sentence == "The id 'a' was used for another request: choose a new one."
    assert len(bridge.engine.requests) == 1


def test_who_repeats_a_running_request_hears_of_it_too(bridge, client):
    client.send(*DRUMS)
    client.all_before_pong()
    bridge.events.on_event(Queued("job-1", 3))
    client.until("/lw/accepted")
    other = bridge.client()
    assert other.ask(*DRUMS) == ("/lw/accepted", ("a", 3))
    bridge.run_job()
    assert other.until("/lw/done") == client.until("/lw/done")


def test_a_cancelled_job_ends_with_499_and_its_own_address(bridge, client):
    client.send(*DRUMS)
    assert client.ask("/lw/cancel", "a") == ("/lw/done", ("/lw/cancel", "a"))
    assert bridge.engine.cancelled == ["job-1"]
    bridge.events.on_event(Cancelled("job-1"))
    assert failed(client.until("/lw/fail"), "/lw/generate", "a", 499) == "cancelled"
    assert client.ask("/lw/job", "a").arguments[1] == "cancelled"


def test_a_job_that_fails_in_the_engine_fails_with_its_code_and_sentence(bridge, client):
    client.send(*DRUMS)
    client.all_before_pong()
    bridge.events.on_event(Failed("job-1", 404, "No model is called 'x'.", "a long traceback"))
    assert failed(client.until("/lw/fail"), "/lw/generate", "a", 404) == "No model is called 'x'."


def test_an_engine_that_gave_up_is_asked_once_more_and_then_it_is_503(bridge, client):
    bridge.engine.lives_left = 0
    failed(client.ask(*DRUMS), "/lw/generate", "a", 503)
    assert bridge.engine.starts == 1


def test_no_more_than_64_jobs_wait(bridge, client):
    for number in range(64):
        client.send("/lw/generate", f"id-{number}", "drums")
    failed(client.ask("/lw/generate", "one more", "drums"), "/lw/generate", "one more", 409)
    assert len(bridge.engine.requests) == 64


def test_an_unknown_job_is_404(client):
    failed(client.ask("/lw/cancel", "x"), "/lw/cancel", "x", 404)
    failed(client.ask("/lw/job", "x"), "/lw/job", "x", 404)


def test_a_registered_client_hears_of_everything_once(bridge, client):
    other, ear = bridge.client(), bridge.client()
    done = client.ask("/lw/register", "front panel", 0)
    assert done == ("/lw/done", ("/lw/register", "", done.arguments[2], LEASE_S))
    other.send("/lw/register", "by port", ear.port)
    assert ear.next().address == "/lw/done"
    other.send(*DRUMS)
    other.send("/lw/get", "bars")
    ear.until("/lw/value", "bars")
    bridge.run_job()
    client.until("/lw/done", "/lw/generate")
    ear.until("/lw/done", "/lw/generate")
    for each in (client, ear):
        names = [message.address for message in each.received]
        assert names.count("/lw/clip/ready") == names.count("/lw/take") == 1
    assert client.until("/lw/heartbeat").arguments[0] > 0
    assert other.all_before_pong() == []


def test_the_names_of_who_is_registered_are_a_value_that_cannot_be_set(bridge, client):
    client.ask("/lw/register", "live", 0)
    assert bridge.client().ask("/lw/get", "clients") == ("/lw/value", ("clients", "live"))
    failed(client.ask("/lw/set", "clients", "x"), "/lw/set", "", 400)
    failed(client.ask("/lw/set", "host", "x"), "/lw/set", "", 400)


def test_who_unregisters_hears_no_more(bridge, client):
    number = client.ask("/lw/register", "x", 0).arguments[2]
    other = bridge.client()
    assert client.ask("/lw/unregister", number).address == "/lw/done"
    failed(client.ask("/lw/unregister", number), "/lw/unregister", "", 404)
    other.send(*DRUMS)
    other.all_before_pong()
    bridge.run_job()
    other.until("/lw/done")
    assert client.all_before_pong() == []


def test_no_more_than_32_clients_register(bridge, client):
    clients = [bridge.client() for _ in range(32)]
    for each in clients:
        assert each.ask("/lw/register", "x", 0).address == "/lw/done"
    failed(client.ask("/lw/register", "x", 0), "/lw/register", "", 409)


def test_a_value_that_changes_is_told_to_who_listens(bridge, client):
    failed(client.ask("/lw/listen", "tempo"), "/lw/listen", "", 404)
    client.ask("/lw/register", "x", 0)
    assert client.ask("/lw/listen", "tempo") == ("/lw/value", ("tempo", 0.0))
    other = bridge.client()
    other.send("/lw/host/tempo", 93.5)
    assert client.until("/lw/value") == ("/lw/value", ("tempo", 93.5))
    assert client.ask("/lw/unlisten", "tempo").address == "/lw/done"
    other.send("/lw/host/tempo", 94)
    other.all_before_pong()
    assert client.all_before_pong() == []


@pytest.mark.parametrize(
    ("name", "value", "read"),
    (("tempo", 120, 120.0), ("meter", "7/8", "7/8"), ("bars", 3, 3), ("key", "ebm", "Eb minor"),
     ("model", "musicldm", "musicldm"), ("project", "Album one", "Album one"),
     ("device", "USB", "USB")),
)  # fmt: skip
def test_a_value_that_is_set_is_read_back(client, name, value, read):
    assert client.ask("/lw/set", name, value) == ("/lw/value", (name, read))
    assert client.ask("/lw/get", name) == ("/lw/value", (name, read))


@pytest.mark.parametrize(
    ("name", "value"),
    (("tempo", "fast"), ("tempo", 5000), ("meter", "7/9"), ("meter", 4), ("bars", -1),
     ("bars", 2.5), ("key", "H"), ("model", "/etc/passwd"), ("model", "a\\b"), ("model", "..")),
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_and_stays(client, name, value):
    before = client.ask("/lw/get", name)
    failed(client.ask("/lw/set", name, value), "/lw/set", "", 400)
    assert client.ask("/lw/get", name) == before


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


def test_a_project_that_is_a_link_to_elsewhere_is_refused(bridge, client):
    (bridge.folder / "out").symlink_to("/")
    failed(client.ask("/lw/set", "project", "out"), "/lw/set", "", 400)


def test_clips_go_to_the_project_that_was_chosen(bridge, client):
    client.ask("/lw/set", "project", "Album")
    client.send(*DRUMS)
    client.all_before_pong()
    assert bridge.engine.folders == [bridge.folder / "Album"]


def test_clips_are_listed_the_newest_first_and_found_by_id(bridge, client):
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


def test_the_preview_plays_and_says_so(bridge, client):
    path = bridge.write_clip()
    client.ask("/lw/register", "x", 0)
    client.send("/lw/preview/play", CLIP_ID, 1, 0)
    client.until("/lw/done", "/lw/preview/play")
    assert bridge.player.asked == [(path, True, False, None)]
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
    ((_, loop, on_bar, at_s),) = bridge.player.asked
    assert (loop, on_bar) == (False, True)
    # Six eighths are left of the bar: 1.5 s.
    assert before + 1.49 < at_s < after + 1.51


def test_a_device_that_is_missing_is_a_sentence(client):
    failed(client.ask("/lw/set", "device", "missing"), "/lw/set", "", 503)


def test_a_sound_system_that_fails_in_its_own_way_is_a_sentence_and_the_next_one_plays(
    bridge, client, expect_log
):
    expect_log("/lw/preview/play failed")
    path = bridge.write_clip()
    bridge.player.play, play = None, bridge.player.play
    client.send("/lw/preview/play", CLIP_ID, 1, 0)
    failed(client.until("/lw/fail"), "/lw/preview/play", "", 500)
    bridge.player.play = play
    client.send("/lw/preview/play", CLIP_ID, 1, 0)
    client.until("/lw/done", "/lw/preview/play")
    assert bridge.player.playing == path


def test_a_clip_is_put_into_the_daw_that_is_registered(bridge, client):
    path = bridge.write_clip()
    failed(client.ask("/lw/clip/insert", "i", CLIP_ID, "live:2,0"), "/lw/clip/insert", "i", 503)
    live = bridge.client()
    live.ask("/lw/register", "live", 0)
    client.send("/lw/clip/insert", "i", CLIP_ID, "live:2,0")
    asked = live.until("/lw/host/insert")
    assert asked.arguments == ("i", CLIP_ID, str(path), 2, 0, 128.0, 1, 4, 4)
    client.send("/lw/host/inserted", "i")  # only the DAW itself is believed
    assert client.all_before_pong() == []
    live.send("/lw/host/inserted", "i")
    assert client.next() == ("/lw/done", ("/lw/clip/insert", "i"))
    client.send("/lw/clip/insert", "j", CLIP_ID, "live:selected")
    assert live.until("/lw/host/insert").arguments[3:5] == (-1, -1)
    live.send("/lw/fail", "/lw/host/insert", "j", 409, "The slot is full: choose another one.")
    failed(client.next(), "/lw/clip/insert", "j", 409)


@pytest.mark.parametrize(
    "target", ("", "live", "live:1", "live:-1,0", "pro tools:1,1", "live:1,2;")
)
def test_a_target_that_is_no_place_is_400(bridge, client, target):
    bridge.write_clip()
    failed(client.ask("/lw/clip/insert", "i", CLIP_ID, target), "/lw/clip/insert", "i", 400)


def test_malformed_packets_get_no_reply(bridge, client):
    for packet in KILLERS.values():
        if len(packet) <= 65_507:
            client.send_bytes(packet)
    assert client.all_before_pong() == []
    assert bridge.server.router.counts["malformed"] >= len(KILLERS) - 2


def test_answers_and_other_peoples_messages_get_no_reply(client):
    for address in ("/lw/done", "/lw/fail", "/lw/pong", "/lw/value", "/lw/take", "/live/test", "/"):
        client.send(address, "/lw/generate", "a", 400, "no")
    assert client.all_before_pong() == []


def test_host_messages_get_no_reply_however_wrong(client):
    client.send("/lw/host/tempo", "fast")
    client.send("/lw/host/meter", 99, 3)
    client.send("/lw/host/beat", b"now")
    client.send("/lw/host/play", 1, 2, 3)
    assert client.all_before_pong() == []


def test_an_unknown_address_is_404(client):
    sentence = failed(client.ask("/lw/gnerate", "a", "b"), "/lw/gnerate", "", 404)
    assert sentence == "No message is called '/lw/gnerate': see docs/osc.md."


def test_after_a_storm_of_damaged_datagrams_it_answers_and_has_not_grown(bridge, client):
    dice = random.Random(2)
    good = [
        build("/lw/get", "tempo"), build("/lw/set", "bars", 4), build("/lw/host/tempo", 93.5),
        build("/lw/job", "x"), build("/lw/register", "x", 0), build("/lw/clip/list", 0, 20),
    ]  # fmt: skip
    threads = threading.active_count()
    before = psutil.Process().memory_info().rss
    for number in range(6_000):
        client.send_bytes(mutated(dice.choice(good), dice) if number % 2 else dice.choice(good))
        if number % 50 == 0:  # or the socket's buffer, not the bridge, is what drops them
            other = bridge.client()
            with other:
                assert other.ask("/lw/ping").address == "/lw/pong"
    assert threading.active_count() == threads
    assert psutil.Process().memory_info().rss - before < 50e6


def test_only_this_machine_and_those_on_the_list_are_heard(tmp_path):
    with (
        BridgeServer(
            FakeEngine(), FakePlayer(), Projects(tmp_path), EngineEvents(), host="0.0.0.0", port=0
        ) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        # A socket that is connected to an outside address tells which of ours it would use.
        stranger.connect(("192.0.2.1", 9))
        own = stranger.getsockname()[0]
        if own.startswith("127."):
            pytest.skip("this machine has no address but its loopback")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
            outside.bind((own, 0))
            outside.settimeout(30)
            outside.sendto(build("/lw/ping"), (own, server.port))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inside:
                inside.settimeout(30)
                inside.sendto(build("/lw/ping"), ("127.0.0.1", server.port))
                inside.recv(1000)
            assert server.router.counts["refused"] == 1


def test_by_default_nothing_but_the_loopback_listens(bridge):
    found = [
        each
        for each in psutil.Process().net_connections("inet")
        if each.laddr and each.laddr.port == bridge.port
    ]
    assert {each.laddr.ip for each in found} == {"127.0.0.1"}
    assert {each.type for each in found} == {socket.SOCK_DGRAM}


def test_the_second_bridge_on_a_port_is_told_so(bridge, tmp_path):
    with pytest.raises(PortTaken, match=f"Port {bridge.port} of 127.0.0.1 is taken"):
        BridgeServer(
            FakeEngine(), FakePlayer(), Projects(tmp_path), EngineEvents(), port=bridge.port
        )


@pytest.mark.parametrize("host", ("not an address", "192.0.2.1"))
def test_an_address_of_nobody_is_a_sentence(tmp_path, host):
    with pytest.raises(AddressUnusable, match="cannot listen on"):
        BridgeServer(
            FakeEngine(), FakePlayer(), Projects(tmp_path), EngineEvents(), host=host, port=0
        )


def test_it_lets_the_sound_device_go_at_its_end(tmp_path):
    player = FakePlayer()
    with BridgeServer(FakeEngine(), player, Projects(tmp_path), EngineEvents(), port=0):
        pass
    assert player.closed
