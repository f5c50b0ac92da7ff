"""The chroma features of a melody: the loudest of the twelve pitch classes, about 8 times a second.

The same as the library's extractor, which needs torchaudio: a power spectrum with a Hann window
(centred, reflected at the ends, divided by the window's energy), summed by the library's chroma
filters after Ellis ("Chroma feature analysis and synthesis", 2007); each frame keeps only its
loudest pitch class.
"""

import functools

import torch
from torch.nn import functional as nn_functional

RATE = 32_000
WINDOW, HOP, NOTES = 16_384, 4_096, 12
MAX_S = 30


def melody_chroma(sound: torch.Tensor) -> torch.Tensor:
    """Return the loudest pitch class, one-hot (frames, 12), of mono audio, (samples,) at 32 kHz.

    Audio longer than 30 s is cut; audio shorter than the window gets silence at both ends.
    """
    sound = sound[: MAX_S * RATE]
    missing = max(WINDOW - len(sound), 0)
    sound = nn_functional.pad(sound, (missing // 2, missing - missing // 2))
    window = torch.hann_window(WINDOW)
    spectrum = torch.stft(
        sound, WINDOW, HOP, WINDOW, window, center=True, pad_mode="reflect", return_complex=True
    )
    power = (spectrum / window.square().sum().sqrt()).abs().square()
    loudest = (_filters() @ power).argmax(dim=0)
    return nn_functional.one_hot(loudest, NOTES).float()


@functools.cache
def _filters() -> torch.Tensor:
    from transformers.audio_utils import chroma_filter_bank

    made = chroma_filter_bank(
        num_frequency_bins=WINDOW, num_chroma=NOTES, sampling_rate=RATE, tuning=0
    )
    return torch.from_numpy(made).float()


def no_melody() -> torch.Tensor:
    """Return the features that the model was trained with when there is no melody, (1, 12)."""
    return nn_functional.one_hot(torch.zeros(1, dtype=torch.long), NOTES).float()
