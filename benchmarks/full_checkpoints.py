"""Checkpoints of full size with random weights, written once to the user's cache folder.

They have the layout and the precision of the published ones, so that loading can be measured, too.
`python -m benchmarks.full_checkpoints NAME FOLDER` writes one.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs

from benchmarks.children import python
from benchmarks.runner import CannotMeasure

GIGABYTES = {"stable-audio-3-small": 3.6, "ace-step-turbo": 6.3}
_LIMIT_S = 1800


def checkpoint_folder(name: str) -> Path:
    """Return the folder of a checkpoint, which is written first if it is not there.

    Raises:
        CannotMeasure: the disk has no room, or it could not be written.
    """
    folder = platformdirs.user_cache_path("Loopwright", appauthor=False) / "benchmarks" / name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    needed = GIGABYTES[name]
    free = shutil.disk_usage(folder.parent).free / 1e9
    if free < needed + 1:
        raise CannotMeasure(f"{folder} needs {needed} GB; {free:.1f} GB are free on that disk.")
    print(f"Writing random weights of {needed} GB to {folder}, once.", file=sys.stderr)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=folder.parent))
    try:
        command = python("-P", "-m", "benchmarks.full_checkpoints", name, str(unfinished))
        subprocess.run(command, check=True, timeout=_LIMIT_S, stdin=subprocess.DEVNULL)
        unfinished.rename(folder)
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotMeasure(f"{folder} could not be written: {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def main(name: str, folder: str) -> None:
    """Write a checkpoint into a folder."""
    import torch

    from tests.fakes import random_ace_step, random_stable_audio

    if name == "ace-step-turbo":
        torch.set_default_dtype(torch.bfloat16)
        parts = random_ace_step.ace_step_parts(random_ace_step.FULL)
        random_ace_step.write_ace_step(Path(folder), parts)
    else:
        parts = random_stable_audio.stable_audio_parts(random_stable_audio.SMALL)
        random_stable_audio.write_stable_audio(Path(folder), parts)


if __name__ == "__main__":
    main(*sys.argv[1:3])
