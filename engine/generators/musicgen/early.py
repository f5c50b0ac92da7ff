"""Early listening: the first take's codes become sound while the next are being drawn."""

import numpy as np
import torch

from engine.generators.interface import OnSound
from engine.generators.musicgen.codec import Codec

PIECE_S = 0.5


class EarlySound:
    """Tells the sound of one take in pieces.

    The take itself is decoded apart, when it is whole: a piece rounds in another way, and a take
    shall not depend on whether somebody listened.
    """

    def __init__(
        self, codec: Codec, channels: int, on_sound: OnSound, *, frames: int, skip: int
    ) -> None:
        """Call `on_sound` with a take of `frames` codes, without its first `skip` samples."""
        self._stream = codec.stream(1, channels)
        self._on_sound = on_sound
        self._skip = skip
        self._samples = frames * codec.frame_samples - skip
        self._frames = frames
        self._piece_frames = round(PIECE_S * codec.frames_per_second)
        self._fed = 0

    def __call__(self, codes: torch.Tensor, frames: int) -> None:
        """Take in the codes so far, (takes, codebooks, all frames), of which `frames` are there."""
        last = frames == self._frames
        if self._fed == self._frames or (frames - self._fed < self._piece_frames and not last):
            return
        self._fed = frames
        piece = self._stream.feed(codes[:1, :, :frames].cpu(), last=last)[0]
        passed = min(self._skip, piece.shape[1])
        self._skip -= passed
        if piece.shape[1] > passed:
            sound = np.ascontiguousarray(piece[:, passed:].T.numpy(), dtype=np.float32)
            self._on_sound(sound, self._samples)
