"""Stable Audio 3: what a checkpoint of it may consist of, as data."""

from collections.abc import Mapping

from engine.models.allowed import (
    ANY_DIFFUSERS,
    ANY_TRANSFORMERS,
    DEPTHS,
    WIDTHS,
    AllowedClass,
    tokenizers,
    words,
)
from engine.models.entry import ModelEntry
from engine.models.family import CHANNELS, RATES, ConfigOf, Family, Sound
from engine.models.memory import Work
from engine.models.settings import Setting

_GENERATOR = "engine.generators.stable_audio.generator:StableAudioGenerator"
_DIFFUSERS = frozenset({"diffusers"})
# diffusers names the pipeline's module if a class is defined next to the pipeline.
_OF_PIPELINE = frozenset({"diffusers", "stable_audio_3"})

_SAME = AllowedClass(
    "AutoencoderSAME",
    ANY_DIFFUSERS
    | words(
        """
        audio_channels decoder_sinusoidal_blocks dim_heads encoder_c_mults encoder_channels
        encoder_sinusoidal_blocks encoder_strides encoder_transformer_depths ff_mult latent_dim
        patch_size sampling_rate sliding_window use_differential_attention
        """
    ),
    _DIFFUSERS,
    widths=WIDTHS | words("dim_heads encoder_channels latent_dim patch_size"),
    depths=DEPTHS | words("encoder_transformer_depths sliding_window encoder_c_mults"),
)
_TRANSFORMER = AllowedClass(
    "StableAudio3DiTModel",
    ANY_DIFFUSERS
    | words(
        """
        cond_token_dim depth embed_dim ff_mult global_cond_dim io_channels local_add_cond_dim
        num_heads num_memory_tokens patch_size timestep_features_dim use_differential_attention
        """
    ),
    _DIFFUSERS,
    widths=WIDTHS
    | words(
        """
        cond_token_dim embed_dim global_cond_dim io_channels local_add_cond_dim num_heads
        timestep_features_dim
        """
    ),
    depths=DEPTHS | words("depth"),
)
_DURATION = AllowedClass(
    "StableAudio3DurationEmbedder",
    ANY_DIFFUSERS | words("fourier_dim max_freq max_val min_freq min_val output_dim"),
    _OF_PIPELINE,
    widths=WIDTHS | words("fourier_dim output_dim"),
)
_SCHEDULE = AllowedClass(
    "FlowMatchEulerDiscreteScheduler",
    ANY_DIFFUSERS
    | words(
        """
        base_image_seq_len base_shift invert_sigmas max_image_seq_len max_shift
        num_train_timesteps shift shift_terminal stochastic_sampling time_shift_type
        use_beta_sigmas use_dynamic_shifting use_exponential_sigmas use_karras_sigmas
        """
    ),
    _DIFFUSERS,
    has_weights=False,
)
_TEXT = AllowedClass(
    "T5GemmaEncoderModel",
    ANY_TRANSFORMERS
    | words(
        """
        attention_bias attention_dropout attn_logit_softcapping classifier_dropout_rate decoder
        dropout_rate encoder final_logit_softcapping head_dim hidden_activation hidden_size
        initializer_range intermediate_size layer_types max_position_embeddings
        num_attention_heads num_hidden_layers num_key_value_heads query_pre_attn_scalar
        rms_norm_eps rope_parameters rope_scaling rope_theta rope_type sliding_window vocab_size
        """
    ),
)
_PARTS = {
    "vae": (_SAME,),
    "text_encoder": (_TEXT,),
    "tokenizer": tokenizers("GemmaTokenizer", "GemmaTokenizerFast"),
    "duration_embedder": (_DURATION,),
    "transformer": (_TRANSFORMER,),
    "scheduler": (_SCHEDULE,),
}
SAMPLERS = ("ping-pong", "euler")
"""The ways from noise to sound; a checkpoint says which one it was trained for."""

# Estimated from the widest layers of the published shape; decoding six seconds is the peak.
WORK = Work(base=900_000_000, per_second=15_000_000)


def _sound(config_of: ConfigOf) -> Sound:
    vae = config_of("vae")
    return Sound(
        vae.whole("sampling_rate", RATES, 44_100), vae.whole("audio_channels", CHANNELS, 2), WORK
    )


def _settings(_classes: Mapping[str, str]) -> tuple[Setting, ...]:
    return (
        Setting("steps", "8"),
        Setting("guidance", "1"),
        Setting("scheduler", SAMPLERS[0], SAMPLERS),
        Setting("verbatim"),
        Setting("keep_latents"),
    )


STABLE_AUDIO_3 = Family(
    id="stable-audio-3",
    named="StableAudio3Pipeline",
    generator=_GENERATOR,
    parts=_PARTS,
    sound=_sound,
    modes=("vary", "continue", "redo", "blend"),
    settings=_settings,
    also_named=frozenset({"T5GemmaForConditionalGeneration", "T5GemmaModel"}),
    modules=(
        "transformers.models.gemma",
        "transformers.models.t5gemma",
        "diffusers.pipelines.stable_audio_3",
    ),
)
FAMILIES = (STABLE_AUDIO_3,)
ENTRIES: tuple[ModelEntry, ...] = ()
