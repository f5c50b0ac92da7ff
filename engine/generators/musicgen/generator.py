"""MusicGen as a generator: turns a request into takes."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.generators.checked_modules import CheckedOperations, checking
from engine.generators.continuation import appended
from engine.generators.device import choose_device, choose_dtype, naming_out_of_memory
from engine.generators.interface import OnPreview, Plan, ReportProgress
from engine.generators.musicgen.checkpoint import load_checkpoint
from engine.generators.musicgen.chroma import HOP, melody_chroma
from engine.generators.musicgen.codec import Codec
from engine.generators.musicgen.conditions import Condition, ConditionEncoder
from engine.generators.musicgen.join import join_surprisal
from engine.generators.musicgen.preview import PreviewDecoder
from engine.generators.musicgen.sampling import Sampling
from engine.generators.musicgen.tokens import TokenDecoder, TokenRequest
from engine.generators.musicgen.transformer_choice import make_transformer
from engine.generators.request_grid import batches, requested_grid, requested_plan
from engine.loops.cancel import Check, RepeatableReport, no_check
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.prompt_reader import PromptFacts, read_prompt
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid, format_bpm

DEFAULT_GUIDANCE = 3.0
MAX_S = 300
TAKES_PER_PASS = 4
_SPARE_S = 0.3
_TOKENS_SHARE = 0.95


class MusicGenGenerator:
    """One loaded checkpoint. Its takes are not yet closed, and one bar longer than the loop."""

    settings = frozenset({"guidance", "temperature", "top_k", "top_p", "draft", "verbatim"})

    def __init__(
        self,
        folder: Path,
        facts: ModelFacts,
        *,
        device: str = "auto",
        dtype: str = "auto",
        check: Check = no_check,
    ) -> None:
        """Load a checkpoint folder in the published layout.

        Args:
            folder: holds config.json and model.safetensors.
            facts: what the clips record about the model.
            device: `auto`, `cpu`, `cuda`, `mps`.
            dtype: `auto`, `float32`, `bfloat16`, `float16`: for the transformer only.
            check: called between any two steps; it may raise to end the work.

        Raises:
            UnusableCheckpoint: the folder cannot be run.
        """
        self.facts = facts
        self._folder = folder
        self._device = choose_device(device)
        self._dtype = choose_dtype(self._device, dtype)
        with naming_out_of_memory(), CheckedOperations(check):
            checkpoint = load_checkpoint(folder, check)
            model = checkpoint.model
            self._library_decoder: Any = model.decoder
            self._channels = int(model.decoder.config.audio_channels)
            self._codec = Codec(model.audio_encoder)
            self._encoder = ConditionEncoder(
                model, checkpoint.tokenizer, takes_melody=checkpoint.takes_melody
            )
            self._loaded_decoder: tuple[bool, TokenDecoder] | None = None
        self.preview_rate = self._codec.rate
        self.on_preview: OnPreview | None = None
        self.modes = frozenset({"continue", "melody"} if checkpoint.takes_melody else {"continue"})

    def plan(self, request: LoopRequest) -> Plan:
        """Decide the grid and the key; tempo and key are added to the prompt in words.

        Raises:
            LoopError: the loop is too long.
        """
        facts = read_prompt(request.prompt)
        grid = _grid(request, facts)
        ignored = ["negative prompt: this model does not use one"] if request.negative else []
        understood = ["draft: 8-bit weights, quality not measured"] if request.draft else []
        return requested_plan(request, request.prompt, facts, grid, understood, ignored)

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one take per seed; takes of a loop are not closed, and one bar longer than it.

        Raises:
            MemoryError: the device ran out of memory.
        """
        told = RepeatableReport(report, "encoding the prompt")
        told.check()
        with self._checking(told.check):
            condition = self._encoder.encode(self._prompt(request, grid))
        yield from self._all_takes(request, grid, seeds, report, lambda _begin: condition)

    def generate_from(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        sources: list[Audio],
        lineage: tuple[LoopRequest, ...],
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield takes that follow a melody, or continue where a source ends.

        If the grid is longer than the source, a continuation is the source, bit for bit, and what
        follows it; otherwise only what follows.
        """
        del lineage
        told = RepeatableReport(report, "analysing the source")
        told.check()
        sound = self._at_rate(sources[0], grid.rate)
        prompt = self._prompt(request, grid)
        if request.mode == "melody":
            notes = melody_chroma(sound.mean(dim=0))
            yield from self._all_takes(
                request, grid, seeds, report, self._melody_conditions(prompt, notes)
            )
            return
        with self._checking(told.check):
            condition = self._encoder.encode(prompt)
            before = self._codec.encode(self._as_channels(sound))
        extends = len(sources[0]) < grid.frames
        for take in self._all_takes(
            request, grid, seeds, report, lambda _begin: condition, before=before,
            known_s=len(sources[0]) / grid.rate, extends=extends,
        ):  # fmt: skip
            yield appended(sources[0], take, grid) if extends else take

    def _all_takes(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        report: ReportProgress,
        conditions: Callable[[int], Condition],
        *,
        before: torch.Tensor | None = None,
        known_s: float = 0.0,
        extends: bool = False,
    ) -> Iterator[Take]:
        told = RepeatableReport(report, "preparing the model")
        with naming_out_of_memory(), CheckedOperations(told.check):
            is_int8 = request.draft and self._device.type == "cpu"
            decoder = self._token_decoder(told.check, int8=is_int8)
        new_s = float(grid.length_s) - (known_s if extends else 0.0)
        if grid.is_loop and not extends:
            new_s += float(grid.meter.bar_quarters) * 60 / grid.bpm
        token_request = TokenRequest(
            conditions=conditions,
            seeds=[],
            frames=math.ceil((known_s + new_s + _SPARE_S) * self._codec.frames_per_second),
            before=before,
            guidance=DEFAULT_GUIDANCE if request.guidance is None else request.guidance,
            sampling=_sampling(request),
        )
        for batch, part in batches(seeds, TAKES_PER_PASS, report):
            told = RepeatableReport(part, "generating")
            one_pass = dataclasses.replace(token_request, seeds=batch, check=told.check)
            with naming_out_of_memory(), self._checking(told.check):
                made = self._takes(
                    decoder, one_pass, grid, told,
                    skip_s=0.0 if extends else known_s,
                    joins=grid.is_loop and not extends,
                )  # fmt: skip
            yield from made

    def _takes(
        self,
        decoder: TokenDecoder,
        token_request: TokenRequest,
        grid: LoopGrid,
        report: RepeatableReport,
        *,
        skip_s: float,
        joins: bool,
    ) -> list[Take]:
        skipped = round(skip_s * self._codec.rate)
        preview = self._preview_decoder(token_request.frames, skipped)

        def progress(codes: torch.Tensor, frames: int) -> None:
            report(_TOKENS_SHARE * (frames / token_request.frames), "generating")
            if preview is not None:
                preview(codes, frames)

        codes = decoder.codes(token_request, progress)
        self.on_preview = None
        report(_TOKENS_SHARE, "decoding")
        # One by one: a convolution rounds differently in a batch, and a take must not depend on it.
        takes = torch.split(codes.cpu(), 1)
        sounds = torch.cat([self._codec.decode(take, self._channels) for take in takes])
        rate, condition = self._codec.frames_per_second, token_request.conditions(0)
        found = [
            join_surprisal(decoder, condition, take, grid, rate, report.check) if joins else ()
            for take in codes[:, :, round(skip_s * rate) :]
        ]
        report(1.0, "decoding")
        return [
            Take(
                audio=np.ascontiguousarray(sound[:, skipped:].T.numpy(), dtype=np.float32),
                rate=self._codec.rate,
                seed=seed,
                joins=each,
            )
            for seed, sound, each in zip(token_request.seeds, sounds, found, strict=True)
        ]

    def _preview_decoder(self, frames: int, skip: int) -> PreviewDecoder | None:
        if self.on_preview is None:
            return None
        return PreviewDecoder(
            self._codec, self._channels, self.on_preview, frames=frames, skip=skip
        )

    def _token_decoder(self, check: Check, *, int8: bool) -> TokenDecoder:
        """Return the token decoder; one stays in memory, another precision is loaded again."""
        if self._loaded_decoder is None or self._loaded_decoder[0] != int8:
            self._loaded_decoder = None
            decoder = self._library_decoder or load_checkpoint(self._folder, check).model.decoder
            self._library_decoder = None
            dtype = torch.bfloat16 if int8 else self._dtype
            transformer = make_transformer(decoder, self._device, dtype, check, int8=int8)
            token_decoder = TokenDecoder(transformer, self._channels, self._codec.frames_per_second)
            self._loaded_decoder = int8, token_decoder
        return self._loaded_decoder[1]

    def _checking(self, check: Check) -> AbstractContextManager[None]:
        """Call `check` before each layer of the library's modules computes."""
        return checking(check, self._encoder.model, self._codec.model)

    def _prompt(self, request: LoopRequest, grid: LoopGrid) -> str | None:
        """Return the prompt with tempo and key, worded as in the training data, if not verbatim."""
        if request.unconditional or not request.prompt:
            return None
        if request.verbatim:
            return request.prompt
        facts = read_prompt(request.prompt)
        words = [request.prompt]
        if facts.bpm is None and grid.is_loop:
            words.append(f"{format_bpm(grid.bpm)} bpm")
        key = parse_key(request.key)
        if key is not None and facts.key is None:
            words.append(str(key))
        return ", ".join(words)

    def _melody_conditions(
        self, prompt: str | None, notes: torch.Tensor
    ) -> Callable[[int], Condition]:
        """Return the conditions by window start: the melody, rotated to begin at that frame."""
        notes_per_frame = self._codec.frame_samples / HOP

        def condition(begin: int) -> Condition:
            turned = notes.roll(-round(begin * notes_per_frame), dims=0)
            return self._encoder.encode(prompt, turned)

        return condition

    def _at_rate(self, audio: Audio, rate: int) -> torch.Tensor:
        """Return (channels, samples) at the codec's rate."""
        import soxr

        found = audio if rate == self._codec.rate else soxr.resample(audio, rate, self._codec.rate)
        return torch.from_numpy(np.ascontiguousarray(found.T, dtype=np.float32))

    def _as_channels(self, sound: torch.Tensor) -> torch.Tensor:
        if self._channels == 1:
            return sound.mean(dim=0, keepdim=True)
        return sound if len(sound) == self._channels else sound.expand(self._channels, -1)


def _sampling(request: LoopRequest) -> Sampling:
    usual = Sampling()
    return Sampling(
        temperature=usual.temperature if request.temperature is None else request.temperature,
        top_k=usual.top_k if request.top_k is None else request.top_k,
        top_p=usual.top_p if request.top_p is None else request.top_p,
    )


def _grid(request: LoopRequest, facts: PromptFacts) -> LoopGrid:
    grid = requested_grid(request, facts)
    if grid.length_s > MAX_S:
        raise LoopError(
            f"The model makes at most {MAX_S} s, not {float(grid.length_s):.0f} s: ask for "
            "fewer bars."
        )
    return grid
