"""What the transformer is conditioned on: text and, for the melody models, a melody.

A text model attends to the text states in each layer. A melody model gets melody and text in front
of the tokens: first the notes, always the same number, then the text.
"""

import dataclasses
from typing import Any

import torch

from engine.generators.embedding_cache import EmbeddingCache
from engine.generators.musicgen.chroma import NOTES, no_melody


@dataclasses.dataclass(frozen=True)
class Condition:
    """The condition of one take, and the null condition that guidance moves away from.

    Attributes:
        text: (1, length, width) for the cross-attention, or None.
        prefix: (1, length, width) in front of the tokens, or None.
        null_prefix: the prefix of an unconditional take.
    """

    text: torch.Tensor | None = None
    prefix: torch.Tensor | None = None
    null_prefix: torch.Tensor | None = None


class ConditionEncoder:
    """Encodes prompts and melodies for one model."""

    def __init__(self, model: Any, tokenizer: Any, *, takes_melody: bool) -> None:
        """Use the text encoder and the projections of a library's model, in float32."""
        self.model, self._tokenizer = model.text_encoder, tokenizer
        self._text_projection = getattr(model, "enc_to_dec_proj", torch.nn.Identity())
        self.takes_melody = takes_melody
        self._cache = EmbeddingCache()
        if takes_melody:
            self._note_projection = model.audio_enc_to_dec_proj
            self._notes_length = model.config.chroma_length

    def encode(self, prompt: str | None, melody: torch.Tensor | None = None) -> Condition:
        """Return the condition of a prompt and of a `melody`, one-hot (frames, 12).

        Without a prompt (None) the text is unconditional.
        """
        text = None if prompt is None else self._cache.get(prompt, lambda: self._states(prompt))
        if not self.takes_melody:
            return Condition(text=text)
        if text is None:
            text = self._cache.get("", lambda: self._states("")) * 0
        return Condition(
            prefix=torch.cat([self._notes(no_melody() if melody is None else melody), text], dim=1),
            null_prefix=torch.cat([self._notes(no_melody()), torch.zeros_like(text)], dim=1),
        )

    def _states(self, prompt: str) -> torch.Tensor:
        tokens = self._tokenizer([prompt], return_tensors="pt").to(self.model.device)
        states = self.model(tokens.input_ids, attention_mask=tokens.attention_mask)[0]
        projected: torch.Tensor = self._text_projection(states)
        return projected

    def _notes(self, melody: torch.Tensor) -> torch.Tensor:
        """Return (1, notes length, width): the melody, repeated until it is long enough."""
        projected = self._note_projection(melody.view(1, -1, NOTES).to(self.model.device))
        times = -(-self._notes_length // projected.shape[1])
        whole: torch.Tensor = projected.repeat(1, times, 1)[:, : self._notes_length]
        return whole
