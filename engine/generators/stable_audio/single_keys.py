"""Where each tensor of Stability's own file goes: the part, and its names in the library's class.

Learned from the modules that write such files. The list is complete: a key that is on neither table
belongs to a model that is not known here, and the file is refused.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Place(NamedTuple):
    """Where a tensor goes.

    Attributes:
        part: the part of the checkpoint.
        names: its names there; a tensor with several is cut into as many pieces.
        order: the pieces in the library's order, where they stay together; empty as they are.
    """

    part: str
    names: tuple[str, ...]
    order: tuple[int, ...] = ()


class UnknownKey(KeyError):
    """A tensor that has no place."""


_NORM = {"gamma": "weight", "beta": "bias"}
_UNUSED = (
    r"model\.model\.transformer\.rotary_pos_emb\.scale",
    r"pretransform\.model\.(en|de)coder\.layers\.\d+\.transformers\.\d+\.rope\.inv_freq",
    r"pretransform\.model\.bottleneck\.noise_scaling_factor",
)
"""Frequencies that are computed anew, and the strength of a noise that is not added."""
_DIFFERENCE = (0, 3, 1, 4, 2)
"""The tools join two queries and keys as q k v q2 k2, the library as q q2 k k2 v."""

_OPEN_DIT = (
    (r"(pre|post)process_conv\.weight", r"\1process_conv.weight"),
    (r"timestep_features\.weight", r"time_proj.weight"),
    (r"to_timestep_embed\.([02])\.(weight|bias)", r"timestep_proj.\1.\2"),
    (r"to_global_embed\.([02])\.weight", r"global_proj.\1.weight"),
    (r"to_cond_embed\.([02])\.weight", r"cross_attention_proj.\1.weight"),
    (r"transformer\.project_(in|out)\.weight", r"proj_\1.weight"),
)
_OPEN_BLOCK = (
    (r"self_attn\.to_qkv\.weight", "attn1.to_q.weight", "attn1.to_k.weight", "attn1.to_v.weight"),
    (r"self_attn\.to_out\.weight", "attn1.to_out.0.weight"),
    (r"self_attn\.([qk])_norm\.(weight|bias)", r"attn1.norm_\1.\2"),
    (r"cross_attn\.([qk])_norm\.(weight|bias)", r"attn2.norm_\1.\2"),
    (r"cross_attn\.to_q\.weight", "attn2.to_q.weight"),
    (r"cross_attn\.to_kv\.weight", "attn2.to_k.weight", "attn2.to_v.weight"),
    (r"cross_attn\.to_out\.weight", "attn2.to_out.0.weight"),
    (r"ff\.ff\.0\.proj\.(weight|bias)", r"ff.net.0.proj.\1"),
    (r"ff\.ff\.2\.(weight|bias)", r"ff.net.2.\1"),
)
_OPEN_NORMS = {"pre_norm": "norm1", "cross_attend_norm": "norm2", "ff_norm": "norm3"}
_THREE_DIT = (
    (r"(pre|post)process_conv\.weight", r"\1process_conv.weight"),
    (r"to_timestep_embed\.([02])\.(weight|bias)", r"to_timestep_embed.\1.\2"),
    (r"to_(global|cond)_embed\.([02])\.weight", r"to_\1_embed.\2.weight"),
    (r"transformer\.project_(in|out)\.weight", r"proj_\1.weight"),
    (r"transformer\.memory_tokens", r"memory_tokens"),
    (r"transformer\.rotary_pos_emb\.inv_freq", r"rotary_pos_emb.inv_freq"),
    (r"transformer\.global_cond_embedder\.([02])\.(weight|bias)", r"global_cond_embedder.\1.\2"),
)
_THREE_BLOCK = (
    (r"(pre_norm|cross_attend_norm|ff_norm)\.gamma", r"\1.gamma"),
    (r"(self|cross)_attn\.([qk])_norm\.gamma", r"\1_attn.\2_norm.gamma"),
    (r"(self_attn\.to_qkv|cross_attn\.to_q|cross_attn\.to_kv)\.weight", r"\1.weight"),
    (r"(self|cross)_attn\.to_out\.weight", r"\1_attn.to_out.weight"),
    (r"to_local_embed\.([02])\.(weight|bias)", r"to_local_embed.\1.\2"),
    (r"to_scale_shift_gate", r"to_scale_shift_gate"),
    (r"ff\.ff\.0\.proj\.(weight|bias)", r"ff.proj_in.\1"),
    (r"ff\.ff\.2\.(weight|bias)", r"ff.proj_out.\1"),
)
_SAME_BLOCK = (
    (r"pre_norm\.(alpha|beta|gamma)", r"norm_attn.\1"),
    (r"ff_norm\.(alpha|beta|gamma)", r"norm_ff.\1"),
    (r"self_attn\.([qk])_norm\.(alpha|beta|gamma)", r"attn.\1_norm.\2"),
    (r"self_attn\.(to_qkv|to_out)\.weight", r"attn.\1.weight"),
    (r"ff\.ff\.0\.proj\.(weight|bias)", r"ff.proj_in.\1"),
    (r"ff\.ff\.2\.(weight|bias)", r"ff.proj_out.\1"),
)
_RESIDUAL = ("snake1", "conv1", "snake2", "conv2")
_LAYERS = {
    "encoder": ("res_unit1", "res_unit2", "res_unit3", "snake1", "conv1"),
    "decoder": ("snake1", "conv_t1", "res_unit1", "res_unit2", "res_unit3"),
}


def place_of(key: str, pipeline: str) -> Place | None:
    """Return where a tensor goes, or None if it is known and not used.

    Args:
        key: its name in the file.
        pipeline: of the checkpoint; see `single_config.Described`.

    Raises:
        UnknownKey: it is not known.
    """
    if any(re.fullmatch(pattern, key) for pattern in _UNUSED):
        return None
    places = _three_places(key) if pipeline == "StableAudio3Pipeline" else _open_places(key)
    try:
        return next(places)
    except StopIteration:
        raise UnknownKey(key) from None


def _open_places(key: str) -> Iterator[Place | None]:
    if key == "model.model.transformer.rotary_pos_emb.inv_freq":
        yield None
    if match := re.fullmatch(r"model\.model\.transformer\.layers\.(\d+)\.(.+)", key):
        before = f"transformer_blocks.{match[1]}."
        for names in _renamed(match[2], _OPEN_BLOCK):
            yield Place("transformer", tuple(before + name for name in names))
        norm, _, weight = match[2].rpartition(".")
        if norm in _OPEN_NORMS and weight in _NORM:
            yield Place("transformer", (f"{before}{_OPEN_NORMS[norm]}.{_NORM[weight]}",))
    elif key.startswith("model.model."):
        for names in _renamed(key.removeprefix("model.model."), _OPEN_DIT):
            yield Place("transformer", names)
    elif match := re.fullmatch(r"pretransform\.model\.(encoder|decoder)\.layers\.(.+)", key):
        for name in _in_oobleck(match[1], match[2]):
            yield Place("vae", (f"{match[1]}.{name}",))
    numbers = {"seconds_start": "start", "seconds_total": "end"}
    pattern = r"conditioner\.conditioners\.(\w+)\.embedder\.embedding\.(0\.weights|1\.\w+)"
    if (match := re.fullmatch(pattern, key)) and match[1] in numbers:
        name = f"{numbers[match[1]]}_number_conditioner.time_positional_embedding.{match[2]}"
        yield Place("projection_model", (name,))


def _in_oobleck(side: str, rest: str) -> Iterator[str]:
    """Yield the name of a tensor of a coder of convolutions: blocks between two of them."""
    if match := re.fullmatch(r"(\d+)\.layers\.([0-4])\.(?:layers\.([0-3])\.)?(\w+)", rest):
        number, layer, inner, tensor = match.groups()
        names = [f"block.{int(number) - 1}", _LAYERS[side][int(layer)]]
        if inner is not None:
            names.append(_RESIDUAL[int(inner)])
        if (inner is not None) == names[1].startswith("res_unit"):
            yield ".".join((*names, tensor))
    elif match := re.fullmatch(r"(\d+)\.(\w+)", rest):
        if match[2] in ("alpha", "beta"):
            yield f"snake1.{match[2]}"
        else:
            yield f"{'conv2' if int(match[1]) else 'conv1'}.{match[2]}"


def _three_places(key: str) -> Iterator[Place]:
    if match := re.fullmatch(r"model\.model\.transformer\.layers\.(\d+)\.(.+)", key):
        for (name,) in _renamed(match[2], _THREE_BLOCK):
            order = _DIFFERENCE if name == "self_attn.to_qkv.weight" else ()
            yield Place("transformer", (f"transformer_blocks.{match[1]}.{name}",), order)
    elif key.startswith("model.model."):
        for names in _renamed(key.removeprefix("model.model."), _THREE_DIT):
            yield Place("transformer", names)
    elif match := re.fullmatch(r"pretransform\.model\.(encoder|decoder)\.layers\.(\d+)\.(.+)", key):
        yield from _in_same(match[1], int(match[2]), match[3])
    elif key == "conditioner.conditioners.prompt.padding_embedding":
        yield Place("transformer", ("prompt_padding_embedding",))
    bottleneck = {"scaling_factor": "scale", "bias": "bias", "running_std": "running_std"}
    name = key.removeprefix("pretransform.model.bottleneck.")
    if name != key and name in bottleneck:
        yield Place("vae", (f"bottleneck.{bottleneck[name]}",))
    pattern = r"conditioner\.conditioners\.seconds_total\.embedder\.embedding\.1\.(weight|bias)"
    if match := re.fullmatch(pattern, key):
        yield Place("duration_embedder", (f"linear.{match[1]}",))


def _in_same(side: str, layer: int, rest: str) -> Iterator[Place]:
    """Yield the place of a tensor of SAME: levels, and a projection after or before them."""
    if rest in ("weight", "bias"):
        yield Place("vae", (f"{side}.proj.{rest}",))
        return
    level = f"{side}.blocks.{layer if side == 'encoder' else layer - 3}."
    if rest == "new_tokens" or re.fullmatch(r"mapping\.(weight_g|weight_v|bias)", rest):
        yield Place("vae", (level + rest,))
    if match := re.fullmatch(r"transformers\.(\d+)\.(.+)", rest):
        for (name,) in _renamed(match[2], _SAME_BLOCK):
            order = _DIFFERENCE if name == "attn.to_qkv.weight" else ()
            yield Place("vae", (f"{level}transformers.{match[1]}.{name}",), order)


def _renamed(key: str, table: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, ...]]:
    for pattern, *names in table:
        if match := re.fullmatch(pattern, key):
            yield tuple(match.expand(name) for name in names)
