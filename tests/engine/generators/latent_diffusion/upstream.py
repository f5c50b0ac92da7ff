"""The libraries' own pipelines, run the way that works on today's versions."""

import contextlib
import logging
import warnings

import torch


def upstream_musicldm(folder):
    from diffusers.pipelines.deprecated.musicldm.pipeline_musicldm import MusicLDMPipeline

    with quiet_upstream():
        return MusicLDMPipeline.from_pretrained(folder)


def upstream_audioldm2(folder):
    """AudioLDM 2, its language model loaded as a class that can still generate."""
    from diffusers.pipelines.audioldm2.pipeline_audioldm2 import AudioLDM2Pipeline
    from transformers.models.gpt2.modeling_gpt2 import GPT2LMHeadModel

    with quiet_upstream():
        language_model = GPT2LMHeadModel.from_pretrained(folder / "language_model")
        return AudioLDM2Pipeline.from_pretrained(folder, language_model=language_model)


def musicldm_embeds(pipe, texts):
    """The CLAP vectors as upstream makes them: padded to the longest that CLAP can take."""
    tokens = pipe.tokenizer(
        texts, padding="max_length", max_length=512, truncation=True, return_tensors="pt"
    )
    with torch.no_grad():
        return pipe.text_encoder.get_text_features(
            tokens.input_ids, attention_mask=tokens.attention_mask
        ).pooler_output


def run_upstream(pipe, *, prompts, negatives, seeds, seconds, steps, guidance, eta=0.0, **more):
    """Return upstream's waveforms, (takes, samples), takes unranked."""
    arguments = {"prompt": list(prompts), "negative_prompt": list(negatives)}
    if type(pipe).__name__ == "MusicLDMPipeline":
        arguments = {
            "prompt_embeds": musicldm_embeds(pipe, list(prompts)),
            "negative_prompt_embeds": musicldm_embeds(pipe, list(negatives)),
        }
    # Upstream ranks by CLAP what it was given as words, so as to show the best first.
    pipe.score_waveforms = lambda *_args, audio, **_options: audio
    pipe.set_progress_bar_config(disable=True)
    with quiet_upstream():
        return pipe(
            **arguments,
            **more,
            audio_length_in_s=seconds,
            num_inference_steps=steps,
            guidance_scale=guidance,
            num_waveforms_per_prompt=len(seeds) // len(prompts),
            eta=eta,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            output_type="pt",
        ).audios


@contextlib.contextmanager
def quiet_upstream():
    """Upstream announces that MusicLDM is deprecated, and much more."""
    loggers = [logging.getLogger(name) for name in ("diffusers", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
