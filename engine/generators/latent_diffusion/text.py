"""CLAP text embeddings, which both families use, with a cache.

A prompt is not padded to CLAP's 512 tokens: padding is masked, so the result is the same, and a
prompt of ten words costs a fiftieth.
"""

from typing import Any

import torch

from engine.generators.embedding_cache import EmbeddingCache
from engine.generators.latent_diffusion.prompt_weights import read_weights

MOST_TOKENS = 512
"""How many tokens the text encoders were trained on, where a tokenizer does not say."""
_NO_LIMIT = 100_000


def token_limit(tokenizer: Any) -> int:
    """Return after how many tokens a text is cut.

    A tokenizer that was saved without a limit says 1e30, which the libraries cannot count with.
    """
    limit: int = tokenizer.model_max_length
    return limit if limit < _NO_LIMIT else MOST_TOKENS


class ClapText:
    """The text half of CLAP: one vector of length 1 per prompt."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        """Use a ClapModel and its tokenizer."""
        self._model = model
        self._tokenizer = tokenizer
        self._cache = EmbeddingCache()

    def vector(self, prompt: str) -> torch.Tensor:
        """Return the embedding of a prompt, (1, projection width); beyond 512 tokens it is cut.

        Weighted words move it along the difference they make: with one word of weight w it is
        `without + w * (whole - without)`, normalised to length 1.
        """
        return self._cache.get(prompt, lambda: self._weighted(prompt))

    def _weighted(self, prompt: str) -> torch.Tensor:
        read = read_weights(prompt)
        whole = self._embedded(read.text)
        if not read.spans:
            return whole
        moved = whole
        for span in read.spans:
            moved = moved + (span.weight - 1) * (whole - self._embedded(read.without(span)))
        return torch.nn.functional.normalize(moved, dim=-1)

    def _embedded(self, prompt: str) -> torch.Tensor:
        tokens = self._tokenizer(
            [prompt],
            truncation=True,
            max_length=token_limit(self._tokenizer),
            return_tensors="pt",
        ).to(self._model.device)
        found = self._model.get_text_features(
            tokens.input_ids, attention_mask=tokens.attention_mask
        )
        return found.pooler_output
