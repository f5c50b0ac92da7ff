"""One measurement of latent diffusion in a fresh process: `FAMILY WHAT SIDE`, figures as JSON.

All sides run full-size random weights. `upstream` is the library's pipeline in float32; the others
are ours: `float32`, `bfloat16`, `draft` (bfloat16, with its shortcuts).
"""

import copy
import functools
import json
import sys
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.measured import Runs, begin, print_figures
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.latent_diffusion.circular import circular_padding
from engine.generators.latent_diffusion.decode import mel_of, sound_chunks
from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.pipeline import Pipeline, PipelineRequest
from engine.generators.latent_diffusion.schedulers import make_scheduler
from tests.fakes.random_diffusion import FULL, audioldm2_parts, musicldm_parts

PROMPT = "melodic techno with a fast beat and synths"
NEGATIVE = "low quality, average quality"
LOOP_FRAMES = 200  # 8 s: four bars at 120 BPM
STEPS = 20
_PARITY_STEPS = 4


def main(family: str, what: str, side: str) -> None:
    """Print how long it took, the models loaded and warm."""
    begin(as_engine=side != "upstream")
    large = family == "audioldm2-large"
    parts = musicldm_parts(FULL) if family == "musicldm" else audioldm2_parts(FULL, large=large)
    for part in parts.values():
        if isinstance(part, torch.nn.Module):
            part.eval()
    with torch.inference_mode():
        if what == "parity":
            print(json.dumps(_parity(family, parts)))
            return
        make = _Upstream if side == "upstream" else _Ours
        print_figures(what, make(family, parts, side).runs())


def _steps(number: int) -> int:
    """Return the steps of a run, of which the first warms up."""
    return 1 if number == 1 else STEPS


class _Ours:
    """Our pipeline, on random parts."""

    def __init__(self, family: str, parts: dict[str, Any], side: str) -> None:
        name = "MusicLDMPipeline" if family == "musicldm" else "AudioLDM2Pipeline"
        checkpoint = Checkpoint(name, dict(parts), dict(parts["scheduler"].config))
        self._dtype = torch.float32 if side == "float32" else torch.bfloat16
        self._draft = side == "draft"
        self._pipeline = Pipeline(checkpoint, torch.device("cpu"), self._dtype)

    def runs(self) -> Runs:
        """Return what can be measured, each given the number of the run."""
        return {
            # Another prompt, which must not fill the cache for what is measured.
            "encode": lambda number: self._embed(f"{PROMPT} {number}", f"{NEGATIVE} {number}"),
            "step": lambda _number: self._step(),
            "decode": lambda _number: self._decode(),
            "first": lambda _number: self._first(),
            # One by one, as the generator does on a CPU.
            "four": lambda number: [self._whole(number) for _ in range(1 if number == 1 else 4)],
            "whole": self._whole,
        }

    def _embed(self, prompt: str, negative: str) -> Any:
        return self._pipeline.family.embed([prompt], [negative], Speech())

    def _whole(self, number: int) -> object:
        request = PipelineRequest(
            prompts=(PROMPT,), negatives=(NEGATIVE,), seeds=(1,), latent_frames=LOOP_FRAMES,
            steps=_steps(number), draft=self._draft,
        )  # fmt: skip
        return self._pipeline.waveforms(request, lambda _fraction, _stage: None)

    def _decode(self) -> object:
        return self._pipeline.decoded(_latents(), closed=True, report=lambda _fraction: None)

    def _first(self) -> object:
        parts = self._pipeline.parts
        with circular_padding(parts.vae.decoder):
            mel = mel_of(parts.vae, _latents().to(self._dtype))
        return next(sound_chunks(parts.vocoder, mel, closed=True))

    @functools.cached_property
    def _step(self) -> Callable[[], object]:
        embedded = self._embed(PROMPT, PROMPT)[0]
        twice = {name: torch.cat([value] * 2) for name, value in embedded.items()}
        arguments = {
            name: value.to(self._dtype) if value.is_floating_point() else value
            for name, value in twice.items()
        }
        return lambda: self._pipeline.predict(
            torch.cat([_latents()] * 2), torch.tensor(500), **arguments
        )


class _Upstream:
    """The library's own pipeline, on the same parts."""

    def __init__(self, family: str, parts: dict[str, Any], _side: str) -> None:
        self._family = family
        self._pipe = _upstream_pipeline(family, parts)
        self._pipe.scheduler = make_scheduler(None, dict(parts["scheduler"].config), [])
        self._pipe.set_progress_bar_config(disable=True)

    def runs(self) -> Runs:
        """Return what can be measured, each given the number of the run."""
        return {
            "encode": lambda number: self._encode(f"{PROMPT} {number}"),
            "step": lambda _number: self._step(),
            "decode": lambda _number: self._decode(),
            "first": lambda _number: self._decode(),  # It can only be played when it is complete.
            "four": lambda number: self._whole(number, takes=4),
            "whole": self._whole,
        }

    def _encode(self, prompt: str = PROMPT) -> dict[str, Any]:
        if self._family == "musicldm":
            padded = [_padded(self._pipe, text) for text in (NEGATIVE, prompt)]
            return {"class_labels": torch.cat(padded)}
        arguments = self._pipe.encode_prompt(prompt, "cpu", 1, True, negative_prompt=NEGATIVE)  # noqa: FBT003 - upstream's signature
        names = ("encoder_hidden_states_1", "encoder_attention_mask_1", "encoder_hidden_states")
        return dict(zip(names, arguments, strict=True))

    def _whole(self, number: int, takes: int = 1) -> object:
        arguments: dict[str, Any] = {"prompt": PROMPT, "negative_prompt": NEGATIVE}
        if self._family == "musicldm":
            negative, positive = self._encode()["class_labels"].chunk(2)
            arguments = {"prompt_embeds": positive, "negative_prompt_embeds": negative}
        if takes > 1:
            length_s = LOOP_FRAMES / 25
            arguments |= {"num_waveforms_per_prompt": takes, "audio_length_in_s": length_s}
            self._pipe.score_waveforms = lambda *_args, audio, **_options: audio
        return self._pipe(**arguments, num_inference_steps=_steps(number))

    def _decode(self) -> object:
        mel = self._pipe.vae.decode(_latents() / self._pipe.vae.config.scaling_factor).sample
        return self._pipe.mel_spectrogram_to_waveform(mel)

    @functools.cached_property
    def _step(self) -> Callable[[], object]:
        arguments = {"encoder_hidden_states": None} | self._encode()
        return lambda: self._pipe.unet(
            torch.cat([_latents()] * 2), torch.tensor(500), **arguments, return_dict=False
        )


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


def _latents() -> torch.Tensor:
    return torch.randn(1, 8, LOOP_FRAMES, 16, generator=torch.Generator().manual_seed(1))


if __name__ == "__main__":
    main(*sys.argv[1:4])
