"""One measurement of latent diffusion in a fresh process: `FAMILY WHAT SIDE`, figures as JSON.

All sides run full-size random weights. `upstream` is the library's pipeline in float32; the others
are ours: `float32`, `bfloat16`, `draft` (bfloat16, with its shortcuts).
"""

import contextlib
import copy
import ctypes
import gc
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import torch

from engine.generators.latent_diffusion.checkpoint import Checkpoint
from engine.generators.latent_diffusion.circular import circular_padding
from engine.generators.latent_diffusion.decode import mel_of, sound_chunks
from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.pipeline import Pipeline, PipelineRequest
from engine.generators.latent_diffusion.schedulers import make_scheduler
from engine.server.main import return_large_blocks
from tests.fakes.random_diffusion import FULL, audioldm2_parts, musicldm_parts

PROMPT = "melodic techno with a fast beat and synths"
NEGATIVE = "low quality, average quality"
LOOP_FRAMES = 200  # 8 s: four bars at 120 BPM
STEPS = 20
_PARITY_STEPS = 4


def main(family: str, what: str, side: str) -> None:
    """Print how long it took, the models loaded and warm."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    large = family == "audioldm2-large"
    parts = musicldm_parts(FULL) if family == "musicldm" else audioldm2_parts(FULL, large=large)
    for part in parts.values():
        if isinstance(part, torch.nn.Module):
            part.eval()
    if what == "parity":
        print(json.dumps(_parity(family, parts)))
        return
    make = _upstream if side == "upstream" else _ours
    if side != "upstream":
        return_large_blocks()
    run, warm_up = make(family, parts, what, side)
    with torch.inference_mode():
        warm_up()
        held = _reset_peak()
        begun, begun_cpu = time.perf_counter(), time.process_time()
        run()
        figures = {
            "seconds": time.perf_counter() - begun,
            # Of all threads together: more reliable than the clock on a busy machine.
            "processor_seconds": time.process_time() - begun_cpu,
            # On top of the weights.
            "peak_bytes": _peak_bytes() - held,
        }
    print(json.dumps(figures))


def _ours(
    family: str, parts: dict[str, Any], what: str, side: str
) -> tuple[Callable[[], object], Callable[[], object]]:
    name = "MusicLDMPipeline" if family == "musicldm" else "AudioLDM2Pipeline"
    checkpoint = Checkpoint(name, dict(parts), dict(parts["scheduler"].config))
    dtype = torch.float32 if side == "float32" else torch.bfloat16
    pipeline = Pipeline(checkpoint, torch.device("cpu"), dtype)

    def whole(steps: int = STEPS, takes: int = 1) -> object:
        if takes > 1:  # One by one, as the generator does on a CPU.
            return [whole(steps) for _ in range(takes)]
        request = PipelineRequest(
            prompts=(PROMPT,),
            negatives=(NEGATIVE,),
            seeds=(1,),
            latent_frames=LOOP_FRAMES,
            steps=steps,
            draft=side == "draft",
        )
        return pipeline.waveforms(request, lambda _fraction, _stage: None)

    def decode() -> object:
        return pipeline.decoded(_latents(), closed=True, report=lambda _fraction: None)

    def first() -> object:
        with circular_padding(pipeline.parts.vae.decoder):
            mel = mel_of(pipeline.parts.vae, _latents().to(dtype))
        return next(sound_chunks(pipeline.parts.vocoder, mel, closed=True))

    def encode() -> object:
        return pipeline.family.embed([PROMPT], [NEGATIVE], Speech())

    def encode_other() -> object:  # Must not fill the cache for what is measured.
        return pipeline.family.embed(["another"], ["other"], Speech())

    runs = {
        "whole": (whole, lambda: whole(1)),
        "four": (lambda: whole(takes=4), lambda: whole(1)),
        "decode": (decode, decode),
        "first": (first, first),
        "encode": (encode, encode_other),
    }
    if what in runs:
        return runs[what]
    arguments = {
        name: torch.cat([value] * 2)
        for name, value in pipeline.family.embed([PROMPT], [PROMPT], Speech())[0].items()
    }
    arguments = {n: v.to(dtype) if v.is_floating_point() else v for n, v in arguments.items()}

    def step() -> object:
        return pipeline.predict(torch.cat([_latents()] * 2), torch.tensor(500), **arguments)

    return step, step


def _upstream(
    family: str, parts: dict[str, Any], what: str, _side: str
) -> tuple[Callable[[], object], Callable[[], object]]:
    pipe = _upstream_pipeline(family, parts)
    pipe.scheduler = make_scheduler(None, dict(parts["scheduler"].config), [])
    pipe.set_progress_bar_config(disable=True)

    def encode(prompt: str = PROMPT) -> dict[str, Any]:
        if family != "musicldm":
            arguments = pipe.encode_prompt(prompt, "cpu", 1, True, negative_prompt=NEGATIVE)  # noqa: FBT003 - upstream's signature
            names = ("encoder_hidden_states_1", "encoder_attention_mask_1", "encoder_hidden_states")
            return dict(zip(names, arguments, strict=True))
        return {"class_labels": torch.cat([_padded(pipe, text) for text in (NEGATIVE, prompt)])}

    def whole(steps: int = STEPS) -> object:
        arguments: dict[str, Any] = {"prompt": PROMPT, "negative_prompt": NEGATIVE}
        if family == "musicldm":
            negative, positive = encode()["class_labels"].chunk(2)
            arguments = {"prompt_embeds": positive, "negative_prompt_embeds": negative}
        if what == "four":
            arguments |= {"num_waveforms_per_prompt": 4, "audio_length_in_s": LOOP_FRAMES / 25}
            pipe.score_waveforms = lambda *_args, audio, **_options: audio
        return pipe(**arguments, num_inference_steps=steps)

    def decode() -> object:
        mel = pipe.vae.decode(_latents() / pipe.vae.config.scaling_factor).sample
        return pipe.mel_spectrogram_to_waveform(mel)

    runs = {
        "whole": (whole, lambda: whole(1)),
        "four": (whole, lambda: whole(1)),
        "decode": (decode, decode),
        "first": (decode, decode),  # It can only be played when it is complete.
        "encode": (encode, lambda: encode("another")),
    }
    if what in runs:
        return runs[what]
    arguments = {"encoder_hidden_states": None} | encode()

    def step() -> object:
        noisy = torch.cat([_latents()] * 2)
        return pipe.unet(noisy, torch.tensor(500), **arguments, return_dict=False)

    return step, step


@torch.inference_mode()
def _parity(family: str, parts: dict[str, Any]) -> dict[str, float]:
    """Return the largest difference between our audio and upstream's, both in float32."""
    pipe = _upstream_pipeline(family, copy.deepcopy(parts))
    pipe.scheduler = make_scheduler("ddim", dict(parts["scheduler"].config), [])
    pipe.set_progress_bar_config(disable=True)
    pipe.score_waveforms = lambda *_args, audio, **_options: audio
    arguments: dict[str, Any] = {"prompt": PROMPT, "negative_prompt": NEGATIVE}
    if family == "musicldm":
        vectors = [_padded(pipe, text) for text in (PROMPT, NEGATIVE)]
        arguments = dict(zip(("prompt_embeds", "negative_prompt_embeds"), vectors, strict=True))
    expected = pipe(
        **arguments, num_inference_steps=_PARITY_STEPS, audio_length_in_s=LOOP_FRAMES / 25,
        guidance_scale=2.5, generator=torch.Generator().manual_seed(1), output_type="pt",
    ).audios  # fmt: skip
    name = "MusicLDMPipeline" if family == "musicldm" else "AudioLDM2Pipeline"
    checkpoint = Checkpoint(name, dict(parts), dict(parts["scheduler"].config))
    request = PipelineRequest(
        prompts=(PROMPT,), negatives=(NEGATIVE,), seeds=(1,), latent_frames=LOOP_FRAMES,
        closed=False, steps=_PARITY_STEPS, guidance=2.5, scheduler="ddim",
    )  # fmt: skip
    pipeline = Pipeline(checkpoint, torch.device("cpu"), torch.float32)
    found = pipeline.waveforms(request, lambda _fraction, _stage: None)
    return {
        "seconds": 0.0,
        "difference": float((found - expected).abs().max()),
        "peak": float(expected.abs().max()),
    }


def _upstream_pipeline(family: str, parts: dict[str, Any]) -> Any:
    if family == "musicldm":
        from diffusers.pipelines.deprecated.musicldm.pipeline_musicldm import MusicLDMPipeline

        return MusicLDMPipeline(**parts)
    from diffusers.pipelines.audioldm2.pipeline_audioldm2 import AudioLDM2Pipeline
    from transformers.models.gpt2.modeling_gpt2 import GPT2LMHeadModel

    # The only class with which upstream can generate.
    headed = GPT2LMHeadModel(parts["language_model"].config)
    headed.transformer = parts["language_model"]
    return AudioLDM2Pipeline(**parts | {"language_model": headed})


def _padded(pipe: Any, text: str) -> torch.Tensor:
    """Return a CLAP vector as upstream makes it, padded to the longest input of CLAP."""
    tokens = pipe.tokenizer(
        text, padding="max_length", max_length=512, truncation=True, return_tensors="pt"
    )
    found = pipe.text_encoder.get_text_features(
        tokens.input_ids, attention_mask=tokens.attention_mask
    )
    vector: torch.Tensor = found.pooler_output
    return vector


def _reset_peak() -> int:
    """Reset the peak of memory use if possible (on Linux); return the memory in use."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # Memory left by the warm-up would hide the use of a run.
        Path("/proc/self/clear_refs").write_text("5")
    return int(psutil.Process().memory_info().rss)


def _peak_bytes() -> int:
    """Return the peak of memory use since `_reset_peak`, or the current use if unknown."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def _latents() -> torch.Tensor:
    return torch.randn(1, 8, LOOP_FRAMES, 16, generator=torch.Generator().manual_seed(1))


if __name__ == "__main__":
    main(*sys.argv[1:4])
