"""The model families: one file each, found by being in this folder.

A file has `FAMILIES`, what a checkpoint of each may consist of, and `ENTRIES`, its models in the
catalogue. Nothing else needs to know of it.
"""

import functools
import importlib
import pkgutil
from types import ModuleType

from engine.models.entry import ModelEntry
from engine.models.family import Family


@functools.cache
def _files() -> tuple[ModuleType, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


@functools.cache
def families() -> tuple[Family, ...]:
    """Return all families of checkpoints."""
    return tuple(family for file in _files() for family in file.FAMILIES)


def entries() -> tuple[ModelEntry, ...]:
    """Return the models of the catalogue: first the families that ask least of a computer."""
    files = sorted((file for file in _files() if file.ENTRIES), key=_smallest)
    return tuple(entry for file in files for entry in file.ENTRIES)


def is_of_diffusers(class_name: str) -> bool:
    """Return whether a class that a family allows is one of diffusers, else of transformers."""
    classes = (each for family in families() for each in family.classes)
    return any(each.name == class_name and "diffusers" in each.libraries for each in classes)


def _smallest(file: ModuleType) -> int:
    entries_there: tuple[ModelEntry, ...] = file.ENTRIES
    return min(entry.size_bytes for entry in entries_there)
