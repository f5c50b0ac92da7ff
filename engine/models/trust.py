"""Looks at a folder before any library may: is it a checkpoint that we know, and nothing else?

Model files come from strangers, and libraries have run code that such files named. So this reads
the folder with its own eyes: only files that hold no code, only classes and keys of our own lists
(`engine.models.layout`, `engine.models.config_keys`), only weights whose headers are true. The
weights are not read; that they are those that were downloaded is the store's to say.
"""

from pathlib import Path

from engine.models.errors import UntrustedFolder
from engine.models.files import Refused, files_of, relative
from engine.models.flat_layout import CONFIG, read_flat
from engine.models.index_layout import INDEX, read_indexed
from engine.models.parts import Checkpoint


def check_folder(folder: Path) -> Checkpoint:
    """Return what checkpoint a folder holds, in either of the published layouts.

    Raises:
        UntrustedFolder: it holds none, or something that a checkpoint must not hold; the sentence
            names the file and the reason.
    """
    try:
        return _read(folder, files_of(folder))
    except Refused as refused:
        raise UntrustedFolder(folder, refused.file, refused.reason) from None
    except OSError as error:
        where = relative(folder, error.filename)
        reason = f"cannot be read ({(error.strerror or str(error)).lower()})"
        raise UntrustedFolder(folder, where, reason) from error


def _read(folder: Path, files: set[str]) -> Checkpoint:
    if INDEX in files:
        return read_indexed(folder, files)
    if CONFIG in files:
        return read_flat(folder, files)
    raise Refused(INDEX, f"is missing, and {CONFIG}, too: a published folder has one of them")
