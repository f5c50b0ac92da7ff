"""What MusicGen hears of a melody: which of the twelve notes is loudest, ten times a second or so.

The same as the library's extractor, which needs torchaudio: a power spectrum with a Hann window
(centred, reflected at the ends, divided by the window's energy), summed by the chroma filters of
Ellis ("Chroma feature analysis and synthesis", 2007) that the library has too, and for each frame
the loudest note alone.
"""

import functools

import torch
from torch.nn import functional as nn_functional

RATE = 32_000
WINDOW, HOP, NOTES = 16_384, 4_096, 12
LONGEST_S = 30


def melody_of(sound: torch.Tensor) -> torch.Tensor:
    """Return which note is loudest, one-hot (frames, 12), in mono sound of (samples,) at 32 kHz.

    What lasts more than half a minute is cut; what is shorter than the window gets silence around.
    """
    sound = sound[: LONGEST_S * RATE]
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


def nothing() -> torch.Tensor:
    """Return what the model was trained to hear where there is no melody, (1, 12)."""
    return nn_functional.one_hot(torch.zeros(1, dtype=torch.long), NOTES).float()
