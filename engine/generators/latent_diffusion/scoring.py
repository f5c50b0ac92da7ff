"""Scores how well a take fits its prompt, with the model's own CLAP.

The features are those of `ClapFeatureExtractor` (without fusion), computed in torch, on the whole
loop: a loop shorter than CLAP's ten seconds is repeated; of a longer one the middle is used (the
extractor takes a random piece, which would make scores random).
"""

import logging
import math
from typing import Any

import torch
from scipy.signal import resample_poly
from torch.nn import functional

NOT_COMPARED = "not compared with the prompt"
"""The badge of takes whose CLAP failed; they are ranked by the rest."""

_MIN_POWER = 1e-10
_log = logging.getLogger(__name__)


class CannotCompare(Exception):
    """The CLAP of a checkpoint does not work, for example because its settings do not fit it."""


class ClapScorer:
    """Compares audio with text."""

    def __init__(self, model: Any, extractor: Any) -> None:
        """Use a ClapModel and its ClapFeatureExtractor, or None if that could not be made."""
        self._model = model
        self._extractor = extractor

    @property
    def can_score(self) -> bool:
        """Whether this CLAP has no fusion, as in all published checkpoints."""
        return not self._model.config.audio_config.enable_fusion

    def text_match(self, words: torch.Tensor, sound: torch.Tensor, rate: int) -> float:
        """Return the cosine, -1..1, of a prompt's CLAP vector and audio, (samples,) at `rate`.

        Raises:
            CannotCompare: whatever fails in it, since no take may be lost for its score.
        """
        try:
            match = self._cosine(words, sound, rate)
        except Exception as error:
            _log.warning("the takes are not compared with the prompt", exc_info=True)
            raise CannotCompare from error
        if not math.isfinite(match):
            raise CannotCompare
        return match

    @torch.inference_mode()
    def _cosine(self, words: torch.Tensor, sound: torch.Tensor, rate: int) -> float:
        features = self.features(self._resampled(sound, rate)).to(self._model.device)
        audio_vector = self._model.get_audio_features(features[None]).pooler_output
        return float((audio_vector @ words.T).clamp(-1, 1))

    def features(self, sound: torch.Tensor) -> torch.Tensor:
        """Return log-mel features, (1, frames, bins), of audio at the extractor's rate."""
        settings = self._extractor
        sound = _ten_seconds(sound, settings.nb_max_samples, settings.padding)
        spectrum = torch.stft(
            sound,
            settings.fft_window_size,
            settings.hop_length,
            window=torch.hann_window(settings.fft_window_size),
            pad_mode="reflect",
            return_complex=True,
        )
        filters = torch.from_numpy(settings.mel_filters_slaney).float()
        mel = filters.T @ spectrum.abs().square()
        return 10 * mel.clamp(min=_MIN_POWER).log10().T[None]

    def _resampled(self, sound: torch.Tensor, rate: int) -> torch.Tensor:
        wanted = self._extractor.sampling_rate
        common = math.gcd(rate, wanted)
        found = resample_poly(sound.float().numpy(), wanted // common, rate // common)
        return torch.from_numpy(found).float()


def _ten_seconds(sound: torch.Tensor, samples: int, padding: str) -> torch.Tensor:
    if len(sound) >= samples:
        begin = (len(sound) - samples) // 2
        return sound[begin : begin + samples]
    if padding in ("repeatpad", "repeat"):
        times = samples // len(sound) + (padding == "repeat")
        sound = sound.repeat(times)[:samples]
    return functional.pad(sound, (0, samples - len(sound)))
