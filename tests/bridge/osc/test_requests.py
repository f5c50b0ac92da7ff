"""The requests that jobs over OSC become: by the same policies as in the window."""

import pytest

from tests.fakes.clips import CLIP_ID, clip_of, grid_of, retempoed_recipe


@pytest.fixture
def retempoed(bridge):
    """A clip that MusicLDM played and that was brought to another tempo afterwards."""
    grid = grid_of(bars=1)
    path = bridge.folder / f"warm-bass_128bpm_1bars_{CLIP_ID}.wav"
    path.write_bytes(clip_of(grid, recipe=retempoed_recipe("musicldm", grid)))
    return path


def test_a_retempoed_clip_is_varied_by_its_original_model(bridge, client, retempoed):
    client.send("/lw/vary", "a", CLIP_ID, 0.2)
    client.send("/lw/make", "b", f'{{"source": "{CLIP_ID}", "mode": "vary"}}')
    client.all_before_pong()
    varied, made = bridge.engine.requests
    assert (varied.model, varied.prompt) == ("musicldm", "Warm bass")
    assert made.model == "musicldm"
    assert bridge.engine.sources == [(retempoed, None)] * 2


@pytest.mark.usefixtures("retempoed")
def test_an_unsupported_request_suggests_an_alternative(bridge, client):
    text = f'{{"source": "{CLIP_ID}", "mode": "continue"}}'
    address, _id, code, sentence = client.ask("/lw/make", "a", text).arguments
    assert (address, code) == ("/lw/make", 400)
    assert sentence == (
        "Sketch can only continue what it played alone: choose such a loop, or a model such as "
        "musicgen-small."
    )
    assert bridge.engine.requests == []


def test_a_kit_is_named_and_is_no_path(bridge, client, tmp_path, monkeypatch):
    kits = tmp_path / "kits"
    monkeypatch.setenv("LOOPWRIGHT_KITS", str(kits))
    (kits / "mine").mkdir(parents=True)
    client.send("/lw/make", "a", '{"prompt": "drums", "kit": "mine"}')
    client.all_before_pong()
    assert bridge.engine.kits == [kits / "mine"]
    for kit in ('"/etc"', '".."', '"mine/.."', '""', "3", '"other"'):
        answer = client.ask("/lw/make", "b", f'{{"prompt": "drums", "kit": {kit}}}')
        assert (answer.address, answer.arguments[2]) == ("/lw/fail", 400)
    assert len(bridge.engine.requests) == 1


def test_the_prompt_overrides_the_host(bridge, client):
    for name, value in (("tempo", 120.0), ("key", "C major")):
        client.send(f"/lw/host/{name}", value)
    client.send("/lw/generate", "a", "dnb drums, 174 bpm, F-sharp minor")
    client.send("/lw/generate", "b", "drums")
    client.all_before_pong()
    words, host = bridge.engine.requests
    assert (words.bpm, words.key) == (None, None)
    assert (host.bpm, host.key) == (120.0, "C major")


@pytest.mark.parametrize("state", [1.0, 0.0, 1, 0, True, False, 0.73])
def test_a_button_state_from_a_touch_surface_is_not_an_argument(client, state):
    assert client.ask("/lw/preview/stop", state).address == "/lw/done"
    assert client.ask("/lw/get", "tempo", state).address == "/lw/value"
    client.ask("/lw/register", "touch", 0)
    assert client.ask("/lw/listen", "tempo", state).address == "/lw/value"
    assert client.ask("/lw/unlisten", "tempo", state).address == "/lw/done"
    unknown = client.ask("/lw/cancel", "nothing", state)
    assert unknown.arguments[2] == 404


def test_a_ping_from_a_button_is_answered_and_extra_arguments_are_refused(client):
    assert client.ask("/lw/ping", 1.0).address == "/lw/pong"
    assert client.ask("/lw/preview/stop", 2.0).address == "/lw/fail"


def test_json_integers_may_be_written_as_floats(bridge, client):
    client.send("/lw/make", "a", '{"prompt": "house drums", "bpm": 124, "bars": 2.0, "seed": 7.0}')
    client.all_before_pong()
    (request,) = bridge.engine.requests
    assert (request.bars, request.seed) == (2, 7)
    assert client.ask("/lw/make", "b", '{"prompt": "x", "bars": 2.5}').arguments[3] == (
        "bars is 2.5, but must be a whole number."
    )
