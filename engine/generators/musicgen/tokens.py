"""The decode loop: conditions -> tokens, one place after the other, on one page.

A take is a row, and where it is guided a second row that is told nothing; both are computed in one
pass, for all takes at once. Beyond half a minute a window slides over the music: it begins anew
with the last 12 seconds as what went before, as the authors' own library does it.
"""

import dataclasses
from collections.abc import Callable

import torch

from engine.generators.musicgen.conditions import Condition
from engine.generators.musicgen.delay import DelayPattern
from engine.generators.musicgen.sampling import Dice, Sampling
from engine.generators.musicgen.transformer import KVCache, Transformer

WINDOW_S, STRIDE_S = 30, 18
_FEWEST_ROWS = 2  # See `engine.generators.packed`: a row alone would be computed in another way.


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenOrder:
    """What to make.

    Attributes:
        conditions: what the takes are told: one for all, or one for each window of the music.
        seeds: one per take.
        frames: how many frames of codes, those of `before` included.
        before: codes that the music begins with, (codebooks, frames), or None.
        guidance: how far to go beyond what the model would play untold; 1 and below: not at all.
        sampling: how tokens are drawn.
    """

    conditions: Callable[[int], Condition]
    seeds: list[int]
    frames: int
    before: torch.Tensor | None = None
    guidance: float = 3.0
    sampling: Sampling = dataclasses.field(default_factory=Sampling)


class TokenLoop:
    """The loop of one model."""

    def __init__(self, transformer: Transformer, channels: int, frames_per_second: float) -> None:
        """Ask `transformer`, whose codebooks are those of so many channels."""
        self.transformer = transformer
        self.channels = channels
        self.pattern = DelayPattern(
            transformer.codebooks, channels, transformer.pad, transformer.device
        )
        self.window_frames = round(WINDOW_S * frames_per_second)
        self.stride_frames = round(STRIDE_S * frames_per_second)

    @torch.inference_mode()
    def codes(self, order: TokenOrder, report: Callable[[torch.Tensor, int], None]) -> torch.Tensor:
        """Return codes of (takes, codebooks, frames).

        `report` is called before each place with the codes so far and how many frames of them are
        complete.
        """
        takes = len(order.seeds)
        codes = torch.zeros(
            (takes, self.transformer.codebooks, order.frames),
            dtype=torch.long,
            device=self.transformer.device,
        )
        first = 0
        if order.before is not None:
            first = min(order.before.shape[1], order.frames)
            codes[:, :, :first] = order.before[None, :, :first].to(codes.device)
        dice = Dice(order.seeds)
        begin = max(0, first - (self.window_frames - self.stride_frames))
        while first < order.frames:
            end = min(begin + self.window_frames, order.frames)
            window = codes[:, :, begin:end]  # A view: what is written there is in the codes.
            self._fill(window, first - begin, order, begin, dice, report, codes)
            first, begin = end, begin + self.stride_frames
        return codes

    def _fill(
        self,
        window: torch.Tensor,
        known: int,
        order: TokenOrder,
        begin: int,
        dice: Dice,
        report: Callable[[torch.Tensor, int], None],
        codes: torch.Tensor,
    ) -> None:
        """Fill a window of (takes, codebooks, frames), of which `known` frames are there."""
        guided = order.guidance > 1.0
        places = self.pattern.places(window.shape[2])
        inputs, memory = self._begun(order.conditions(begin), window, known, places, guided=guided)
        for place in range(known + 1, places + 1):
            done = begin + max(known, place - 1 - self.pattern.most_delay)
            report(codes, done)
            logits = self.transformer.advance(inputs, memory)
            told = logits[: len(window)]
            if guided:
                untold = logits[len(window) :]
                told = untold + order.guidance * (told - untold)
            tokens = dice.draw(told, order.sampling)
            self.pattern.put(window, place, tokens, known)
            inputs = self._rows(self.pattern.at(window, place)[:, :, None], guided=guided)
        report(codes, begin + window.shape[2])

    def _begun(
        self, condition: Condition, window: torch.Tensor, known: int, places: int, *, guided: bool
    ) -> tuple[torch.Tensor, KVCache]:
        """Return the first inputs of a window, and a memory for all of it."""
        takes = len(window)
        inputs = self._rows(self.pattern.before(window, known + 1), guided=guided)
        if condition.prefix is not None and condition.null_prefix is not None:
            told = condition.prefix.expand(takes, -1, -1)
            untold = condition.null_prefix.expand(takes, -1, -1)
            prefix = torch.cat([told, untold]) if guided else told
            prefix = prefix[:1].expand(len(inputs), -1, -1) if len(prefix) < len(inputs) else prefix
            inputs = torch.cat([prefix.to(inputs.device, inputs.dtype), inputs], dim=1)
        text = condition.text
        if text is not None:
            with_text = takes if guided else len(inputs)
            text = text.expand(with_text, -1, -1)
        memory = self.transformer.memory(len(inputs), inputs.shape[1] + places, text)
        return inputs, memory

    def _rows(self, tokens: torch.Tensor, *, guided: bool) -> torch.Tensor:
        """Return (rows, length, width) for tokens of (takes, codebooks, length)."""
        embedded = self.transformer.embedded(tokens)
        if guided or len(embedded) < _FEWEST_ROWS:
            embedded = torch.cat([embedded, embedded])
        return embedded

    @torch.inference_mode()
    def strangeness(
        self, condition: Condition, left: torch.Tensor, right: torch.Tensor
    ) -> torch.Tensor:
        """Return how unlikely it is that `right` follows `left`, in nats a token, (rows,).

        Args:
            condition: what the music was told.
            left: codes of (rows, codebooks, frames) that lead to the join.
            right: those that follow it.
        """
        codes = torch.cat([left, right], dim=2)
        places = self.pattern.places(codes.shape[2])
        columns = self.pattern.before(codes, places + 1)
        order_rows = columns if len(columns) >= _FEWEST_ROWS else columns.expand(2, -1, -1)
        inputs = self.transformer.embedded(order_rows[:, :, :-1])
        skipped = 0
        if condition.prefix is not None:
            prefix = condition.prefix.to(inputs.device, inputs.dtype)
            inputs = torch.cat([prefix.expand(len(inputs), -1, -1), inputs], dim=1)
            skipped = prefix.shape[1]
        text = None if condition.text is None else condition.text.expand(len(inputs), -1, -1)
        memory = self.transformer.memory(len(inputs), inputs.shape[1], text)
        logits = self.transformer.advance(inputs, memory, whole=True)[: len(codes), :, skipped:]
        wanted = columns[:, :, 1:]
        chances = logits.log_softmax(dim=-1)
        found = chances.gather(-1, wanted.clamp(max=self.transformer.codes - 1)[..., None])[..., 0]
        counted = self._behind_join(wanted, left.shape[2])
        return -(found * counted).sum(dim=(1, 2)) / counted.sum(dim=(1, 2))

    def _behind_join(self, wanted: torch.Tensor, join: int) -> torch.Tensor:
        """Return which of (rows, codebooks, places) hold a frame at or behind the join: 0 or 1."""
        places = torch.arange(1, wanted.shape[2] + 1, device=wanted.device)
        first = self.pattern.first_place(join)
        counted = (places[None, :] >= first[:, None]) & (wanted != self.transformer.pad)
        return counted.float()
