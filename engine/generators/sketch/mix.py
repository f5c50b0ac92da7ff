"""The mix: levels, space and overall colour, on the loop's circle."""

import dataclasses
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.generators.sketch.score import Stroke
from engine.generators.sketch.stage import Stage
from engine.generators.sketch.synth import circle as on
from engine.generators.sketch.synth.circle import Float, Room
from engine.generators.sketch.synth.parallel import Begun
from engine.generators.sketch.texture import render_texture
from engine.loops.measure import percentile

_LEVEL_DB = {
    "drums": -14.0, "percussion": -16.0, "bass": -15.5, "chords": -19.5, "pad": -21.0,
    "lead": -18.5, "texture": -29.0,
}  # fmt: skip
_SENDS = {
    "drums": 0.35, "percussion": 0.6, "bass": 0.06, "chords": 1.0, "pad": 1.0, "lead": 1.1,
    "texture": 0.5,
}  # fmt: skip
_LOW_CUT_HZ = {"chords": 90.0, "pad": 110.0, "lead": 160.0, "percussion": 70.0}
_TARGET_DB = -15.0
_TARGET_LUFS = -16.0
_CEILING = 0.89
_MOST_LIMITING = 1.6
_RUMBLE_HZ = 24
_LEAST_SPACE = 0.01


@dataclasses.dataclass(frozen=True)
class Space:
    """The amount of space: send gains of reverb and echo."""

    reverb: float
    echo: float

    @classmethod
    def of(cls, stage: Stage) -> "Space":
        """Return the space of a style, adjusted by the words for wet and dry."""
        wet = stage.brief.axes["wet"]
        style = stage.brief.style
        if wet < 0:
            return cls(style.reverb * (1 + wet), style.delay * (1 + wet))
        return cls(style.reverb + 0.9 * wet, style.delay + 0.3 * wet)


class Ahead(NamedTuple):
    """What a mix needs besides its parts, begun before these are played."""

    reverb: Begun[Room] | None
    crackle: Begun[Float] | None

    @classmethod
    def begun(cls, stage: Stage) -> "Ahead":
        """Begin to make what the mix of a stage will need."""
        crackle = partial(render_texture, stage.brief, stage.frames, stage.seed, "vinyl")
        return cls(_reverb(stage), Begun(crackle) if _dust(stage) else None)


def mixed(stage: Stage, ahead: Ahead, parts: Mapping[str, Float], strokes: list[Stroke]) -> Float:
    """Return the finished loop, (2, frames), within -1..1, from its parts by role."""
    dry = np.zeros((2, stage.frames), np.float32)
    send = np.zeros_like(dry)
    for role, strip in _strips(stage, parts, strokes):
        dry += strip
        send += np.float32(_send(stage, role)) * strip
    whole = dry + _space(stage, send, ahead.reverb)
    coloured = stage.done(partial(_coloured, stage, whole, ahead.crackle))
    return stage.done(partial(_finished, stage, coloured))


def stems(
    stage: Stage, parts: Mapping[str, Float], strokes: list[Stroke]
) -> Iterator[tuple[str, Float]]:
    """Yield each part with its level and its own space, without rumble, (2, frames).

    Their sum is the mix, but for its level and for what colours and limits it as a whole.
    """
    reverb = _reverb(stage)
    for role, strip in _strips(stage, parts, strokes):
        stem = strip + _space(stage, np.float32(_send(stage, role)) * strip, reverb)
        yield role, on.high_pass(stem, _RUMBLE_HZ, stage.rate)


def _strips(
    stage: Stage, parts: Mapping[str, Float], strokes: list[Stroke]
) -> Iterator[tuple[str, Float]]:
    """Yield each part as its channel of the mixer has it, without space."""
    for role in parts:
        yield role, stage.done(partial(_strip, stage, role, parts, strokes))


def _strip(stage: Stage, role: str, parts: Mapping[str, Float], strokes: list[Stroke]) -> Float:
    strip = _levelled(parts[role], _LEVEL_DB[role], stage.rate)
    if len(parts) > 1 and role in _LOW_CUT_HZ:
        strip = on.high_pass(strip, _LOW_CUT_HZ[role], stage.rate)
    if role in ("drums", "percussion"):
        return _drum_bus(stage, strip)
    return strip * _ducking(stage, strokes) if "drums" in parts else strip


def loud_rms(sound: Float, rate: int) -> float:
    """Return the RMS of the louder parts: the 90th percentile over blocks of 50 ms."""
    block = max(1, int(0.05 * rate))
    count = sound.shape[1] // block
    power = (sound**2).mean(axis=0)
    if count < 2:
        return float(np.sqrt(power.mean()))
    blocks = power[: count * block].reshape(count, block).mean(axis=1)
    return float(np.sqrt(percentile(blocks, 90)))


def _levelled(part: Float, level_db: float, rate: int) -> Float:
    rms = loud_rms(part, rate)
    return part * np.float32(10 ** (level_db / 20) / rms) if rms > 1e-9 else part


def _send(stage: Stage, role: str) -> float:
    if stage.brief.version > 1 and role in ("drums", "percussion"):
        # They have a room of their own; only words for wet ask for more.
        return _SENDS[role] * (0.2 + 0.4 * max(0.0, stage.brief.axes["wet"]))
    return _SENDS[role]


def _drum_bus(stage: Stage, bus: Float) -> Float:
    if stage.brief.version > 1:  # Its drums have a bus of their own, see `synth.room`.
        return bus
    hard = stage.brief.axes["hard"]
    if hard > 0:
        squeezed = on.compressed(bus, -30, 6, stage.rate)
        return bus + np.float32(0.5 * hard) * squeezed
    return on.compressed(bus, -12, 2, stage.rate)


def _ducking(stage: Stage, strokes: list[Stroke]) -> Float:
    """Return the gain by which kicks duck the other parts, (frames,)."""
    gain = np.ones(stage.frames, np.float32)
    depth = stage.brief.style.duck
    kicks = [s for s in strokes if s.voice == "kick" and s.velocity > 0.6]
    if not depth or not kicks:
        return gain
    span = int(0.8 * stage.beat_s * stage.rate)
    curve = 1 - depth * (1 - np.linspace(0, 1, span, dtype=np.float32) ** 1.2)
    ramp = min(int(0.004 * stage.rate), span)
    curve[:ramp] = np.linspace(1, curve[ramp], ramp)
    for kick in kicks:
        index = (stage.frame(kick.start, kick.late_s) - ramp + np.arange(span)) % stage.frames
        gain[index] = np.minimum(gain[index], curve)
    return gain


def _reverb(stage: Stage) -> Begun[Room] | None:
    """Begin to make the reverb of a style; None if its space has none."""
    if Space.of(stage).reverb <= _LEAST_SPACE:
        return None
    decay_s = stage.brief.style.reverb_s * (1 + 0.6 * max(0.0, stage.brief.axes["wet"]))
    return Begun(partial(on.reverb, stage.frames, decay_s, stage.rate))


def _space(stage: Stage, send: Float, reverb: Begun[Room] | None) -> Float:
    space = Space.of(stage)
    rate = stage.rate
    total = np.zeros_like(send)
    if space.echo > _LEAST_SPACE:
        dotted = 0.75 if stage.brief.style.name in ("dub", "trance", "techno", "house") else 0.5
        delay = round(dotted * stage.beat_s * rate)
        feedback = 0.45 + 0.2 * space.echo
        repeats = stage.done(partial(on.echoes, send, delay, feedback, 2800, rate))
        total += np.float32(space.echo) * repeats
    if reverb is not None:
        heard = send + 0.5 * total
        room = stage.done(lambda: reverb.result().around(heard))
        total += np.float32(1.2 * space.reverb) * room
    return total


def _dust(stage: Stage) -> float:
    """Return how old the tape or record is, 0..1."""
    axis = stage.brief.axes["dust"]
    return float(np.clip(stage.brief.style.dust + axis, 0, 1)) if axis >= 0 else 0.0


def _coloured(stage: Stage, whole: Float, crackle: Begun[Float] | None) -> Float:
    """Return the mix, coloured by the adjectives that affect it as a whole."""
    axes, style, rate = stage.brief.axes, stage.brief.style, stage.rate
    drive = np.clip(0.25 * style.drive + max(0.0, axes["drive"]), 0, 1)
    dust = _dust(stage)
    if axes["drive"] < 0:
        drive = 0.0
    if drive + 0.4 * dust > 0.05:
        level = np.float32(0.25 / max(loud_rms(whole, rate), 1e-9))
        whole = on.soft_clip(whole * level, float(drive + 0.4 * dust)) / level
    tilt_db = 5.0 * axes["bright"] - 2.5 * axes["warm"]
    if tilt_db:
        whole = on.shelf(whole, 2600, tilt_db, rate, high=True)
    if axes["warm"]:
        whole = on.shelf(whole, 220, 3.5 * axes["warm"], rate, high=False)
    if crackle is not None:
        whole = _dusty(stage, whole, dust, crackle.result())
    return _wide(stage, whole, axes["wide"])


def _dusty(stage: Stage, whole: Float, dust: float, crackle: Float) -> Float:
    """Return the mix as an old tape or record would play it."""
    dulled = on.low_pass(whole, 15_000 * 2 ** (-1.5 * dust), stage.rate)
    turns = max(1, round(stage.frames / stage.rate * 0.7))
    wandering = on.wow(dulled, 0.0007 * dust * stage.rate, turns)
    level = 10 ** ((-56 + 18 * dust) / 20) / max(float(crackle.std()), 1e-9)
    return wandering + np.float32(level) * crackle


def _wide(stage: Stage, whole: Float, wide: float) -> Float:
    if not wide:
        return whole
    middle = whole.mean(axis=0, keepdims=True)
    side = (whole - middle) * np.float32(1 + (0.9 if wide > 0 else 1.0) * wide)
    if wide > 0:
        # A short delay of the middle, with opposite signs: wide in stereo, and cancelled in mono.
        late = np.roll(middle, round(0.011 * stage.rate), axis=1)
        late = on.high_pass(np.repeat(late, 2, axis=0), 280, stage.rate)
        side = side + np.float32(0.4 * wide) * late * np.array([[1], [-1]], np.float32)
    return middle + side


def _finished(stage: Stage, whole: Float) -> Float:
    """Return the mix without rumble, at its target level, with peaks below the ceiling."""
    rate = stage.rate
    clean = on.high_pass(whole, _RUMBLE_HZ, rate)
    peak = float(np.abs(clean).max())
    if stage.brief.version == 1:
        gain = 10 ** (_TARGET_DB / 20) / max(loud_rms(clean, rate), 1e-9)
    else:
        gain = 10 ** ((_TARGET_LUFS - on.loudness_db(clean, rate)) / 20)
    gain = min(gain, _MOST_LIMITING * _CEILING / max(peak, 1e-9))
    gain *= 10 ** (stage.brief.level_db / 20)
    level = on.limited(clean * np.float32(gain), _CEILING, rate)
    return np.asarray(level - level.mean(axis=1, keepdims=True), dtype=np.float32)
