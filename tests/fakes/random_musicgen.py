"""Checkpoints of MusicGen with random weights, in full size or tiny, in the published layout.

The structure is that of the published checkpoints: a T5 encoder, a decoder of 4 codebooks (8 in
stereo) and a mono EnCodec of 640 samples to the frame at 32 kHz. The weights are random, but of
such sizes that tokens vary and sound comes out: they show speed and arithmetic, and say nothing of
how a checkpoint sounds. The tokenizer knows single letters only.
"""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers.generation.configuration_utils import GenerationConfig
from transformers.models.encodec.configuration_encodec import EncodecConfig
from transformers.models.encodec.feature_extraction_encodec import EncodecFeatureExtractor
from transformers.models.encodec.modeling_encodec import EncodecModel
from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig
from transformers.models.musicgen.modeling_musicgen import (
    MusicgenForCausalLM,
    MusicgenForConditionalGeneration,
)
from transformers.models.musicgen_melody.configuration_musicgen_melody import (
    MusicgenMelodyDecoderConfig,
)
from transformers.models.musicgen_melody.modeling_musicgen_melody import (
    MusicgenMelodyForCausalLM,
    MusicgenMelodyForConditionalGeneration,
)
from transformers.models.t5.configuration_t5 import T5Config
from transformers.models.t5.modeling_t5 import T5EncoderModel

from engine.generators.quiet_libraries import quiet_libraries
from tests.fakes.letter_tokenizer import letter_tokenizer


@dataclasses.dataclass(frozen=True)
class MusicGenShape:
    """The widths of the parts."""

    hidden: int
    layers: int
    heads: int
    inner: int
    text: int
    text_layers: int
    text_heads: int
    text_inner: int
    pieces: int
    filters: int
    codebook: int


TINY = MusicGenShape(
    hidden=32, layers=2, heads=4, inner=64,
    text=24, text_layers=2, text_heads=4, text_inner=37, pieces=100, filters=4, codebook=64,
)  # fmt: skip
SMALL = MusicGenShape(
    hidden=1024, layers=24, heads=16, inner=4096,
    text=768, text_layers=12, text_heads=12, text_inner=3072, pieces=32_128,
    filters=64, codebook=2048,
)  # fmt: skip
MEDIUM = dataclasses.replace(SMALL, hidden=1536, layers=48, heads=24, inner=6144)
LARGE = dataclasses.replace(SMALL, hidden=2048, layers=48, heads=32, inner=8192)
SAMPLE_RATE = 32_000
CODEBOOKS = 4
FRAMES_PER_SECOND = 50
_MELODY_PREPROCESSOR = {
    # Written out, because the class itself cannot be made without torchaudio.
    "feature_extractor_type": "MusicgenMelodyFeatureExtractor",
    "processor_class": "MusicgenMelodyProcessor",
    "chunk_length": 30,
    "feature_size": 12,
    "hop_length": 4096,
    "n_fft": 16_384,
    "n_samples": 30 * SAMPLE_RATE,
    "num_chroma": 12,
    "padding_side": "left",
    "padding_value": 0.0,
    "return_attention_mask": False,
    "sampling_rate": SAMPLE_RATE,
    "stem_indices": [3, 2],
}


def musicgen_parts(
    shape: MusicGenShape, *, melody: bool = False, channels: int = 1, seed: int = 0
) -> dict[str, Any]:
    """Return a MusicGen as `model` and `tokenizer`, and its `preprocessor` as data.

    Args:
        shape: the widths.
        melody: the kind that also listens to a melody, and has no cross-attention.
        channels: 1 or 2.
        seed: of the weights.
    """
    torch.manual_seed(seed)
    model = musicgen_model(shape, melody=melody, channels=channels)
    with quiet_libraries():
        model.generation_config = _generation(shape.codebook)
    _enliven_decoder(model)
    _enliven_encodec(model.audio_encoder)
    model.config.decoder_start_token_id = shape.codebook
    return {
        "model": model.eval(),
        "tokenizer": letter_tokenizer(),
        "preprocessor": _MELODY_PREPROCESSOR if melody else _preprocessor(channels),
    }


def musicgen_model(shape: MusicGenShape, *, melody: bool, channels: int) -> Any:
    """Return a model as the library makes it, which is almost silent."""
    made: Any = (
        MusicgenMelodyForConditionalGeneration if melody else MusicgenForConditionalGeneration
    )
    with quiet_libraries():  # The token that stands for none lies behind the vocabulary: it warns.
        return made(
            text_encoder=T5EncoderModel(_t5_shape(shape)),
            audio_encoder=EncodecModel(_encodec_shape(shape)),
            decoder=_decoder(shape, melody=melody, channels=channels),
        )


def write_musicgen(folder: Path, parts: dict[str, Any], *, largest_file: str = "50GB") -> Path:
    """Write parts as one flat folder, as published; return the folder.

    Args:
        folder: is made.
        parts: of `musicgen_parts`.
        largest_file: weights beyond it go into several files, with an index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with quiet_libraries():
        parts["model"].save_pretrained(folder, max_shard_size=largest_file)
    parts["tokenizer"].save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(parts["preprocessor"], indent=2))
    for path in folder.glob("*.safetensors"):
        weights = {_published_name(name): weight for name, weight in load_file(path).items()}
        renamed = path.with_suffix(".renamed")
        save_file(weights, renamed, metadata={"format": "pt"})
        renamed.replace(path)
    for index in folder.glob("*.index.json"):
        index.write_text(_published_name(index.read_text()))
    return folder


def _published_name(name: str) -> str:
    """Return how a weight is called in the published files, which are older than the library."""
    name = name.replace("parametrizations.weight.original0", "weight_g")
    return name.replace("parametrizations.weight.original1", "weight_v")


def _generation(start_token: int) -> GenerationConfig:
    return GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=True, guidance_scale=3.0, max_length=1500, bos_token_id=start_token,
        pad_token_id=start_token, decoder_start_token_id=start_token,
    )  # fmt: skip


def _decoder(
    shape: MusicGenShape, *, melody: bool, channels: int
) -> MusicgenForCausalLM | MusicgenMelodyForCausalLM:
    facts: dict[str, Any] = {
        "vocab_size": shape.codebook,
        "max_position_embeddings": 2048,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "ffn_dim": shape.inner,
        "num_codebooks": CODEBOOKS * channels,
        "audio_channels": channels,
        "pad_token_id": shape.codebook,
        "bos_token_id": shape.codebook,
    }
    if melody:
        return MusicgenMelodyForCausalLM(MusicgenMelodyDecoderConfig(**facts))
    return MusicgenForCausalLM(MusicgenDecoderConfig(**facts))


def _t5_shape(shape: MusicGenShape) -> T5Config:
    return T5Config(
        vocab_size=shape.pieces, d_model=shape.text, d_ff=shape.text_inner,
        d_kv=shape.text // shape.text_heads, num_layers=shape.text_layers,
        num_heads=shape.text_heads, feed_forward_proj="relu",
    )  # fmt: skip


def _encodec_shape(shape: MusicGenShape) -> EncodecConfig:
    bits = math.ceil(math.log2(shape.codebook))
    return EncodecConfig(
        # From this the library computes the number of codebooks.
        target_bandwidths=[CODEBOOKS * FRAMES_PER_SECOND * bits / 1000],
        sampling_rate=SAMPLE_RATE, audio_channels=1, normalize=False, chunk_length_s=None,
        overlap=None, upsampling_ratios=[8, 5, 4, 4], num_filters=shape.filters,
        codebook_size=shape.codebook, norm_type="weight_norm", use_causal_conv=False,
        use_conv_shortcut=False,
    )  # fmt: skip


def _preprocessor(channels: int) -> dict[str, Any]:
    made = EncodecFeatureExtractor(
        feature_size=channels, sampling_rate=SAMPLE_RATE, padding_side="left"
    )
    facts: dict[str, Any] = made.to_dict()
    return facts | {"processor_class": "MusicgenProcessor"}


def _enliven_decoder(model: Any) -> None:
    """Give the decoder weights that keep the size of what passes, so that tokens vary."""
    for name, module in model.named_modules():
        if name.startswith(("text_encoder", "audio_encoder")):
            continue
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=1.0)
        elif isinstance(module, nn.Linear):
            gain = 4.0 if "lm_heads" in name else 2.0
            nn.init.normal_(module.weight, std=gain / math.sqrt(module.in_features))


def _enliven_encodec(codec: Any) -> None:
    """Give the codec weights that let sound through, and codebooks: as made, they are zeros."""
    for module in codec.modules():
        if isinstance(module, nn.Conv1d):
            _set_gain(module, 1.0)
        elif isinstance(module, nn.ConvTranspose1d):
            _set_gain(module, math.sqrt(module.stride[0] / 2))
    # The encoder's vectors as large as the codebooks', and sound well below full scale.
    _set_gain(codec.encoder.layers[-1].conv, 6.0)
    _set_gain(codec.decoder.layers[-1].conv, 0.25)
    for layer in codec.quantizer.layers:
        layer.codebook.embed.normal_()
        layer.codebook.embed_avg.copy_(layer.codebook.embed)
        layer.codebook.cluster_size.fill_(1.0)


def _set_gain(convolution: Any, gain: float) -> None:
    nn.init.constant_(convolution.parametrizations.weight.original0, gain)
