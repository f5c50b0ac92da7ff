"""Layers, sample for sample: the mixer is run by hand, block by block."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from playback.clocks import Quantize
from playback.layer_voices import FALL_FRAMES, MAX_LAYERS, Layer, LayerSet, mixed_down
from playback.mixer import BLOCK_FRAMES, Mixer, Voice

BAR = 2_000.5
BARS = 4
ROUND = round(BARS * BAR)


def noise(frames, seed=1):
    return np.random.default_rng(seed).uniform(-0.1, 0.1, (frames, 2)).astype(np.float32)


def layer(audio, *, bars=BARS, gain=1.0):
    return Layer.repeated(audio, BARS // bars, ROUND, gain)


def set_of(**layers):
    by_key = {int(name[1:]): each for name, each in layers.items()}
    return LayerSet(layers=by_key, bars=BARS, bar_frames=BAR)


def blocks(mixer, count):
    out = np.full((count * BLOCK_FRAMES, 2), 9, dtype=np.float32)
    for start in range(0, len(out), BLOCK_FRAMES):
        mixer.fill(out[start : start + BLOCK_FRAMES])
    return out


def test_loops_repeat_to_the_longest_without_drifting_from_the_bars():
    whole, single = noise(ROUND), noise(round(BAR), seed=2)  # the exact bar is half a frame longer
    mixer = Mixer()
    mixer.layers.play(set_of(_0=layer(whole), _1=layer(single, bars=1)))
    out = blocks(mixer, 40)
    begins = [round(bar * BAR) for bar in range(BARS)]
    for begin in (*begins, *(ROUND + begin for begin in begins)):
        heard = out[begin : begin + 1_000] - whole[begin % ROUND : begin % ROUND + 1_000]
        assert np.abs(heard - single[:1_000]).max() < 1e-6


def test_a_change_waits_for_the_bar_and_does_not_click():
    drums, pad = noise(ROUND), np.full((ROUND, 2), 0.5, np.float32)
    mixer = Mixer()
    mixer.layers.play(set_of(_0=layer(drums), _1=layer(pad)))
    blocks(mixer, 1)
    mixer.layers.change(set_of(_0=layer(drums), _1=layer(pad, gain=0.0)))
    rest = blocks(mixer, 8)[:, 0] - np.roll(drums, -BLOCK_FRAMES, axis=0)[: 8 * BLOCK_FRAMES, 0]
    bar = round(BAR) - BLOCK_FRAMES
    assert np.allclose(rest[:bar], 0.5, atol=1e-6)
    assert np.abs(np.diff(rest[: bar + FALL_FRAMES + 10])).max() < 0.01
    assert np.abs(rest[bar + FALL_FRAMES :]).max() < 1e-6


def test_a_loop_that_joins_is_where_it_would_be_had_it_played_from_the_start():
    first, second = noise(ROUND), noise(ROUND, seed=2)
    mixer = Mixer()
    mixer.layers.play(set_of(_0=layer(first)))
    blocks(mixer, 1)
    mixer.layers.change(set_of(_0=layer(first), _1=layer(second)))
    at = round(BAR) + FALL_FRAMES
    out = blocks(mixer, 12)[at - BLOCK_FRAMES :]
    both = np.resize(np.roll(first + second, -at, axis=0), out.shape)
    assert np.abs(out - both).max() < 1e-6
    mixer.layers.change(set_of(_1=layer(second)))
    blocks(mixer, 12)
    alone = blocks(mixer, 1)
    at = (25 * BLOCK_FRAMES) % ROUND
    assert np.abs(alone - np.roll(second, -at, axis=0)[:BLOCK_FRAMES]).max() < 1e-6


def test_a_gain_moves_at_once_and_stopping_fades_out():
    mixer = Mixer()
    mixer.layers.play(set_of(_3=layer(np.full((ROUND, 2), 0.5, np.float32))))
    blocks(mixer, 1)
    mixer.layers.set_gain(3, 0.5)
    assert np.allclose(blocks(mixer, 1)[FALL_FRAMES:], 0.25)
    mixer.layers.stop()
    end = blocks(mixer, 2)[:, 0]
    assert np.abs(np.diff(end, prepend=0.25)).max() < 0.01
    assert not end[FALL_FRAMES:].any()
    assert (mixer.layers.is_on, mixer.layers.place(), mixer.layers.clock) == (False, None, None)


def test_layers_take_over_from_a_clip_at_its_bar_and_then_lead_the_beat():
    clip, loop = noise(3_000, seed=9), noise(ROUND)
    mixer = Mixer()
    mixer.pending = Voice(Path("x.wav"), clip, loop=True, bar_frames=1_500, on_bar=False)
    blocks(mixer, 1)
    mixer.layers.play(set_of(_0=layer(loop)))
    out = np.concatenate([clip[:BLOCK_FRAMES], blocks(mixer, 5)])
    assert np.array_equal(out[:1_500], clip[:1_500])
    assert np.abs(out[1_500:] - loop[: len(out) - 1_500]).max() < 1e-6
    assert mixer.voice is None
    mixer.pending = Voice(Path("x.wav"), clip, loop=True, bar_frames=1_500, on_bar=True)
    bar = mixer.layers.clock.quantized(len(out), Quantize.BAR)
    more = blocks(mixer, 5) - loop[len(out) - 1_500 :][: 5 * BLOCK_FRAMES]
    assert np.abs(more[: bar - len(out)]).max() < 1e-6
    assert np.abs(more[bar - len(out) :] - clip[: len(more) - bar + len(out)]).max() < 1e-6


def test_the_place_counts_bars_and_allows_for_the_latency():
    mixer = Mixer()
    mixer.layers.play(set_of(_0=layer(noise(ROUND))))
    blocks(mixer, 20)
    frames = 20 * BLOCK_FRAMES - ROUND
    assert mixer.layers.place() == pytest.approx(frames / BAR)
    assert mixer.layers.place(BLOCK_FRAMES) == pytest.approx((frames - BLOCK_FRAMES) / BAR)


def test_the_mix_of_a_set_is_what_is_heard():
    layers = set_of(_0=layer(noise(ROUND), gain=0.7), _1=layer(noise(2_001, seed=2), bars=1))
    mixer = Mixer()
    mixer.layers.play(layers)
    assert np.array_equal(mixed_down(layers), blocks(mixer, 20)[:ROUND])


def test_eight_layers_allocate_no_audio():
    mixer = Mixer()
    loops = {key: layer(noise(ROUND, seed=key)) for key in range(MAX_LAYERS)}
    mixer.layers.play(LayerSet(layers=loops, bars=BARS, bar_frames=BAR))
    out = np.empty((BLOCK_FRAMES, 2), np.float32)
    mixer.fill(out)
    tracemalloc.start()
    for _ in range(40):
        mixer.fill(out)
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert highest < out.nbytes


def test_another_form_of_a_loop_goes_on_where_it_was():
    first = np.zeros((4_000, 2), np.float32)
    second = np.repeat(np.arange(6_000, dtype=np.float32)[:, None], 2, axis=1)
    mixer, out = Mixer(), np.empty((BLOCK_FRAMES, 2), np.float32)
    how = {"loop": True, "on_bar": True}
    mixer.pending = Voice("a", first, bar_frames=1_000, **how)
    mixer.fill(out)
    mixer.pending = Voice("b", second, bar_frames=1_500, keeps_place=True, **how)
    mixer.fill(out)
    assert out[1_000 - BLOCK_FRAMES, 0] == 1_500  # the second bar of the other
