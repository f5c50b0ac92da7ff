"""A piece of audio and its features: each is extracted once, whoever asks for it first."""

import numpy as np

from engine.craft.features import Features, extract_features
from engine.craft.tempo import Tempogram
from engine.loops.cancel import Check, no_check
from engine.loops.measure import loudest_seconds
from engine.loops.take import Audio

_MOST_S = 120


class Hearing:
    """Audio, (frames, channels) at `rate` Hz, and what was extracted from it so far."""

    def __init__(self, audio: Audio, rate: int) -> None:
        self.audio = audio
        self.rate = rate
        self.part = loudest_part(audio, rate)
        self._check: Check = no_check
        self._features: Features | None = None
        self._tempogram: Tempogram | None = None
        self._closed: tuple[Audio, Features] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the audio is analysed, because it lasts two minutes at most."""
        return len(self.part) == len(self.audio)

    def features(self, check: Check | None = None) -> Features:
        """Return the features of its loudest two minutes.

        From now on `check` is called between the steps, also of what is computed from them later;
        None keeps the one before.
        """
        self._ask(check)
        if self._features is None:
            self._features = extract_features(self.part, self.rate, check=self._checked)
        return self._features

    def tempogram(self, check: Check | None = None) -> Tempogram:
        """Return what repeats in its loudest two minutes, and how often."""
        features = self.features(check)
        if self._tempogram is None:
            self._tempogram = Tempogram(features)
        return self._tempogram

    def closed_features(self, loop: Audio, check: Check | None = None) -> Features:
        """Return the features of a loop at its rate: all of the audio, or what was cut from it."""
        self._ask(check)
        if self._closed is None or self._closed[0] is not loop:
            features = extract_features(loop, self.rate, closed=True, check=self._checked)
            self._closed = (loop, features)
        return self._closed[1]

    def _ask(self, check: Check | None) -> None:
        if check is not None and check != self._checked:  # its own comes back with the features
            self._check = check

    def _checked(self) -> None:
        """Call the check of whoever asked last."""
        self._check()


def loudest_part(audio: Audio, rate: int) -> Audio:
    """Return the loudest two minutes of a long source, which limits the time of the analysis."""
    seconds = len(audio) // rate
    if seconds <= _MOST_S:
        return audio
    blocks = audio[: seconds * rate].reshape(seconds, -1)
    power = np.einsum("sf,sf->s", blocks, blocks, dtype=np.float64)
    first = loudest_seconds(power, _MOST_S)
    return audio[first * rate : (first + _MOST_S) * rate]
