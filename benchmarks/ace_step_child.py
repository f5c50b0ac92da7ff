"""One measurement of ACE-Step 1.5 turbo in a fresh process: `WHAT SIDE FOLDER`, figures as JSON.

`upstream` is the library's pipeline in float32; the others are ours: `float32`, `bfloat16`. The
folder holds a checkpoint, which each side loads as it would one of a musician's.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.ace_step.pipeline_ace_step import AceStepPipeline

from benchmarks.measured import Runs, begin, print_figures
from engine.generators.ace_step.pipeline import Pipeline, PipelineRequest
from engine.generators.ace_step.wording import Wording
from engine.loops.cancel import RepeatableReport

PROMPT = "melodic techno with a fast beat and synths"
SECONDS, LATENTS, STEPS = 10, 250, 8


def main(what: str, side: str, folder: str) -> None:
    """Print how long it took, the models loaded and warm; `memory` is that of all, loading too."""
    begin(as_engine=side != "upstream")
    with torch.inference_mode():
        print_figures(
            what, _upstream(Path(folder)) if side == "upstream" else _ours(Path(folder), side)
        )


def _ours(folder: Path, side: str) -> Runs:
    """Return what can be measured of ours, each given the number of the run."""
    dtype = torch.float32 if side == "float32" else torch.bfloat16
    pipeline = Pipeline.load(folder, torch.device("cpu"), dtype)
    report = RepeatableReport(lambda _fraction, _stage: None, "")

    def told(number: int) -> Wording:
        return Wording(caption=f"{PROMPT} {number}", seconds=SECONDS, bpm=120)

    def latents(number: int, steps: int = STEPS) -> torch.Tensor:
        request = PipelineRequest(told=told(number), seeds=(1,), latents=LATENTS, steps=steps)
        return pipeline.latents(request, report)

    def decoded(found: torch.Tensor) -> torch.Tensor:
        return pipeline.decode(found, closed=True, report=report, on_piece=None)

    return {
        "read": lambda number: pipeline.read(told(number)),
        "step": lambda _number: latents(1, steps=1),
        "decode": lambda _number: decoded(_noise(pipeline.autoencoder.width)),
        "whole": lambda number: decoded(latents(number)),
    }


def _upstream(folder: Path) -> Runs:
    """Return the same of the library's pipeline."""
    pipe: Any = AceStepPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    width = int(pipe.vae.config.decoder_input_channels)
    inputs: dict[str, Any] = {}

    def step(_number: int) -> object:
        if not inputs:
            hook = pipe.transformer.register_forward_pre_hook(
                lambda _module, _arguments, named: inputs.update(named), with_kwargs=True
            )
            _whole(pipe, 1, output_type="latent")
            hook.remove()
        return pipe.transformer(**inputs)

    return {
        "read": lambda number: _read(pipe, number),
        "step": step,
        "decode": lambda _number: pipe.vae.decode(_noise(width)).sample,
        "whole": lambda number: _whole(pipe, number),
    }


def _whole(pipe: Any, number: int, **more: Any) -> object:
    return pipe(
        f"{PROMPT} {number}", audio_duration=SECONDS, num_inference_steps=STEPS, bpm=120, **more
    )


def _read(pipe: Any, number: int) -> object:
    text, text_mask, lyrics, lyrics_mask = pipe.encode_prompt(
        f"{PROMPT} {number}", "", torch.device("cpu"), audio_duration=SECONDS, bpm=120
    )
    return pipe.condition_encoder(
        text_hidden_states=text,
        text_attention_mask=text_mask,
        lyric_hidden_states=lyrics,
        lyric_attention_mask=lyrics_mask,
        refer_audio_acoustic_hidden_states_packed=pipe.condition_encoder.silence_latent[:, :750],
        refer_audio_order_mask=torch.zeros(1, dtype=torch.long),
    )


def _noise(width: int) -> torch.Tensor:
    return torch.randn(1, width, LATENTS, generator=torch.Generator().manual_seed(1))


if __name__ == "__main__":
    main(*sys.argv[1:4])
