"""What each family of latent-diffusion models adds to the common pipeline."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Protocol

import torch

from engine.generators.latent_diffusion.text import ClapText

Embeddings = Mapping[str, torch.Tensor]
"""Arguments of the UNet by name; one row per prompt."""


@dataclasses.dataclass(frozen=True)
class Speech:
    """Inputs that only some AudioLDM 2 checkpoints use.

    Attributes:
        transcription: the words to speak, for checkpoints trained on speech.
        max_new_tokens: how many vectors the language model adds; None for the checkpoint's default.
    """

    transcription: str | None = None
    max_new_tokens: int | None = None


class Family(Protocol):
    """How one family encodes prompts.

    Attributes:
        guidance: the default guidance scale, from its authors.
        settings: the fields of a request that it supports beyond those of all families.
        needs_transcription: it is a speech model and needs a text to speak.
        clap: the text half of the model that also scores the takes.
    """

    guidance: float
    settings: frozenset[str]
    needs_transcription: bool
    clap: ClapText

    def embed(
        self, prompts: Sequence[str], negatives: Sequence[str], speech: Speech
    ) -> tuple[Embeddings, Embeddings]:
        """Return the UNet's embeddings of prompts and negative prompts; all of equal length."""
        ...
