"""The decode loop: conditions -> tokens, one position after the other, on one page.

A take is one row and, with guidance, a second unconditional row; both are computed in one pass, for
all takes at once. Beyond 30 s a window slides over the music: each new window starts from the last
12 seconds as context, as in the authors' own library.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch

from engine.generators.musicgen.conditions import Condition
from engine.generators.musicgen.delay import DelayPattern
from engine.generators.musicgen.interface import TokenTransformer
from engine.generators.musicgen.sampling import Sampling, TokenSampler
from engine.loops.cancel import Check, no_check

WINDOW_S, STRIDE_S = 30, 18
_MIN_ROWS = 2  # See `engine.generators.packed`: a single row would be computed differently.


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenRequest:
    """What to generate.

    Attributes:
        conditions: returns the condition of the window that begins at a frame.
        seeds: one per take.
        frames: how many frames of codes, including those of `before`.
        before: codes that the music begins with, (codebooks, frames), or None.
        guidance: how far to move away from the unconditional logits; 1 and below: no guidance.
        sampling: how tokens are sampled.
        check: called between the layers; it may raise to end the work.
    """

    conditions: Callable[[int], Condition]
    seeds: list[int]
    frames: int
    before: torch.Tensor | None = None
    guidance: float = 3.0
    sampling: Sampling = dataclasses.field(default_factory=Sampling)
    check: Check = no_check


class TokenDecoder:
    """The decode loop of one model."""

    def __init__(
        self, transformer: TokenTransformer, channels: int, frames_per_second: float
    ) -> None:
        """Decode with `transformer`, whose codebooks cover `channels` channels."""
        self.transformer = transformer
        self.channels = channels
        self.pattern = DelayPattern(
            transformer.codebooks, channels, transformer.pad, transformer.device
        )
        self.window_frames = round(WINDOW_S * frames_per_second)
        self.stride_frames = round(STRIDE_S * frames_per_second)

    @torch.inference_mode()
    def codes(
        self, request: TokenRequest, report: Callable[[torch.Tensor, int], None]
    ) -> torch.Tensor:
        """Return codes of (takes, codebooks, frames).

        `report` is called before each position with the codes so far and the number of complete
        frames.
        """
        takes = len(request.seeds)
        codes = torch.zeros(
            (takes, self.transformer.codebooks, request.frames),
            dtype=torch.long,
            device=self.transformer.device,
        )
        first = 0
        if request.before is not None:
            first = min(request.before.shape[1], request.frames)
            codes[:, :, :first] = request.before[None, :, :first].to(codes.device)
        sampler = TokenSampler(request.seeds)
        begin = max(0, first - (self.window_frames - self.stride_frames))
        while first < request.frames:
            end = min(begin + self.window_frames, request.frames)
            window = codes[:, :, begin:end]  # A view: writing to it writes to the codes.
            self._fill(window, first - begin, request, begin, sampler, report, codes)
            first, begin = end, begin + self.stride_frames
        return codes

    def _fill(
        self,
        window: torch.Tensor,
        known: int,
        request: TokenRequest,
        begin: int,
        sampler: TokenSampler,
        report: Callable[[torch.Tensor, int], None],
        codes: torch.Tensor,
    ) -> None:
        """Fill a window of (takes, codebooks, frames), of which `known` frames are given."""
        guided = request.guidance > 1.0
        positions = self.pattern.positions(window.shape[2])
        inputs, cache = self._prefill(
            request.conditions(begin), window, known, positions, guided=guided
        )
        for position in range(known + 1, positions + 1):
            done = begin + max(known, position - 1 - self.pattern.max_delay)
            report(codes, done)
            logits = self.transformer.advance(inputs, cache, check=request.check)
            conditional = logits[: len(window)]
            if guided:
                unconditional = logits[len(window) :]
                conditional = unconditional + request.guidance * (conditional - unconditional)
            tokens = sampler.draw(conditional, request.sampling)
            self.pattern.write(window, position, tokens, known)
            inputs = self._rows(self.pattern.column(window, position)[:, :, None], guided=guided)
        report(codes, begin + window.shape[2])

    def _prefill(
        self,
        condition: Condition,
        window: torch.Tensor,
        known: int,
        positions: int,
        *,
        guided: bool,
    ) -> tuple[torch.Tensor, Any]:
        """Return the first inputs of a window, and a cache large enough for all of it."""
        takes = len(window)
        inputs = self._rows(self.pattern.columns(window, known + 1), guided=guided)
        if condition.prefix is not None and condition.null_prefix is not None:
            conditional = condition.prefix.expand(takes, -1, -1)
            unconditional = condition.null_prefix.expand(takes, -1, -1)
            prefix = torch.cat([conditional, unconditional]) if guided else conditional
            prefix = prefix[:1].expand(len(inputs), -1, -1) if len(prefix) < len(inputs) else prefix
            inputs = torch.cat([prefix.to(inputs.device, inputs.dtype), inputs], dim=1)
        text = condition.text
        if text is not None:
            with_text = takes if guided else len(inputs)
            text = text.expand(with_text, -1, -1)
        cache = self.transformer.new_cache(len(inputs), inputs.shape[1] + positions, text)
        return inputs, cache

    def _rows(self, tokens: torch.Tensor, *, guided: bool) -> torch.Tensor:
        """Return (rows, length, width) for tokens of (takes, codebooks, length)."""
        embedded = self.transformer.embed(tokens)
        if guided or len(embedded) < _MIN_ROWS:
            embedded = torch.cat([embedded, embedded])
        return embedded

    @torch.inference_mode()
    def surprisal(
        self,
        condition: Condition,
        left: torch.Tensor,
        right: torch.Tensor,
        check: Check = no_check,
    ) -> torch.Tensor:
        """Return how unlikely it is that `right` follows `left`, in nats per token, (rows,).

        Args:
            condition: the condition of the music.
            left: codes before the join, (rows, codebooks, frames).
            right: codes after the join.
            check: called between the layers; it may raise to end the work.
        """
        codes = torch.cat([left, right], dim=2)
        positions = self.pattern.positions(codes.shape[2])
        columns = self.pattern.columns(codes, positions + 1)
        rows = columns if len(columns) >= _MIN_ROWS else columns.expand(2, -1, -1)
        inputs = self.transformer.embed(rows[:, :, :-1])
        skipped = 0
        if condition.prefix is not None:
            prefix = condition.prefix.to(inputs.device, inputs.dtype)
            inputs = torch.cat([prefix.expand(len(inputs), -1, -1), inputs], dim=1)
            skipped = prefix.shape[1]
        text = None if condition.text is None else condition.text.expand(len(inputs), -1, -1)
        cache = self.transformer.new_cache(len(inputs), inputs.shape[1], text)
        logits = self.transformer.advance(inputs, cache, whole=True, check=check)
        logits = logits[: len(codes), :, skipped:]
        targets = columns[:, :, 1:]
        log_probs = logits.log_softmax(dim=-1)
        found = log_probs.gather(-1, targets.clamp(max=self.transformer.codes - 1)[..., None])[
            ..., 0
        ]
        mask = self._after_join(targets, left.shape[2])
        return -(found * mask).sum(dim=(1, 2)) / mask.sum(dim=(1, 2))

    def _after_join(self, targets: torch.Tensor, join: int) -> torch.Tensor:
        """Return 1 where (rows, codebooks, positions) hold a frame at or after the join, else 0."""
        positions = torch.arange(1, targets.shape[2] + 1, device=targets.device)
        first = self.pattern.first_position(join)
        mask = (positions[None, :] >= first[:, None]) & (targets != self.transformer.pad)
        return mask.float()
