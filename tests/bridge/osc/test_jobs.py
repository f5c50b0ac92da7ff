"""Jobs on a real socket: requests, what comes of them, and how they end."""

import json

import msgspec
import pytest

from engine.loops.key import Key
from engine.loops.request import LoopRequest
from engine.loops.source.analysis import Analysis, Detected, KeyCandidate, TempoCandidate
from engine.loops.source.facts import StatedFacts
from engine.protocol import Analysed, Cancelled, Done, Failed, MidiWritten, Queued
from tests.bridge.osc_client import DRUMS, failed
from tests.fakes.clips import CLIP_ID, clip_of, grid_of, retempoed_recipe


def test_a_job_reports_every_stage_from_queue_to_best_take(bridge, client):
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


def test_host_values_are_the_defaults_of_open_fields(bridge, client):
    client.send("/lw/host/tempo", 93.3)
    client.send("/lw/host/meter", 7, 8)
    client.send("/lw/host/key", "F#m")
    client.send("/lw/set", "bars", 3)
    client.send(*DRUMS, 0.0, 0, "", -1)
    client.send("/lw/generate", "b", "bass", 100.0, 8, "C")
    client.all_before_pong()
    open_one, full = bridge.engine.requests
    assert (open_one.bpm, open_one.meter, open_one.bars) == (93.3, "7/8", 3)
    assert (open_one.key, open_one.seed) == ("F# minor", None)
    assert (full.bpm, full.bars, full.key) == (100.0, 8, "C major")


def test_a_part_is_added_to_clips_by_their_ids(bridge, client):
    first, second = bridge.write_clip(), bridge.write_clip(OTHER_ID)
    client.send("/lw/make", "a", f'{{"prompt": "bass", "fits": ["{CLIP_ID}", "{OTHER_ID}"]}}')
    client.all_before_pong()
    (request,) = bridge.engine.requests
    assert (request.mode, request.source, request.fits) == ("accompany", CLIP_ID, (OTHER_ID,))
    assert request.model == "sketch"
    assert (bridge.engine.sources, bridge.engine.fits) == ([(first, None)], [(second,)])
    for fits in ('["/etc/passwd"]', '["nosuch22"]', "[3]", '"x"', f'["{CLIP_ID}", "../x"]'):
        answer = client.ask("/lw/make", "b", f'{{"prompt": "bass", "fits": {fits}}}')
        assert answer.address == "/lw/fail"
    assert len(bridge.engine.requests) == 1


def test_the_notes_of_a_clip_are_written_beside_it(bridge, client):
    path = bridge.write_clip()
    client.send("/lw/midi", "m", CLIP_ID)
    client.all_before_pong()
    assert bridge.engine.midi == [(path, bridge.folder)]
    written = path.with_suffix(".mid")
    for event in (Queued("midi-1", 0), MidiWritten("midi-1", str(written)), Done("midi-1", ())):
        bridge.events.on_event(event)
    assert client.all_before_pong() == [
        ("/lw/accepted", ("m", 0)),
        ("/lw/done", ("/lw/midi", "m", written.name)),
    ]
    client.send("/lw/midi", "m", CLIP_ID)  # the same answer, and no second job
    assert client.all_before_pong() == [("/lw/done", ("/lw/midi", "m", written.name))]
    assert len(bridge.engine.midi) == 1
    failed(client.ask("/lw/midi", "n", "nosuch22"), "/lw/midi", "n", 404)


def test_a_sound_of_the_project_is_analysed(bridge, client):
    clip, loop = bridge.write_clip(), bridge.folder / "my break 92.wav"
    loop.write_bytes(clip.read_bytes())
    client.send("/lw/inspect", "a", CLIP_ID)
    client.send("/lw/inspect", "b", loop.name)
    client.all_before_pong()
    assert bridge.engine.analysed == [clip, loop]
    detected = Detected(
        tempos=(TempoCandidate(92.0, 0.5), TempoCandidate(184.0, 0.3)), bars=2,
        keys=(KeyCandidate(Key("F#", "minor"), 0.9),), loudness_lufs=-16.0, true_peak_db=-1.0,
    )  # fmt: skip
    analysis = Analysis(detected=detected, problem="It has a sentence.")
    for event in (
        Queued("analysis-2", 0), Analysed("analysis-2", analysis), Done("analysis-2", ()),
    ):  # fmt: skip
        bridge.events.on_event(event)
    accepted, done = client.all_before_pong()
    assert accepted == ("/lw/accepted", ("b", 0))
    assert (done.address, done.arguments[:2]) == ("/lw/done", ("/lw/inspect", "b"))
    said = json.loads(done.arguments[2])
    assert (said["source"], said["problems"]) == (None, ["It has a sentence."])
    tempos, keys = said["detected"]["tempos"], said["detected"]["keys"]
    assert tempos == [{"bpm": 92.0, "confidence": 0.5}, {"bpm": 184.0, "confidence": 0.3}]
    assert keys == [{"key": "F# minor", "confidence": 0.9}]


@pytest.mark.parametrize(
    ("sound", "code"),
    (
        ("", 400), ("../out.wav", 400), ("/etc/passwd", 400), ("C:\\a.wav", 400),
        (".hidden.wav", 400), ("nosuch22", 404), ("nothing.wav", 404),
        ("notes.txt", 404), ("link.wav", 404),
    ),
)  # fmt: skip
def test_only_sounds_of_the_project_are_analysed(bridge, client, sound, code):
    (bridge.folder / "notes.txt").write_text("no sound")
    (bridge.folder / "link.wav").symlink_to(bridge.write_clip())
    (bridge.folder / ".hidden.wav").write_bytes(b"")
    failed(client.ask("/lw/inspect", "a", sound), "/lw/inspect", "a", code)
    assert bridge.engine.analysed == []


def test_the_parts_of_a_clip_are_a_job_like_any_other(bridge, client):
    path = bridge.write_clip()
    client.send("/lw/stems", "s", CLIP_ID)
    client.all_before_pong()
    (request,) = bridge.engine.requests
    assert (request.mode, request.source, request.model) == ("stems", CLIP_ID, "sketch")
    assert bridge.engine.sources == [(path, None)]


def test_a_clip_of_another_model_has_no_notes(bridge, client):
    recipe = retempoed_recipe("musicldm", grid_of(bars=1))
    path = bridge.write_clip()
    path.write_bytes(clip_of(grid_of(bars=1), recipe=recipe))
    failed(client.ask("/lw/midi", "m", CLIP_ID), "/lw/midi", "m", 400)
    failed(client.ask("/lw/stems", "s", CLIP_ID), "/lw/stems", "s", 400)
    assert (bridge.engine.midi, bridge.engine.requests) == ([], [])


def test_without_a_host_the_prompt_decides(bridge, client):
    client.send(*DRUMS)
    client.all_before_pong()
    (request,) = bridge.engine.requests
    assert (request.bpm, request.bars, request.meter, request.key) == (None, None, None, None)


def test_the_hosts_loop_length_sets_the_bars(bridge, client):
    client.send("/lw/host/tempo", 120.0)
    client.send("/lw/host/loop/start", 4.0)
    client.send("/lw/host/loop/end", 10.0)
    client.send(*DRUMS)
    client.all_before_pong()
    assert bridge.engine.requests[0].bars == 3


def test_a_json_request_can_set_every_field(bridge, client):
    client.send("/lw/make", "a", '{"prompt": "rain", "meter": "5/4", "negative": "drums"}')
    client.all_before_pong()
    assert bridge.engine.requests[0].meter == "5/4"
    assert bridge.engine.requests[0].negative == "drums"
    bridge.run_job()
    assert client.until("/lw/done").arguments[:2] == ("/lw/make", "a")


def test_a_json_request_takes_every_field_that_the_engine_takes(bridge, client):
    texts = ['{"prompt": "rain", "near_words": [["lonely", "sad"]]}']
    texts += [
        f'{{"prompt": "rain", "{field.name}": null}}'
        for field in msgspec.structs.fields(LoopRequest)
        if field.default is None and field.name not in ("source", "with_source", "guide")
    ]
    for number, text in enumerate(texts):
        client.send("/lw/make", f"job-{number}", text)
    client.all_before_pong()
    assert len(bridge.engine.requests) == len(texts)
    assert bridge.engine.requests[0].near_words == (("lonely", "sad"),)


@pytest.mark.parametrize(
    "text",
    ("[]", "{", "", '{"prompt": "x", "project": "/etc"}', '{"prompt": "x", "bars": "many"}',
     '{"prompt": "x", "kit": [["kick", "a", "b"]]}', '{"prompt": "x", "guide": {}}',
     '{"prompt": "x", "model": "../secret"}', '{"prompt": "x", "model": 3}', "[" * 60_000),
)  # fmt: skip
def test_an_invalid_json_request_fails_and_renders_nothing(bridge, client, text):
    failed(client.ask("/lw/make", "a", text), "/lw/make", "a", 400)
    assert bridge.engine.requests == []


OTHER_ID = "bcde2345"


def test_a_clip_is_varied_by_its_own_model_at_its_own_tempo(bridge, client):
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


def test_two_clips_can_be_blended_as_audio_or_by_prompt(bridge, client):
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
def test_a_value_of_a_wrong_type_fails_with_the_expected_type(client, text, sentence):
    assert client.ask("/lw/make", "a", text).arguments == ("/lw/make", "a", 400, sentence)


def test_the_chosen_model_blends_latents_and_renoises(bridge, client):
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


def test_a_json_request_names_its_sources_by_clip_id(bridge, client):
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


def test_a_json_request_can_state_facts_about_its_source(bridge, client):
    bridge.write_clip()
    facts = '"source_bpm": 87, "source_meter": "3/4", "source_key": "f#m", "source_bars": 2.0'
    start = '"source_start": 0.25'
    client.send("/lw/make", "a", f'{{"source": "{CLIP_ID}", "mode": "vary", {facts}, {start}}}')
    client.all_before_pong()
    (request,) = bridge.engine.requests
    stated = StatedFacts(bpm=87.0, meter="3/4", key="F# minor", bars=2, start_s=0.25)
    assert StatedFacts.of(request) == stated


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
def test_an_invalid_source_fails_and_renders_nothing(bridge, client, address, arguments, code):
    bridge.write_clip()
    failed(client.ask(address, "a", *arguments), address, "a", code)
    assert bridge.engine.requests == []


@pytest.mark.parametrize(
    "arguments",
    (("a",), (), ("a", 5), ("a", "x", "fast"), ("a", "x", float("nan")), ("a", "x", 1e30),
     ("a", "x", 0.0, 2.5), ("a", "x", 0.0, -1), ("a", "x", 0.0, 0, "Q moll"), ("a", ""),
     ("a", "x", 0.0, 0, "", 2**40), ("", "x"), ("a", "x", 0.0, 0, "", -1, "/etc/passwd"),
     ("a", "x", 0.0, 0, "", -1, "..\\x"), ("a", "x", 0.0, 0, "", -1, "", 99), ("a", b"blob")),
)  # fmt: skip
def test_invalid_arguments_are_reported_and_render_nothing(bridge, client, arguments):
    answer = client.ask("/lw/generate", *arguments)
    first = arguments[0] if arguments else ""
    failed(answer, "/lw/generate", first, 400)
    assert bridge.engine.requests == []
    assert client.ask("/lw/ping").address == "/lw/pong"


def test_too_long_a_text_fails_with_413(client):
    failed(client.ask("/lw/generate", "x" * 65, "drums"), "/lw/generate", "x" * 64, 413)
    failed(client.ask("/lw/generate", "a", "x" * 17_000), "/lw/generate", "a", 413)


def test_a_corrected_request_can_reuse_its_id(bridge, client):
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
    assert sentence.startswith("The id 'a' was used for another request")
    assert len(bridge.engine.requests) == 1


def test_repeating_a_running_request_subscribes_to_it(bridge, client):
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


def test_a_failed_job_reports_the_engines_code_and_message(bridge, client):
    client.send(*DRUMS)
    client.all_before_pong()
    bridge.events.on_event(Failed("job-1", 404, "There is no model 'x'.", "a long traceback"))
    assert failed(client.until("/lw/fail"), "/lw/generate", "a", 404) == "There is no model 'x'."


def test_a_failed_engine_is_retried_once_and_then_503(bridge, client):
    bridge.engine.lives_left = 0
    failed(client.ask(*DRUMS), "/lw/generate", "a", 503)
    assert bridge.engine.starts == 1


def test_at_most_64_jobs_wait(bridge, client):
    for number in range(64):
        client.send("/lw/generate", f"id-{number}", "drums")
    failed(client.ask("/lw/generate", "one more", "drums"), "/lw/generate", "one more", 409)
    assert len(bridge.engine.requests) == 64


def test_an_unknown_job_is_404(client):
    failed(client.ask("/lw/cancel", "x"), "/lw/cancel", "x", 404)
    failed(client.ask("/lw/job", "x"), "/lw/job", "x", 404)
