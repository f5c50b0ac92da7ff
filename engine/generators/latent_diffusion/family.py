"""What a family of latent-diffusion models adds to the common way from prompt to sound."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Protocol

import torch

from engine.generators.latent_diffusion.text import ClapText

Embeddings = Mapping[str, torch.Tensor]
"""Arguments of the UNet by name; one row per prompt."""


@dataclasses.dataclass(frozen=True)
class Speech:
    """What only some AudioLDM 2 checkpoints read.

    Attributes:
        transcription: the words to speak, for checkpoints trained on speech.
        max_new_tokens: how many vectors the language model adds; None is the checkpoint's own.
    """

    transcription: str | None = None
    max_new_tokens: int | None = None


class Family(Protocol):
    """How one family reads prompts.

    Attributes:
        guidance: the guidance scale of its authors.
        settings: the fields of a request that it has beyond those of all families.
        needs_transcription: it speaks, and must be told what.
        clap: the text half of the model that also judges the takes.
    """

    guidance: float
    settings: frozenset[str]
    needs_transcription: bool
    clap: ClapText

    def embed(
        self, prompts: Sequence[str], negatives: Sequence[str], speech: Speech
    ) -> tuple[Embeddings, Embeddings]:
        """Return what the UNet is told with, and against, each prompt; all of equal length."""
        ...
