"""One measurement of Stable Audio 3 small in a fresh process: `WHAT SIDE FOLDER`, figures as JSON.

`upstream` is the library's pipeline in float32; the others are ours: `float32`, `bfloat16`. The
folder holds a checkpoint, which each side loads as it would one of a musician's.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.stable_audio_3.pipeline_stable_audio_3 import StableAudio3Pipeline

from benchmarks.measured import (
    FirstSecondHeardError,
    Runs,
    begin,
    print_figures,
    until_heard,
)
from engine.generators.stable_audio.pipeline import Pipeline, PipelineRequest
from engine.loops.cancel import RepeatableReport

PROMPT = "warm pad, 4 bars, 120 BPM"
SECONDS, LATENTS, STEPS = 8.0, 86, 8


def main(what: str, side: str, folder: str) -> None:
    """Print how long it took, the models loaded and warm; `memory` is that of all, loading too."""
    begin(as_engine=side != "upstream")
    with torch.inference_mode():
        print_figures(
            what, _upstream(Path(folder)) if side == "upstream" else _ours(Path(folder), side)
        )


def _ours(folder: Path, side: str) -> Runs:
    dtype = torch.float32 if side == "float32" else torch.bfloat16
    pipeline = Pipeline.load(folder, torch.device("cpu"), dtype)
    report = RepeatableReport(lambda _fraction, _stage: None, "")

    def request(number: int, steps: int = STEPS) -> PipelineRequest:
        return PipelineRequest(
            prompt=f"{PROMPT} {number}", seeds=(1,), latents=LATENTS, seconds=SECONDS,
            sampler="ping-pong", steps=steps, guidance=1.0,
        )  # fmt: skip

    def decoded(latents: torch.Tensor, on_piece: Any = None) -> object:
        return pipeline.decode(latents, closed=True, report=report, on_piece=on_piece)

    def enough(piece: torch.Tensor, _samples: int) -> None:
        if piece.shape[2] >= pipeline.autoencoder.rate:
            raise FirstSecondHeardError

    def first(number: int) -> None:
        until_heard(lambda: decoded(pipeline.latents(request(number), report), enough))

    return {
        "read": lambda number: pipeline.family.conditions(f"{PROMPT} {number}", SECONDS, 1),
        "step": lambda _number: pipeline.latents(request(1, steps=1), report),
        "decode": lambda _number: decoded(_noise(pipeline.autoencoder.width)),
        "first": first,
        "whole": lambda number: decoded(pipeline.latents(request(number), report)),
    }


def _upstream(folder: Path) -> Runs:
    pipe: Any = StableAudio3Pipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    device = torch.device("cpu")

    def whole(number: int, steps: int = STEPS) -> object:
        return pipe(f"{PROMPT} {number}", duration=SECONDS, num_inference_steps=steps)

    def step() -> Callable[[], object]:
        inputs: dict[str, Any] = {}
        given: list[Any] = []

        def keep(_module: Any, arguments: Any, named: Any) -> None:
            given[:] = arguments
            inputs.update(named)

        hook = pipe.transformer.register_forward_pre_hook(keep, with_kwargs=True)
        whole(1, steps=1)
        hook.remove()
        return lambda: pipe.transformer(*given, **inputs)

    steps: list[Callable[[], object]] = []

    def one_step(number: int) -> object:
        if number == 1:
            steps.append(step())
        return steps[0]()

    return {
        "read": lambda number: pipe.encode_prompt(f"{PROMPT} {number}", device, 1),
        "step": one_step,
        "decode": lambda _number: pipe.vae.decode(_noise(pipe.vae.config.latent_dim)).sample,
        "first": whole,  # It can only be played when it is complete.
        "whole": whole,
    }


def _noise(width: int) -> torch.Tensor:
    return torch.randn(1, width, LATENTS, generator=torch.Generator().manual_seed(1))


if __name__ == "__main__":
    main(*sys.argv[1:4])
