"""Loads the layout of Stability's own tools: all weights in one file, and `model_config.json`.

The file holds no text encoder: that is in a folder beside it, with its tokenizer. Before anything
is allocated, every tensor is compared by name and shape with the parts that the configuration
describes.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from engine.generators.imported import imported
from engine.generators.indexed_checkpoint import Checkpoint, read_json, transformers_part
from engine.generators.interface import UnusableCheckpoint
from engine.generators.quiet_libraries import quiet_libraries
from engine.generators.stable_audio.chunked_same import see_chunks
from engine.generators.stable_audio.single_config import BadConfig, Described, described
from engine.generators.stable_audio.single_keys import Place, UnknownKey, place_of
from engine.loops.cancel import Check

CONFIG = "model_config.json"
Classes = Mapping[str, Mapping[str, tuple[str, str]]]
_NORM_EPS, _QUERY_NORM_EPS = 1e-5, 1e-6
_ADVICE = "download the checkpoint again, or report it"


def load_single(folder: Path, pipelines: Mapping[str, Classes], check: Check) -> Checkpoint:
    """Load all parts, in float32 on the CPU.

    Args:
        folder: holds `model_config.json` and one file of weights.
        pipelines: the classes of the parts, by the library's pipeline; the first one is taken.
        check: called while libraries are imported; it may raise to end the work.

    Raises:
        UnusableCheckpoint: the folder is not such a checkpoint.
    """
    try:
        known = described(read_json(folder / CONFIG))
    except BadConfig as bad:
        raise UnusableCheckpoint(folder / CONFIG, str(bad), _ADVICE) from bad
    classes = {
        part: next(iter(named.values())) for part, named in pipelines[known.pipeline].items()
    }
    with quiet_libraries(check):
        found = {part: getattr(imported(*_split(at, check)), at[1]) for part, at in classes.items()}
        parts = {part: _without_weights(found[part], part, known) for part in known.configs}
        _fill(parts, _weights(folder), known.pipeline)
        text = _text_folder(folder)
        parts["text_encoder"] = _text_encoder(found["text_encoder"], text)
        tokens = folder / "tokenizer"
        tokenizer = found["tokenizer"].from_pretrained(
            tokens if tokens.is_dir() else text, local_files_only=True
        )
        tokenizer.model_max_length = known.prompt_tokens
        parts["tokenizer"] = tokenizer
    return Checkpoint(known.pipeline, parts, known.schedule, longest_s=known.longest_s)


def _split(at: tuple[str, str], check: Check) -> tuple[str, Check]:
    return at[0], check


def _without_weights(cls: Any, part: str, known: Described) -> Any:
    """Return a part as its configuration describes it, with no memory for its weights."""
    if part == "duration_embedder":  # Small, and the file lacks what it computes at the start.
        return cls(**known.configs[part])
    try:
        with torch.device("meta"):
            made = cls(**known.configs[part])
            if part == "vae" and known.chunk:
                see_chunks(made, known.chunk)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise UnusableCheckpoint(
            Path(CONFIG), f"describes no {part} ({str(error)[:80]})", _ADVICE
        ) from error
    if part == "projection_model" and not known.told_start:
        del made.start_number_conditioner
    if part == "transformer" and known.norms_queries:
        _norm_queries(made)
    for block in getattr(made, "transformer_blocks", ()):
        for name in ("pre_norm", "cross_attend_norm", "ff_norm"):
            if hasattr(block, name):  # The library's own are finer by a factor of ten.
                getattr(block, name).eps = _NORM_EPS
    return made


def _norm_queries(transformer: Any) -> None:
    """Add the norms of queries and keys that the library's class can have, but never makes."""
    with torch.device("meta"):
        for block in transformer.transformer_blocks:
            for attention in (block.attn1, block.attn2):
                width = transformer.config.attention_head_dim
                attention.norm_q = torch.nn.LayerNorm(width, eps=_QUERY_NORM_EPS)
                attention.norm_k = torch.nn.LayerNorm(width, eps=_QUERY_NORM_EPS)


def _weights(folder: Path) -> Path:
    usual = folder / "model.safetensors"
    files = [usual] if usual.is_file() else sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        count = f"{len(files)} files" if files else "no file"
        raise UnusableCheckpoint(
            folder, f"has {count} of weights, not one", "choose another folder"
        )
    return files[0]


def _fill(parts: Mapping[str, Any], file: Path, pipeline: str) -> None:
    """Give the parts their weights, after comparing all of them with the file."""
    shapes = {
        (part, name): tuple(tensor.shape)
        for part, module in parts.items()
        for name, tensor in module.state_dict().items()
        if (part, name) != ("duration_embedder", "freqs")
    }
    with safe_open(file, "pt") as weights:
        places = _compared(weights, file, pipeline, shapes)
        states: dict[str, dict[str, torch.Tensor]] = {part: {} for part in parts}
        for key, place in places.items():
            for name, piece in _pieces(weights.get_tensor(key), place):
                states[place.part][name] = piece.reshape(shapes[place.part, name])
    for part, state in states.items():
        module = parts[part]
        module.load_state_dict(state, strict=part != "duration_embedder", assign=True)
        module.float().eval().requires_grad_(requires_grad=False)


def _compared(
    weights: Any, file: Path, pipeline: str, shapes: Mapping[tuple[str, str], tuple[int, ...]]
) -> dict[str, Place]:
    """Return the place of each tensor that is used.

    Raises:
        UnusableCheckpoint: one is unknown, missing or of another shape.
    """
    places: dict[str, Place] = {}
    missing = set(shapes)
    for key in weights.keys():  # noqa: SIM118 - no mapping
        try:
            place = place_of(key, pipeline)
        except UnknownKey:
            raise UnusableCheckpoint(
                file, f"has the unknown tensor {key[:100]!r}", _ADVICE
            ) from None
        if place is None:
            continue
        shape = tuple(weights.get_slice(key).get_shape())
        for name in place.names:
            expected = shapes.get((place.part, name))
            if expected is None:
                raise UnusableCheckpoint(
                    file, f"has {key[:100]!r}, which its configuration does not describe", _ADVICE
                )
            one = (shape[0] // len(place.names), *shape[1:]) if shape else shape
            if _long(one) != _long(expected) or (shape and shape[0] % len(place.names)):
                sizes = f"{list(shape)}, not {list(expected)} as its configuration says"
                raise UnusableCheckpoint(file, f"has {key[:100]!r} of the shape {sizes}", _ADVICE)
            missing.discard((place.part, name))
        places[key] = place
    if missing:
        part, name = min(missing)
        raise UnusableCheckpoint(file, f"lacks the tensor {name!r} of the {part}", _ADVICE)
    return places


def _long(shape: tuple[int, ...]) -> list[int]:
    """Return the sizes above 1: the tools and the library differ in the others."""
    return [size for size in shape if size != 1]


def _pieces(tensor: torch.Tensor, place: Place) -> list[tuple[str, torch.Tensor]]:
    if len(place.names) > 1:
        pieces = tensor.chunk(len(place.names))
        return [(name, piece.clone()) for name, piece in zip(place.names, pieces, strict=True)]
    if place.order and tensor.shape[0] == len(place.order) * tensor.shape[1]:
        pieces = tensor.chunk(len(place.order))
        tensor = torch.cat([pieces[number] for number in place.order])
    return [(place.names[0], tensor)]


def _text_folder(folder: Path) -> Path:
    """Return where the text encoder is: where its authors keep it, or the library."""
    for name in ("t5gemma-b-b-ul2", "text_encoder"):
        if (folder / name).is_dir():
            return folder / name
    raise UnusableCheckpoint(
        folder,
        "has no text encoder, which the file of weights lacks",
        "put that of t5-base, with its tokenizer, into its folder text_encoder",
    )


def _text_encoder(cls: Any, folder: Path) -> Any:
    read_json(folder / "config.json")
    config = cls.config_class.from_pretrained(folder, local_files_only=True)
    config.is_encoder_decoder = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transformers_part(cls, folder, config=config)
