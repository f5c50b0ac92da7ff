"""Checkpoints in the published layout, made of bytes alone: no torch, nothing that could run."""

import json
import math
from pathlib import Path

CLASSES = {
    "vae": ("diffusers", "AutoencoderKL"),
    "text_encoder": ("transformers", "ClapModel"),
    "tokenizer": ("transformers", "RobertaTokenizerFast"),
    "feature_extractor": ("transformers", "ClapFeatureExtractor"),
    "scheduler": ("diffusers", "DDIMScheduler"),
    "vocoder": ("transformers", "SpeechT5HifiGan"),
    "unet": ("diffusers", "UNet2DConditionModel"),
}
AUDIOLDM2_CLASSES = CLASSES | {
    "unet": ("audioldm2", "AudioLDM2UNet2DConditionModel"),
    "text_encoder_2": ("transformers", "T5EncoderModel"),
    "tokenizer_2": ("transformers", "T5TokenizerFast"),
    "language_model": ("transformers", "GPT2Model"),
    "projection_model": ("audioldm2", "AudioLDM2ProjectionModel"),
}
CONFIGS = {
    "vae": {"_class_name": "AutoencoderKL", "in_channels": 1, "block_out_channels": [8, 16]},
    "text_encoder": {
        "architectures": ["ClapModel"],
        "model_type": "clap",
        "torch_dtype": "float32",
        "text_config": {"hidden_size": 16, "vocab_size": 16, "num_hidden_layers": 1},
        "audio_config": {"hidden_size": 16, "depths": [1, 1], "enable_fusion": True},
    },
    "tokenizer": {
        "tokenizer_class": "RobertaTokenizer",
        "model_max_length": 10**30,
        "bos_token": {"__type": "AddedToken", "content": "<s>", "lstrip": False},
    },
    "feature_extractor": {"feature_extractor_type": "ClapFeatureExtractor", "hop_length": 480},
    "scheduler": {"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear"},
    "vocoder": {"architectures": ["SpeechT5HifiGan"], "upsample_rates": [5, 4, 2, 2, 2]},
    "unet": {"in_channels": 8, "block_out_channels": [8, 16], "cross_attention_dim": [None, 8]},
    "text_encoder_2": {"architectures": ["T5EncoderModel"], "d_model": 16, "num_layers": 1},
    "tokenizer_2": {"tokenizer_class": "T5Tokenizer", "model_max_length": 512},
    "language_model": {"architectures": ["GPT2Model"], "n_embd": 16, "n_layer": 1},
    "projection_model": {"text_encoder_dim": 16, "langauge_model_dim": 16},
}
_CONFIG_FILE = {
    "tokenizer": "tokenizer_config.json",
    "tokenizer_2": "tokenizer_config.json",
    "feature_extractor": "preprocessor_config.json",
    "scheduler": "scheduler_config.json",
}
_DIFFUSERS = ("vae", "unet", "projection_model")

MUSICGEN_CONFIG = {
    # As the published files have it, with the keys of the version that wrote them.
    "_name_or_path": "./",
    "architectures": ["MusicgenForConditionalGeneration"],
    "model_type": "musicgen",
    "is_encoder_decoder": True,
    "torch_dtype": "float32",
    "transformers_version": None,
    "text_encoder": {
        "_name_or_path": "t5-base",
        "architectures": ["T5ForConditionalGeneration"],
        "model_type": "t5",
        "d_model": 16,
        "d_ff": 64,
        "num_layers": 1,
        "dense_act_fn": "relu",
        "feed_forward_proj": "relu",
        "n_positions": 512,
        "task_specific_params": {"summarization": {"prefix": "summarize: ", "num_beams": 4}},
        "id2label": {"0": "LABEL_0"},
    },
    "audio_encoder": {
        "_name_or_path": "facebook/encodec_32khz",
        "architectures": ["EncodecModel"],
        "model_type": "encodec",
        "sampling_rate": 32_000,
        "audio_channels": 1,
        "num_filters": 8,
        "upsampling_ratios": [8, 5, 4, 4],
        "target_bandwidths": [2.2],
        "norm_type": "weight_norm",
        "pad_mode": "reflect",
        "chunk_length_s": None,
    },
    "decoder": {
        "model_type": "musicgen_decoder",
        "hidden_size": 16,
        "ffn_dim": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_codebooks": 4,
        "audio_channels": 1,
        "vocab_size": 60,
        "activation_function": "gelu",
        "scale_embedding": False,
        "bos_token_id": 60,
    },
}


def safetensors(tensors: dict[str, tuple[int, ...]], fill: int = 0, **changed) -> bytes:
    """Return a file of float32 tensors; `changed` replaces what the header says of the first."""
    header, position = {}, 0
    for name, shape in tensors.items():
        end = position + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [position, end]}
        position = end
    header[next(iter(header))] |= changed
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes([fill]) * position


def config_file(part: str) -> str:
    """Return where the configuration of a part stands."""
    return f"{part}/{_CONFIG_FILE.get(part, 'config.json')}"


def weights_file(part: str) -> str:
    """Return where the weights of a part stand."""
    name = "diffusion_pytorch_model" if part in _DIFFUSERS else "model"
    return f"{part}/{name}.safetensors"


def musicldm(fill: int = 0) -> dict[str, bytes]:
    """Return the files of a MusicLDM-shaped checkpoint; `fill` varies the weights of the UNet."""
    return _files("MusicLDMPipeline", CLASSES, fill)


def audioldm2(fill: int = 0) -> dict[str, bytes]:
    """Return the files of an AudioLDM 2-shaped checkpoint."""
    return _files("AudioLDM2Pipeline", AUDIOLDM2_CLASSES, fill)


def musicgen(fill: int = 0, *, melody: bool = False, channels: int = 1) -> dict[str, bytes]:
    """Return the files of a MusicGen-shaped checkpoint in one flat folder."""
    config = json.loads(json.dumps(MUSICGEN_CONFIG))
    config["decoder"] |= {"audio_channels": channels, "num_codebooks": 4 * channels}
    extractor = {"feature_extractor_type": "EncodecFeatureExtractor", "feature_size": channels}
    extractor |= {"padding_side": "left", "processor_class": "MusicgenProcessor"}
    if melody:
        config["architectures"] = ["MusicgenMelodyForConditionalGeneration"]
        config |= {"model_type": "musicgen_melody", "num_chroma": 12, "chroma_length": 235}
        config["decoder"]["model_type"] = "musicgen_melody_decoder"
        extractor = {"feature_extractor_type": "MusicgenMelodyFeatureExtractor"}
        extractor |= {"n_samples": 960_000, "n_fft": 16_384, "stem_indices": [3, 2]}
        extractor |= {"processor_class": "MusicgenMelodyProcessor"}
    tokenizer = {"tokenizer_class": "T5Tokenizer", "model_max_length": 512, "extra_ids": 100}
    tensors = {}
    for part in ("text_encoder", "audio_encoder", "decoder"):
        tensors |= {f"{part}.{number}": (16, 64) for number in range(8)}
    return {
        "config.json": json.dumps(config).encode(),
        "generation_config.json": b'{"do_sample": true, "guidance_scale": 3.0, "max_length": 1500}',
        "preprocessor_config.json": json.dumps(extractor).encode(),
        "tokenizer_config.json": json.dumps(tokenizer).encode(),
        "tokenizer.json": json.dumps({"version": "1.0", "model": {}}).encode(),
        "special_tokens_map.json": b'{"eos_token": "</s>"}',
        "spiece.model": b"pieces",
        "model.safetensors": safetensors(tensors, fill),
    }


def _files(pipeline: str, classes: dict, fill: int) -> dict[str, bytes]:
    index = {"_class_name": pipeline, "_diffusers_version": "0.20.0.dev0"}
    index |= {part: list(names) for part, names in classes.items()}
    files = {"model_index.json": json.dumps(index).encode()}
    for number, part in enumerate(classes):
        files[config_file(part)] = json.dumps(CONFIGS[part]).encode()
        if part not in _CONFIG_FILE:
            content = fill if part == "unet" else number
            tensors = {f"{part}.in": (16, 64), f"{part}.out": (64, 4)}
            files[weights_file(part)] = safetensors(tensors, content)
    files["tokenizer/tokenizer.json"] = json.dumps({"version": "1.0", "model": {}}).encode()
    return files


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder and return it."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
