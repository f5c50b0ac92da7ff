"""Independent ears: what librosa and scikit-learn hear in a loop that sketch made.

Nothing here knows how sketch works; it gets audio, (frames, 2) float32, and a rate. Loops are
heard going round, since that is how they are played.
"""

import warnings

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import librosa

HOP = 128
_HEARD_RATE = 22_050
# Krumhansl & Kessler (1982), probe tone ratings.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def mono(audio: np.ndarray, rate: int) -> np.ndarray:
    """Return one channel at 22,050 Hz."""
    return librosa.resample(audio.mean(axis=1), orig_sr=rate, target_sr=_HEARD_RATE)


def tempo_of(audio: np.ndarray, rate: int, times: int = 4) -> float:
    """Return the tempo in BPM that librosa hears.

    Which tempo: the peak of the onset strength's autocorrelation times its spectrum, since one
    errs to slower and the other to faster multiples (Peeters, "Time Variable Tempo Detection and
    Beat Marking", ICMC 2005), under librosa's own prior of 120 BPM. How exactly: a line through
    the beat times that librosa's tracker finds at that tempo.
    """
    heard = mono(np.tile(audio, (times, 1)), rate)
    strength = librosa.onset.onset_strength(y=heard, sr=_HEARD_RATE, hop_length=HOP)
    _, beats = librosa.beat.beat_track(
        onset_envelope=strength, sr=_HEARD_RATE, hop_length=HOP, units="time", trim=False,
        bpm=_rough_tempo(strength),
    )  # fmt: skip
    return float(60 / np.polyfit(np.arange(len(beats)), beats, 1)[0]) if len(beats) > 3 else 0.0


def _rough_tempo(strength: np.ndarray) -> float:
    """Return the tempo at which both the lags and the waves of the onset strength agree."""
    frame_s = HOP / _HEARD_RATE
    lags = librosa.autocorrelate(strength - strength.mean(), max_size=int(4 / frame_s))
    waves = np.abs(np.fft.rfft(strength * np.hanning(len(strength)), 4 * len(strength)))
    bpm = np.arange(45, 240, 0.25)
    by_lag = np.interp(60 / bpm, np.arange(len(lags)) * frame_s, lags)
    by_wave = np.interp(bpm / 60, np.fft.rfftfreq(4 * len(strength), frame_s), waves)
    prior = np.exp(-0.5 * (np.log2(bpm / 120) / 0.7) ** 2)
    return float(bpm[np.argmax(np.maximum(by_lag, 0) * by_wave * prior)])


def tempo_verdict(detected_bpm: float, requested_bpm: float) -> str:
    """Return `same`, `octave` (also triple and two thirds), or `wrong`, within 1 %."""
    for name, ratios in {"same": (1,), "octave": (0.5, 2, 0.25, 4)}.items():
        if any(abs(detected_bpm / (requested_bpm * ratio) - 1) < 0.01 for ratio in ratios):
            return name
    return "wrong"


def key_of(audio: np.ndarray, rate: int) -> tuple[int, str]:
    """Return pitch class and `major` or `minor`, by chroma and key profiles."""
    heard = mono(np.tile(audio, (2, 1)), rate)
    chroma = librosa.feature.chroma_cqt(y=heard, sr=_HEARD_RATE).mean(axis=1)
    best = max(
        (np.corrcoef(chroma, np.roll(profile, tonic))[0, 1], tonic, mode)
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
        for tonic in range(12)
    )
    return best[1], best[2]


def onset_count(audio: np.ndarray, rate: int) -> int:
    """Return how many onsets librosa finds in one turn."""
    return len(onset_times(audio, rate))


def onset_times(audio: np.ndarray, rate: int) -> np.ndarray:
    """Return the onsets of one turn in seconds."""
    heard = mono(np.tile(audio, (2, 1)), rate)
    times = librosa.onset.onset_detect(y=heard, sr=_HEARD_RATE, hop_length=HOP, units="time")
    turn = len(audio) / rate
    return np.sort(times[(times >= turn / 2) & (times < turn * 1.5)] % turn)


def spectrum_of(audio: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies and mean power of one turn."""
    size = 8192
    window = np.hanning(size).astype(np.float32)
    whole = np.concatenate([audio, audio[:size]]).mean(axis=1)
    if len(whole) < size:
        whole = np.tile(whole, -(-size // len(whole)))
    frames = np.lib.stride_tricks.sliding_window_view(whole, size)[:: size // 2]
    power = (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2).mean(axis=0)
    return np.fft.rfftfreq(size, 1 / rate), power


def centroid_hz(audio: np.ndarray, rate: int) -> float:
    """Return the spectral centroid by power, on a logarithmic scale."""
    freqs, power = spectrum_of(audio, rate)
    inside = freqs > 30
    return float(2 ** np.average(np.log2(freqs[inside]), weights=np.sqrt(power[inside])))


def band_share(audio: np.ndarray, rate: int, low_hz: float, high_hz: float) -> float:
    """Return the share of the power between two frequencies, 0..1."""
    freqs, power = spectrum_of(audio, rate)
    return float(power[(freqs >= low_hz) & (freqs < high_hz)].sum() / power.sum())


def side_share(audio: np.ndarray, rate: int) -> float:  # noqa: ARG001 - as all measures
    """Return the share of the power that is in the difference of the channels, 0..1."""
    left, right = audio[:, 0].astype(float), audio[:, 1].astype(float)
    side, middle = ((left - right) ** 2).sum(), ((left + right) ** 2).sum()
    return float(side / (side + middle + 1e-12))


def crest_db(audio: np.ndarray, rate: int) -> float:  # noqa: ARG001 - as all measures
    """Return peak over RMS in dB."""
    return float(20 * np.log10(np.abs(audio).max() / (audio.std() + 1e-12)))


def floor_db(audio: np.ndarray, rate: int) -> float:
    """Return how far the quietest tenth of the loop (in 20 ms) lies below the loudest, in dB."""
    block = rate // 50
    count = len(audio) // block
    power = (audio[: count * block].astype(float) ** 2).mean(axis=1)
    level = power.reshape(count, block).mean(axis=1) + 1e-12
    return float(10 * np.log10(np.percentile(level, 10) / np.percentile(level, 95)))


def punch(audio: np.ndarray, rate: int) -> float:
    """Return the mean of the strongest onsets, at unit RMS."""
    heard = mono(audio, rate)
    heard = heard / np.sqrt((heard**2).mean())
    strength = librosa.onset.onset_strength(y=heard, sr=_HEARD_RATE, hop_length=HOP, n_fft=512)
    return float(np.sort(strength)[::-1][: max(4, len(strength) // 80)].mean())


def flux_db(audio: np.ndarray, rate: int) -> float:
    """Return how much the level changes in 50 ms, in dB, over 40 mel bands; reverb smooths it."""
    heard = mono(np.tile(audio, (2, 1)), rate)
    bands = librosa.feature.melspectrogram(
        y=heard, sr=_HEARD_RATE, n_fft=2048, hop_length=1024, n_mels=40
    )
    return float(np.abs(np.diff(librosa.power_to_db(bands, top_db=60), axis=1)).mean())
