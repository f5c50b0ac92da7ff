"""The process that converts pickled weights: `python -P -m engine.models.convert`.

The weights of some published checkpoints exist only as pickles, which can hold code. So this
process first gives up the network, other files and most memory (`engine.models.confinement`),
checks that each pickle names nothing but tensors (`engine.models.pickled`), lets PyTorch read it
with `weights_only`, and writes the tensors as safetensors. When the folder around them has been
checked, it is started again to compare the weights with the model that the configuration describes.

The files are mapped, not read, so one file of the result at a time is in memory.
"""

import itertools
import json
import logging
import posixpath
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import EngineError
from engine.models.child import Report, end_with_stdin, run_child
from engine.models.confinement import confine
from engine.models.headers import read_header
from engine.models.pickle_check import BadPickle, check_pickle
from engine.models.pickled import Group, paths_of

LARGEST_FILE_BYTES = 2 * 10**9
_log = logging.getLogger("engine.models.convert")  # __name__ is "__main__" in its own process
_LIBRARIES_BYTES = 4 * 10**9
_UNFINISHED = ".converting"
_OLD_NAMES = {
    "weight_g": "parametrizations.weight.original0",
    "weight_v": "parametrizations.weight.original1",
    ".query.": ".to_q.",
    ".key.": ".to_k.",
    ".value.": ".to_v.",
    ".proj_attn.": ".to_out.0.",
}
"""What the norms of weights, and the attention of a VAE, were named by older libraries."""


class Conversion(msgspec.Struct, frozen=True, tag="convert"):
    """Pickled weights of a checkpoint to convert: from the folder `source` into `target`."""

    source: str
    target: str
    groups: tuple[Group, ...]


class Converted(msgspec.Struct, frozen=True):
    """Weights to compare with the model that they are for.

    Attributes:
        names: their files.
        config: the checked configuration.
        library: `diffusers` or `transformers`.
        class_name: the allowed class of the model.
    """

    names: tuple[str, ...]
    config: str
    library: str
    class_name: str


class Comparison(msgspec.Struct, frozen=True, tag="compare"):
    """Converted weights of a checkpoint to compare with its configurations."""

    folder: str
    parts: tuple[Converted, ...]


class NotConverted(EngineError):
    """Weights that cannot be converted: which file, and why, as the end of a sentence."""


def main() -> int:
    """Do what stdin requests, and return the exit code."""
    return run_child("conversion", Conversion | Comparison, _do)  # type: ignore[arg-type]


def _do(request: Conversion | Comparison, report: Report) -> None:
    if isinstance(request, Comparison):
        folder = Path(request.folder)
        _confine(folder, _LIBRARIES_BYTES)
        for part in request.parts:
            compare(folder, part)
    else:
        source, target = Path(request.source), Path(request.target)
        paths = [path for group in request.groups for path in paths_of(group)]
        mapped = sum((source / path).stat().st_size for path in paths)
        _confine(target, _LIBRARIES_BYTES + mapped, source)
        for group in request.groups:
            _convert(group, source, target, report)


def _confine(folder: Path, memory_bytes: int, *readable: Path) -> None:
    enforced = confine(folder, memory_bytes, readable)
    _log.info("confined; enforced by the kernel: %s", ", ".join(enforced) or "nothing")
    end_with_stdin()


def _convert(group: Group, source: Path, target: Path, report: Report) -> None:
    place, stem, names = group
    weights = read_pickles(source / place, names)
    from huggingface_hub import split_torch_state_dict_into_shards
    from safetensors.torch import save_file

    plan = split_torch_state_dict_into_shards(
        weights,
        filename_pattern=f"{stem}{{suffix}}.safetensors",
        max_shard_size=LARGEST_FILE_BYTES,
    )
    made = []
    unfinished = target / place / _UNFINISHED
    unfinished.mkdir(parents=True, exist_ok=True)
    for number, (name, tensors) in enumerate(plan.filename_to_tensors.items()):
        where = posixpath.join(place, name)
        report(number / len(plan.filename_to_tensors), f"converting the weights to {where}")
        save_file(dict(_separate(weights, tensors)), unfinished / name, metadata={"format": "pt"})
        made.append(name)
    if plan.is_sharded:
        index = {"metadata": plan.metadata, "weight_map": plan.tensor_to_filename}
        made.append(f"{stem}.safetensors.index.json")
        (unfinished / made[-1]).write_text(json.dumps(index), "utf-8")
    for name in made:
        (unfinished / name).replace(target / place / name)
    unfinished.rmdir()


def read_pickles(source: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the mapped tensors of all files by name, after checking every file.

    Raises:
        NotConverted: a file holds anything else.
    """
    for name in names:
        try:
            check_pickle(source / name)
        except BadPickle as bad:
            raise NotConverted(f"{name} {bad}") from bad
    import torch

    weights: dict[str, Any] = {}
    for name in names:
        found = torch.load(source / name, map_location="cpu", weights_only=True, mmap=True)
        for key, tensor in _tensors(name, found):
            if key in weights:
                raise NotConverted(f"{name} holds {key[:80]!r}, which another file holds, too")
            weights[key] = tensor
    return weights


def _tensors(name: str, found: Any) -> Iterator[tuple[str, Any]]:
    import torch

    if not isinstance(found, dict) or not found:
        raise NotConverted(f"{name} does not hold a table of tensors")
    for key, tensor in found.items():
        if not isinstance(key, str) or not isinstance(tensor, torch.Tensor):
            raise NotConverted(f"{name} holds {str(key)[:80]!r}, which is not a tensor with a name")
        if tensor.layout is not torch.strided or tensor.is_quantized:
            raise NotConverted(f"{name} holds {key[:80]!r}, which is no ordinary tensor")
        yield key, tensor.detach()


def _separate(weights: dict[str, Any], names: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the tensors of these names, each with memory of its own, as safetensors needs them."""
    taken = set()
    for name in names:
        tensor = weights[name].contiguous()
        storage = tensor.untyped_storage()
        if storage.data_ptr() in taken or storage.nbytes() != tensor.nbytes:
            tensor = tensor.clone()
        taken.add(storage.data_ptr())
        yield name, tensor


def compare(folder: Path, part: Converted) -> None:
    """Compare each tensor with the one that the model has under its name.

    Raises:
        NotConverted: a tensor is missing or has another shape.
    """
    headers = [read_header(folder / name) for name in part.names]
    found = dict(itertools.chain.from_iterable(header.tensors.items() for header in headers))
    model = _model(part, folder)
    base = f"{getattr(model, 'base_model_prefix', '')}."  # is put before by a model with a head
    shapes = {_modern(name.removeprefix(base)): each.shape for name, each in found.items()}
    tied = {name for names in getattr(model, "all_tied_weights_keys", {}).items() for name in names}
    for name, weight in model.named_parameters():
        known = _modern(name.removeprefix(base))
        if known not in shapes and name not in tied:
            raise NotConverted(f"{part.names[0]} lacks the weight {name[:80]!r}")
        if known in shapes and shapes[known] != tuple(weight.shape):
            sizes = f"{list(shapes[known])}, not {list(weight.shape)} as its configuration says"
            raise NotConverted(f"{part.names[0]} holds {name[:80]!r} of the shape {sizes}")


def _model(part: Converted, folder: Path) -> Any:
    """Return the model that the configuration describes, without weights."""
    import importlib

    import torch

    cls = getattr(importlib.import_module(part.library), part.class_name)
    config = json.loads((folder / part.config).read_text("utf-8"))
    with torch.device("meta"):
        if part.library == "diffusers":
            return cls.from_config(config)
        return cls(cls.config_class.from_dict(config))


def _modern(name: str) -> str:
    """Return the present name of a weight that older versions of the libraries named otherwise."""
    for old, new in _OLD_NAMES.items():
        name = name.replace(old, new)
    return name


if __name__ == "__main__":
    sys.exit(main())
