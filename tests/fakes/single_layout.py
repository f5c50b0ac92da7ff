"""Writes parts in the layout of Stability's own tools: one file, `model_config.json`, and the text.

Written from what those tools call each tensor, the other way round than the code that reads it.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

Tensors = dict[str, torch.Tensor]


def write_single(folder: Path, parts: dict[str, Any], *, small: bool = False) -> Path:
    """Write parts of either family, or of a small Stable Audio Open; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    is_open = "projection_model" in parts
    tensors, config = (_open if is_open else _three)(parts)
    if small:
        _make_small(tensors, config)
    config["training"] = {"demo": {"demo_cond": [{"prompt": "Amen break"}]}}
    save_file({key: each.contiguous().clone() for key, each in tensors.items()},
              folder / "model.safetensors")  # fmt: skip
    (folder / "model_config.json").write_text(json.dumps(config))
    text = folder / ("text_encoder" if is_open else "t5gemma-b-b-ul2")
    parts["text_encoder"].save_pretrained(text)
    parts["tokenizer"].save_pretrained(folder / "tokenizer" if is_open else text)
    return folder


def _make_small(tensors: Tensors, config: dict[str, Any]) -> None:
    """Turn a Stable Audio Open into a small one: no beginning, norms, and a straight line."""
    model = config["model"]
    del model["conditioning"]["configs"][1]
    for name, ids in (("cross_attention", ["prompt", "seconds_total"]),
                      ("global", ["seconds_total"])):  # fmt: skip
        model["diffusion"][f"{name}_cond_ids"] = ids
    model["diffusion"]["diffusion_objective"] = "rf_denoiser"
    model["diffusion"]["config"]["attn_kwargs"] = {"qk_norm": "ln"}
    for key in [each for each in tensors if ".seconds_start." in each]:
        del tensors[key]
    width = model["diffusion"]["config"]["embed_dim"] // model["diffusion"]["config"]["num_heads"]
    for key in [each for each in tensors if each.endswith("_attn.to_out.weight")]:
        place = key.removesuffix("to_out.weight")
        for name in ("q_norm", "k_norm"):
            tensors[f"{place}{name}.weight"] = torch.ones(width)
            tensors[f"{place}{name}.bias"] = torch.zeros(width)


def _state(part: Any) -> Tensors:
    return dict(part.state_dict())


def _below(state: Tensors, place: str) -> Tensors:
    return {key.removeprefix(place): t for key, t in state.items() if key.startswith(place)}


def _open(parts: dict[str, Any]) -> tuple[Tensors, dict[str, Any]]:
    dit, vae, numbers = (parts[n].config for n in ("transformer", "vae", "projection_model"))
    tensors = {
        f"model.model.{key}": t for key, t in _open_dit(_state(parts["transformer"])).items()
    }
    for side in ("encoder", "decoder"):
        coder = _oobleck(_below(_state(parts["vae"]), f"{side}."), side)
        tensors |= {f"pretransform.model.{side}.{key}": t for key, t in coder.items()}
    for key, tensor in _state(parts["projection_model"]).items():
        for ours, theirs in (("start", "seconds_start"), ("end", "seconds_total")):
            if key.startswith(f"{ours}_"):
                rest = key.removeprefix(f"{ours}_number_conditioner.time_positional_embedding.")
                tensors[f"conditioner.conditioners.{theirs}.embedder.embedding.{rest}"] = tensor
    shared = {"c_mults": vae.channel_multiples, "strides": vae.downsampling_ratios,
              "use_snake": True}  # fmt: skip
    seconds = {"type": "number", "config": {"min_val": numbers.min_value,
                                            "max_val": numbers.max_value}}  # fmt: skip
    hop = parts["vae"].hop_length
    config = {
        "model_type": "diffusion_cond",
        "sample_size": dit.sample_size * hop,
        "sample_rate": vae.sampling_rate,
        "audio_channels": 2,
        "model": {
            "pretransform": {
                "type": "autoencoder",
                "iterate_batch": True,
                "config": {
                    "encoder": {"type": "oobleck", "config": {
                        "in_channels": 2, "channels": vae.encoder_hidden_size, **shared,
                        "latent_dim": 2 * dit.in_channels}},
                    "decoder": {"type": "oobleck", "config": {
                        "out_channels": 2, "channels": vae.decoder_channels, **shared,
                        "latent_dim": dit.in_channels, "final_tanh": False}},
                    "bottleneck": {"type": "vae"},
                    "latent_dim": dit.in_channels,
                    "downsampling_ratio": hop,
                    "io_channels": 2,
                },
            },
            "conditioning": {
                "configs": [
                    {"id": "prompt", "type": "t5",
                     "config": {"t5_model_name": "t5-base", "max_length": 512}},
                    {"id": "seconds_start", **seconds},
                    {"id": "seconds_total", **seconds},
                ],
                "cond_dim": numbers.conditioning_dim,
            },
            "diffusion": {
                "type": "dit",
                "cross_attention_cond_ids": ["prompt", "seconds_start", "seconds_total"],
                "global_cond_ids": ["seconds_start", "seconds_total"],
                "config": {
                    "io_channels": dit.in_channels,
                    "embed_dim": dit.num_attention_heads * dit.attention_head_dim,
                    "depth": dit.num_layers,
                    "num_heads": dit.num_attention_heads,
                    "cond_token_dim": dit.cross_attention_input_dim,
                    "global_cond_dim": dit.global_states_input_dim,
                    "project_cond_tokens": False,
                    "transformer_type": "continuous_transformer",
                },
            },
            "io_channels": dit.in_channels,
        },
    }  # fmt: skip
    return tensors, config


def _open_dit(state: Tensors) -> Tensors:
    named = {"time_proj": "timestep_features", "timestep_proj": "to_timestep_embed",
             "global_proj": "to_global_embed", "cross_attention_proj": "to_cond_embed",
             "proj_in": "transformer.project_in",
             "proj_out": "transformer.project_out"}  # fmt: skip
    made = {"transformer.rotary_pos_emb.inv_freq": torch.ones(16)}
    blocks = sorted({key.split(".")[1] for key in state if key.startswith("transformer_blocks.")})
    for key, tensor in state.items():
        first, _, rest = key.partition(".")
        if first != "transformer_blocks":
            made[f"{named.get(first, first)}.{rest}"] = tensor
    made["timestep_features.weight"] = made["timestep_features.weight"][:, None]
    for number in blocks:
        block, place = (
            _below(state, f"transformer_blocks.{number}."),
            f"transformer.layers.{number}.",
        )
        for theirs, ours in (("pre_norm", "norm1"), ("cross_attend_norm", "norm2"),
                             ("ff_norm", "norm3")):  # fmt: skip
            made[f"{place}{theirs}.gamma"] = block[f"{ours}.weight"]
            made[f"{place}{theirs}.beta"] = block[f"{ours}.bias"]
        joined = [block[f"attn1.to_{each}.weight"] for each in "qkv"]
        made[f"{place}self_attn.to_qkv.weight"] = torch.cat(joined)
        made[f"{place}self_attn.to_out.weight"] = block["attn1.to_out.0.weight"]
        made[f"{place}cross_attn.to_q.weight"] = block["attn2.to_q.weight"]
        joined = [block[f"attn2.to_{each}.weight"] for each in "kv"]
        made[f"{place}cross_attn.to_kv.weight"] = torch.cat(joined)
        made[f"{place}cross_attn.to_out.weight"] = block["attn2.to_out.0.weight"]
        for kind in ("weight", "bias"):
            made[f"{place}ff.ff.0.proj.{kind}"] = block[f"ff.net.0.proj.{kind}"]
            made[f"{place}ff.ff.2.{kind}"] = block[f"ff.net.2.{kind}"]
    return made


def _oobleck(state: Tensors, side: str) -> Tensors:
    inside = {
        "encoder": ["res_unit1", "res_unit2", "res_unit3", "snake1", "conv1"],
        "decoder": ["snake1", "conv_t1", "res_unit1", "res_unit2", "res_unit3"],
    }[side]
    unit = ["snake1", "conv1", "snake2", "conv2"]
    last = 1 + len({key.split(".")[1] for key in state if key.startswith("block.")})
    made = {}
    for key, tensor in state.items():
        steps = key.split(".")
        if steps[0] == "block":
            path = [str(int(steps[1]) + 1), "layers", str(inside.index(steps[2]))]
            if steps[2].startswith("res_unit"):
                path += ["layers", str(unit.index(steps[3]))]
        else:
            path = [str({"conv1": 0, "snake1": last, "conv2": last + 1}[steps[0]])]
        flat = tensor.flatten() if steps[-1] in ("alpha", "beta") else tensor
        made[".".join(("layers", *path, steps[-1]))] = flat
    return made


def _three(parts: dict[str, Any]) -> tuple[Tensors, dict[str, Any]]:
    dit, vae, seconds = (parts[n].config for n in ("transformer", "vae", "duration_embedder"))
    tensors = {
        f"model.model.{key}": t for key, t in _three_dit(_state(parts["transformer"])).items()
    }
    padding = tensors.pop("model.model.prompt_padding_embedding")
    tensors["conditioner.conditioners.prompt.padding_embedding"] = padding
    tensors |= {f"pretransform.model.{key}": t for key, t in _same(_state(parts["vae"])).items()}
    for kind in ("weight", "bias"):
        place = f"conditioner.conditioners.seconds_total.embedder.embedding.1.{kind}"
        tensors[place] = parts["duration_embedder"].state_dict()[f"linear.{kind}"]
    chunk = vae.get("chunk", 0)
    seen = (
        {"chunk_size": chunk * vae.encoder_strides[0], "chunk_midpoint_shift": True}
        if chunk
        else {"sliding_window": [vae.sliding_window] * 2}
    )
    coder = {"channels": vae.encoder_channels, "c_mults": vae.encoder_c_mults,
             "strides": vae.encoder_strides, "latent_dim": vae.latent_dim,
             "transformer_depths": vae.encoder_transformer_depths, "dim_heads": vae.dim_heads,
             "differential": True, "variable_stride": True, **seen}  # fmt: skip
    distilled = parts["scheduler"].config.stochastic_sampling
    hop = parts["vae"].downsampling_ratio
    config = {
        "model_type": "diffusion_cond_inpaint",
        "sample_size": 2_000 * hop,
        "sample_rate": vae.sampling_rate,
        "audio_channels": 2,
        "model": {
            "pretransform": {
                "type": "autoencoder",
                "config": {
                    "pretransform": {"type": "patched",
                                     "config": {"patch_size": vae.patch_size, "channels": 2}},
                    "encoder": {"type": "same", "config": {
                        "in_channels": 2 * vae.patch_size, **coder}},
                    "decoder": {"type": "same", "config": {
                        "out_channels": 2 * vae.patch_size, **coder, "conv_mapping": bool(chunk)}},
                    "bottleneck": {"type": "softnorm", "config": {
                        "dim": vae.latent_dim, "noise_augment_dim": 0, "auto_scale": True}},
                    "latent_dim": vae.latent_dim,
                    "downsampling_ratio": hop,
                    "io_channels": 2,
                },
            },
            "conditioning": {
                "configs": [
                    {"id": "prompt", "type": "t5gemma",
                     "config": {"repo_id": "someone/something", "subfolder": "t5gemma-b-b-ul2",
                                "max_length": 256, "padding_mode": "learned"}},
                    {"id": "seconds_total", "type": "number",
                     "config": {"min_val": seconds.min_val, "max_val": seconds.max_val,
                                "fourier_features_type": "expo"}},
                ],
                "cond_dim": dit.cond_token_dim,
            },
            "diffusion": {
                "type": "dit",
                "diffusion_objective": "rf_denoiser" if distilled else "rectified_flow",
                "cross_attention_cond_ids": ["prompt", "seconds_total"],
                "global_cond_ids": ["seconds_total"],
                "local_add_cond_ids": ["inpaint_mask", "inpaint_masked_input"],
                "distribution_shift_options": {"min_length": 256, "max_length": 4096},
                "config": {
                    "io_channels": dit.io_channels, "embed_dim": dit.embed_dim,
                    "depth": dit.depth, "num_heads": dit.num_heads,
                    "cond_token_dim": dit.cond_token_dim, "global_cond_dim": dit.global_cond_dim,
                    "local_add_cond_dim": dit.local_add_cond_dim,
                    "num_memory_tokens": dit.num_memory_tokens,
                    "transformer_type": "continuous_transformer", "global_cond_type": "adaLN",
                    "timestep_features_type": "expo", "norm_type": "rms_norm",
                    "norm_kwargs": {"force_fp32": True},
                    "attn_kwargs": {"qk_norm": "rms",
                                    "differential": dit.use_differential_attention},
                },
            },
            "io_channels": dit.io_channels,
        },
    }  # fmt: skip
    return tensors, config


def _joined_as_there(tensor: torch.Tensor) -> torch.Tensor:
    """Return queries, keys and values in the order of the tools: q k v q2 k2, or q k v."""
    if tensor.shape[0] == 3 * tensor.shape[1]:
        return tensor
    first, second, third, fourth, fifth = tensor.chunk(5)
    return torch.cat([first, third, fifth, second, fourth])


def _three_dit(state: Tensors) -> Tensors:
    inner = ("memory_tokens", "rotary_pos_emb.", "global_cond_embedder.")
    made = {}
    for key, tensor in state.items():
        name = key.replace("transformer_blocks.", "transformer.layers.")
        name = name.replace("ff.proj_in.", "ff.ff.0.proj.").replace("ff.proj_out.", "ff.ff.2.")
        name = f"transformer.{name}" if key.startswith(inner) else name
        if key.startswith(("proj_in", "proj_out")):
            name = f"transformer.project{name.removeprefix('proj')}"
        made[name] = _joined_as_there(tensor) if "self_attn.to_qkv" in key else tensor
    return made


def _same(state: Tensors) -> Tensors:
    levels = 1 + max(int(key.split(".")[2]) for key in state if key.startswith("encoder.blocks."))
    made = {"bottleneck.noise_scaling_factor": torch.ones(1, 0, 1)}
    for key, tensor in state.items():
        side, _, rest = key.partition(".")
        if side == "bottleneck":
            made[f"bottleneck.{'scaling_factor' if rest == 'scale' else rest}"] = tensor
        elif rest.startswith("proj."):
            layer = levels + 1 if side == "encoder" else 1
            made[f"{side}.layers.{layer}.{rest.removeprefix('proj.')}"] = tensor
        else:
            _, number, name = rest.split(".", 2)
            layer = int(number) + (0 if side == "encoder" else 3)
            for ours, theirs in (("norm_attn.", "pre_norm."), (".attn.", ".self_attn."),
                                 ("norm_ff.", "ff_norm."), ("ff.proj_in.", "ff.ff.0.proj."),
                                 ("ff.proj_out.", "ff.ff.2.")):  # fmt: skip
                name = name.replace(ours, theirs)
            made[f"{side}.layers.{layer}.{name}"] = (
                _joined_as_there(tensor) if "to_qkv" in key else tensor
            )
    rotary = {f"{key.rpartition('.pre_norm.')[0]}.rope.inv_freq": torch.ones(4)
              for key in made if ".pre_norm.alpha" in key}  # fmt: skip
    return made | rotary
