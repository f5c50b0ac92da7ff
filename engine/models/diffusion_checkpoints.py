"""The published latent-diffusion checkpoints in the catalogue, as data.

Sizes are computed from the number of parameters of each part, four bytes each; the exact size is
known when the download begins. Memory is the weights in float32 and what an eight-second loop needs
in addition.
"""

from engine.models.entry import ModelEntry
from engine.models.memory import LATENT_DIFFUSION_WORK, USUAL_SECONDS
from engine.models.settings import modes_of, settings_of

_LICENCE = "CC-BY-NC-SA-4.0: not for commercial use, and share alike"
_GENERATOR = "engine.generators.latent_diffusion.generator:LatentDiffusionGenerator"

# Millions of parameters.
_CLAP, _VAE, _VOCODER = 194.0, 55.4, 55.3
_T5, _VITS, _GPT2, _PROJECTION = 341.2, 36.3, 124.4, 1.4
_SHARED = _CLAP + _VAE + _VOCODER
_AUDIOLDM2 = _SHARED + _T5 + _GPT2 + _PROJECTION
_SPEECH = _SHARED + _VITS + _GPT2 + _PROJECTION


def _entry(model_id: str, name: str, hub: str, millions: float, good_for: str) -> ModelEntry:
    weights = round(millions) * 1_000_000 * 4
    family = "musicldm" if model_id == "musicldm" else "audioldm2"
    return ModelEntry(
        id=model_id,
        name=name,
        family=family,
        licence=_LICENCE,
        commercial_use=False,
        sample_rate=16_000,
        channels=1,
        size_bytes=weights,
        good_for=good_for,
        generator=_GENERATOR,
        hub=hub,
        memory_bytes=weights + LATENT_DIFFUSION_WORK.bytes_for(USUAL_SECONDS, 1),
        work=LATENT_DIFFUSION_WORK,
        modes=modes_of(family),
        settings=settings_of(family, speaks="speech" in model_id),
    )


LATENT_DIFFUSION = (
    _entry(
        "musicldm",
        "MusicLDM",
        "ucsd-reach/musicldm",
        _SHARED + 185.0,
        "music from a short prompt; the smallest of these models",
    ),
    _entry(
        "audioldm2",
        "AudioLDM 2",
        "cvssp/audioldm2",
        _AUDIOLDM2 + 346.9,
        "sounds, textures and music from a longer prompt",
    ),
    _entry(
        "audioldm2-large",
        "AudioLDM 2 large",
        "cvssp/audioldm2-large",
        _AUDIOLDM2 + 718.0,
        "like audioldm2, with a UNet twice the size",
    ),
    _entry(
        "audioldm2-music",
        "AudioLDM 2 music",
        "cvssp/audioldm2-music",
        _AUDIOLDM2 + 346.9,
        "music from a longer prompt; trained on music only",
    ),
    _entry(
        "audioldm2-gigaspeech",
        "AudioLDM 2 GigaSpeech",
        "anhnct/audioldm2_gigaspeech",
        _SPEECH + 346.9,
        "spoken words from a transcription, in many voices",
    ),
    _entry(
        "audioldm2-ljspeech",
        "AudioLDM 2 LJSpeech",
        "anhnct/audioldm2_ljspeech",
        _SPEECH + 346.9,
        "spoken words from a transcription, in one voice",
    ),
)
