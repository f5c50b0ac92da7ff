"""One measurement of MusicGen in a fresh process: `SIZE WHAT SIDE`, figures as JSON.

All sides run full-size random weights. `upstream` is the library's `generate()` in float32; the
others are ours: `float32`, `bfloat16`, `int8` by torch; `openvino float32` and so on by OpenVINO.
Decoding is greedy and guided, so that all do the same work.
"""

import json
import logging
import sys
import time
import warnings
from typing import Any

import torch

from engine.generators.musicgen.codec import LOOKAHEAD, Codec
from engine.generators.musicgen.conditions import ConditionEncoder
from engine.generators.musicgen.interface import TokenTransformer
from engine.generators.musicgen.sampling import Sampling
from engine.generators.musicgen.tokens import TokenDecoder, TokenRequest
from engine.generators.musicgen.transformer import Transformer
from engine.server.priority import lower_priority
from tests.fakes.random_musicgen import MEDIUM, SMALL, MusicGenShape, musicgen_parts

PROMPT = "melodic techno with a fast beat and synths"
SHAPES = {"small": SMALL, "medium": MEDIUM}
FRAMES = {"8s": 400, "30s": 1500, "four": 100, "one": 100, "first": 60, "agree": 100, "parity": 100}
GUIDANCE = 3.0


def main(size: str, what: str, side: str) -> None:
    """Print how long it took, the model loaded and warm."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    parts = musicgen_parts(SHAPES[size])
    with torch.inference_mode():
        if what == "agree":
            figures = _agreement(SHAPES[size], side)
        elif what == "parity":
            figures = _parity(parts)
        elif side == "upstream":
            figures = _upstream(parts, FRAMES[what])
        else:
            lower_priority()
            figures = _ours(parts, what, side)
    print(json.dumps(figures))


def _upstream(parts: dict[str, Any], frames: int) -> dict[str, float]:
    model, tokens = parts["model"], parts["tokenizer"]([PROMPT], return_tensors="pt")
    model.generation_config.max_length = None

    def run(count: int) -> None:
        model.generate(**tokens, do_sample=False, guidance_scale=GUIDANCE, max_new_tokens=count + 3)

    run(5)
    begun = time.perf_counter()
    run(frames)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "token_ms": 1000 * seconds / (frames + 3)}


class _Bench:
    """Our parts of a model, ready to run."""

    def __init__(self, parts: dict[str, Any], side: str) -> None:
        model = parts["model"]
        self.codec = Codec(model.audio_encoder)
        self.encoder = ConditionEncoder(model, parts["tokenizer"], takes_melody=False)
        self.decoder = TokenDecoder(
            _transformer(model.decoder, side), 1, self.codec.frames_per_second
        )
        self.first_sound_s = 0.0

    def run(self, frames: int, takes: int = 1, *, preview: bool = False) -> torch.Tensor:
        """Make tokens and audio; note when the first second of audio is ready."""
        begun = time.perf_counter()
        condition = self.encoder.encode(PROMPT)
        stream = self.codec.stream(takes, 1)

        def on_codes(codes: torch.Tensor, done: int) -> None:
            if preview and done == 50 + LOOKAHEAD and not stream.made_frames:
                stream.feed(codes[:, :, :done])
                self.first_sound_s = time.perf_counter() - begun

        request = TokenRequest(
            conditions=lambda _begin: condition, seeds=list(range(takes)), frames=frames,
            guidance=GUIDANCE, sampling=Sampling(top_k=1),
        )  # fmt: skip
        codes = self.decoder.codes(request, on_codes)
        self.codec.decode(codes, 1)
        return codes


def _transformer(decoder: Any, side: str) -> TokenTransformer:
    runtime, _, precision = side.rpartition(" ")
    dtype = torch.float32 if precision == "float32" else torch.bfloat16
    if not runtime:
        return Transformer(decoder, torch.device("cpu"), dtype, int8=precision == "int8")
    from engine.generators.musicgen.openvino_transformer import OpenVinoTransformer

    return OpenVinoTransformer(decoder, dtype, int8=precision == "int8")


def _ours(parts: dict[str, Any], what: str, side: str) -> dict[str, float]:
    bench, frames = _Bench(parts, side), FRAMES[what]
    takes = 4 if what == "four" else 1
    bench.run(5, takes)
    begun = time.perf_counter()
    bench.run(frames, takes, preview=what == "first")
    seconds = time.perf_counter() - begun
    figures = {"seconds": seconds, "token_ms": 1000 * seconds / (frames + 3)}
    if what == "first":
        figures["seconds"] = bench.first_sound_s
    return figures


def _agreement(shape: MusicGenShape, side: str) -> dict[str, float]:
    """Return how closely logits and greedy tokens match those of float32, on one history."""
    exact, rough = (_Bench(musicgen_parts(shape), each) for each in ("float32", side))
    codes = exact.run(FRAMES["agree"])
    columns = exact.decoder.pattern.columns(codes, FRAMES["agree"]).expand(2, -1, -1)
    logits = []
    for bench in (exact, rough):
        transformer = bench.decoder.transformer
        text = bench.encoder.encode(PROMPT).text
        hidden = None if text is None else text.expand(2, -1, -1)
        cache = transformer.new_cache(2, columns.shape[2], hidden)
        logits.append(transformer.advance(transformer.embed(columns), cache, whole=True)[0])
    expected, found = logits
    same = (expected.argmax(-1) == found.argmax(-1)).float().mean()
    cosine = torch.nn.functional.cosine_similarity(expected, found, dim=-1).mean()
    return {"seconds": 0.0, "same_tokens": float(same), "cosine": float(cosine)}


def _parity(parts: dict[str, Any]) -> dict[str, float]:
    """Return the largest difference between our audio and generate()'s, both in float32."""
    model, tokens = parts["model"], parts["tokenizer"]([PROMPT], return_tensors="pt")
    model.generation_config.max_length = None
    expected = model.generate(
        **tokens, do_sample=False, guidance_scale=GUIDANCE, max_new_tokens=FRAMES["parity"] + 3
    )
    bench = _Bench(parts, "float32")
    found = bench.codec.decode(bench.run(FRAMES["parity"]), 1)
    return {
        "seconds": 0.0,
        "difference": float((found - expected).abs().max()),
        "peak": float(expected.abs().max()),
    }


if __name__ == "__main__":
    main(*sys.argv[1:4])
