"""What `model_config.json` says, the configuration of Stability's own tools.

Every value that changes what the model computes is checked here against what this program computes;
a key that is not known is refused, since it could change the sound without a word.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_ANY = None
"""In the tables below: a value that changes nothing here, such as how the model was trained."""
_SIZE = "a whole number above 0"
_SIZES = "whole numbers, none below 0"
_SPAN = "a number"
Allowed = str | tuple[object, ...] | None

_LARGEST = 2**31
_STRAIGHT = ("rf_denoiser", "rectified_flow")
"""Trained on a straight line from noise: distilled, and base."""
_OFF = (False, None)
_WHOLE: dict[str, Allowed] = {
    "model_type": ("diffusion_cond", "diffusion_cond_inpaint"),
    "sample_size": _SIZE,
    "sample_rate": _SIZE,
    "audio_channels": _SIZE,
    "model.io_channels": _SIZE,
    "model.pretransform.type": ("autoencoder",),
    "model.pretransform.scale": (1, None),
    **dict.fromkeys(
        (
            "model.pretransform.iterate_batch",
            "model.pretransform.model_half",
            "model.pretransform.chunked",
            "model.pretransform.enable_grad",
        ),
        _ANY,
    ),
    "model.pretransform.config.latent_dim": _SIZE,
    "model.pretransform.config.downsampling_ratio": _SIZE,
    "model.pretransform.config.io_channels": _SIZE,
    "model.pretransform.config.in_channels": _SIZE,
    "model.pretransform.config.out_channels": _SIZE,
    "model.pretransform.config.decoder.soft_clip": _OFF,
    "model.conditioning.cond_dim": _SIZE,
    "model.conditioning.default_keys": ({}, None),
    "model.conditioning.pre_encoded_keys": ([], None),
    "model.diffusion.type": ("dit",),
    "model.diffusion.input_concat_ids": ([], None),
    "model.diffusion.prepend_cond_ids": ([], None),
    "model.diffusion.modular_local_cond_configs": ([], None),
    "model.diffusion.distribution_shift_options": _ANY,
    "model.diffusion.sampling_distribution_shift_options": (None,),
    "model.diffusion.mask_padding_attention": _ANY,
    "model.diffusion.use_effective_length_for_schedule": _ANY,
}
_DIT: dict[str, Allowed] = {
    "io_channels": _SIZE,
    "patch_size": (1,),
    "embed_dim": _SIZE,
    "depth": _SIZE,
    "num_heads": _SIZE,
    "cond_token_dim": _SIZE,
    "global_cond_dim": _SIZE,
    "project_global_cond": (True,),
    "input_concat_dim": (0,),
    "prepend_cond_dim": (0,),
    "transformer_type": ("continuous_transformer",),
    "timestep_cond_type": ("global",),
    "rotary_pos_emb": (True,),
    "causal": (False,),
    "conformer": (False,),
    "use_sinusoidal_emb": (False,),
    "use_abs_pos_emb": (False,),
    "cross_attn_rotary_pos_emb": (False,),
    "zero_init_branch_outputs": _ANY,
    "diffusion_objective": _ANY,
}
_SECONDS: dict[str, Allowed] = {
    "type": ("number",),
    "config.min_val": _SPAN,
    "config.max_val": _SPAN,
}


def _below(place: str, table: Mapping[str, Allowed]) -> dict[str, Allowed]:
    return {f"{place}.{key}": allowed for key, allowed in table.items()}


_OOBLECK: dict[str, Allowed] = {
    "type": ("oobleck",),
    "config.channels": _SIZE,
    "config.c_mults": _SIZES,
    "config.strides": _SIZES,
    "config.latent_dim": _SIZE,
    "config.use_snake": (True,),
    "config.antialias_activation": (False,),
}
_OPEN: dict[str, Allowed] = {
    **_WHOLE,
    **_below("model.pretransform.config.encoder", {**_OOBLECK, "config.in_channels": _SIZE}),
    **_below(
        "model.pretransform.config.decoder",
        {
            **_OOBLECK,
            "config.out_channels": _SIZE,
            "config.final_tanh": (False,),
            "config.use_nearest_upsample": (False,),
        },
    ),
    "model.pretransform.config.bottleneck.type": ("vae",),
    "model.conditioning.prompt.type": ("t5",),
    "model.conditioning.prompt.config.t5_model_name": ("t5-base", "google-t5/t5-base"),
    "model.conditioning.prompt.config.max_length": _SIZE,
    "model.conditioning.prompt.config.project_out": _ANY,
    "model.conditioning.prompt.config.enable_grad": _OFF,
    **_below("model.conditioning.seconds_start", _SECONDS),
    **_below("model.conditioning.seconds_total", _SECONDS),
    "model.diffusion.cross_attention_cond_ids": (
        ["prompt", "seconds_start", "seconds_total"],
        ["prompt", "seconds_total"],
    ),
    "model.diffusion.global_cond_ids": (["seconds_start", "seconds_total"], ["seconds_total"]),
    "model.diffusion.diffusion_objective": ("v", *_STRAIGHT),
    **_below(
        "model.diffusion.config",
        {
            **_DIT,
            "global_cond_type": ("prepend",),
            "project_cond_tokens": (True, False),
            "attn_kwargs.qk_norm": ("ln", "none"),
        },
    ),
}
_SAME: dict[str, Allowed] = {
    "type": ("same",),
    "config.channels": _SIZE,
    "config.c_mults": _SIZES,
    "config.strides": _SIZES,
    "config.latent_dim": _SIZE,
    "config.transformer_depths": _SIZES,
    "config.sinusoidal_blocks": _SIZES,
    "config.dim_heads": _SIZE,
    "config.ff_mult": _SIZE,
    "config.sliding_window": _SIZES,
    "config.chunk_size": _SIZE,
    "config.chunk_midpoint_shift": (True, False),
    "config.conv_mapping": (True, False),
    "config.differential": (True,),
    "config.variable_stride": (True,),
    "config.dyt": (True,),
    **dict.fromkeys(
        (
            "config.conformer",
            "config.layer_scale",
            "config.feat_scale",
            "config.cross_attn",
            "config.causal",
        ),
        _OFF,
    ),
    # Noise that its authors add where sound is made, far below hearing; and how it was trained.
    **dict.fromkeys(
        (
            "config.mask_noise",
            "config.checkpointing",
            "config.freeze_backbone",
            "config.conv_bias",
            "config.mapping_bias",
        ),
        _ANY,
    ),
}
_THREE: dict[str, Allowed] = {
    **_WHOLE,
    "model.pretransform.config.pretransform.type": ("patched",),
    "model.pretransform.config.pretransform.config.patch_size": _SIZE,
    "model.pretransform.config.pretransform.config.channels": _SIZE,
    **_below("model.pretransform.config.encoder", {**_SAME, "config.in_channels": _SIZE}),
    **_below("model.pretransform.config.decoder", {**_SAME, "config.out_channels": _SIZE}),
    "model.pretransform.config.bottleneck.type": ("softnorm",),
    "model.pretransform.config.bottleneck.config.dim": _SIZE,
    "model.pretransform.config.bottleneck.config.noise_augment_dim": (0,),
    "model.pretransform.config.bottleneck.config.noise_regularize": _ANY,
    "model.pretransform.config.bottleneck.config.auto_scale": (True,),
    "model.pretransform.config.bottleneck.config.freeze": _ANY,
    "model.conditioning.prompt.type": ("t5gemma",),
    "model.conditioning.prompt.config.model_name": ("google/t5gemma-b-b-ul2",),
    "model.conditioning.prompt.config.max_length": _SIZE,
    "model.conditioning.prompt.config.padding_mode": ("learned",),
    "model.conditioning.prompt.config.project_out": _OFF,
    "model.conditioning.prompt.config.enable_grad": _OFF,
    "model.conditioning.prompt.config.model_path": _ANY,
    "model.conditioning.prompt.config.repo_id": _ANY,
    "model.conditioning.prompt.config.subfolder": _ANY,
    **_below(
        "model.conditioning.seconds_total",
        {**_SECONDS, "config.fourier_features_type": ("expo",)},
    ),
    "model.diffusion.cross_attention_cond_ids": (["prompt", "seconds_total"],),
    "model.diffusion.global_cond_ids": (["seconds_total"],),
    "model.diffusion.local_add_cond_ids": (["inpaint_mask", "inpaint_masked_input"],),
    "model.diffusion.diffusion_objective": _STRAIGHT,
    **_below(
        "model.diffusion.config",
        {
            **_DIT,
            "global_cond_type": ("adaLN",),
            "project_cond_tokens": (True,),
            "local_add_cond_dim": _SIZE,
            "num_memory_tokens": _SIZE,
            "timestep_features_type": ("expo",),
            "timestep_features_dim": _SIZE,
            "timestep_features_logsnr": _OFF,
            "norm_type": ("rms_norm",),
            "norm_kwargs.force_fp32": (True,),
            "attn_kwargs.qk_norm": ("rms",),
            "attn_kwargs.differential": (True, False),
            "ff_kwargs.mult": _SPAN,
        },
    ),
}
_SIZES_OF_THREE = (
    "io_channels", "embed_dim", "depth", "num_heads", "cond_token_dim", "global_cond_dim",
    "local_add_cond_dim", "num_memory_tokens",
)  # fmt: skip
_SHARED_BY_SAME = (
    "channels", "c_mults", "strides", "latent_dim", "transformer_depths", "dim_heads", "ff_mult",
    "sliding_window", "chunk_size", "chunk_midpoint_shift",
)  # fmt: skip
_UNREAD = ("training", "svd_bases_path", "name")
_TABLES = {"t5": _OPEN, "t5gemma": _THREE}


class BadConfig(ValueError):
    """The reason why a configuration is not used, as the end of a sentence."""


class Described(NamedTuple):
    """A checkpoint, as its configuration describes it.

    Attributes:
        pipeline: the library's pipeline for such a checkpoint, or `StableAudioOpenSmall`.
        configs: of each part that is in the file, as the library's class takes them.
        schedule: the configuration of the schedule, likewise.
        prompt_tokens: the longest prompt.
        longest_s: the longest sound.
        chunk: how many latents of sound the autoencoder sees at once; 0 if it sees a window.
        told_start: whether a Stable Audio Open is told the beginning of its sound.
        norms_queries: whether its transformer norms queries and keys.
    """

    pipeline: str
    configs: dict[str, dict[str, Any]]
    schedule: dict[str, Any]
    prompt_tokens: int
    longest_s: float
    chunk: int = 0
    told_start: bool = True
    norms_queries: bool = False


def described(config: Mapping[str, Any]) -> Described:
    """Return what a configuration describes.

    Raises:
        BadConfig: it describes something that is not computed here.
    """
    values = dict(_values(_by_id(config)))
    kind = values.get("model.conditioning.prompt.type")
    if not isinstance(kind, str) or kind not in _TABLES:
        raise BadConfig(f"reads prompts by {kind!r:.60}, not by {' or '.join(_TABLES)}")
    table = _TABLES[kind]
    for place, value in values.items():
        if place not in table:
            raise BadConfig(f"has the key {place[:100]!r}, which is not on the list of known keys")
        if not _is_allowed(value, table[place]):
            raise BadConfig(f"has {value!r:.60} as {place!r}")
    try:
        return _open(values) if kind == "t5" else _three(values)
    except KeyError as missing:
        raise BadConfig(f"does not say {missing.args[0]!r}") from None


def _by_id(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration with the conditioners by their ids, and without what is not read."""
    known = {key: value for key, value in config.items() if key not in _UNREAD}
    try:
        conditioning = dict(known["model"]["conditioning"])
        named = {str(each["id"]): dict(each) for each in conditioning.pop("configs")}
    except (KeyError, TypeError, ValueError):
        raise BadConfig("does not describe a model with conditions") from None
    for each in named.values():
        del each["id"]
    return {**known, "model": {**known["model"], "conditioning": {**conditioning, **named}}}


def _values(config: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, dict) and value and "shift_options" not in key:
            yield from _values(value, f"{place}{key}.")
        else:
            yield f"{place}{key}", value


def _is_allowed(value: object, allowed: Allowed) -> bool:
    if allowed is _ANY:
        return True
    if isinstance(allowed, tuple):
        return value in allowed
    if allowed == _SIZE:
        return type(value) is int and 0 < value < _LARGEST
    if allowed == _SIZES:
        return value is None or (
            isinstance(value, list)
            and 0 < len(value) < 16
            and all(type(each) is int and 0 <= each < _LARGEST for each in value)
        )
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _open(values: Mapping[str, Any]) -> Described:
    vae = _Section(values, "model.pretransform.config.")
    start, end = (
        _Section(values, f"model.conditioning.seconds_{name}.config.")
        for name in ("start", "total")
    )
    if start and (start["min_val"], start["max_val"]) != (end["min_val"], end["max_val"]):
        raise BadConfig("has other limits for the beginning than for the end")
    told = [*(["seconds_start"] if start else []), "seconds_total"]
    for name, ids in (("global", told), ("cross_attention", ["prompt", *told])):
        if values[f"model.diffusion.{name}_cond_ids"] != ids:
            raise BadConfig(f"does not tell the model {', '.join(ids)} in this order")
    objective = values.get("model.diffusion.diffusion_objective", "v")
    conditions = values["model.conditioning.cond_dim"]
    projection = {
        "text_encoder_dim": conditions,
        "conditioning_dim": conditions,
        "min_value": end["min_val"],
        "max_value": end["max_val"],
    }
    transformer = {
        "sample_size": values["sample_size"] // vae["downsampling_ratio"],
        **_open_transformer(_Section(values, "model.diffusion.config.")),
    }
    return Described(
        pipeline="StableAudioOpenSmall" if objective in _STRAIGHT else "StableAudioPipeline",
        configs={
            "vae": {"sampling_rate": values["sample_rate"], **_oobleck(vae)},
            "projection_model": projection,
            "transformer": transformer,
        },
        schedule={"stochastic_sampling": True} if objective == "rf_denoiser" else {},
        prompt_tokens=values.get("model.conditioning.prompt.config.max_length", 128),
        longest_s=values["sample_size"] / values["sample_rate"],
        told_start=bool(start),
        norms_queries=values.get("model.diffusion.config.attn_kwargs.qk_norm") == "ln",
    )


def _oobleck(vae: "_Section") -> dict[str, Any]:
    for name in ("c_mults", "strides"):
        _same(vae, f"encoder.config.{name}", f"decoder.config.{name}")
    return {
        "encoder_hidden_size": vae["encoder.config.channels"],
        "downsampling_ratios": vae["encoder.config.strides"],
        "channel_multiples": vae["encoder.config.c_mults"],
        "decoder_channels": vae["decoder.config.channels"],
        "decoder_input_channels": vae["decoder.config.latent_dim"],
        "audio_channels": vae["io_channels"],
    }


def _open_transformer(dit: "_Section") -> dict[str, Any]:
    head = max(1, dit["embed_dim"] // dit["num_heads"])
    told = dit["embed_dim"] if dit.get("project_cond_tokens", True) else dit["cond_token_dim"]
    return {
        "in_channels": dit["io_channels"],
        "out_channels": dit["io_channels"],
        "num_layers": dit["depth"],
        "attention_head_dim": head,
        "num_attention_heads": dit["num_heads"],
        "num_key_value_attention_heads": told // head,
        "cross_attention_dim": told,
        "cross_attention_input_dim": dit["cond_token_dim"],
        "global_states_input_dim": dit["global_cond_dim"],
    }


def _three(values: Mapping[str, Any]) -> Described:
    vae, chunk = _same_coder(_Section(values, "model.pretransform.config."))
    dit = _Section(values, "model.diffusion.config.")
    seconds = _Section(values, "model.conditioning.seconds_total.config.")
    transformer = {
        **{name: dit[name] for name in _SIZES_OF_THREE},
        "timestep_features_dim": dit.get("timestep_features_dim", 256),
        "ff_mult": dit.get("ff_kwargs.mult", 4),
        "use_differential_attention": dit.get("attn_kwargs.differential", False),
    }
    objective = values["model.diffusion.diffusion_objective"]
    return Described(
        pipeline="StableAudio3Pipeline",
        configs={
            "vae": {"sampling_rate": values["sample_rate"], **vae},
            "duration_embedder": {
                "output_dim": values["model.conditioning.cond_dim"],
                "min_val": seconds["min_val"],
                "max_val": seconds["max_val"],
            },
            "transformer": transformer,
        },
        schedule={"stochastic_sampling": objective == "rf_denoiser"},
        prompt_tokens=values.get("model.conditioning.prompt.config.max_length", 128),
        longest_s=min(seconds["max_val"], values["sample_size"] / values["sample_rate"]),
        chunk=chunk,
    )


def _same_coder(vae: "_Section") -> tuple[dict[str, Any], int]:
    """Return the configuration of SAME, and how many latents it sees at once; 0 for a window."""
    for name in _SHARED_BY_SAME:
        _same(vae, f"encoder.config.{name}", f"decoder.config.{name}")
    coder, decoder = _Section(vae, "encoder.config."), _Section(vae, "decoder.config.")
    window, strides, chunk = coder.get("sliding_window"), coder["strides"], 0
    if window is None:
        if not coder.get("chunk_midpoint_shift") or len(strides) != 1:
            raise BadConfig("describes an autoencoder that sees neither a window nor moved chunks")
        chunk = coder.get("chunk_size", 128) // max(1, strides[0])
        if chunk % 2 or not chunk:
            raise BadConfig(f"describes chunks of {chunk} latents, which have no middle")
    elif len(set(window)) != 1:
        raise BadConfig(f"has a window of {window} latents, not as many before as after")
    if coder.get("conv_mapping") or decoder.get("conv_mapping", False) is not bool(chunk):
        raise BadConfig("describes another last layer of the autoencoder than is known")
    found = {
        "audio_channels": vae["io_channels"],
        "patch_size": vae["pretransform.config.patch_size"],
        "encoder_channels": coder["channels"],
        "encoder_c_mults": coder["c_mults"],
        "encoder_strides": strides,
        "encoder_transformer_depths": coder["transformer_depths"],
        "latent_dim": vae["latent_dim"],
        "dim_heads": coder.get("dim_heads", 128),
        "ff_mult": coder.get("ff_mult", 3),
        "sliding_window": window[0] if window else 1,
        "encoder_sinusoidal_blocks": coder.get("sinusoidal_blocks", [0]),
        "decoder_sinusoidal_blocks": decoder.get("sinusoidal_blocks", [0]),
    }
    return found, chunk


class _Section(dict[str, Any]):
    """The values below a place, by the rest of their places; an error names the whole place."""

    def __init__(self, values: Mapping[str, Any], place: str) -> None:
        begins = {key: value for key, value in values.items() if key.startswith(place)}
        super().__init__({key.removeprefix(place): value for key, value in begins.items()})
        self._place = place

    def __missing__(self, key: str) -> Any:
        raise KeyError(f"{self._place}{key}")


def _same(section: _Section, one: str, other: str) -> None:
    if section.get(one) != section.get(other):
        raise BadConfig(f"has {section.get(one)} as {one!r} and {section.get(other)} as {other!r}")
