"""Stable Audio 3 and Stable Audio Open: what a checkpoint of theirs may consist of, as data.

Sizes are computed from the number of parameters of each part, four bytes each; the exact size is
known when the download begins. Memory is the weights in float32 and what an eight-second loop needs
in addition.
"""

import dataclasses
from collections.abc import Mapping

from engine.models.allowed import (
    ANY_DIFFUSERS,
    ANY_TRANSFORMERS,
    DEPTHS,
    FLOW_SCHEDULE,
    OOBLECK,
    T5_ENCODER,
    T5_TOKENIZERS,
    WIDTHS,
    AllowedClass,
    tokenizers,
    words,
)
from engine.models.entry import ModelEntry
from engine.models.family import CHANNELS, RATES, ConfigOf, Family, Sound
from engine.models.memory import USUAL_SECONDS, Work
from engine.models.settings import Setting

_GENERATOR = "engine.generators.stable_audio.generator:StableAudioGenerator"
_DIFFUSERS = frozenset({"diffusers"})
_LICENCE = (
    "Stability AI Community Licence: commercial use by those with less than 1 million US dollars "
    "of revenue a year"
)

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
    frozenset({"diffusers", "stable_audio_3"}),  # diffusers names the pipeline's module, too
    widths=WIDTHS | words("fourier_dim output_dim"),
)
_TEXT = AllowedClass(
    "T5GemmaEncoderModel",
    ANY_TRANSFORMERS
    | words(
        """
        attention_bias attention_dropout attn_logit_softcapping cache_implementation
        classifier_dropout_rate decoder dropout_rate encoder final_logit_softcapping head_dim
        hidden_activation hidden_size initializer_range intermediate_size layer_types
        max_position_embeddings num_attention_heads num_hidden_layers num_key_value_heads
        query_pre_attn_scalar
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
    "scheduler": (FLOW_SCHEDULE,),
}

_OPEN_TRANSFORMER = AllowedClass(
    "StableAudioDiTModel",
    ANY_DIFFUSERS
    | words(
        """
        attention_head_dim cross_attention_dim cross_attention_input_dim global_states_input_dim
        in_channels num_attention_heads num_key_value_attention_heads num_layers out_channels
        sample_size time_proj_dim
        """
    ),
    _DIFFUSERS,
    widths=WIDTHS
    | words(
        """
        attention_head_dim cross_attention_input_dim global_states_input_dim num_attention_heads
        num_key_value_attention_heads time_proj_dim
        """
    ),
)
_PROJECTION = AllowedClass(
    "StableAudioProjectionModel",
    ANY_DIFFUSERS | words("conditioning_dim max_value min_value text_encoder_dim"),
    frozenset({"diffusers", "stable_audio"}),
    widths=WIDTHS | words("conditioning_dim"),
)
_OPEN_SCHEDULE = AllowedClass(
    "CosineDPMSolverMultistepScheduler",
    ANY_DIFFUSERS
    | words(
        """
        euler_at_final final_sigmas_type lower_order_final num_train_timesteps prediction_type rho
        sigma_data sigma_max sigma_min sigma_schedule solver_order solver_type
        """
    ),
    _DIFFUSERS,
    has_weights=False,
)
_OPEN_PARTS = {
    "vae": (OOBLECK,),
    "text_encoder": (T5_ENCODER,),
    "tokenizer": T5_TOKENIZERS,
    "projection_model": (_PROJECTION,),
    "transformer": (_OPEN_TRANSFORMER,),
    "scheduler": (_OPEN_SCHEDULE,),
}

_SINGLE_KEYS = words(
    """
    antialias_activation attn_kwargs audio_channels auto_scale bottleneck c_mults causal
    channels checkpointing chunk_midpoint_shift chunk_size chunked cond_dim cond_token_dim
    conditioning config configs conformer conv_bias conv_mapping cross_attention_cond_ids
    cross_attn cross_attn_rotary_pos_emb decoder default_keys depth differential diffusion
    diffusion_objective dim dim_heads distribution_shift_options downsampling_ratio dyt
    embed_dim enable_grad encoder feat_scale ff_kwargs ff_mult final_tanh force_fp32
    fourier_features_type freeze freeze_backbone global_cond_dim global_cond_ids
    global_cond_type id in_channels input_concat_dim input_concat_ids io_channels iterate_batch
    latent_dim layer_scale local_add_cond_dim local_add_cond_ids mapping_bias mask_noise
    mask_padding_attention max_length max_val min_val model_half model_name model_path
    model_type modular_local_cond_configs mult noise_augment_dim noise_regularize norm_kwargs
    norm_type num_heads num_memory_tokens out_channels padding_mode patch_size pre_encoded_keys
    prepend_cond_dim prepend_cond_ids pretransform project_cond_tokens project_global_cond
    project_out qk_norm repo_id rotary_pos_emb sample_rate sample_size
    sampling_distribution_shift_options scale sinusoidal_blocks sliding_window soft_clip strides
    subfolder t5_model_name timestep_cond_type timestep_features_dim timestep_features_logsnr
    timestep_features_type transformer_depths transformer_type type use_abs_pos_emb
    use_effective_length_for_schedule use_nearest_upsample use_sinusoidal_emb use_snake
    variable_stride zero_init_branch_outputs
    """
)


def _single(reads_prompts: str) -> AllowedClass:
    return AllowedClass(
        reads_prompts,
        _SINGLE_KEYS,
        widths=words("channels cond_dim cond_token_dim embed_dim global_cond_dim latent_dim"),
        depths=words("depth transformer_depths"),
    )


# Estimated from the widest layers of the published shapes; decoding six seconds is the peak.
WORK = Work(base=1_200_000_000, per_second=15_000_000)


def _sound(config_of: ConfigOf) -> Sound:
    vae = config_of("vae")
    return Sound(
        vae.whole("sampling_rate", RATES, 44_100), vae.whole("audio_channels", CHANNELS, 2), WORK
    )


def _settings(steps: str, guidance: str, *samplers: str) -> tuple[Setting, ...]:
    return (
        Setting("steps", steps),
        Setting("guidance", guidance),
        Setting("scheduler", samplers[0], samplers),
        Setting("verbatim"),
        Setting("keep_latents"),
    )


def _settings_of_3(_classes: Mapping[str, str]) -> tuple[Setting, ...]:
    return _settings("8", "1", "ping-pong", "euler")


def _settings_of_base(_classes: Mapping[str, str]) -> tuple[Setting, ...]:
    return _settings("50", "7", "euler", "ping-pong")


def _kind(config_of: ConfigOf) -> Family:
    """Return the distilled kind, made for a few steps without guidance, or the base one."""
    is_distilled = config_of("scheduler").values.get("stochastic_sampling") is True
    return STABLE_AUDIO_3 if is_distilled else _STABLE_AUDIO_3_BASE


def _settings_of_open(_classes: Mapping[str, str]) -> tuple[Setting, ...]:
    return _settings("100", "7", "dpm++-2m-sde")


def _kind_of_open(config_of: ConfigOf) -> Family:
    """Return the usual kind, or the small one: on a straight line, distilled or base."""
    objective = config_of("scheduler").values.get("objective")
    known = {"rf_denoiser": _settings_of_3, "rectified_flow": _settings_of_base}
    if objective not in known:
        return STABLE_AUDIO_OPEN
    return dataclasses.replace(STABLE_AUDIO_OPEN, settings=known[objective])


STABLE_AUDIO_3 = Family(
    id="stable-audio-3",
    named="StableAudio3Pipeline",
    generator=_GENERATOR,
    parts=_PARTS,
    sound=_sound,
    modes=("vary", "continue", "redo", "blend"),
    settings=_settings_of_3,
    also_named=frozenset({"T5GemmaForConditionalGeneration", "T5GemmaModel"}),
    single=_single("t5gemma"),
    text_from="the folder t5gemma-b-b-ul2 of the same repository",
    modules=(
        "transformers.models.gemma",
        "transformers.models.t5gemma",
        "diffusers.pipelines.stable_audio_3",
    ),
    kind=_kind,
)
_STABLE_AUDIO_3_BASE = dataclasses.replace(STABLE_AUDIO_3, settings=_settings_of_base)
STABLE_AUDIO_OPEN = Family(
    id="stable-audio-open",
    named="StableAudioPipeline",
    generator=_GENERATOR,
    parts=_OPEN_PARTS,
    sound=_sound,
    modes=("vary", "blend"),
    settings=_settings_of_open,
    also_named=frozenset({"T5ForConditionalGeneration"}),
    single=_single("t5"),
    text_from="that of t5-base",
    kind=_kind_of_open,
    modules=("transformers.models.t5", "diffusers.pipelines.stable_audio"),
)
FAMILIES = (STABLE_AUDIO_3, STABLE_AUDIO_OPEN)

_SMALL, _MEDIUM = 567_570_000, 2_305_495_793
_TEXT_PARAMETERS, _TEXT_BYTES = 282_000_000, 1_183_022_944
"""Of T5Gemma: what is loaded, in float32; and what is downloaded, all of it, in half of that."""
_GUIDED = "the same before it was made quick: follows your words by a guidance, in 50 steps"
_LICENCE_OF_3 = f"{_LICENCE}; Gemma terms of use for the text encoder"


def _entry_of_3(name: str, good_for: str, parameters: int, kind: Family) -> ModelEntry:
    model_id = f"stable-audio-3-{name.lower().replace(' ', '-')}"
    return ModelEntry(
        id=model_id,
        name=f"Stable Audio 3 {name}",
        family=STABLE_AUDIO_3.id,
        licence=_LICENCE_OF_3,
        commercial_use=True,
        sample_rate=44_100,
        channels=2,
        size_bytes=4 * parameters + _TEXT_BYTES,
        good_for=good_for,
        generator=_GENERATOR,
        hub=f"stabilityai/{model_id}",
        memory_bytes=4 * (parameters + _TEXT_PARAMETERS) + WORK.bytes_for(USUAL_SECONDS, 1),
        work=WORK,
        modes=kind.modes,
        settings=kind.settings({}),
    )


_OPEN_WEIGHTS = 4 * 1_321_000_000
ENTRIES = (
    _entry_of_3("small music", "music in stereo in eight steps, on a CPU", _SMALL, STABLE_AUDIO_3),
    _entry_of_3("small sfx", "sounds and effects in eight steps", _SMALL, STABLE_AUDIO_3),
    _entry_of_3("medium", "music and sounds, for graphics cards", _MEDIUM, STABLE_AUDIO_3),
    _entry_of_3("small music base", _GUIDED, _SMALL, _STABLE_AUDIO_3_BASE),
    _entry_of_3("small sfx base", _GUIDED, _SMALL, _STABLE_AUDIO_3_BASE),
    _entry_of_3("medium base", _GUIDED, _MEDIUM, _STABLE_AUDIO_3_BASE),
    ModelEntry(
        id="stable-audio-open",
        name="Stable Audio Open 1.0",
        family=STABLE_AUDIO_OPEN.id,
        licence=_LICENCE,
        commercial_use=True,
        sample_rate=44_100,
        channels=2,
        size_bytes=_OPEN_WEIGHTS,
        good_for="sounds, textures and drum loops from a sentence",
        generator=_GENERATOR,
        hub="stabilityai/stable-audio-open-1.0",
        memory_bytes=_OPEN_WEIGHTS + WORK.bytes_for(USUAL_SECONDS, 1),
        work=WORK,
        modes=STABLE_AUDIO_OPEN.modes,
        settings=STABLE_AUDIO_OPEN.settings({}),
    ),
)
