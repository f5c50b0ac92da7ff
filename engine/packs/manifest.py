"""The manifest of a pack, as JSON and as CSV, and the pack as one ZIP file."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.loops.files import Folder, creating, reading
from engine.loops.recipe import combined_licence
from engine.packs.journal import WORK_FOLDER, Delivered, files_of
from engine.version import PROGRAM

MANIFEST_JSON, MANIFEST_CSV = "manifest.json", "manifest.csv"
_COLUMNS = (
    "file", "title", "role", "bpm", "key", "meter", "bars", "seconds", "lufs", "prompt", "model",
    "licence", "commercial_use", "seed", "sha256",
)  # fmt: skip
_BLOCK_BYTES = 2**20


def write_manifest(pack: Folder, vendor: str, name: str, delivered: Sequence[Delivered]) -> None:
    """Write both manifests of a pack, over older ones.

    Args:
        pack: the folder.
        vendor: the vendor, as a person wrote it.
        name: the name of the pack, as a person wrote it.
        delivered: what became of the list's entries, in its order.

    Raises:
        OSError: they cannot be written.
    """
    files = files_of(delivered)
    rows = [_row(each) for each in files]
    everything = {
        "program": PROGRAM,
        "vendor": vendor,
        "name": name,
        "licence": combined_licence(each.recipe.model for each in files),
        "loops": [
            {**row, "recipe": msgspec.to_builtins(each.recipe)}
            for row, each in zip(rows, files, strict=True)
        ],
        "left_out": [
            {"prompt": each.recipe.request.prompt, "seed": each.recipe.asked_seed,
             "reason": each.left_out}
            for each in delivered if each.left_out
        ],
    }  # fmt: skip
    pack.replace(MANIFEST_JSON, msgspec.json.format(msgspec.json.encode(everything), indent=1))
    table = io.StringIO()
    writer = csv.DictWriter(table, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    pack.replace(MANIFEST_CSV, table.getvalue().encode("utf-8-sig"))


def _row(each: Delivered) -> dict[str, Any]:
    recipe = each.recipe
    grid, model = recipe.grid, recipe.model
    return {
        "file": each.file,
        "title": recipe.title,
        "role": recipe.role or "",
        "bpm": grid.bpm,
        "key": recipe.key or "",
        "meter": str(grid.meter),
        "bars": grid.bars if grid.is_loop else 0,
        "seconds": round(grid.frames / grid.rate, 6),
        "lufs": each.lufs,
        "prompt": recipe.request.prompt,
        "model": model.name,
        "licence": model.licence,
        "commercial_use": model.commercial_use,
        "seed": recipe.request.seed,
        "sha256": each.sha256,
    }


def write_zip(pack: Path, on_file: Callable[[int, int], None]) -> Path:
    """Write a pack as `NAME.zip` beside its folder, or `NAME-2.zip` if there is one; return it.

    Args:
        pack: the folder.
        on_file: called with the number of files that are in it, and of all; it may raise.

    Raises:
        OSError: it cannot be written.
    """
    files = sorted(
        path for path in pack.rglob("*")
        if WORK_FOLDER not in path.relative_to(pack).parts and path.is_file()
        and not path.is_symlink()
    )  # fmt: skip
    target, number = pack.with_name(f"{pack.name}.zip"), 1
    while target.exists():
        number += 1
        target = pack.with_name(f"{pack.name}-{number}.zip")
    with creating(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for done, path in enumerate(files):
            on_file(done, len(files))
            entry = zipfile.ZipInfo.from_file(
                path, path.relative_to(pack.parent).as_posix(), strict_timestamps=False
            )
            entry.compress_type = zipfile.ZIP_DEFLATED
            with reading(path) as source, packed.open(entry, "w") as into:
                while block := source.read(_BLOCK_BYTES):
                    into.write(block)
    return target
