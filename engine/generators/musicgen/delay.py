"""The delay pattern, by index: which frame of which codebook is at which position.

At position `p` (1, 2, ...) codebook `k` has frame `p - 1 - delay(k)`, so a frame is complete
`max_delay` positions after it has begun. Position 0, and every position where a codebook has no
frame, hold the pad token. In stereo the codebooks of left and right alternate, and a pair shares
one delay (Copet et al., "Simple and Controllable Music Generation", 2023).
"""

import torch


class DelayPattern:
    """The delay pattern of one model."""

    def __init__(self, codebooks: int, channels: int, pad: int, device: torch.device) -> None:
        """Set up for `codebooks` in all channels together; `pad` is the token for "no frame"."""
        self._delays = torch.arange(codebooks, device=device) // channels
        self._codebooks = torch.arange(codebooks, device=device)
        self._pad = pad
        self.max_delay = (codebooks - 1) // channels

    def positions(self, frames: int) -> int:
        """Return how many positions after position 0 it takes to complete `frames` frames."""
        return frames + self.max_delay

    def column(self, codes: torch.Tensor, position: int) -> torch.Tensor:
        """Return the tokens at a position, (takes, codebooks), given (takes, codebooks, frames)."""
        frames = position - 1 - self._delays
        there = (frames >= 0) & (frames < codes.shape[2])
        found = codes[:, self._codebooks, frames.clamp(0, codes.shape[2] - 1)]
        return torch.where(there, found, self._pad)

    def columns(self, codes: torch.Tensor, positions: int) -> torch.Tensor:
        """Return the tokens at positions 0 to `positions - 1`, (takes, codebooks, positions)."""
        return torch.stack([self.column(codes, position) for position in range(positions)], dim=2)

    def write(self, codes: torch.Tensor, position: int, tokens: torch.Tensor, first: int) -> None:
        """Write tokens of (takes, codebooks) to their frames, skipping frames before `first`."""
        frames = position - 1 - self._delays
        there = (frames >= first) & (frames < codes.shape[2])
        codes[:, self._codebooks[there], frames[there]] = tokens[:, there]

    def first_position(self, frame: int) -> torch.Tensor:
        """Return the position of a frame in each codebook, (codebooks,)."""
        return frame + 1 + self._delays
