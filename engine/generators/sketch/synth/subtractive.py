"""Subtractive voices: an oscillator, drive, a four-pole resonant low-pass and envelopes.

The filter is applied to the harmonics of the wave, not to its samples: each row of the wavetable
is the wave behind the filter at one cutoff, with the ladder's own magnitude and phase.
H(s) = 1 / ((1 + s)^4 + 4 r), s = j f / fc; Stilson & Smith, "Analyzing the Moog VCF", ICMC 1996.
"""

import dataclasses

import numpy as np

from engine.generators.sketch.synth.envelopes import Adsr, decay
from engine.generators.sketch.synth.tables import (
    Float,
    Phase,
    counted_cycles,
    cycles,
    harmonic_count,
    phase_of,
    play,
    play_sweep,
    waveform,
    wrapped_phase,
)
from engine.generators.sketch.synth.voice import Character, Strike

_ROWS_PER_OCTAVE = 6
_SINE = cycles(np.ones(1))
_LOWEST_CUTOFF_HZ, _HIGHEST_CUTOFF_HZ = 40.0, 19_000.0


@dataclasses.dataclass(frozen=True)
class Subtractive:
    """A subtractive synthesiser voice.

    Attributes:
        wave: a name of `tables.waveform`.
        voices: unison voices, spread over `detune_cents` and over the stereo field.
        sub: level of a sine one octave below, 0..1.
        cutoff_hz: of the filter at rest; `follow` (0..1) lets it rise with the note from 130 Hz.
        env_octaves: how far the envelope opens the filter, falling with `env_s`.
        resonance: 0..1, where 1 would ring by itself.
        wobble_octaves: depth of a filter LFO with `wobble_per_beat` cycles per quarter note.
        drive: saturation of the wave before the filter, 0..1.
        vibrato_cents: depth of a 5.2 Hz vibrato that sets in after 0.25 s.
        phase: where in its cycle the oscillator starts, in turns; voices in unison start apart.
    """

    wave: str = "saw"
    voices: int = 1
    detune_cents: float = 12.0
    sub: float = 0.0
    cutoff_hz: float = 1500.0
    follow: float = 0.4
    env_octaves: float = 2.0
    env_s: float = 0.2
    resonance: float = 0.2
    wobble_octaves: float = 0.0
    wobble_per_beat: float = 2.0
    drive: float = 0.0
    vibrato_cents: float = 0.0
    amp: Adsr = Adsr()
    gain: float = 1.0
    phase: float = 0.0

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note: (frames,) for one voice, (2, frames) for unison."""
        level = character.bent(self.amp).shape(strike.held_frames, rate) * np.float32(
            self.gain * strike.velocity
        )
        log_cutoff = self._log_cutoff(strike, character, len(level), rate)
        rows = self._row_cutoffs(log_cutoff)
        tables = self._tables(strike.freq_hz, rows, character, rate)
        step = np.float32((rows[-1] - rows[0]) / (len(rows) - 1)) or np.float32(1)
        position = np.clip((log_cutoff - np.float32(rows[0])) / step, 0, len(rows) - 1)
        phase = _phase(strike, self.vibrato_cents, len(level), rate, start=self.phase)
        if self.voices == 1:
            sound = play_sweep(tables, phase, position)
            if self.sub:
                lower = phase_of(strike.freq_hz / 2, len(level), rate)
                sound += np.float32(self.sub) * play(_SINE, lower)
            return sound * level
        return self._unison(tables, strike, len(level), position, rate) * level

    def _log_cutoff(self, strike: Strike, character: Character, frames: int, rate: int) -> Float:
        time = np.arange(frames, dtype=np.float32) / np.float32(rate)
        base = self.cutoff_hz * (strike.freq_hz / 130.8) ** self.follow
        opening = self.env_octaves * (0.4 + 0.75 * strike.velocity)
        log_cutoff = np.float32(np.log2(base) + 0.8 * character.bright_octaves) + np.float32(
            opening
        ) * decay(time, self.env_s * character.decay)
        if self.wobble_octaves:
            turns = time * np.float32(2 * np.pi * self.wobble_per_beat / strike.beat_s)
            log_cutoff -= np.float32(self.wobble_octaves / 2) * (1 + np.cos(turns))
        return np.clip(log_cutoff, np.log2(_LOWEST_CUTOFF_HZ), np.log2(_HIGHEST_CUTOFF_HZ))

    @staticmethod
    def _row_cutoffs(log_cutoff: Float) -> Float:
        low, high = float(log_cutoff.min()), float(log_cutoff.max())
        rows = np.linspace(low, high, int((high - low) * _ROWS_PER_OCTAVE) + 2)
        return rows.astype(np.float32)

    def _tables(self, freq_hz: float, rows: Float, character: Character, rate: int) -> Float:
        count = harmonic_count(freq_hz, rate)
        spectrum = waveform(self.wave, count).astype(complex)
        drive = min(1.0, self.drive + character.drive)
        if drive:
            spectrum = driven(spectrum, drive)
        ratio = 1j * freq_hz * np.arange(1, count + 1) / np.exp2(rows)[:, None]
        loop_gain = 3.9 * self.resonance
        response = (1 + 0.6 * loop_gain) / ((1 + ratio) ** 4 + loop_gain)
        return cycles(spectrum * response)

    def _unison(
        self, tables: Float, strike: Strike, frames: int, position: Float, rate: int
    ) -> Float:
        sound = np.zeros((2, frames), np.float32)
        for number, side in enumerate(np.linspace(-1, 1, self.voices)):
            detune = 2 ** (side * self.detune_cents / 1200)
            start = 0.37 * number + self.phase * (1 + number)
            phase = _phase(strike, self.vibrato_cents, frames, rate, detune, start)
            voice = play_sweep(tables, phase, position)
            sound[0] += np.float32(np.sqrt(0.5 - 0.4 * side)) * voice
            sound[1] += np.float32(np.sqrt(0.5 + 0.4 * side)) * voice
        return sound * np.float32(1 / np.sqrt(self.voices))


def driven(spectrum: np.ndarray, drive: float) -> np.ndarray:
    """Return the harmonics of a wave behind a soft clipper, cut at the same top harmonic."""
    count = len(spectrum)
    wave = cycles(np.pad(spectrum, (0, 3 * count)))
    shaped = np.tanh(wave * np.float32(1 + 7 * drive)) / np.float32(np.tanh(1 + 3 * drive))
    bins = np.fft.rfft(shaped)[1 : count + 1]
    return np.asarray(bins / (-0.5j * len(wave)))


def _phase(
    strike: Strike,
    vibrato_cents: float,
    frames: int,
    rate: int,
    detune: float = 1.0,
    start: float = 0.0,
) -> Phase:
    """Return the phase of a note that may slide and vibrate."""
    freq_hz = strike.freq_hz * detune
    if strike.from_hz is None and not vibrato_cents:
        return phase_of(freq_hz, frames, rate, start)
    time = np.arange(frames) / rate
    log_freq = np.full(frames, np.log2(freq_hz))
    if strike.from_hz is not None:
        log_freq += np.log2(strike.from_hz / strike.freq_hz) * np.exp(-time / 0.035)
    if vibrato_cents:
        depth = vibrato_cents / 1200 * np.clip((time - 0.25) / 0.3, 0, 1)
        log_freq += depth * np.sin(2 * np.pi * 5.2 * time)
    return wrapped_phase(start + counted_cycles(np.exp2(log_freq), rate))
