"""Checks that a folder is a known checkpoint and nothing else, before any library reads it.

Model files are untrusted, and libraries have run code that such files named. So this accepts only
files that cannot hold code, only classes and keys of our own lists (`engine.models.families`), and
only weights with valid headers. The weights themselves are not
read; the store checks that they are the ones that were downloaded.
"""

from pathlib import Path

from engine.models.errors import UntrustedFolder
from engine.models.files import Refused, files_of, relative
from engine.models.flat_layout import CONFIG, read_flat
from engine.models.index_layout import INDEX, read_indexed
from engine.models.parts import Checkpoint
from engine.models.single_layout import SINGLE, read_single


def check_folder(folder: Path) -> Checkpoint:
    """Return the checkpoint in a folder, in any of the published layouts.

    Raises:
        UntrustedFolder: it holds no checkpoint, or something that is not allowed in one; the
            sentence names the file and the reason.
    """
    try:
        return _read(folder, files_of(folder))
    except Refused as refused:
        raise UntrustedFolder(folder, refused.file, refused.reason, refused.unknown) from None
    except OSError as error:
        where = relative(folder, error.filename)
        reason = f"cannot be read ({(error.strerror or str(error)).lower()})"
        raise UntrustedFolder(folder, where, reason) from error


def _read(folder: Path, files: set[str]) -> Checkpoint:
    if INDEX in files:
        return read_indexed(folder, files)
    if SINGLE in files:
        return read_single(folder, files)
    if CONFIG in files:
        return read_flat(folder, files)
    raise Refused(INDEX, f"is missing, and so are {CONFIG} and {SINGLE}: a folder has one of them")
