"""MusicLDM and AudioLDM 2: what a checkpoint of theirs may consist of, and the published ones.

Sizes are computed from the number of parameters of each part, four bytes each; the exact size is
known when the download begins. Memory is the weights in float32 and what an eight-second loop needs
in addition.
"""

from collections.abc import Mapping

from engine.models.allowed import (
    ANY_DIFFUSERS,
    ANY_TRANSFORMERS,
    T5_ENCODER,
    T5_TOKENIZERS,
    AllowedClass,
    tokenizers,
    words,
)
from engine.models.entry import ModelEntry
from engine.models.family import RATES, ConfigOf, Family, Sound
from engine.models.memory import USUAL_SECONDS, Work
from engine.models.settings import Setting

_GENERATOR = "engine.generators.latent_diffusion.generator:LatentDiffusionGenerator"
_LICENCE = "CC-BY-NC-SA-4.0: not for commercial use, and share alike"
_MODES = ("vary", "blend")
_DIFFUSERS = frozenset({"diffusers"})
# diffusers names the pipeline's module if a class is defined next to the pipeline.
_AUDIOLDM2_MODULE = frozenset({"diffusers", "audioldm2"})

# Measured on random weights of full size, on one core. Decoding the mel spectrogram is the peak
# with 440 MB for 8 s and 770 MB for 24 s; the vocoder takes 200 and 390, a guided step of the UNet
# 110 and 200. The slope is doubled, the libraries are added.
WORK = Work(base=600_000_000, per_second=40_000_000)

SCHEDULERS = (
    "dpm++-2m", "unipc", "deis", "ddim", "pndm", "euler", "lms", "heun",
    "euler-ancestral", "dpm++-2m-sde", "dpm++-sde",
)  # fmt: skip
"""The noise schedulers by name, the most popular first."""

_UNET_KEYS = words(
    """
    act_fn addition_embed_type addition_embed_type_num_heads addition_time_embed_dim
    attention_head_dim attention_type block_out_channels center_input_sample class_embed_type
    class_embeddings_concat conv_in_kernel conv_out_kernel cross_attention_dim
    cross_attention_norm down_block_types downsample_padding dropout dual_cross_attention
    encoder_hid_dim encoder_hid_dim_type flip_sin_to_cos freq_shift in_channels layers_per_block
    mid_block_only_cross_attention mid_block_scale_factor mid_block_type norm_eps norm_num_groups
    num_attention_heads num_class_embeds only_cross_attention out_channels
    projection_class_embeddings_input_dim resnet_out_scale_factor resnet_skip_time_act
    resnet_time_scale_shift reverse_transformer_layers_per_block sample_size
    time_cond_proj_dim time_embedding_act_fn time_embedding_dim time_embedding_type
    timestep_post_act transformer_layers_per_block up_block_types upcast_attention
    use_linear_projection
    """
)
_SCHEDULER_KEYS = words(
    """
    algorithm_type beta_end beta_schedule beta_start clip_sample clip_sample_range
    disable_corrector dynamic_thresholding_ratio euler_at_final final_sigmas_type flow_shift
    interpolation_type lambda_min_clipped lower_order_final num_train_timesteps predict_x0
    prediction_type rescale_betas_zero_snr sample_max_value set_alpha_to_one shift_terminal
    sigma_max sigma_min skip_prk_steps solver_order solver_p solver_type steps_offset
    thresholding time_shift_type timestep_spacing timestep_type trained_betas use_beta_sigmas
    use_dynamic_shifting use_exponential_sigmas use_flow_sigmas use_karras_sigmas use_lu_lambdas
    variance_type
    """
)
_CLAP_KEYS = words(
    """
    aff_block_r attention_probs_dropout_prob audio_config classifier_dropout depths
    drop_path_rate enable_fusion enable_patch_fusion enable_patch_layer_norm
    flatten_patch_embeds fusion_num_hidden_layers fusion_type hidden_act hidden_dropout_prob
    hidden_size initializer_factor initializer_range intermediate_size layer_norm_eps
    logit_scale_init_value max_position_embeddings mlp_ratio num_attention_heads num_classes
    num_hidden_layers num_mel_bins patch_embed_input_channels patch_embeds_hidden_size patch_size
    patch_stride position_embedding_type projection_dim projection_hidden_act
    projection_hidden_size qkv_bias spec_size text_config text_config_dict audio_config_dict
    type_vocab_size vocab_size window_size
    """
)
_GPT2_KEYS = words(
    """
    activation_function attn_pdrop embd_pdrop initializer_range layer_norm_epsilon n_ctx n_embd
    n_head n_inner n_layer n_positions reorder_and_upcast_attn resid_pdrop
    scale_attn_by_inverse_layer_idx scale_attn_weights summary_activation summary_first_dropout
    summary_proj_to_labels summary_type summary_use_proj vocab_size
    """
)
_VOCODER_KEYS = words(
    """
    initializer_range leaky_relu_slope model_in_dim normalize_before resblock_dilation_sizes
    resblock_kernel_sizes sampling_rate upsample_initial_channel upsample_kernel_sizes
    upsample_rates
    """
)
_VITS_KEYS = _VOCODER_KEYS | words(
    """
    activation_dropout attention_dropout depth_separable_channels depth_separable_num_layers
    duration_predictor_dropout duration_predictor_filter_channels duration_predictor_flow_bins
    duration_predictor_kernel_size duration_predictor_num_flows duration_predictor_tail_bound
    ffn_dim ffn_kernel_size flow_size hidden_act hidden_dropout hidden_size layer_norm_eps
    layerdrop noise_scale noise_scale_duration num_attention_heads num_hidden_layers num_speakers
    posterior_encoder_num_wavenet_layers prior_encoder_num_flows
    prior_encoder_num_wavenet_layers speaker_embedding_size speaking_rate spectrogram_bins
    use_bias use_stochastic_duration_prediction vocab_size wavenet_dilation_rate wavenet_dropout
    wavenet_kernel_size window_size
    """
)
_VAE_KEYS = ANY_DIFFUSERS | words(
    """
    act_fn block_out_channels down_block_types force_upcast in_channels latent_channels
    latents_mean latents_std layers_per_block mid_block_add_attention norm_num_groups
    out_channels sample_size scaling_factor shift_factor up_block_types use_post_quant_conv
    use_quant_conv
    """
)
_EXTRACTOR_KEYS = words(
    """
    chunk_length_s feature_extractor_type feature_size fft_window_size frequency_max
    frequency_min hop_length max_length_s n_fft nb_frequency_bins nb_max_frames
    nb_max_samples padding padding_side padding_value processor_class return_attention_mask
    sampling_rate top_db truncation
    """
)
_PROJECTION_KEYS = ANY_DIFFUSERS | words(
    "langauge_model_dim max_seq_length text_encoder_1_dim text_encoder_dim "
    "use_learned_position_embedding"
)
_SCHEDULES = tuple(
    AllowedClass(name, _SCHEDULER_KEYS | ANY_DIFFUSERS, _DIFFUSERS, has_weights=False)
    for name in (
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
    )
)
_SHARED_PARTS = {
    "vae": (AllowedClass("AutoencoderKL", _VAE_KEYS, _DIFFUSERS),),
    "text_encoder": (AllowedClass("ClapModel", _CLAP_KEYS | ANY_TRANSFORMERS),),
    "tokenizer": tokenizers("RobertaTokenizer", "RobertaTokenizerFast"),
    "feature_extractor": (
        AllowedClass("ClapFeatureExtractor", _EXTRACTOR_KEYS, has_weights=False),
    ),
    "scheduler": _SCHEDULES,
    "vocoder": (AllowedClass("SpeechT5HifiGan", _VOCODER_KEYS | ANY_TRANSFORMERS),),
}
_MUSICLDM_PARTS = {
    **_SHARED_PARTS,
    "unet": (AllowedClass("UNet2DConditionModel", _UNET_KEYS | ANY_DIFFUSERS, _DIFFUSERS),),
}
_AUDIOLDM2_PARTS = {
    **_SHARED_PARTS,
    "unet": (
        AllowedClass(
            "AudioLDM2UNet2DConditionModel", _UNET_KEYS | ANY_DIFFUSERS, _AUDIOLDM2_MODULE
        ),
    ),
    "text_encoder_2": (T5_ENCODER, AllowedClass("VitsModel", _VITS_KEYS | ANY_TRANSFORMERS)),
    "tokenizer_2": (*T5_TOKENIZERS, *tokenizers("VitsTokenizer")),
    # The published checkpoints name GPT2Model, but use the one that can generate.
    "language_model": (
        AllowedClass("GPT2Model", _GPT2_KEYS | ANY_TRANSFORMERS),
        AllowedClass("GPT2LMHeadModel", _GPT2_KEYS | ANY_TRANSFORMERS),
    ),
    "projection_model": (
        AllowedClass("AudioLDM2ProjectionModel", _PROJECTION_KEYS, _AUDIOLDM2_MODULE),
    ),
}
_ALSO_NAMED = frozenset(
    {"ClapProcessor", "ClapTextModelWithProjection", "ClapTextModel", "ClapAudioModel"}
)
_MODULES = (
    "transformers.models.clap",
    "transformers.models.roberta",
    "transformers.models.speecht5",
)


def _sound(config_of: ConfigOf) -> Sound:
    return Sound(config_of("vocoder").whole("sampling_rate", RATES, 16_000), 1, WORK)


def _settings(guidance: str, *more: Setting) -> tuple[Setting, ...]:
    return (
        Setting("steps", "20"),
        Setting("guidance", guidance),
        Setting("scheduler", SCHEDULERS[0], SCHEDULERS),
        Setting("eta", "0"),
        Setting("draft"),
        Setting("toward"),
        Setting("toward_amount", "0.5"),
        Setting("keep_latents"),
        *more,
    )


def _settings_of_musicldm(_classes: Mapping[str, str]) -> tuple[Setting, ...]:
    return _settings("2")


def _settings_of_audioldm2(classes: Mapping[str, str]) -> tuple[Setting, ...]:
    speaks = (Setting("transcription"),) if classes["text_encoder_2"] == "VitsModel" else ()
    return _settings("3.5", *speaks, Setting("max_new_tokens", "8"))


MUSICLDM = Family(
    id="musicldm",
    named="MusicLDMPipeline",
    generator=_GENERATOR,
    parts=_MUSICLDM_PARTS,
    sound=_sound,
    modes=_MODES,
    settings=_settings_of_musicldm,
    also_named=_ALSO_NAMED,
    modules=_MODULES,
)
AUDIOLDM2 = Family(
    id="audioldm2",
    named="AudioLDM2Pipeline",
    generator=_GENERATOR,
    parts=_AUDIOLDM2_PARTS,
    sound=_sound,
    modes=_MODES,
    settings=_settings_of_audioldm2,
    also_named=_ALSO_NAMED | {"T5ForConditionalGeneration", "GPT2Tokenizer", "GPT2TokenizerFast"},
    modules=(
        *_MODULES,
        "transformers.models.gpt2",
        "transformers.models.t5",
        "transformers.models.vits",
        "diffusers.pipelines.audioldm2",
    ),
)
FAMILIES = (MUSICLDM, AUDIOLDM2)

# Millions of parameters.
_CLAP, _VAE, _VOCODER = 194.0, 55.4, 55.3
_T5, _VITS, _GPT2, _PROJECTION = 341.2, 36.3, 124.4, 1.4
_SHARED = _CLAP + _VAE + _VOCODER
_AUDIOLDM2 = _SHARED + _T5 + _GPT2 + _PROJECTION
_SPEECH = _SHARED + _VITS + _GPT2 + _PROJECTION


def _entry(model_id: str, name: str, hub: str, millions: float, good_for: str) -> ModelEntry:
    weights = round(millions) * 1_000_000 * 4
    family = MUSICLDM if model_id == "musicldm" else AUDIOLDM2
    reader = "VitsModel" if "speech" in model_id else "T5EncoderModel"
    return ModelEntry(
        id=model_id,
        name=name,
        family=family.id,
        licence=_LICENCE,
        commercial_use=False,
        sample_rate=16_000,
        channels=1,
        size_bytes=weights,
        good_for=good_for,
        generator=_GENERATOR,
        hub=hub,
        memory_bytes=weights + WORK.bytes_for(USUAL_SECONDS, 1),
        work=WORK,
        modes=_MODES,
        settings=family.settings({"text_encoder_2": reader}),
    )


ENTRIES = (
    _entry(
        "musicldm",
        "MusicLDM",
        "ucsd-reach/musicldm",
        _SHARED + 185.0,
        "whole loops from a short sentence; the smallest to get",
    ),
    _entry(
        "audioldm2",
        "AudioLDM 2",
        "cvssp/audioldm2",
        _AUDIOLDM2 + 346.9,
        "sounds, moods and textures from longer sentences",
    ),
    _entry(
        "audioldm2-large",
        "AudioLDM 2 large",
        "cvssp/audioldm2-large",
        _AUDIOLDM2 + 718.0,
        "sounds, moods and textures, in more detail",
    ),
    _entry(
        "audioldm2-music",
        "AudioLDM 2 music",
        "cvssp/audioldm2-music",
        _AUDIOLDM2 + 346.9,
        "moods, rooms and band sounds from longer sentences",
    ),
    _entry(
        "audioldm2-gigaspeech",
        "AudioLDM 2 GigaSpeech",
        "anhnct/audioldm2_gigaspeech",
        _SPEECH + 346.9,
        "spoken words, in many voices",
    ),
    _entry(
        "audioldm2-ljspeech",
        "AudioLDM 2 LJSpeech",
        "anhnct/audioldm2_ljspeech",
        _SPEECH + 346.9,
        "spoken words, in one voice",
    ),
)
