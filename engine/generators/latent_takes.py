"""How models of sound latents make takes: one pass through the model after the other."""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch

from engine.generators.autoencoder import Autoencoder, OnPiece
from engine.generators.checked_modules import checking
from engine.generators.device import naming_out_of_memory
from engine.generators.interface import OnPreview, ReportProgress
from engine.generators.request_grid import batches
from engine.loops.cancel import RepeatableReport
from engine.loops.take import Audio, Take

_ACCELERATED_BATCH = 4


class LatentPipeline(Protocol):
    """The parts of a checkpoint, ready to run; what a pass is asked is the family's own type."""

    autoencoder: Autoencoder
    modules: tuple[torch.nn.Module, ...]

    def latents(self, request: Any, report: RepeatableReport) -> torch.Tensor:
        """Return clean latents, (takes, width, latents) float32."""

    def decode(
        self,
        latents: torch.Tensor,
        *,
        closed: bool,
        report: RepeatableReport,
        on_piece: OnPiece | None,
    ) -> torch.Tensor:
        """Return sound, (takes, channels, samples) float32 on the CPU."""


class LatentGenerator:
    """Makes takes with a pipeline; what a request asks of it is said by the family's generator."""

    _pipeline: LatentPipeline

    def __init__(self, pipeline: LatentPipeline, device: torch.device) -> None:
        self._pipeline = pipeline
        self.preview_rate = pipeline.autoencoder.rate
        self.on_preview: OnPreview | None = None
        # On a CPU a batch is no faster, and a take the same to the bit; an accelerator needs one.
        self._takes_per_pass = 1 if device.type == "cpu" else _ACCELERATED_BATCH

    def _made(
        self, asked: Any, seeds: list[int], report: ReportProgress, *, heard: int | None = None
    ) -> Iterator[tuple[Take, torch.Tensor, torch.Tensor]]:
        """Yield for each seed a take without its sound, the sound and the latents.

        Args:
            asked: what the pipeline is asked, a dataclass; its `seeds` are filled in here.
            seeds: one per take.
            report: progress.
            heard: how many latents become sound; None for all.
        """
        pipeline = self._pipeline
        empty = np.zeros((0, 2), np.float32)
        for batch, part in batches(seeds, self._takes_per_pass, report):
            told = RepeatableReport(part, "encoding the prompt")
            with naming_out_of_memory(), checking(told.check, *pipeline.modules), self._adapted():
                latents = pipeline.latents(dataclasses.replace(asked, seeds=tuple(batch)), told)
                sounds = pipeline.decode(
                    latents[:, :, :heard],
                    closed=asked.closed,
                    report=told,
                    on_piece=self._send_preview,
                )
            self.on_preview = None
            for seed, sound, made in zip(batch, sounds, latents, strict=True):
                yield Take(audio=empty, rate=pipeline.autoencoder.rate, seed=seed), sound, made

    def _adapted(self) -> contextlib.AbstractContextManager[None]:
        """Change the model for one pass; a family without adapters leaves it as it is."""
        return contextlib.nullcontext()

    def _send_preview(self, piece: torch.Tensor, samples: int) -> None:
        if self.on_preview is not None:
            self.on_preview(piece[0].clamp(-1, 1).T.numpy(), samples)


def shown_latents(latents: torch.Tensor) -> Audio:
    """Return latents as a take has them, (channels, time, frequency): there is one frequency."""
    return latents[:, :, None].float().cpu().numpy().copy()
