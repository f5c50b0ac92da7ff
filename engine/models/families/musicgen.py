"""MusicGen: what a checkpoint of its may consist of, and the published ones, as data.

Sizes are computed from the shapes, four bytes a parameter; the exact size is known when the
download begins. Memory is the weights in float32 and what an eight-second loop needs in addition.
"""

from collections.abc import Mapping
from typing import NamedTuple

from engine.models.allowed import (
    ANY_TRANSFORMERS,
    T5_ENCODER,
    T5_TOKENIZERS,
    AllowedClass,
    words,
)
from engine.models.entry import ModelEntry
from engine.models.family import CHANNELS, RATES, SIZES, ConfigOf, Family, Inner, Sound
from engine.models.memory import BYTES_PER_NUMBER, USUAL_SECONDS, Work
from engine.models.settings import Setting

_LICENCE = "CC-BY-NC-4.0: not for commercial use"
_GENERATOR = "engine.generators.musicgen.generator:MusicGenGenerator"

# Decoding by EnCodec took 350 MB for 8 s and 930 MB for 24 s, measured on random weights of full
# size, on one core. The slope is doubled, the libraries are added.
_ENCODEC_BYTES_PER_SECOND = 40_000_000
_FRAMES_PER_SECOND = 50
_PASSES = 2  # with the prompt and without

_MUSICGEN_DECODER = words(
    """
    activation_dropout activation_function attention_dropout audio_channels classifier_dropout
    dropout ffn_dim hidden_size initializer_factor layerdrop max_position_embeddings
    num_attention_heads num_codebooks num_hidden_layers scale_embedding vocab_size
    """
)
_ENCODEC = AllowedClass(
    "EncodecModel",
    ANY_TRANSFORMERS
    | words(
        """
        audio_channels chunk_length_s codebook_dim codebook_size compress dilation_growth_rate
        hidden_size kernel_size last_kernel_size norm_type normalize num_filters num_lstm_layers
        num_residual_layers overlap pad_mode residual_kernel_size sampling_rate
        target_bandwidths trim_right_ratio upsampling_ratios use_causal_conv use_conv_shortcut
        """
    ),
)
_TEXT = AllowedClass(
    "MusicgenForConditionalGeneration", words("initializer_factor sampling_rate") | ANY_TRANSFORMERS
)
_MELODY = AllowedClass(
    "MusicgenMelodyForConditionalGeneration",
    words("chroma_length initializer_factor num_chroma sampling_rate") | ANY_TRANSFORMERS,
)
_TEXT_EXTRACTOR = AllowedClass(
    "EncodecFeatureExtractor",
    words(
        """
        chunk_length_s feature_extractor_type feature_size overlap padding_side padding_value
        processor_class return_attention_mask sampling_rate
        """
    ),
    has_weights=False,
)
_MELODY_EXTRACTOR = AllowedClass(
    "MusicgenMelodyFeatureExtractor",
    words(
        """
        chunk_length feature_extractor_type feature_size hop_length n_fft n_samples num_chroma
        padding_side padding_value processor_class return_attention_mask sampling_rate
        stem_indices
        """
    ),
    has_weights=False,
)
_MODULES = (
    "transformers.models.encodec",
    "transformers.models.musicgen",
    "transformers.models.musicgen_melody",
    "transformers.models.t5",
)


def musicgen_work(layers: int, hidden: int) -> Work:
    """Return the work of a MusicGen, which caches a key and a value per layer and frame."""
    kept = 2 * layers * hidden * BYTES_PER_NUMBER["float32"] * _PASSES * _FRAMES_PER_SECOND
    return Work(base=600_000_000, per_second=_ENCODEC_BYTES_PER_SECOND + kept)


def _sound(config_of: ConfigOf) -> Sound:
    decoder = config_of("decoder")
    layers = decoder.whole("num_hidden_layers", SIZES, 24)
    return Sound(
        sample_rate=config_of("audio_encoder").whole("sampling_rate", RATES, 24_000),
        channels=decoder.whole("audio_channels", CHANNELS, 1),
        work=musicgen_work(layers, decoder.whole("hidden_size", SIZES, 1024)),
    )


def _settings(_classes: Mapping[str, str]) -> tuple[Setting, ...]:
    return (
        Setting("guidance", "3"),
        Setting("temperature", "1"),
        Setting("top_k", "250"),
        Setting("top_p", "0"),
        Setting("draft"),
        Setting("verbatim"),
    )


def _inner(decoder_type: str, decoder: str) -> dict[str, Inner]:
    return {
        "text_encoder": Inner("t5", T5_ENCODER),
        "audio_encoder": Inner("encodec", _ENCODEC),
        "decoder": Inner(decoder_type, AllowedClass(decoder, _MUSICGEN_DECODER | ANY_TRANSFORMERS)),
    }


MUSICGEN = Family(
    id="musicgen",
    named="MusicgenForConditionalGeneration",
    generator=_GENERATOR,
    parts={
        "model": (_TEXT,),
        "tokenizer": T5_TOKENIZERS,
        "feature_extractor": (_TEXT_EXTRACTOR,),
    },
    model_type="musicgen",
    inner=_inner("musicgen_decoder", "MusicgenForCausalLM"),
    sound=_sound,
    modes=("continue",),
    settings=_settings,
    also_named=frozenset({"MusicgenProcessor", "T5ForConditionalGeneration"}),
    modules=_MODULES,
)
MUSICGEN_MELODY = Family(
    id="musicgen-melody",
    named="MusicgenMelodyForConditionalGeneration",
    generator=_GENERATOR,
    parts={
        "model": (_MELODY,),
        "tokenizer": T5_TOKENIZERS,
        "feature_extractor": (_MELODY_EXTRACTOR,),
    },
    model_type="musicgen_melody",
    inner=_inner("musicgen_melody_decoder", "MusicgenMelodyForCausalLM"),
    sound=_sound,
    modes=("continue", "melody"),
    settings=_settings,
    also_named=frozenset({"MusicgenMelodyProcessor", "T5ForConditionalGeneration"}),
    modules=_MODULES,
)
FAMILIES = (MUSICGEN, MUSICGEN_MELODY)

_TEXT_ENCODER, _CODEC = 109_628_544, 56_884_674
_TEXT_WIDTH, _CHROMA, _CODES, _CODEBOOKS = 768, 12, 2048, 4


class DecoderShape(NamedTuple):
    """The widths of a decoder; its feed-forward layers are four times as wide."""

    hidden: int
    layers: int


SMALL, MEDIUM, LARGE = DecoderShape(1024, 24), DecoderShape(1536, 48), DecoderShape(2048, 48)


def decoder_parameters(shape: DecoderShape, *, melody: bool, channels: int) -> int:
    """Return the number of parameters of a decoder and its conditioning layers.

    Args:
        shape: the widths.
        melody: whether conditions are placed in front of the tokens, without cross-attention.
        channels: 1 or 2.
    """
    width = shape.hidden
    attentions = 1 if melody else 2
    layer = attentions * 4 * width**2 + 2 * width * (4 * width)
    layer += (attentions + 1) * 2 * width  # norms
    # One more embedding than there are codes: that of the pad token.
    tables = _CODEBOOKS * channels * ((_CODES + 1) + _CODES) * width
    conditions = (_TEXT_WIDTH + 1) * width
    if melody:
        conditions += (_CHROMA + 1) * width
    return shape.layers * layer + 2 * width + tables + conditions


def _entry(
    kind: str,
    shape: DecoderShape,
    good_for: str,
    *,
    melody: bool = False,
    channels: int = 1,
    pickled: bool = False,
) -> ModelEntry:
    decoder = decoder_parameters(shape, melody=melody, channels=channels)
    weights = 4 * (_TEXT_ENCODER + _CODEC + decoder)
    work = musicgen_work(shape.layers, shape.hidden)
    family = MUSICGEN_MELODY if melody else MUSICGEN
    return ModelEntry(
        id=f"musicgen-{kind}",
        name=f"MusicGen {kind.replace('-', ' ')}",
        family=family.id,
        licence=_LICENCE,
        commercial_use=False,
        sample_rate=32_000,
        channels=channels,
        size_bytes=weights,
        good_for=good_for,
        generator=_GENERATOR,
        hub=f"facebook/musicgen-{kind}",
        pickled=pickled,
        memory_bytes=weights + work.bytes_for(USUAL_SECONDS, 1),
        work=work,
        modes=family.modes,
        settings=family.settings({}),
    )


ENTRIES = (
    _entry("small", SMALL, "bands and grooves from a sentence; the quickest of its kind"),
    _entry("medium", MEDIUM, "bands and grooves, in more detail", pickled=True),
    _entry("large", LARGE, "bands and grooves, in the most detail; slow", pickled=True),
    _entry("melody", MEDIUM, "plays along with a tune that you hum or drop in", melody=True),
    _entry("melody-large", LARGE, "plays along with a tune, in the most detail; slow", melody=True),
    _entry("stereo-small", SMALL, "bands and grooves from a sentence, in stereo", channels=2),
    _entry("stereo-medium", MEDIUM, "bands and grooves in stereo, in more detail", channels=2),
    _entry("stereo-large", LARGE, "bands and grooves in stereo, in the most detail", channels=2),
    _entry("stereo-melody", MEDIUM, "plays along with a tune, in stereo", melody=True, channels=2),
    _entry(
        "stereo-melody-large",
        LARGE,
        "plays along with a tune in stereo, in the most detail",
        melody=True,
        channels=2,
    ),
)
