"""The layout of Stability's own tools: all weights in one file, beside `model_config.json`.

The text encoder is not in that file. It stands in a folder, with its tokenizer or beside it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.models.families import families
from engine.models.family import Config, Family
from engine.models.files import Refused, json_object, quoted
from engine.models.headers import Header
from engine.models.index_layout import check_part
from engine.models.layout import checkpoint_of
from engine.models.parts import Checkpoint, Part, one_file, read_weights
from engine.models.values import BadValue, check_values

SINGLE = "model_config.json"
TEXT_FOLDERS = ("t5gemma-b-b-ul2", "text_encoder")
TOKENIZER = "tokenizer"
_USUAL = "model.safetensors"
_UNREAD = ("training", "svd_bases_path", "name")
_PREFIXES = ("model.model.", "pretransform.model.", "conditioner.conditioners.")


def read_single(folder: Path, files: set[str]) -> Checkpoint:
    """Return the checkpoint in a folder with one file of weights and `model_config.json`.

    Which tensors that file must have is known where it is loaded, before anything is allocated.

    Raises:
        Refused: it holds no checkpoint, or anything else in addition.
        OSError: a file cannot be read.
    """
    config = {
        key: value for key, value in json_object(folder, SINGLE).items() if key not in _UNREAD
    }
    family = _family(config)
    file = weights_of(files)
    if file is None:
        raise Refused(_USUAL, "is missing: there are no weights in .safetensors")
    weights = one_file(folder, file)
    _check_config(config, family, weights.header)
    parts = {"model": weights.as_part(family.named), **_text_parts(folder, family, files)}
    read = (SINGLE, file, *_text_files(files, {SINGLE, file}))
    return checkpoint_of(folder, family, _as_parts(config), parts, read)


def weights_of(files: Iterable[str]) -> str | None:
    """Return the file of weights among those of a folder: the usual one, or the only one."""
    found = [name for name in files if "/" not in name and name.endswith(".safetensors")]
    return _USUAL if _USUAL in found else found[0] if len(found) == 1 else None


def _family(config: dict[str, Any]) -> Family:
    """Return the family, by what reads its prompts."""
    known = {family.single.name: family for family in families() if family.single is not None}
    try:
        read_by = {each["id"]: each["type"] for each in config["model"]["conditioning"]["configs"]}
        return known[read_by["prompt"]]
    except (KeyError, TypeError, ValueError):
        kinds = " or ".join(known)
        raise Refused(SINGLE, f"describes no model whose prompts are read by {kinds}") from None


def _check_config(config: dict[str, Any], family: Family, weights: Header) -> None:
    if family.single is None:
        return
    outer = {key: value for key, value in config.items() if key != "model"}
    try:
        for part in (outer, config["model"]):
            check_values(part, family.single, weights)
    except BadValue as bad:
        raise Refused.because(SINGLE, bad) from None
    for key in sorted(weights.tensors):
        if not key.startswith(_PREFIXES):
            raise Refused(SINGLE, f"does not describe the tensor {quoted(key)}")


def _text_places(files: set[str]) -> tuple[str, ...]:
    """Return the folders of text encoder and tokenizer, each ending in a slash."""
    there = (f"{name}/" for name in (*TEXT_FOLDERS, TOKENIZER))
    return tuple(place for place in there if any(file.startswith(place) for file in files))


def _text_files(files: set[str], others: set[str]) -> list[str]:
    """Return the files beside the weights, after refusing what belongs to no part."""
    places = _text_places(files)
    found = [file for file in files if file.startswith(places) and file.count("/") == 1]
    for stray in sorted(files - others - set(found)):
        if stray.endswith((".json", ".safetensors")):
            raise Refused(stray, "belongs to no part of the checkpoint")
    return found


def _text_parts(folder: Path, family: Family, files: set[str]) -> dict[str, Part]:
    tokenizer = family.parts["tokenizer"][0]
    classes = {"tokenizer": tokenizer, "text_encoder": family.parts["text_encoder"][0]}
    found: dict[str, Part] = {}
    for place in _text_places(files):
        name = "tokenizer" if place == f"{TOKENIZER}/" else "text_encoder"
        found[name] = check_part(folder, place, classes[name], tokenizer, files)
        if name == "text_encoder":
            found[name] = _without_decoder(folder, place, files, found[name])
    if "text_encoder" not in found:
        kind = classes["text_encoder"].name
        raise Refused(
            "text_encoder/",
            f"is missing: the file of weights has no text encoder, so put {family.text_from} "
            f"there, with its tokenizer ({kind})",
        )
    return {"tokenizer": Part(tokenizer.name), **found}


def _without_decoder(folder: Path, place: str, files: set[str], part: Part) -> Part:
    """Return a text encoder without what is beside it in the file, and not loaded."""
    weights = read_weights(folder, place, {f.removeprefix(place) for f in files if place in f})
    if weights is None:
        return part
    used = {key: tensor for key, tensor in weights.header.tensors.items() if "decoder" not in key}
    return Part(part.class_name, Header(used).parameters, part.weight_bytes)


def _as_parts(config: dict[str, Any]) -> Any:
    """Return the configurations of the parts that a family asks for, as the library has them."""
    model = config["model"]
    objective = model.get("diffusion", {}).get("diffusion_objective")
    values = {
        "vae": {
            "sampling_rate": config.get("sample_rate"),
            "audio_channels": config.get("audio_channels"),
        },
        "scheduler": {
            "stochastic_sampling": objective == "rf_denoiser",
            "objective": objective,
        },
    }
    return lambda part: Config(SINGLE, values[part])
