"""Checkpoints of both latent-diffusion families with random weights, in full size or tiny.

The parts and their structure are those of the published checkpoints (four UNet levels, a VAE that
shrinks by 4, a vocoder of 160 samples to the mel frame). The weights are random: they show speed
and arithmetic, and say nothing of how a checkpoint sounds. Tokenizers know single letters only.
"""

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.audioldm2.modeling_audioldm2 import (
    AudioLDM2ProjectionModel,
    AudioLDM2UNet2DConditionModel,
)
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from tokenizers import pre_tokenizers
from transformers.models.clap.configuration_clap import ClapAudioConfig, ClapConfig, ClapTextConfig
from transformers.models.clap.feature_extraction_clap import ClapFeatureExtractor
from transformers.models.clap.modeling_clap import ClapModel
from transformers.models.gpt2.configuration_gpt2 import GPT2Config
from transformers.models.gpt2.modeling_gpt2 import GPT2Model
from transformers.models.roberta.tokenization_roberta import RobertaTokenizer
from transformers.models.speecht5.configuration_speecht5 import SpeechT5HifiGanConfig
from transformers.models.speecht5.modeling_speecht5 import SpeechT5HifiGan
from transformers.models.t5.configuration_t5 import T5Config
from transformers.models.t5.modeling_t5 import T5EncoderModel
from transformers.models.vits.configuration_vits import VitsConfig
from transformers.models.vits.modeling_vits import VitsModel
from transformers.models.vits.tokenization_vits import VitsTokenizer

from tests.fakes.letter_tokenizer import LETTERS, letter_tokenizer


@dataclasses.dataclass(frozen=True)
class Shape:
    """The widths of the parts."""

    unet: tuple[int, ...]
    unet_layers: int
    unet_groups: int
    vae: tuple[int, ...]
    vae_layers: int
    vae_groups: int
    vocoder: int
    text: int
    text_layers: int
    text_inner: int
    text_heads: int
    words: int
    second: int
    second_layers: int
    second_inner: int
    second_heads: int
    pieces: int
    projection: int
    audio: dict[str, Any]


TINY = Shape(
    unet=(16, 32, 48, 80), unet_layers=1, unet_groups=8,
    vae=(8, 16, 24), vae_layers=1, vae_groups=8, vocoder=64,
    text=32, text_layers=2, text_inner=37, text_heads=4, words=300,
    second=40, second_layers=2, second_inner=37, second_heads=4, pieces=100, projection=32,
    audio={
        "patch_embeds_hidden_size": 16, "depths": [1, 1, 1, 1], "hidden_size": 128,
        "num_attention_heads": [2, 2, 2, 2], "num_hidden_layers": 4,
    },
)  # fmt: skip
FULL = Shape(
    unet=(128, 256, 384, 640), unet_layers=2, unet_groups=32,
    vae=(128, 256, 512), vae_layers=2, vae_groups=32, vocoder=1024,
    text=768, text_layers=12, text_inner=3072, text_heads=12, words=50_265,
    second=1024, second_layers=24, second_inner=2816, second_heads=16, pieces=32_128,
    projection=512, audio={},
)  # fmt: skip
SPEECH_TOKENS = 24
LIBRARY_OF = {"vae": "diffusers", "unet": "diffusers", "scheduler": "diffusers"}


def musicldm_parts(shape: Shape, seed: int = 0) -> dict[str, Any]:
    """Return the parts of a MusicLDM by their names in a checkpoint."""
    torch.manual_seed(seed)
    return _shared_parts(shape) | {
        "unet": UNet2DConditionModel(
            **_unet_shape(shape),
            cross_attention_dim=list(shape.unet),
            class_embed_type="simple_projection",
            projection_class_embeddings_input_dim=shape.projection,
            class_embeddings_concat=True,
        )
    }


def audioldm2_parts(
    shape: Shape, seed: int = 0, *, speech: bool = False, large: bool = False
) -> dict[str, Any]:
    """Return the parts of an AudioLDM 2 by their names in a checkpoint.

    One that speaks has another text encoder; the large one has transformers of two layers.
    """
    torch.manual_seed(seed)
    learned = {"use_learned_position_embedding": True, "max_seq_length": SPEECH_TOKENS}
    return _shared_parts(shape) | {
        "text_encoder_2": _vits(shape.second) if speech else _t5(shape),
        "tokenizer_2": _vits_tokenizer() if speech else letter_tokenizer(),
        "language_model": GPT2Model(_gpt2_shape(shape)),
        "projection_model": AudioLDM2ProjectionModel(
            text_encoder_dim=shape.projection,
            text_encoder_1_dim=shape.second,
            langauge_model_dim=shape.text,
            **(learned if speech else {}),
        ),
        "unet": AudioLDM2UNet2DConditionModel(
            **_unet_shape(shape),
            cross_attention_dim=[[None, shape.text, shape.second]] * 4,
            transformer_layers_per_block=2 if large else 1,
        ),
    }


def _gpt2_shape(shape: Shape) -> GPT2Config:
    config = GPT2Config(
        n_embd=shape.text, n_layer=shape.text_layers, n_head=shape.text_heads, n_positions=1024,
        vocab_size=shape.words, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    config.max_new_tokens = 8  # As in the published files: how many vectors it adds to a prompt.
    return config


def _unet_shape(shape: Shape) -> dict[str, Any]:
    return {
        "sample_size": 256,  # latents: 10.24 s, upstream's default length
        "in_channels": 8,
        "out_channels": 8,
        "block_out_channels": list(shape.unet),
        "down_block_types": ["DownBlock2D"] + 3 * ["CrossAttnDownBlock2D"],
        "up_block_types": 3 * ["CrossAttnUpBlock2D"] + ["UpBlock2D"],
        "layers_per_block": shape.unet_layers,
        "attention_head_dim": 8,
        "norm_num_groups": shape.unet_groups,
    }


def _shared_parts(shape: Shape) -> dict[str, Any]:
    vocoder = SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=64,
            sampling_rate=16_000,
            upsample_initial_channel=shape.vocoder,
            upsample_rates=[5, 4, 2, 2, 2],
            upsample_kernel_sizes=[16, 16, 8, 4, 4],
            resblock_kernel_sizes=[3, 7, 11],
            resblock_dilation_sizes=[[1, 3, 5]] * 3,
            normalize_before=False,
        )
    )
    _enliven(vocoder)
    return {
        "vae": AutoencoderKL(
            in_channels=1,
            out_channels=1,
            down_block_types=["DownEncoderBlock2D"] * 3,
            up_block_types=["UpDecoderBlock2D"] * 3,
            block_out_channels=list(shape.vae),
            layers_per_block=shape.vae_layers,
            latent_channels=8,
            norm_num_groups=shape.vae_groups,
            scaling_factor=0.9,
        ),
        "text_encoder": _clap(shape),
        "tokenizer": _roberta_tokenizer(),
        "feature_extractor": ClapFeatureExtractor(
            feature_size=64, frequency_min=50, truncation="rand_trunc"
        ),
        "scheduler": DDIMScheduler(
            beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear",
            clip_sample=False, set_alpha_to_one=False, steps_offset=1,
        ),
        "vocoder": vocoder,
    }  # fmt: skip


def _enliven(vocoder: SpeechT5HifiGan) -> None:
    """Give the vocoder weights that let sound through: as made, they are almost nothing."""
    for module in vocoder.modules():
        if isinstance(module, torch.nn.Conv1d | torch.nn.ConvTranspose1d):
            torch.nn.init.kaiming_uniform_(module.weight, a=0.5)


def _clap(shape: Shape) -> ClapModel:
    text = ClapTextConfig(
        vocab_size=shape.words, hidden_size=shape.text, intermediate_size=shape.text_inner,
        num_hidden_layers=shape.text_layers, num_attention_heads=shape.text_heads,
        max_position_embeddings=514, projection_dim=shape.projection,
        pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    audio = ClapAudioConfig(
        spec_size=256,
        window_size=8,
        num_mel_bins=64,
        projection_dim=shape.projection,
        **shape.audio,
    )
    return ClapModel(
        ClapConfig(
            text_config=text.to_dict(),
            audio_config=audio.to_dict(),
            projection_dim=shape.projection,
        )
    )


def _roberta_tokenizer() -> RobertaTokenizer:
    names = ["<s>", "<pad>", "</s>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {name: number for number, name in enumerate([*names, "<mask>"])}
    return RobertaTokenizer(vocab=vocabulary, merges=[], model_max_length=512)


def _t5(shape: Shape) -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=shape.pieces, d_model=shape.second, d_ff=shape.second_inner,
            d_kv=shape.second // shape.second_heads, num_layers=shape.second_layers,
            num_heads=shape.second_heads, feed_forward_proj="gated-gelu",
        )
    )  # fmt: skip


def _vits(width: int) -> VitsModel:
    return VitsModel(
        VitsConfig(
            vocab_size=190, hidden_size=width, num_hidden_layers=2, num_attention_heads=2,
            ffn_dim=48, flow_size=16, spectrogram_bins=9, wavenet_dilation_rate=1,
            posterior_encoder_num_wavenet_layers=1, prior_encoder_num_wavenet_layers=1,
            prior_encoder_num_flows=1, duration_predictor_num_flows=1,
            upsample_initial_channel=16, upsample_rates=[8, 2], upsample_kernel_sizes=[16, 4],
            resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3, 5]],
            layerdrop=0.0,
        )
    )  # fmt: skip


def _vits_tokenizer() -> VitsTokenizer:
    names = ["<pad>", *LETTERS, " ", "<unk>"]
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocab.json"
        vocabulary.write_text(json.dumps({name: number for number, name in enumerate(names)}))
        return VitsTokenizer(
            vocabulary, phonemize=False, add_blank=False, model_max_length=SPEECH_TOKENS
        )


def write_checkpoint(folder: Path, pipeline: str, parts: dict[str, Any]) -> Path:
    """Write parts as a checkpoint folder in the published layout; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, Any] = {"_class_name": pipeline, "_diffusers_version": "0.21.0"}
    for name, part in parts.items():
        part.save_pretrained(folder / name)
        library = (
            "audioldm2" if name == "projection_model" else LIBRARY_OF.get(name, "transformers")
        )
        if isinstance(part, AudioLDM2UNet2DConditionModel):
            library = "audioldm2"
        index[name] = [library, type(part).__name__]
    (folder / "model_index.json").write_text(json.dumps(index, indent=2))
    return folder
