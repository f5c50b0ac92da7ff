"""Converts pickled weights to safetensors, in a process of its own that can reach nothing else.

It is used by a download, and for a folder of the user, of which a converted copy is made.
"""

import os
import posixpath
import shutil
import subprocess
from pathlib import Path

import msgspec

from engine.entry_points import conversion_command
from engine.errors import EngineError
from engine.models.child import ChildEvent, Report
from engine.models.convert import Comparison, Conversion, Converted, NotConverted
from engine.models.errors import gigabytes
from engine.models.families import is_of_diffusers
from engine.models.files import Refused, names_in
from engine.models.flat_layout import CONFIG
from engine.models.hub import is_single, needed_files
from engine.models.index_layout import INDEX
from engine.models.needs import SPARE_DISK_BYTES
from engine.models.parts import Checkpoint
from engine.models.pickled import Group, paths_of, pickled_groups
from engine.models.trust import check_folder


def convert(groups: list[Group], source: Path, target: Path, report: Report) -> list[list[str]]:
    """Convert weights of a checkpoint folder; return the paths of the new files for each group.

    Args:
        groups: what to convert.
        source: the checkpoint.
        target: the checkpoint to write to, which may be the same.
        report: called with the fraction done and the stage.

    Raises:
        NotConverted: a file holds more than tensors, or is damaged.
        OSError: the process cannot be started.
    """
    _run(Conversion(str(source), str(target), tuple(groups)), report)
    return [_made(group, target) for group in groups]


def compare(groups: list[Group], checkpoint: Checkpoint, report: Report) -> None:
    """Compare converted weights with the models that the checked configurations describe.

    Raises:
        NotConverted: a weight is missing or has another shape.
        OSError: the process cannot be started.
    """
    parts = []
    for group in groups:
        place = group[0]
        class_name = checkpoint.parts[place or "model"].class_name
        library = "diffusers" if is_of_diffusers(class_name) else "transformers"
        names = [name for name in _made(group, checkpoint.folder) if name.endswith(".safetensors")]
        config = posixpath.join(place, CONFIG)
        parts.append(Converted(tuple(names), config, library, class_name))
    report(1.0, "comparing the weights with the configuration")
    _run(Comparison(str(checkpoint.folder), tuple(parts)), report)


def _made(group: Group, target: Path) -> list[str]:
    place, stem, _ = group
    paths = (target / place).glob(f"{stem}*.safetensors*")
    return sorted(path.relative_to(target).as_posix() for path in paths)


def convert_folder(source: Path, target: Path, report: Report) -> Checkpoint:
    """Copy a checkpoint of the user without what is not needed, and with no weights pickled.

    Returns the copy, checked.

    Raises:
        EngineError: the folder is not a known checkpoint, or cannot be converted.
        OSError: a file cannot be read or written.
    """
    try:
        names = names_in(source)
    except Refused as refused:
        raise EngineError(f"Folder {source} is not converted: {refused}.") from None
    files = needed_files(names, flat=INDEX not in names and not is_single(names))
    if not files:
        raise EngineError(f"Folder {source} is not converted: it holds no checkpoint.")
    groups = pickled_groups(files)
    _require_disk(sum((source / file).stat().st_size for file in files), target)
    target.mkdir()  # an existing folder is never written to
    try:
        pickled = {path for group in groups for path in paths_of(group)}
        for file in sorted(files - pickled):
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target / file)
        if groups:
            convert(groups, source, target, report)
        checkpoint = check_folder(target)
        if groups:
            compare(groups, checkpoint, report)
    except BaseException as error:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, NotConverted):
            raise NotConverted(f"Folder {source} is not converted: {error}.") from error
        raise
    return checkpoint


def _require_disk(needed: int, target: Path) -> None:
    free = shutil.disk_usage(target.parent).free
    if needed + SPARE_DISK_BYTES > free:
        raise EngineError(
            f"The converted copy needs {gigabytes(needed)}, and {gigabytes(free)} is free at "
            f"{target.parent}: free some space, or choose another disk with --to."
        )


def _run(request: Conversion | Comparison, report: Report) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own command
        conversion_command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
    )
    with process:
        try:
            _follow(process, request, report)
        except BaseException:
            process.kill()
            raise


def _follow(
    process: "subprocess.Popen[bytes]", request: Conversion | Comparison, report: Report
) -> None:
    if process.stdin is not None:
        process.stdin.write(msgspec.json.encode(request) + b"\n")
        process.stdin.flush()
    for line in process.stdout or ():
        event = msgspec.json.decode(line, type=ChildEvent)
        if event.failed:
            raise NotConverted(event.failed)
        if event.done:
            return
        report(1.0, event.stage)
    raise NotConverted("the process that converts it ended, perhaps for want of memory")
