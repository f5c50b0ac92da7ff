"""What a checkpoint may consist of: families and classes, as data; see also `config_keys`.

This is our own allow-list, stricter than the libraries: a class that is not listed here is refused.
"""

from typing import NamedTuple


class Family(NamedTuple):
    """One kind of checkpoint.

    Attributes:
        id: our name for it.
        named: its name in a folder: the pipeline in `model_index.json` or, in a flat folder, the
            architecture in `config.json`.
        generator: where its generator class is.
        parts: the classes that each part may have.
        model_types: of a flat folder, the `model_type` of its configuration (under "") and of the
            configurations inside it; the library chooses classes by them. Empty for other folders.
    """

    id: str
    named: str
    generator: str
    parts: dict[str, frozenset[str]]
    model_types: dict[str, str] = {}  # noqa: RUF012 - never changed

    @property
    def flat(self) -> bool:
        """Whether all its files are in one folder."""
        return bool(self.model_types)


_LATENT_DIFFUSION = "engine.generators.latent_diffusion.generator:LatentDiffusionGenerator"
_MUSICGEN = "engine.generators.musicgen.generator:MusicGenGenerator"

SCHEDULERS = frozenset(
    {
        "DDIMScheduler",
        "DEISMultistepScheduler",
        "DPMSolverMultistepScheduler",
        "DPMSolverSDEScheduler",
        "DPMSolverSinglestepScheduler",
        "EulerAncestralDiscreteScheduler",
        "EulerDiscreteScheduler",
        "HeunDiscreteScheduler",
        "KDPM2AncestralDiscreteScheduler",
        "KDPM2DiscreteScheduler",
        "LMSDiscreteScheduler",
        "PNDMScheduler",
        "UniPCMultistepScheduler",
    }
)
_SHARED_PARTS = {
    "vae": frozenset({"AutoencoderKL"}),
    "text_encoder": frozenset({"ClapModel"}),
    "tokenizer": frozenset({"RobertaTokenizer", "RobertaTokenizerFast"}),
    "feature_extractor": frozenset({"ClapFeatureExtractor"}),
    "scheduler": SCHEDULERS,
    "vocoder": frozenset({"SpeechT5HifiGan"}),
}
_T5_TOKENIZERS = frozenset({"T5Tokenizer", "T5TokenizerFast"})
_INNER_TYPES = {"text_encoder": "t5", "audio_encoder": "encodec"}
FAMILIES = {
    "MusicLDMPipeline": Family(
        "musicldm",
        "MusicLDMPipeline",
        _LATENT_DIFFUSION,
        {**_SHARED_PARTS, "unet": frozenset({"UNet2DConditionModel"})},
    ),
    "AudioLDM2Pipeline": Family(
        "audioldm2",
        "AudioLDM2Pipeline",
        _LATENT_DIFFUSION,
        {
            **_SHARED_PARTS,
            "unet": frozenset({"AudioLDM2UNet2DConditionModel"}),
            "text_encoder_2": frozenset({"T5EncoderModel", "VitsModel"}),
            "tokenizer_2": frozenset({"T5Tokenizer", "T5TokenizerFast", "VitsTokenizer"}),
            # The published checkpoints name GPT2Model, but use the one that can generate.
            "language_model": frozenset({"GPT2Model", "GPT2LMHeadModel"}),
            "projection_model": frozenset({"AudioLDM2ProjectionModel"}),
        },
    ),
    "MusicgenForConditionalGeneration": Family(
        "musicgen",
        "MusicgenForConditionalGeneration",
        _MUSICGEN,
        {
            "model": frozenset({"MusicgenForConditionalGeneration"}),
            "tokenizer": _T5_TOKENIZERS,
            "feature_extractor": frozenset({"EncodecFeatureExtractor"}),
        },
        _INNER_TYPES | {"": "musicgen", "decoder": "musicgen_decoder"},
    ),
    "MusicgenMelodyForConditionalGeneration": Family(
        "musicgen-melody",
        "MusicgenMelodyForConditionalGeneration",
        _MUSICGEN,
        {
            "model": frozenset({"MusicgenMelodyForConditionalGeneration"}),
            "tokenizer": _T5_TOKENIZERS,
            "feature_extractor": frozenset({"MusicgenMelodyFeatureExtractor"}),
        },
        _INNER_TYPES | {"": "musicgen_melody", "decoder": "musicgen_melody_decoder"},
    ),
}

CLASS_OF_TYPE = {
    "t5": "T5EncoderModel",
    "encodec": "EncodecModel",
    "musicgen_decoder": "MusicgenForCausalLM",
    "musicgen_melody_decoder": "MusicgenMelodyForCausalLM",
}
"""The class of each `model_type` inside a flat folder's configuration."""

LIBRARIES = {
    # diffusers names the pipeline's module if a class is defined next to the pipeline.
    "AudioLDM2ProjectionModel": frozenset({"diffusers", "audioldm2"}),
    "AudioLDM2UNet2DConditionModel": frozenset({"diffusers", "audioldm2"}),
    "AutoencoderKL": frozenset({"diffusers"}),
    "UNet2DConditionModel": frozenset({"diffusers"}),
    **dict.fromkeys(SCHEDULERS, frozenset({"diffusers"})),
}
"""The allowed `library` of each class; all others are from transformers."""

CLASSES_WITHOUT_WEIGHTS = SCHEDULERS | {
    "ClapFeatureExtractor",
    "RobertaTokenizer",
    "RobertaTokenizerFast",
    "T5Tokenizer",
    "T5TokenizerFast",
    "VitsTokenizer",
}

ARCHITECTURES = frozenset(
    {
        "ClapModel", "ClapTextModelWithProjection", "ClapTextModel", "ClapAudioModel",
        "T5EncoderModel", "T5ForConditionalGeneration", "VitsModel", "GPT2Model",
        "GPT2LMHeadModel", "SpeechT5HifiGan", "EncodecModel", "MusicgenForCausalLM",
        "MusicgenForConditionalGeneration", "MusicgenMelodyForCausalLM",
        "MusicgenMelodyForConditionalGeneration",
    }
)  # fmt: skip
