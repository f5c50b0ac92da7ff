"""How drums are recorded and mixed: a short stereo room and a parallel bus, on the circle."""

import dataclasses
from functools import partial

import numpy as np

from engine.generators.sketch.synth import circle as on
from engine.generators.sketch.synth.circle import Float
from engine.generators.sketch.synth.kits import Sound
from engine.generators.sketch.synth.parallel import Begun, by_channel
from engine.loops import filters
from engine.loops.filters import fast_length, filtered

_DESK = (
    (90, -3.5, 3.5), (190, -2.0, 5.0), (1100, -6.5, 1.0), (2600, -3.0, 4.0), (6000, -1.0, 6.0),
)  # fmt: skip
"""The bands of the desk's equaliser: middle in Hz, least and most gain in dB."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """One recording: the numbers that a seed drew from a `Sound`, by the same names.

    Attributes:
        bells: of the desk's equaliser: (Hz, dB, width in octaves).
        seed: of the room's reflections and the hiss.
    """

    room_s: float
    room_db: float
    side_db: float
    squash: float
    drive: float
    low_cut_hz: float
    top_hz: float
    hiss_db: float
    bells: tuple[tuple[float, float, float], ...]
    seed: int

    @classmethod
    def drawn(cls, sound: Sound, rng: np.random.Generator) -> "Recording":
        """Draw a recording from the ranges of a family."""
        numbers = {
            field.name: float(rng.uniform(*getattr(sound, field.name)))
            for field in dataclasses.fields(sound)
        }
        bells = tuple(
            (centre * 2 ** float(rng.uniform(-0.5, 0.5)), float(rng.uniform(low_db, high_db)),
             float(rng.uniform(0.6, 1.3)))
            for centre, low_db, high_db in _DESK
        )  # fmt: skip
        return cls(**numbers, bells=bells, seed=int(rng.integers(1 << 31)))


class DrumRoom:
    """Where drums are recorded: its room and its hiss are made while the drums are played."""

    def __init__(self, recording: Recording, frames: int, rate: int) -> None:
        """Begin to set it up for a loop of some length."""
        self._recording, self._rate = recording, rate
        self._room = Begun(partial(_room, frames, recording, rate))
        self._hiss = Begun(partial(on.noise_round, frames, rate, _hiss_shape, recording.seed))

    def recorded(self, circle: Float) -> Float:
        """Return drums, (2, frames), as they sound in the room and through a mixing desk."""
        bus = _bus(circle, self._recording, self._rate)
        whole = bus + self._room.result().around(bus)
        whole = _sided(whole, self._recording.side_db, self._rate)
        hiss = self._hiss.result()
        level = _rms(whole) * 10 ** (self._recording.hiss_db / 20)
        return whole + np.float32(level) * (hiss + hiss[::-1]) * np.float32(0.7)


def _bus(circle: Float, recording: Recording, rate: int) -> Float:
    """Return drums behind the desk, with a squashed copy of them."""
    shaped = _through_desk(circle, recording, rate)
    squashed = on.soft_clip(on.compressed(shaped / _peak(shaped), -24, 6, rate), recording.drive)
    return shaped / _rms(shaped) + np.float32(recording.squash) * squashed / _rms(squashed)


def _through_desk(circle: Float, recording: Recording, rate: int) -> Float:
    """Return drums through the equaliser of the desk, which turns round with the loop."""
    frames, lead = circle.shape[1], int(0.1 * rate)
    round_about = circle.take(np.arange(-lead, frames + lead), axis=1, mode="wrap")
    size = fast_length(frames + 2 * lead)
    hz = np.fft.rfftfreq(size, 1 / rate).astype(np.float32) + np.float32(1e-3)
    octaves = np.log2(hz)
    gain_db = np.zeros(len(hz), np.float32)
    for centre, most_db, width in recording.bells:
        gain_db += np.float32(most_db) * np.exp(-(((octaves - np.log2(centre)) / width) ** 2))
    gain = 10 ** (gain_db / 20) / np.sqrt(1 + (hz / np.float32(recording.top_hz)) ** 8)
    shaped = by_channel(
        lambda side: np.fft.irfft(np.fft.rfft(side, size) * gain, size).astype(np.float32),
        round_about,
    )[:, lead : lead + frames]
    return on.high_pass(shaped, recording.low_cut_hz, rate)


def _room(frames: int, recording: Recording, rate: int) -> on.Room:
    """Return the room: a few early reflections, then a tail that darkens."""
    rng = np.random.default_rng(recording.seed)
    length = int(1.1 * recording.room_s * rate)
    time = np.arange(length, dtype=np.float32) / np.float32(rate)
    tail = rng.standard_normal((2, length)).astype(np.float32)
    tail *= np.exp(time * np.float32(-6.9 / recording.room_s)) * (time > 0.006)
    for side in tail:
        for _ in range(9):
            delay_s = 0.002 + 0.03 * rng.random() ** 1.5
            side[min(int(delay_s * rate), length - 1)] += (
                rng.choice((-1, 1)) * 9 * np.exp(-delay_s / 0.015)
            )
    dark = filtered(tail, filters.band_pass(120, 7500, rate, 1), rate, closed=False)
    dark *= np.float32(10 ** (recording.room_db / 20)) / np.sqrt((dark**2).sum(axis=1).mean())
    return on.Room.of(dark, frames)


def _sided(whole: Float, side_db: float, rate: int) -> Float:
    """Return sound whose sides lie this far below its middle; below 200 Hz there are none."""
    middle = whole.mean(axis=0, keepdims=True)
    side = on.high_pass(whole - middle, 200, rate)
    now = _rms(side) / _rms(middle)
    return middle + side * np.float32(10 ** (side_db / 20) / max(now, 1e-6))


def _hiss_shape(hz: Float) -> Float:
    return np.asarray(1 / (1 + (hz / 150)) ** 0.7 / np.sqrt(1 + (hz / 9000) ** 4))


def _rms(sound: Float) -> float:
    return float(np.sqrt((sound**2).mean())) + 1e-12


def _peak(sound: Float) -> float:
    return float(np.abs(sound).max()) + 1e-12
