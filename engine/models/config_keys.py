"""The keys that the configuration of each class may have, as data.

They come from the libraries' own configurations, including old names, because published files
were written by old versions. Keys that are not listed here cannot name code to run.
"""

from engine.models.layout import SCHEDULERS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANY_DIFFUSERS = _words("_class_name _diffusers_version _name_or_path _use_default_values")
_ANY_TRANSFORMERS = _words(
    """
    _commit_hash _name_or_path architectures bad_words_ids begin_suppress_tokens bos_token_id
    chunk_size_feed_forward cross_attention_hidden_size decoder_start_token_id diversity_penalty
    do_sample dtype early_stopping encoder_no_repeat_ngram_size eos_token_id
    exponential_decay_length_penalty finetuning_task forced_bos_token_id forced_eos_token_id
    id2label is_decoder is_encoder_decoder label2id length_penalty max_length max_new_tokens
    min_length model_type no_repeat_ngram_size num_beam_groups num_beams num_return_sequences
    output_attentions output_hidden_states output_past output_scores pad_token_id prefix
    problem_type pruned_heads remove_invalid_values repetition_penalty return_dict
    return_dict_in_generate sep_token_id suppress_tokens task_specific_params temperature
    tf_legacy_loss tie_encoder_decoder tie_word_embeddings tokenizer_class top_k top_p torch_dtype
    torchscript transformers_version typical_p use_bfloat16 use_cache add_cross_attention
    """
)
_UNET = _words(
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
_SCHEDULER = _words(
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
_CLAP = _words(
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
_T5 = _words(
    """
    classifier_dropout d_ff d_kv d_model dense_act_fn dropout_rate feed_forward_proj
    initializer_factor is_gated_act layer_norm_epsilon n_positions num_decoder_layers num_heads
    num_layers relative_attention_max_distance relative_attention_num_buckets
    scale_decoder_outputs vocab_size
    """
)
_GPT2 = _words(
    """
    activation_function attn_pdrop embd_pdrop initializer_range layer_norm_epsilon n_ctx n_embd
    n_head n_inner n_layer n_positions reorder_and_upcast_attn resid_pdrop
    scale_attn_by_inverse_layer_idx scale_attn_weights summary_activation summary_first_dropout
    summary_proj_to_labels summary_type summary_use_proj vocab_size
    """
)
_VOCODER = _words(
    """
    initializer_range leaky_relu_slope model_in_dim normalize_before resblock_dilation_sizes
    resblock_kernel_sizes sampling_rate upsample_initial_channel upsample_kernel_sizes
    upsample_rates
    """
)
_VITS = _VOCODER | _words(
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
_MUSICGEN_DECODER = _words(
    """
    activation_dropout activation_function attention_dropout audio_channels classifier_dropout
    dropout ffn_dim hidden_size initializer_factor layerdrop max_position_embeddings
    num_attention_heads num_codebooks num_hidden_layers scale_embedding vocab_size
    """
)
_TOKENIZER = _words(
    """
    _from_auto add_blank add_bos_token add_eos_token add_prefix_space added_tokens_decoder
    additional_special_tokens backend bos_token clean_up_tokenization_spaces cls_token
    do_lower_case eos_token errors extra_ids extra_special_tokens full_tokenizer_file is_local
    is_uroman language legacy mask_token max_length model_input_names model_max_length
    model_specific_special_tokens name_or_path normalize pad_to_multiple_of pad_token
    pad_token_type_id padding_side phonemize
    processor_class sep_token sp_model_kwargs special_tokens_map_file stride tokenizer_class
    tokenizer_file trim_offsets truncation_side truncation_strategy unk_token use_fast verbose
    """
)
KEYS = {
    "UNet2DConditionModel": _UNET | _ANY_DIFFUSERS,
    "AudioLDM2UNet2DConditionModel": _UNET | _ANY_DIFFUSERS,
    "AudioLDM2ProjectionModel": _ANY_DIFFUSERS
    | _words(
        "langauge_model_dim max_seq_length text_encoder_1_dim text_encoder_dim "
        "use_learned_position_embedding"
    ),
    "AutoencoderKL": _ANY_DIFFUSERS
    | _words(
        """
        act_fn block_out_channels down_block_types force_upcast in_channels latent_channels
        latents_mean latents_std layers_per_block mid_block_add_attention norm_num_groups
        out_channels sample_size scaling_factor shift_factor up_block_types use_post_quant_conv
        use_quant_conv
        """
    ),
    **dict.fromkeys(SCHEDULERS, _SCHEDULER | _ANY_DIFFUSERS),
    "ClapModel": _CLAP | _ANY_TRANSFORMERS,
    "T5EncoderModel": _T5 | _ANY_TRANSFORMERS,
    "VitsModel": _VITS | _ANY_TRANSFORMERS,
    "GPT2Model": _GPT2 | _ANY_TRANSFORMERS,
    "GPT2LMHeadModel": _GPT2 | _ANY_TRANSFORMERS,
    "SpeechT5HifiGan": _VOCODER | _ANY_TRANSFORMERS,
    "ClapFeatureExtractor": _words(
        """
        chunk_length_s feature_extractor_type feature_size fft_window_size frequency_max
        frequency_min hop_length max_length_s n_fft nb_frequency_bins nb_max_frames
        nb_max_samples padding padding_side padding_value processor_class return_attention_mask
        sampling_rate top_db truncation
        """
    ),
    "EncodecModel": _ANY_TRANSFORMERS
    | _words(
        """
        audio_channels chunk_length_s codebook_dim codebook_size compress dilation_growth_rate
        hidden_size kernel_size last_kernel_size norm_type normalize num_filters num_lstm_layers
        num_residual_layers overlap pad_mode residual_kernel_size sampling_rate
        target_bandwidths trim_right_ratio upsampling_ratios use_causal_conv use_conv_shortcut
        """
    ),
    "MusicgenForCausalLM": _MUSICGEN_DECODER | _ANY_TRANSFORMERS,
    "MusicgenMelodyForCausalLM": _MUSICGEN_DECODER | _ANY_TRANSFORMERS,
    # The keys next to the configurations of the three parts.
    "MusicgenForConditionalGeneration": _words("initializer_factor sampling_rate")
    | _ANY_TRANSFORMERS,
    "MusicgenMelodyForConditionalGeneration": _words(
        "chroma_length initializer_factor num_chroma sampling_rate"
    )
    | _ANY_TRANSFORMERS,
    "EncodecFeatureExtractor": _words(
        """
        chunk_length_s feature_extractor_type feature_size overlap padding_side padding_value
        processor_class return_attention_mask sampling_rate
        """
    ),
    "MusicgenMelodyFeatureExtractor": _words(
        """
        chunk_length feature_extractor_type feature_size hop_length n_fft n_samples num_chroma
        padding_side padding_value processor_class return_attention_mask sampling_rate
        stem_indices
        """
    ),
    **dict.fromkeys(
        ("RobertaTokenizer", "RobertaTokenizerFast", "T5Tokenizer", "T5TokenizerFast",
         "VitsTokenizer"),
        _TOKENIZER,
    ),
}  # fmt: skip
"""The keys that the configuration of each class may have, at any depth."""

GENERATION_KEYS = _ANY_TRANSFORMERS | _words(
    """
    _from_model_config epsilon_cutoff eta_cutoff guidance_scale max_time min_new_tokens
    penalty_alpha renormalize_logits encoder_repetition_penalty output_logits low_memory
    """
)

WIDTHS = _words(
    """
    block_out_channels d_ff d_model ffn_dim hidden_size intermediate_size n_embd n_inner
    upsample_initial_channel vocab_size text_encoder_dim text_encoder_1_dim langauge_model_dim
    in_channels out_channels latent_channels model_in_dim cross_attention_dim num_filters
    codebook_size codebook_dim
    """
)
"""Tensor dimensions: none is larger than the largest dimension in the weights."""
DEPTHS = _words(
    """
    n_layer num_layers num_hidden_layers layers_per_block transformer_layers_per_block depths
    num_codebooks num_lstm_layers num_residual_layers
    """
)
"""Numbers of layers: none is larger than the number of tensors."""
