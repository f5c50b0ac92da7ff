"""Weights in files of `torch.save`: their names; `pickle_check.py` checks what they hold."""

import posixpath
import re
from collections.abc import Iterable

_FILE = re.compile(r"(pytorch_model|diffusion_pytorch_model)(-\d{5}-of-\d{5})?\.bin")
_SHARD = re.compile(r"-(\d{5})-of-(\d{5})\.bin")
_INDEX = ".bin.index.json"
_STEMS = {
    "pytorch_model": "model",
    "diffusion_pytorch_model": "diffusion_pytorch_model",
}
"""How files of weights begin, and how the same ones in safetensors do."""

Group = tuple[str, str, tuple[str, ...]]
"""Weights of one model: their folder, how their names begin in safetensors, and their files."""


def pickled_groups(files: Iterable[str]) -> list[Group]:
    """Return the pickled weights among the files of a checkpoint.

    Other files that end in `.bin`, such as those of a training, are not among them.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for file in sorted(files):
        place, name = posixpath.split(file)
        if match := _FILE.fullmatch(name):
            groups.setdefault((place, _STEMS[match[1]]), []).append(name)
    return [(place, stem, tuple(names)) for (place, stem), names in groups.items()]


def paths_of(group: Group) -> list[str]:
    """Return the paths of the files of a group in the checkpoint."""
    place, _, names = group
    return [posixpath.join(place, name) for name in names]


def all_shards(names: tuple[str, ...]) -> bool:
    """Return whether the files of one model are complete, judging by their numbers."""
    shards = [_SHARD.search(name) for name in names]
    if not all(shards):
        return len(names) == 1
    numbers = {(int(shard[1]), int(shard[2])) for shard in shards if shard}
    return numbers == {(number, len(names)) for number in range(1, len(names) + 1)}


def is_pickled_weights(name: str) -> bool:
    """Return whether a file is one of pickled weights, or the index of several."""
    stem = name.removesuffix(_INDEX)
    return bool(_FILE.fullmatch(name)) or (stem != name and stem in _STEMS)
