"""What the transformer is told: text, and to the models that listen, a melody.

A text model looks at the states of its text from each layer. A melody model finds melody and text
in front of the tokens: first the notes, always of the same length, then the text.
"""

import dataclasses
from typing import Any

import torch

from engine.generators.musicgen.chroma import NOTES, nothing
from engine.generators.recall import Memory


@dataclasses.dataclass(frozen=True)
class Condition:
    """What one take is told, and what it is guided away from.

    Attributes:
        text: (1, length, width) for the cross-attention, None where there is none.
        prefix: (1, length, width) in front of the tokens, None where there is none.
        null_prefix: the same of a take that is told nothing.
    """

    text: torch.Tensor | None = None
    prefix: torch.Tensor | None = None
    null_prefix: torch.Tensor | None = None


class Reader:
    """Reads prompts and melodies for one model."""

    def __init__(self, model: Any, tokenizer: Any, *, listens: bool) -> None:
        """Use the text encoder and the projections of a library's model, in float32."""
        self._encoder, self._tokenizer = model.text_encoder, tokenizer
        self._text_projection = getattr(model, "enc_to_dec_proj", torch.nn.Identity())
        self.listens = listens
        self._memory = Memory()
        if listens:
            self._note_projection = model.audio_enc_to_dec_proj
            self._notes_length = model.config.chroma_length

    def read(self, prompt: str | None, melody: torch.Tensor | None = None) -> Condition:
        """Return what a prompt says, and the notes of `melody`, one-hot (frames, 12).

        None for a prompt is no condition at all: the model plays what it likes.
        """
        text = None if prompt is None else self._memory.recall(prompt, lambda: self._states(prompt))
        if not self.listens:
            return Condition(text=text)
        if text is None:
            text = self._memory.recall("", lambda: self._states("")) * 0
        return Condition(
            prefix=torch.cat([self._notes(nothing() if melody is None else melody), text], dim=1),
            null_prefix=torch.cat([self._notes(nothing()), torch.zeros_like(text)], dim=1),
        )

    def _states(self, prompt: str) -> torch.Tensor:
        tokens = self._tokenizer([prompt], return_tensors="pt").to(self._encoder.device)
        states = self._encoder(tokens.input_ids, attention_mask=tokens.attention_mask)[0]
        projected: torch.Tensor = self._text_projection(states)
        return projected

    def _notes(self, melody: torch.Tensor) -> torch.Tensor:
        """Return (1, notes length, width): the melody, again and again until it is long enough."""
        projected = self._note_projection(melody.view(1, -1, NOTES).to(self._encoder.device))
        times = -(-self._notes_length // projected.shape[1])
        whole: torch.Tensor = projected.repeat(1, times, 1)[:, : self._notes_length]
        return whole
