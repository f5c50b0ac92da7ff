r"""AudioLDM 2: CLAP and a text encoder, joined by a projection, continued by a language model.

    prompt -> CLAP vector ------------\
    prompt -> T5 states ------------- projection -> GPT-2 adds 8 vectors -> UNet
                     \-------------------------------------------------> UNet

In the checkpoints that speak, the text encoder is that of VITS and reads the transcription.
"""

import importlib.util
from collections.abc import Sequence
from typing import Any

import torch

from engine.errors import EngineError
from engine.generators.embedding_cache import EmbeddingCache
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.latent_diffusion.family import Embeddings, Speech
from engine.generators.latent_diffusion.prompt_weights import WeightedText, read_weights
from engine.generators.latent_diffusion.text import ClapText, token_limit
from engine.loops.errors import LoopError

_END_OF_SPEECH = 182
"""The token that the speech checkpoints were trained to see after the last phoneme."""


class PhonemizerMissing(EngineError):
    """A speech checkpoint without the library that converts words to phonemes."""

    def __init__(self) -> None:
        super().__init__(
            "This speech model needs the packages phonemizer and espeak-ng, which are not "
            "installed: install both, or choose a music model."
        )


class AudioLdm2:
    """How AudioLDM 2 encodes prompts."""

    guidance = 3.5

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Use the parts of a loaded checkpoint."""
        self.clap = ClapText(checkpoint.text_encoder, checkpoint.tokenizer)
        self._parts = checkpoint
        self._cache = EmbeddingCache()
        self.needs_transcription = type(checkpoint.text_encoder_2).__name__ == "VitsModel"
        self.settings = frozenset({"max_new_tokens"}) | (
            {"transcription"} if self.needs_transcription else set()
        )

    def embed(
        self, prompts: Sequence[str], negatives: Sequence[str], speech: Speech
    ) -> tuple[Embeddings, Embeddings]:
        """Return the UNet's embeddings of the prompts and of the negative prompts.

        All prompts are padded to the longest one, because the language model counts padding; a
        negative prompt is padded to the prompts, and never lengthens them.

        Raises:
            LoopError: a speech checkpoint has no transcription.
            PhonemizerMissing: the package for phonemes is not installed.
        """
        new = speech.max_new_tokens or self._parts.language_model.config.max_new_tokens
        if self.needs_transcription:
            states = self._spoken(speech.transcription)
            silence = torch.zeros_like(states[0]), torch.zeros_like(states[0][..., 0])
            return (
                _joined([self._conditions(text, states, new) for text in prompts]),
                _joined([self._conditions(text, silence, new) for text in negatives]),
            )
        length = max(self._token_count(text) for text in prompts)
        longest = max([length, *(self._token_count(text) for text in negatives)])
        return (
            _joined([self._written(text, length, new) for text in prompts], longest),
            _joined([self._written(text, longest, new) for text in negatives]),
        )

    def _written(self, text: str, length: int, new: int) -> dict[str, torch.Tensor]:
        return self._cache.get(
            (text, length, new), lambda: self._conditions(text, self._read(text, length), new)
        )

    def _token_count(self, text: str) -> int:
        tokenizer = self._parts.tokenizer_2
        ids = tokenizer(read_weights(text).text).input_ids
        return min(len(ids), token_limit(tokenizer))

    def _read(self, text: str, length: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the T5 states of a text padded to `length` tokens, and their mask.

        The states of tokens in weighted words are multiplied by the weight, as other tools with
        prompt weights do; the rest stay unchanged.
        """
        read = read_weights(text)
        encoder = self._parts.text_encoder_2
        tokens = self._parts.tokenizer_2(
            [read.text],
            padding="max_length",
            max_length=length,
            truncation=True,
            return_tensors="pt",
            return_offsets_mapping=bool(read.spans),
        ).to(encoder.device)
        states = encoder(tokens.input_ids, attention_mask=tokens.attention_mask)[0]
        if read.spans:
            states = states * _token_weights(read, tokens.offset_mapping[0])[:, None]
        return states, tokens.attention_mask

    def _spoken(self, transcription: str | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the VITS states of a transcription, and their mask."""
        if not transcription:
            raise LoopError("This is a speech model: enter a transcription for it to speak.")
        tokenizer, encoder = self._parts.tokenizer_2, self._parts.text_encoder_2.text_encoder
        if tokenizer.phonemize and importlib.util.find_spec("phonemizer") is None:
            raise PhonemizerMissing
        tokens = tokenizer(
            [transcription],
            padding="max_length",
            max_length=self._length_of_speech(),
            truncation=True,
            return_tensors="pt",
        ).to(self._parts.text_encoder_2.device)
        ids, mask = tokens.input_ids, tokens.attention_mask
        empty = (ids[0] == 0).nonzero()
        if len(empty):
            ids[0, empty[0]], mask[0, empty[0]] = _END_OF_SPEECH, 1
        return encoder(ids, attention_mask=mask, padding_mask=mask.unsqueeze(-1))[0], mask

    def _length_of_speech(self) -> int:
        """Return to how many tokens a transcription is padded: one for each learned position."""
        positions = getattr(self._parts.projection_model, "learnable_positional_embedding", None)
        limit = token_limit(self._parts.tokenizer_2)
        return limit if positions is None else int(positions.shape[-1])

    def _conditions(
        self, text: str, states: tuple[torch.Tensor, torch.Tensor], new: int
    ) -> dict[str, torch.Tensor]:
        hidden, mask = states
        projected = self._parts.projection_model(
            hidden_states=self.clap.vector(text)[:, None, :],
            hidden_states_1=hidden,
            attention_mask=mask.new_ones((1, 1)),
            attention_mask_1=mask,
        )
        return {
            "encoder_hidden_states": continued(
                self._parts.language_model, projected.hidden_states, projected.attention_mask, new
            ),
            "encoder_hidden_states_1": hidden,
            "encoder_attention_mask_1": mask,
        }


def _token_weights(read: WeightedText, offsets: torch.Tensor) -> torch.Tensor:
    """Return one weight per token, given each token's characters, `offsets` (tokens, 2)."""
    weights = offsets.new_ones(len(offsets), dtype=torch.float32)
    begins, ends = offsets[:, 0], offsets[:, 1]
    for span in read.spans:
        weights[(begins < span.end) & (ends > span.begin) & (ends > begins)] = span.weight
    return weights


def continued(
    language_model: Any, states: torch.Tensor, mask: torch.Tensor, new: int
) -> torch.Tensor:
    """Return the next `new` hidden states that a GPT-2 generates after (1, length, width)."""
    made: list[torch.Tensor] = []
    past = None
    for _ in range(new):
        found = language_model(
            inputs_embeds=states, attention_mask=mask, past_key_values=past, use_cache=True
        )
        past, states = found.past_key_values, found.last_hidden_state[:, -1:]
        mask = torch.cat([mask, mask.new_ones((len(mask), 1))], dim=1)
        made.append(states)
    return torch.cat(made, dim=1)


def _joined(rows: list[dict[str, torch.Tensor]], length: int | None = None) -> Embeddings:
    """Stack the rows; pad the text states to `length` with masked states."""
    whole = {name: torch.cat([row[name] for row in rows]) for name in rows[0]}
    hidden, mask = whole["encoder_hidden_states_1"], whole["encoder_attention_mask_1"]
    missing = 0 if length is None else length - mask.shape[1]
    if missing > 0:
        pad = torch.nn.functional.pad
        whole["encoder_hidden_states_1"] = pad(hidden, (0, 0, 0, missing))
        whole["encoder_attention_mask_1"] = pad(mask, (0, missing))
    return whole
