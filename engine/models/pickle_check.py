"""The check that weights in a file of `torch.save` are nothing but tensors.

Such a file is a ZIP archive with the bytes of each tensor and a pickle that says which are which. A
pickle is a program: it can call any function that it names. So its instructions are read here,
without running any, and a pickle that names anything that tensors do not need is refused.
"""

import pickletools
import zipfile
from pathlib import Path

from engine.loops.files import reading

_LARGEST_PICKLE_BYTES = 16 * 2**20
_MOST_ENTRIES = 20_000
_STORAGES = ("Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
_NAMES = frozenset(
    {
        "collections OrderedDict",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_parameter",
        *(f"torch {kind}Storage" for kind in _STORAGES),
    }
)
"""What a pickle of tensors names: where their bytes are, their shapes, and the table of them."""
_OTHER_WAYS_TO_NAMES = frozenset({"STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"})


class BadPickle(ValueError):
    """The reason why a file of weights is refused, as the end of a sentence."""


def check_pickle(path: Path) -> None:
    """Check that a file holds tensors and nothing else; nothing in it is run.

    Raises:
        BadPickle: it holds something else, or is damaged.
        OSError: it cannot be read.
    """
    try:
        with reading(path) as stream, zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise BadPickle(f"has {len(entries):,} entries, more than any model needs")
            program = _program(archive, entries)
    except zipfile.BadZipFile:
        raise BadPickle(
            "is damaged, or was written by PyTorch before version 1.6, which is not read"
        ) from None
    _check_program(program)


def _program(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bytes:
    """Return the pickle in the archive, after checking that nothing is compressed or hidden."""
    programs = [entry for entry in entries if entry.filename.endswith((".pkl", ".pickle"))]
    if len(programs) != 1 or programs[0].filename.rpartition("/")[2] != "data.pkl":
        raise BadPickle(f"has {len(programs)} pickles, not one")
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            raise BadPickle("is compressed, which PyTorch never does")
    if programs[0].file_size > _LARGEST_PICKLE_BYTES:
        raise BadPickle(f"has a pickle of more than {_LARGEST_PICKLE_BYTES:,} bytes")
    return archive.read(programs[0])


def _check_program(program: bytes) -> None:
    for instruction, name in _instructions(program):
        if instruction in _OTHER_WAYS_TO_NAMES:
            raise BadPickle("names functions in a way that PyTorch does not use")
        if instruction == "GLOBAL" and name not in _NAMES:
            raise BadPickle(f"asks for {name.replace(' ', '.')[:80]!r}, which no tensor needs")


def _instructions(program: bytes) -> list[tuple[str, str]]:
    """Return the instructions of a pickle, each with its argument."""
    try:
        return [(each.name, str(argument)) for each, argument, _ in pickletools.genops(program)]
    except Exception as error:  # noqa: BLE001 - the reader of the standard library lets any through
        raise BadPickle(f"has a pickle that cannot be read ({str(error)[:80]})") from None
