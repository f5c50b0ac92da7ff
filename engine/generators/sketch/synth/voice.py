"""The interface of every instrument, and the parameters of a note."""

import dataclasses
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.generators.sketch.synth.envelopes import Adsr

Float = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Character:
    """How the adjectives of a prompt change every instrument; the defaults change nothing.

    Attributes:
        bright_octaves: moves every filter and spectrum, in octaves.
        drive: saturation inside the instruments, 0..1.
        attack: factor on attack times.
        ease_s: added to every attack time, in seconds.
        decay: factor on decay and release times.
    """

    bright_octaves: float = 0.0
    drive: float = 0.0
    attack: float = 1.0
    ease_s: float = 0.0
    decay: float = 1.0

    def bent(self, amp: Adsr) -> Adsr:
        """Return an envelope, changed by the adjectives."""
        return Adsr(
            attack_s=amp.attack_s * self.attack + self.ease_s,
            decay_s=amp.decay_s * self.decay,
            sustain=amp.sustain,
            release_s=amp.release_s * self.decay,
        )


@dataclasses.dataclass(frozen=True)
class Strike:
    """One note to play.

    Attributes:
        freq_hz: the fundamental.
        held_frames: from the start to the release.
        velocity: 0..1.
        from_hz: where a slide starts; None without a slide.
        beat_s: seconds per quarter note, for movement in tempo.
        chance: 0..1, by which notes that are else alike differ in what moves.
    """

    freq_hz: float
    held_frames: int
    velocity: float = 0.8
    from_hz: float | None = None
    beat_s: float = 0.5
    chance: float = 0.0


class Instrument(Protocol):
    """An instrument that plays notes."""

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return the sound of one note with its release: (frames,) or (2, frames), float32."""
        ...


def note_hz(midi: float) -> float:
    """Return the frequency of a MIDI note in equal temperament at A4 = 440 Hz."""
    return float(440.0 * 2 ** ((midi - 69) / 12))
