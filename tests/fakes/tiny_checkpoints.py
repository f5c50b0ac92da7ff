"""Tiny checkpoints of both latent-diffusion families, in the published layout."""

from pathlib import Path

from engine.bench.random_checkpoints import (
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
