"""Models of drums: from the few numbers by which a kit differs to the parts of each drum.

Every builder takes `Draw`, from which it takes what no kit fixes, so that each drawn drum is an
individual. Frequency ratios of membranes and bars: Fletcher & Rossing, The Physics of Musical
Instruments, ch. 2, 3 and 18. The hi-hats of machines are six square waves in the ratios of the
TR-808's cymbal circuit, as many others have measured them.
"""

import dataclasses

import numpy as np

from engine.generators.sketch.synth.drums import Burst, Force, Ring, Synthesised

Peaks = tuple[tuple[float, float, float], ...]

_MEMBRANE = (1.0, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.501, 3.652, 4.060)
_MACHINE_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
_PLATE = (1.0, 1.48, 2.21, 2.83, 3.56, 4.24, 5.12, 6.3)


@dataclasses.dataclass(frozen=True)
class Setting:
    """What the adjectives of a prompt change in every drum; the defaults change nothing.

    Attributes:
        bright_octaves: moves edges and contacts.
        decay: factor on all decay times.
        tune: factor on all pitches.
        drive: more saturation, 0..1.
        hard: -1..1, weaker or stronger attacks.
    """

    bright_octaves: float = 0.0
    decay: float = 1.0
    tune: float = 1.0
    drive: float = 0.0
    hard: float = 0.0


@dataclasses.dataclass(frozen=True)
class Draw:
    """What a builder may draw from, and the setting that it applies."""

    rng: np.random.Generator
    setting: Setting

    def __call__(self, low: float, high: float) -> float:
        """Return a number between two."""
        return float(self.rng.uniform(low, high))

    def edge(self, hz: float) -> float:
        """Return an upper edge or a contact frequency, as bright as asked."""
        return hz * 2 ** (0.8 * self.setting.bright_octaves)

    def life(self, seconds: float) -> float:
        """Return a decay time, as long as asked."""
        return seconds * self.setting.decay

    @property
    def attack(self) -> float:
        """The factor on what is heard only at the start: beaters, sticks."""
        return float(2 ** (1.1 * self.setting.hard))

    def peaks(self, count: int, low_hz: float, high_hz: float, most_db: float) -> Peaks:
        """Return resonances anywhere between two frequencies, up or down."""
        return tuple(
            (low_hz * (high_hz / low_hz) ** self(0, 1), self(-most_db, most_db), self(0.12, 0.5))
            for _ in range(count)
        )

    def finished(self, *parts: Ring | Burst, push: float = 0.0) -> Synthesised:
        """Return a drum of these parts."""
        ease_s = 0.006 * max(0.0, -self.setting.hard)
        return Synthesised(parts, min(1.0, push + 0.5 * self.setting.drive), ease_s)

    def stick(self, level: float, low_hz: float = 1800.0, life_s: float = 0.004) -> Burst:
        """Return the first contact: a few milliseconds of noise."""
        return Burst(
            low_hz, self.edge(self(7000, 13_000)), life_s * self(0.7, 1.4),
            level=level * self.attack, peaks=self.peaks(2, low_hz, 8000, 6), force=Force(1.7),
        )  # fmt: skip


def kick(  # noqa: PLR0913 - a drum has that many numbers
    draw: Draw, *, hz: float, ring_s: float, drop: float, drop_s: float, beater: float, thud: float,
    shell_level: float, buzz: float = 0.0, push: float = 0.1,
) -> Synthesised:  # fmt: skip
    """Return a bass drum: skin and shell, the beater, and wires that buzz along."""
    base, ring = hz * draw.setting.tune, draw.life(ring_s)
    modes = [(base, 1.0, ring)]
    modes += [
        (base * ratio * draw(0.95, 1.06), shell_level * level * draw(0.5, 1.2), ring * life)
        for ratio, level, life in (
            (1.35, 0.6, 0.8),
            (1.75, 0.4, 0.5),
            (2.4, 0.3, 0.35),
            (3.2, 0.2, 0.3),
        )
    ]
    modes += [
        (draw(low, high), shell_level * draw(0.08, 0.24), draw(0.015, 0.045))
        for low, high in ((170, 260), (280, 430), (450, 700), (720, 1100))
    ]
    parts: list[Ring | Burst] = [
        Ring(tuple(modes), drop, drop_s, draw.edge(1500)),
        Burst(draw(60, 160), draw.edge(draw(900, 2200)), draw(0.012, 0.03), level=0.21 * thud,
              peaks=draw.peaks(3, 200, 1500, 7), force=Force(1.2)),
        Burst(draw(1300, 2600), draw.edge(draw(4500, 9000)), draw(0.003, 0.008),
              level=0.22 * beater * draw.attack, peaks=draw.peaks(2, 1500, 6000, 7),
              force=Force(1.7)),
    ]  # fmt: skip
    if buzz:
        parts.append(
            Burst(draw(500, 900), draw.edge(draw(3500, 8000)), draw.life(draw(0.05, 0.12)),
                  level=0.05 * buzz, delay_s=0.004, attack_s=0.006, force=Force(1.5))
        )  # fmt: skip
    return draw.finished(*parts, push=push)


def snare(  # noqa: PLR0913 - as above
    draw: Draw, *, hz: float, head: float, ring_s: float, wires: float, wires_s: float,
    wires_hz: float, top_hz: float, tilt_db: float = -1.5, crack: float = 0.3, stick: float = 0.3,
    push: float = 0.0,
) -> Synthesised:  # fmt: skip
    """Return a snare drum: two heads, the shell, the wires below, the stick and the rim."""
    base = hz * draw.setting.tune
    modes = [(base * draw(1.6, 1.9), head * draw(0.3, 0.7), draw.life(ring_s * draw(0.5, 0.9)))]
    modes += [
        (
            base * ratio * draw(0.96, 1.05),
            head * draw(0.35, 1.0) * ratio**-0.7,
            draw.life(ring_s * draw(0.6, 1.3) * ratio**-0.55),
        )
        for ratio in _MEMBRANE
    ]
    rim = [
        (draw(low, high), crack * draw(0.2, 0.75), draw(0.006, 0.022))
        for low, high in ((420, 640), (800, 1200), (1500, 2200), (2500, 3600))
    ]
    wire_peaks = draw.peaks(4, 400, 7000, 6)
    return draw.finished(
        Ring(tuple(modes), draw(0.08, 0.35), draw(0.008, 0.02), draw.edge(2600), 2.2, Force(1.2)),
        Ring(tuple(rim), contact_hz=9000, scatter_db=2.5, force=Force(1.4, above=0.6)),
        Burst(wires_hz, draw.edge(top_hz), draw.life(wires_s), level=0.33 * wires, tilt_db=tilt_db,
              peaks=wire_peaks, attack_s=0.0012, delay_s=0.001, hold=draw(0.0, 0.05),
              fade=draw(0.05, 0.35), force=Force(0.9)),
        Burst(draw(200, 300), draw.edge(draw(1200, 2600)), draw(0.012, 0.03), level=0.17 * head,
              peaks=draw.peaks(2, 300, 1500, 6), force=Force(1.2)),
        draw.stick(0.3 * stick),
        push=push,
    )  # fmt: skip


def hat(  # noqa: PLR0913 - as above
    draw: Draw, *, life_s: float, low_hz: float = 2500.0, top_hz: float = 14_000.0,
    tilt_db: float = 1.5, metal: float = 0.5, body: float = 0.15, machine: float = 0.0,
    stick: float = 0.25, hold: float = 0.1,
) -> Synthesised:  # fmt: skip
    """Return a pair of cymbals, closed or open, or the hi-hat of a machine."""
    tune = draw.setting.tune**0.5 * draw(0.92, 1.09)
    seed = int(draw.rng.integers(1 << 31))
    lines = tuple(
        (hz * tune * number, 1 / number)
        for hz in _MACHINE_HZ
        for number in range(1, int(19_000 / (hz * tune)), 2)
    )
    parts = [
        Burst(low_hz, draw.edge(top_hz), draw.life(life_s), level=0.3, tilt_db=tilt_db,
              peaks=draw.peaks(5, 2500, 13_000, 6), metal=machine or metal, seed=seed,
              lines=lines if machine else (), fade=draw(-0.05, 0.2), hold=hold,
              opens=0.9, force=Force(1.15)),
        Burst(draw(280, 500), draw.edge(draw(2800, 4500)), draw.life(0.5 * life_s) + 0.006,
              level=0.22 * body, tilt_db=draw(-1, 3), peaks=draw.peaks(4, 400, 3500, 8), metal=0.6,
              seed=seed + 1, force=Force(1.25)),
    ]  # fmt: skip
    if not machine:
        parts.append(draw.stick(0.22 * stick, 1200.0, 0.003))
    return draw.finished(*parts)


def cymbal(
    draw: Draw, *, life_s: float, ping: float, wash: float, hz: float = 420.0,
    low_hz: float = 900.0, top_hz: float = 12_000.0, rise_s: float = 0.004,
) -> Synthesised:  # fmt: skip
    """Return a ride or a crash: low modes, the stick's ping, and the wash that builds up."""
    base, life = hz * draw.setting.tune**0.5, draw.life(life_s)
    modes = [
        (base * ratio * draw(0.93, 1.08), ping * draw(0.03, 0.14), life * draw(0.2, 0.7))
        for ratio in _PLATE
    ]
    modes += [(draw(1900, 7500), ping * draw(0.03, 0.14), life * draw(0.06, 0.3)) for _ in range(9)]
    seed = int(draw.rng.integers(1 << 31))
    return draw.finished(
        Ring(tuple(modes), contact_hz=draw.edge(5000), scatter_db=3.0, force=Force(1.0)),
        Burst(low_hz, draw.edge(top_hz), life, level=0.25 * wash, tilt_db=draw(0, 1.5),
              peaks=draw.peaks(5, 1000, 11_000, 6), metal=0.6, seed=seed, attack_s=rise_s,
              fade=0.35, hold=0.15, force=Force(1.5)),
        Burst(2500, draw.edge(15_000), 0.03, level=0.2 * ping, metal=0.4, seed=seed + 1,
              peaks=draw.peaks(3, 2500, 9000, 6), force=Force(1.3)),
        draw.stick(0.25 * ping, 1500.0),
    )  # fmt: skip


def skin(
    draw: Draw, *, hz: float, ring_s: float, drop: float = 0.2, slap: float = 0.3,
    slap_hz: float = 1500.0, shell_level: float = 0.6, wires: float = 0.0,
) -> Synthesised:  # fmt: skip
    """Return a tom, conga, bongo, taiko or log drum: a membrane, its shell, a stick or a hand."""
    base = hz * draw.setting.tune
    modes = [
        (
            base * ratio * draw(0.97, 1.04),
            (1.0 if ratio == 1.0 else shell_level * draw(0.3, 0.9)) * ratio**-0.8,
            draw.life(ring_s * draw(0.8, 1.2) * ratio**-0.7),
        )
        for ratio in _MEMBRANE[:8]
    ]
    parts: list[Ring | Burst] = [
        Ring(tuple(modes), drop, draw(0.02, 0.05), draw.edge(1800), 2.2),
        Burst(0.35 * slap_hz, draw.edge(2.6 * slap_hz), draw(0.005, 0.014), level=0.35 * slap,
              peaks=draw.peaks(3, 0.4 * slap_hz, 3 * slap_hz, 7), force=Force(1.5)),
        Burst(draw(150, 260), draw.edge(1400), draw(0.015, 0.04), level=0.14 * shell_level),
    ]  # fmt: skip
    if wires:
        parts.append(
            Burst(600, draw.edge(6000), draw.life(0.12), level=0.05 * wires, delay_s=0.004)
        )
    return draw.finished(*parts)


def clap(
    draw: Draw, *, hz: float = 1100.0, tail_s: float = 0.09, hands: float = 4, room: float = 0.3
) -> Synthesised:
    """Return several hands: bursts round a resonance, never at the same moments, and a tail."""
    onsets = np.cumsum([draw(0.007, 0.014) for _ in range(max(1, round(hands) - 1))])
    peaks = ((hz, 9.0, 0.35), (hz * draw(1.8, 2.4), draw(0, 6), 0.25), *draw.peaks(3, 500, 6000, 5))
    return draw.finished(
        Burst(0.5 * hz, draw.edge(draw(3500, 7500)), draw.life(tail_s), level=0.4, peaks=peaks,
              tilt_db=-2, repeats=tuple(onsets), fade=0.2, hold=0.1),
        Burst(draw(400, 600), draw.edge(9000), draw.life(tail_s), level=0.12 * room,
              delay_s=float(onsets[-1]), attack_s=0.004),
    )  # fmt: skip


def wood(
    draw: Draw, *, hz: float, ring_s: float, ratios: tuple[float, ...] = (1.0, 1.52, 2.76, 5.4),
    tick: float = 0.4, body: float = 0.3, bright: float = 1.0,
) -> Synthesised:  # fmt: skip
    """Return rims, claves, blocks, bells and triangles: a few modes, and a tick."""
    base = hz * draw.setting.tune**0.5
    modes = [
        (base * ratio * draw(0.97, 1.03), draw(0.6, 1.0) * ratio**-bright,
         draw.life(ring_s * draw(0.7, 1.2)) * ratio**-0.6)
        for ratio in ratios
    ]  # fmt: skip
    modes += [(draw(300, 900), body * draw(0.2, 0.5), draw(0.008, 0.02)) for _ in range(2)]
    return draw.finished(
        Ring(tuple(modes), contact_hz=draw.edge(7000), scatter_db=2.5),
        Burst(draw(350, 700), draw.edge(5000), draw(0.004, 0.01), level=0.2 * body),
        draw.stick(0.25 * tick),
    )


def shaker(
    draw: Draw, *, low_hz: float, top_hz: float, life_s: float, rise_s: float,
    jingle: float = 0.0, body: float = 0.1,
) -> Synthesised:  # fmt: skip
    """Return beads, jingles or brushes: noise that swells before it dies away."""
    seed = int(draw.rng.integers(1 << 31))
    return draw.finished(
        Burst(low_hz, draw.edge(top_hz), draw.life(life_s), level=0.28,
              peaks=draw.peaks(5, low_hz, top_hz, 7), attack_s=rise_s, fade=0.1, metal=jingle,
              seed=seed, force=Force(1.1)),
        Burst(draw(400, 700), draw.edge(3500), draw.life(0.6 * life_s), level=0.28 * body,
              attack_s=0.6 * rise_s, peaks=draw.peaks(3, 500, 3000, 7)),
    )  # fmt: skip
