"""MusicLDM: the UNet is conditioned on one CLAP vector of the prompt."""

from collections.abc import Sequence

import torch

from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.latent_diffusion.family import Embeddings, Speech
from engine.generators.latent_diffusion.text import ClapText


class MusicLdm:
    """How MusicLDM encodes prompts."""

    guidance = 2.0
    settings: frozenset[str] = frozenset()
    needs_transcription = False

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Use the parts of a loaded checkpoint."""
        self.clap = ClapText(checkpoint.text_encoder, checkpoint.tokenizer)

    def embed(
        self, prompts: Sequence[str], negatives: Sequence[str], speech: Speech
    ) -> tuple[Embeddings, Embeddings]:
        """Return the UNet's embeddings of prompts and negative prompts; `speech` is not used."""
        del speech
        return self._embeddings(prompts), self._embeddings(negatives)

    def _embeddings(self, texts: Sequence[str]) -> Embeddings:
        return {"class_labels": torch.cat([self.clap.vector(text) for text in texts])}
