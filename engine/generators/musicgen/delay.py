"""The delay pattern, by index: which frame of which codebook stands in which place.

In place `p` (1, 2, ...) codebook `k` has frame `p - 1 - delay(k)`, so a frame is complete
`most_delay` places after it has begun. Place 0, and all where a codebook has no frame, hold the pad
token. In stereo the codebooks of left and right take turns, and a pair has one delay (Copet et al.,
"Simple and Controllable Music Generation", 2023).
"""

import torch


class DelayPattern:
    """The pattern of a model with so many codebooks."""

    def __init__(self, codebooks: int, channels: int, pad: int, device: torch.device) -> None:
        """Of `codebooks` in all channels together; `pad` is the token that stands for none."""
        self._delays = torch.arange(codebooks, device=device) // channels
        self._codebooks = torch.arange(codebooks, device=device)
        self._pad = pad
        self.most_delay = (codebooks - 1) // channels

    def places(self, frames: int) -> int:
        """Return how many places follow place 0 until so many frames are complete."""
        return frames + self.most_delay

    def at(self, codes: torch.Tensor, place: int) -> torch.Tensor:
        """Return what stands in a place, (takes, codebooks), given (takes, codebooks, frames)."""
        frames = place - 1 - self._delays
        there = (frames >= 0) & (frames < codes.shape[2])
        found = codes[:, self._codebooks, frames.clamp(0, codes.shape[2] - 1)]
        return torch.where(there, found, self._pad)

    def before(self, codes: torch.Tensor, places: int) -> torch.Tensor:
        """Return what stands in the places 0 to `places - 1`, (takes, codebooks, places)."""
        return torch.stack([self.at(codes, place) for place in range(places)], dim=2)

    def put(self, codes: torch.Tensor, place: int, tokens: torch.Tensor, first: int) -> None:
        """Write tokens of (takes, codebooks) where they belong, unless before frame `first`."""
        frames = place - 1 - self._delays
        there = (frames >= first) & (frames < codes.shape[2])
        codes[:, self._codebooks[there], frames[there]] = tokens[:, there]

    def first_place(self, frame: int) -> torch.Tensor:
        """Return the place of a frame in each codebook, (codebooks,)."""
        return frame + 1 + self._delays
