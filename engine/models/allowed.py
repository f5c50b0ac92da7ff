"""What a configuration may say: the classes of parts, and the keys that each of them may have.

This is our own allow-list, stricter than the libraries: a class that no family lists is refused.
The keys come from the libraries' own configurations, including old names, because published files
were written by old versions. Keys that are not listed cannot name code to run. What only one family
has is in its file, `engine/models/families/`.
"""

from typing import NamedTuple


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


WIDTHS = words(
    """
    block_out_channels d_ff d_model ffn_dim hidden_size intermediate_size n_embd n_inner
    upsample_initial_channel vocab_size text_encoder_dim text_encoder_1_dim langauge_model_dim
    in_channels out_channels latent_channels model_in_dim cross_attention_dim num_filters
    codebook_size codebook_dim
    """
)
"""Tensor dimensions: none is larger than the largest dimension in the weights."""
DEPTHS = words(
    """
    n_layer num_layers num_hidden_layers layers_per_block transformer_layers_per_block depths
    num_codebooks num_lstm_layers num_residual_layers
    """
)
"""Numbers of layers: none is larger than the number of tensors."""


class AllowedClass(NamedTuple):
    """A class that a part of a checkpoint may have.

    Attributes:
        name: the class.
        keys: the keys that its configuration may have, at any depth.
        libraries: where an index may say that it comes from.
        has_weights: whether it is a model; a tokenizer or a schedule has no weights.
        widths: the keys that are tensor dimensions.
        depths: the keys that are numbers of layers.
    """

    name: str
    keys: frozenset[str]
    libraries: frozenset[str] = frozenset({"transformers"})
    has_weights: bool = True
    widths: frozenset[str] = WIDTHS
    depths: frozenset[str] = DEPTHS


ANY_DIFFUSERS = words("_class_name _diffusers_version _name_or_path _use_default_values")
ANY_TRANSFORMERS = words(
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
_T5 = words(
    """
    classifier_dropout d_ff d_kv d_model dense_act_fn dropout_rate feed_forward_proj
    initializer_factor is_gated_act layer_norm_epsilon n_positions num_decoder_layers num_heads
    num_layers relative_attention_max_distance relative_attention_num_buckets
    scale_decoder_outputs vocab_size
    """
)
TOKENIZER_KEYS = words(
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

GENERATION = AllowedClass(
    "GenerationConfig",
    ANY_TRANSFORMERS
    | words(
        """
        _from_model_config epsilon_cutoff eta_cutoff guidance_scale max_time min_new_tokens
        penalty_alpha renormalize_logits encoder_repetition_penalty output_logits low_memory
        """
    ),
)
"""How a language model is sampled; it may stand beside any of them."""


def tokenizers(*names: str, more: str = "") -> tuple[AllowedClass, ...]:
    """Return the tokenizers of these names, whose configurations may have some more keys."""
    keys = TOKENIZER_KEYS | words(more)
    return tuple(AllowedClass(name, keys, has_weights=False) for name in names)


# What several families have.
T5_ENCODER = AllowedClass("T5EncoderModel", _T5 | ANY_TRANSFORMERS)
T5_TOKENIZERS = tokenizers("T5Tokenizer", "T5TokenizerFast")
OOBLECK = AllowedClass(
    "AutoencoderOobleck",
    ANY_DIFFUSERS
    | words(
        """
        audio_channels channel_multiples decoder_channels decoder_input_channels
        downsampling_ratios encoder_hidden_size sampling_rate
        """
    ),
    frozenset({"diffusers"}),
    widths=WIDTHS | words("decoder_channels decoder_input_channels encoder_hidden_size"),
    depths=DEPTHS | words("channel_multiples downsampling_ratios"),
)
FLOW_SCHEDULE = AllowedClass(
    "FlowMatchEulerDiscreteScheduler",
    ANY_DIFFUSERS
    | words(
        """
        base_image_seq_len base_shift invert_sigmas max_image_seq_len max_shift
        num_train_timesteps shift shift_terminal stochastic_sampling time_shift_type
        use_beta_sigmas use_dynamic_shifting use_exponential_sigmas use_karras_sigmas
        """
    ),
    frozenset({"diffusers"}),
    has_weights=False,
)
