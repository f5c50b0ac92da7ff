"""EnCodec: encodes audio to codes, and decodes codes to audio as they arrive.

The modules are the library's, with their weights computed once instead of at each call. The result
does not depend on how the codes were split: the recurrent layer keeps its state, and the
convolutions receive enough frames on both sides.
"""

from typing import Any

import torch
from torch.nn.utils import parametrize

BEFORE_LSTM = 3
"""Frames to each side that the first convolution (7 taps) sees."""
AFTER_LSTM = 2
"""Frames to each side that all later layers see: 1.3 with the published strides, rounded up."""
LOOKAHEAD = BEFORE_LSTM + AFTER_LSTM
"""How many frames must be known after the last one that is decoded."""


class PiecewiseLstm(torch.nn.Module):
    """A recurrent layer of EnCodec, some frames at a time: a job can be cancelled between them."""

    _FRAMES = 10

    def __init__(self, layer: Any) -> None:
        """Take the weights of the library's layer."""
        super().__init__()
        self.lstm = layer.lstm

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return (batch, width, frames) for (batch, width, frames)."""
        return self.continued(values, None)[0]

    def continued(self, values: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Return the same for values that follow others, whose last state is given, and the new."""
        steps, found = values.permute(2, 0, 1), []
        for some in torch.split(steps, self._FRAMES):
            played, state = self.lstm(some, state)
            found.append(played)
        return (torch.cat(found) + steps).permute(1, 2, 0), state


class Codec:
    """An EnCodec model for mono audio; stereo is encoded as two channels side by side."""

    def __init__(self, model: Any) -> None:
        """Wrap the library's model, in float32."""
        for module in model.modules():
            if parametrize.is_parametrized(module, "weight"):
                parametrize.remove_parametrizations(module, "weight")
        for layers in (model.encoder.layers, model.decoder.layers):
            for number, layer in enumerate(layers):
                if hasattr(layer, "lstm"):
                    layers[number] = PiecewiseLstm(layer)
        self.model = model
        self.first, self.lstm, *rest = model.decoder.layers
        self.rest = torch.nn.Sequential(*rest)
        self.rate = int(model.config.sampling_rate)
        self.frame_samples = int(model.config.hop_length)
        self.frames_per_second = self.rate / self.frame_samples

    @torch.inference_mode()
    def encode(self, sound: torch.Tensor) -> torch.Tensor:
        """Return (channels x codebooks, frames), channels interleaved, for (channels, samples)."""
        found = [self.model.encode(each[None, None]).audio_codes[0, 0] for each in sound]
        return torch.stack(found, dim=1).flatten(0, 1)

    def stream(self, takes: int, channels: int) -> "Stream":
        """Return a streaming decoder for the codes of some takes."""
        return Stream(self, takes, channels)

    @torch.inference_mode()
    def decode(self, codes: torch.Tensor, channels: int) -> torch.Tensor:
        """Return (takes, channels, samples) for codes of (takes, codebooks, frames)."""
        return self.stream(len(codes), channels).feed(codes, last=True)


class Stream:
    """Decodes codes piece by piece; the pieces joined are the audio of all codes."""

    def __init__(self, codec: Codec, takes: int, channels: int) -> None:
        self._codec, self._takes, self._channels = codec, takes, channels
        self._state: Any = None
        self._hidden: torch.Tensor | None = None  # output of the LSTM: (rows, width, frames)
        self.made_frames = 0
        """How many frames have been decoded."""

    @torch.inference_mode()
    def feed(self, codes: torch.Tensor, *, last: bool = False) -> torch.Tensor:
        """Return the next audio, (takes, channels, samples), given all codes so far.

        Args:
            codes: (takes, codebooks, frames), complete up to the last frame.
            last: the codes are complete; before that, the last `LOOKAHEAD` frames are held back.
        """
        frames = codes.shape[2]
        self._through_lstm(codes, frames if last else frames - BEFORE_LSTM, frames)
        known = 0 if self._hidden is None else self._hidden.shape[2]
        end = known if last else known - AFTER_LSTM
        begin = self.made_frames
        if self._hidden is None or end <= begin:
            return codes.new_zeros((self._takes, self._channels, 0), dtype=torch.float32)
        first = max(begin - AFTER_LSTM, 0)
        around = self._codec.rest(self._hidden[:, :, first : end + AFTER_LSTM])
        step = self._codec.frame_samples
        piece = around[:, 0, (begin - first) * step : (end - first) * step]
        self.made_frames = end
        return piece.reshape(self._takes, self._channels, -1)

    def _through_lstm(self, codes: torch.Tensor, end: int, frames: int) -> None:
        """Run the codes up to frame `end` through the first two layers."""
        begin = 0 if self._hidden is None else self._hidden.shape[2]
        if end <= begin:
            return
        first, after = max(begin - BEFORE_LSTM, 0), min(end + BEFORE_LSTM, frames)
        part = codes[:, :, first:after]
        rows = part.view(self._takes, -1, self._channels, part.shape[2]).transpose(1, 2)
        vectors = self._codec.model.quantizer.decode(rows.flatten(0, 1).transpose(0, 1))
        wide = self._codec.first(vectors)[:, :, begin - first : end - first]
        hidden, self._state = self._codec.lstm.continued(wide, self._state)
        self._hidden = hidden if self._hidden is None else torch.cat([self._hidden, hidden], dim=2)
