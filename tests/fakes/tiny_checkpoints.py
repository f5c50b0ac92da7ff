"""Tiny checkpoints of all families, in the published layouts.

`python -m tests.fakes.tiny_checkpoints FOLDER` writes one of MusicGen, to try a package with.
"""

import sys
from pathlib import Path

from tests.fakes import random_ace_step, random_musicgen, random_stable_audio
from tests.fakes.random_diffusion import (
    TINY,
    audioldm2_parts,
    musicldm_parts,
    write_checkpoint,
)


def write_musicldm(folder: Path, seed: int = 0) -> Path:
    """Write a MusicLDM-shaped checkpoint; return its folder."""
    return write_checkpoint(folder, "MusicLDMPipeline", musicldm_parts(TINY, seed))


def write_audioldm2(folder: Path, seed: int = 0, *, speech: bool = False) -> Path:
    """Write an AudioLDM 2-shaped checkpoint, with the class name that trips upstream."""
    parts = audioldm2_parts(TINY, seed, speech=speech)
    return write_checkpoint(folder, "AudioLDM2Pipeline", parts)


def write_musicgen(
    folder: Path, seed: int = 0, *, melody: bool = False, stereo: bool = False
) -> Path:
    """Write a MusicGen-shaped checkpoint of any of the four kinds; return its folder."""
    parts = random_musicgen.musicgen_parts(
        random_musicgen.TINY, melody=melody, channels=2 if stereo else 1, seed=seed
    )
    return random_musicgen.write_musicgen(folder, parts)


def write_stable_audio_3(folder: Path, seed: int = 0) -> Path:
    """Write a checkpoint of the shape of Stable Audio 3, as the library does; return its folder."""
    parts = random_stable_audio.stable_audio_parts(random_stable_audio.TINY, seed)
    return random_stable_audio.write_stable_audio(folder, parts)


def write_stable_audio_open(folder: Path, seed: int = 0) -> Path:
    """Write a checkpoint of the shape of Stable Audio Open; return its folder."""
    parts = random_stable_audio.open_parts(random_stable_audio.OPEN_TINY, seed)
    return random_stable_audio.write_stable_audio(folder, parts)


def write_ace_step(folder: Path, seed: int = 0, *, kind: str = "turbo") -> Path:
    """Write a checkpoint of the shape of ACE-Step 1.5, turbo or base; return its folder."""
    parts = random_ace_step.ace_step_parts(random_ace_step.TINY, seed, kind=kind)
    return random_ace_step.write_ace_step(folder, parts)


if __name__ == "__main__":
    write_musicgen(Path(sys.argv[1]))
