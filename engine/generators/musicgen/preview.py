"""The preview: decodes the first take's codes to audio while later tokens are still sampled."""

import numpy as np
import torch

from engine.generators.interface import OnPreview
from engine.generators.musicgen.codec import Codec

PIECE_S = 0.5


class PreviewDecoder:
    """Passes on the audio of one take in pieces.

    The take itself is decoded separately once its codes are complete: pieces round differently, and
    a take must not depend on whether it was previewed.
    """

    def __init__(
        self, codec: Codec, channels: int, on_preview: OnPreview, *, frames: int, skip: int
    ) -> None:
        """Call `on_preview` with a take of `frames` codes, without its first `skip` samples."""
        self._stream = codec.stream(1, channels)
        self._on_preview = on_preview
        self._skip = skip
        self._samples = frames * codec.frame_samples - skip
        self._frames = frames
        self._piece_frames = round(PIECE_S * codec.frames_per_second)
        self._fed = 0

    def __call__(self, codes: torch.Tensor, frames: int) -> None:
        """Decode new codes of (takes, codebooks, all frames), of which `frames` are complete."""
        last = frames == self._frames
        if self._fed == self._frames or (frames - self._fed < self._piece_frames and not last):
            return
        self._fed = frames
        piece = self._stream.feed(codes[:1, :, :frames].cpu(), last=last)[0]
        passed = min(self._skip, piece.shape[1])
        self._skip -= passed
        if piece.shape[1] > passed:
            sound = np.ascontiguousarray(piece[:, passed:].T.numpy(), dtype=np.float32)
            self._on_preview(sound, self._samples)
