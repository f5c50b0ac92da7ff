"""What the decode loop needs of a transformer, whatever computes it."""

from typing import Any, Protocol

import torch

from engine.loops.cancel import Check, no_check


class TokenTransformer(Protocol):
    """The decoder of one checkpoint. A row is one take, conditional or unconditional.

    Attributes:
        device: where tokens, inputs and logits are.
        codebooks: how many tokens a position has.
        codes: how many values a token has.
        pad: the token for "no frame".
    """

    device: torch.device
    codebooks: int
    codes: int
    pad: int

    def new_cache(self, rows: int, positions: int, text: torch.Tensor | None) -> Any:
        """Return what `rows` rows remember, empty, with room for `positions`.

        `text` is (rows with text, length, width), for the first rows; None for no text.
        """

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return (rows, length, width) for tokens of (rows, codebooks, length)."""

    def advance(
        self, inputs: torch.Tensor, cache: Any, *, whole: bool = False, check: Check = no_check
    ) -> torch.Tensor:
        """Process the next positions, and return the logits after the last of them.

        Args:
            inputs: (rows, length, width), from `embed` or conditions; more than one position
                only while the cache is empty.
            cache: the cache of these rows; the positions are added to it.
            whole: return the logits after each position instead.
            check: called while it computes; it may raise to end the work.

        Returns logits in float32: (rows, codebooks, codes), or (rows, codebooks, length, codes) if
        `whole`.
        """
