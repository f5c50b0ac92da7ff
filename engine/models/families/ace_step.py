"""ACE-Step 1.5: what a checkpoint of its kinds may consist of, as data.

Sizes are computed from the number of parameters of each part, two bytes each; the exact size is
known when the download begins. Memory is the weights in float32 and what an eight-second loop needs
in addition.
"""

import dataclasses

from engine.models.allowed import (
    ANY_DIFFUSERS,
    ANY_TRANSFORMERS,
    DEPTHS,
    FLOW_SCHEDULE,
    OOBLECK,
    WIDTHS,
    AllowedClass,
    tokenizers,
    words,
)
from engine.models.entry import ModelEntry
from engine.models.family import CHANNELS, RATES, ConfigOf, Family, Sound
from engine.models.memory import USUAL_SECONDS, Work
from engine.models.settings import Setting

_GENERATOR = "engine.generators.ace_step.generator:AceStepGenerator"
_LICENCE = "MIT: commercial use is allowed"
_OF_PIPELINE = frozenset({"diffusers", "ace_step"})  # diffusers names the pipeline's module, too

_ATTENTION = ANY_DIFFUSERS | words(
    """
    attention_bias attention_dropout head_dim hidden_size intermediate_size layer_types
    num_attention_heads num_key_value_heads rms_norm_eps rope_theta sliding_window
    """
)
_WIDTHS = WIDTHS | words(
    """
    audio_acoustic_hidden_dim encoder_hidden_size fsq_dim head_dim num_attention_heads
    num_key_value_heads text_hidden_dim timbre_hidden_dim
    """
)
_DEPTHS = DEPTHS | words(
    """
    num_attention_pooler_hidden_layers num_lyric_encoder_hidden_layers
    num_timbre_encoder_hidden_layers
    """
)


def _part(name: str, keys: str) -> AllowedClass:
    return AllowedClass(
        name, _ATTENTION | words(keys), _OF_PIPELINE, widths=_WIDTHS, depths=_DEPTHS
    )


_TEXT = AllowedClass(
    "Qwen3Model",
    ANY_TRANSFORMERS
    | words(
        """
        attention_bias attention_dropout head_dim hidden_act hidden_size initializer_range
        intermediate_size layer_types max_position_embeddings max_window_layers
        num_attention_heads num_hidden_layers num_key_value_heads rms_norm_eps rope_parameters
        rope_scaling rope_theta rope_type sliding_window use_sliding_window vocab_size
        """
    ),
)
_PARTS = {
    "vae": (OOBLECK,),
    "text_encoder": (_TEXT,),
    # The template is for conversations with a language model; nothing here fills it in.
    "tokenizer": tokenizers(
        "Qwen2Tokenizer", "Qwen2TokenizerFast", more="chat_template split_special_tokens"
    ),
    "transformer": (
        _part(
            "AceStepTransformer1DModel",
            """
            audio_acoustic_hidden_dim encoder_hidden_size in_channels is_turbo model_version
            num_hidden_layers patch_size
            """,
        ),
    ),
    "condition_encoder": (
        _part(
            "AceStepConditionEncoder",
            """
            num_lyric_encoder_hidden_layers num_timbre_encoder_hidden_layers text_hidden_dim
            timbre_hidden_dim
            """,
        ),
    ),
    "audio_tokenizer": (
        _part(
            "AceStepAudioTokenizer",
            """
            audio_acoustic_hidden_dim fsq_dim fsq_input_levels fsq_input_num_quantizers
            num_attention_pooler_hidden_layers pool_window_size
            """,
        ),
    ),
    "audio_token_detokenizer": (
        _part(
            "AceStepAudioTokenDetokenizer",
            "audio_acoustic_hidden_dim num_attention_pooler_hidden_layers pool_window_size",
        ),
    ),
    "scheduler": (FLOW_SCHEDULE,),
}

# Estimated from the widest layers of the published shapes; decoding six seconds is the peak.
WORK = Work(base=1_500_000_000, per_second=15_000_000)

_MODES = ("vary", "continue", "redo")
"""Those of all kinds; only the base models were trained to play along and to take apart."""


def _sound(config_of: ConfigOf) -> Sound:
    vae = config_of("vae")
    return Sound(
        vae.whole("sampling_rate", RATES, 44_100), vae.whole("audio_channels", CHANNELS, 2), WORK
    )


def _kind(config_of: ConfigOf) -> Family:
    """Return the turbo kind, made for eight steps without guidance, the `sft` kind, or base."""
    config = config_of("transformer").values
    version = config.get("model_version")
    if config.get("is_turbo") is True or version == "turbo":
        return TURBO
    return _SFT if version == "sft" else ACE_STEP


def _settings(steps: str, *more: Setting) -> tuple[Setting, ...]:
    others = (
        Setting("transcription"),
        Setting("language", "en"),
        Setting("verbatim"),
        Setting("keep_latents"),
        Setting("adapters"),
    )
    return (Setting("steps", steps), *more, *others)


ACE_STEP = Family(
    id="ace-step",
    named="AceStepPipeline",
    generator=_GENERATOR,
    parts=_PARTS,
    sound=_sound,
    modes=(*_MODES, "accompany", "stems"),
    settings=lambda _classes: _settings("50", Setting("guidance", "7")),
    also_named=frozenset({"Qwen3ForCausalLM"}),
    modules=(
        "transformers.models.qwen2",
        "transformers.models.qwen3",
        "diffusers.pipelines.ace_step",
    ),
    kind=_kind,
)
_SFT = dataclasses.replace(ACE_STEP, modes=_MODES)
TURBO = dataclasses.replace(ACE_STEP, modes=_MODES, settings=lambda _classes: _settings("8"))
FAMILIES = (ACE_STEP,)

_PARAMETERS, _XL_PARAMETERS = 3_158_000_000, 5_753_000_000


def _entry(model_id: str, name: str, hub: str, good_for: str) -> ModelEntry:
    family = TURBO if "turbo" in model_id else ACE_STEP
    parameters = _XL_PARAMETERS if "xl" in model_id else _PARAMETERS
    return ModelEntry(
        id=model_id,
        name=name,
        family=family.id,
        licence=_LICENCE,
        commercial_use=True,
        sample_rate=48_000,
        channels=2,
        size_bytes=2 * parameters,
        good_for=good_for,
        generator=_GENERATOR,
        hub=hub,
        memory_bytes=4 * parameters + WORK.bytes_for(USUAL_SECONDS, 1),
        work=WORK,
        modes=family.modes,
        settings=family.settings({}),
    )


ENTRIES = (
    _entry(
        "ace-step-turbo",
        "ACE-Step 1.5 turbo",
        "Runware/acestep-v15-turbo-diffusers",
        "whole songs in stereo, at your tempo, key and meter; quick",
    ),
    _entry(
        "ace-step-base",
        "ACE-Step 1.5 base",
        "Runware/acestep-v15-base-diffusers",
        "whole songs that follow your words more closely, parts that fit, and stems",
    ),
    _entry(
        "ace-step-xl-turbo",
        "ACE-Step 1.5 XL turbo",
        "ACE-Step/acestep-v15-xl-turbo-diffusers",
        "whole songs in more detail, for graphics cards",
    ),
    _entry(
        "ace-step-xl-base",
        "ACE-Step 1.5 XL base",
        "ACE-Step/acestep-v15-xl-base-diffusers",
        "whole songs in the most detail, for graphics cards",
    ),
)
