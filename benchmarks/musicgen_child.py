"""One measurement of MusicGen in a fresh process: `SIZE WHAT SIDE`, figures as JSON.

All sides run full-size random weights. `upstream` is the library's `generate()` in float32; the
others are ours: `float32`, `bfloat16`, `int8` by torch; `openvino float32` and so on by OpenVINO.
Decoding is greedy and guided, so that all do the same work.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.measured import FirstSecondHeardError, begin, timed, until_heard
from engine.generators.musicgen.codec import LOOKAHEAD, Codec
from engine.generators.musicgen.conditions import ConditionEncoder
from engine.generators.musicgen.interface import TokenTransformer
from engine.generators.musicgen.sampling import Sampling
from engine.generators.musicgen.tokens import TokenDecoder, TokenRequest
from engine.generators.musicgen.transformer import Transformer
from tests.fakes.random_musicgen import MEDIUM, SMALL, MusicGenShape, musicgen_parts

PROMPT = "melodic techno with a fast beat and synths"
SHAPES = {"small": SMALL, "medium": MEDIUM}
FRAMES = {"8s": 400, "30s": 1500, "four": 100, "one": 100, "first": 60, "agree": 100, "parity": 100}
WARM_UP = 5
GUIDANCE = 3.0


def main(size: str, what: str, side: str) -> None:
    """Print how long it took, the model loaded and warm."""
    begin(as_engine=side != "upstream")
    parts = musicgen_parts(SHAPES[size])
    with torch.inference_mode():
        if what == "agree":
            figures = _agreement(SHAPES[size], side)
        elif what == "parity":
            figures = _parity(parts)
        else:
            run = _upstream(parts, what) if side == "upstream" else _ours(parts, what, side)
            figures = timed(run)
            if what != "first":
                figures["token_ms"] = 1000 * figures["seconds"] / (FRAMES[what] + 3)
    print(json.dumps(figures))


def _upstream(parts: dict[str, Any], what: str) -> Callable[[int], object]:
    """Return what is measured, given the number of the run; the first is short."""
    model, tokens = parts["model"], parts["tokenizer"]([PROMPT], return_tensors="pt")
    model.generation_config.max_length = None

    def run(number: int) -> object:
        frames = WARM_UP if number == 1 else FRAMES[what]
        return model.generate(
            **tokens, do_sample=False, guidance_scale=GUIDANCE, max_new_tokens=frames + 3
        )

    return run


def _ours(parts: dict[str, Any], what: str, side: str) -> Callable[[int], object]:
    """Return the same of ours; `first` ends when the first second can be heard."""
    bench, takes = _Bench(parts, side), 4 if what == "four" else 1

    def run(number: int) -> None:
        if what == "first" and number > 1:
            bench.first_second()
        else:
            bench.run(WARM_UP if number == 1 else FRAMES[what], takes)

    return run


class _Bench:
    """Our parts of a model, ready to run."""

    def __init__(self, parts: dict[str, Any], side: str) -> None:
        model = parts["model"]
        self.codec = Codec(model.audio_encoder)
        self.encoder = ConditionEncoder(model, parts["tokenizer"], takes_melody=False)
        self.decoder = TokenDecoder(
            _transformer(model.decoder, side), 1, self.codec.frames_per_second
        )

    def run(self, frames: int, takes: int = 1) -> torch.Tensor:
        """Make tokens and audio; return the tokens."""
        codes = self._codes(frames, takes, lambda _codes, _done: None)
        self.codec.decode(codes, 1)
        return codes

    def first_second(self) -> None:
        """Make tokens until they are enough for a second, and this second."""
        stream = self.codec.stream(1, 1)

        def on_codes(codes: torch.Tensor, done: int) -> None:
            if done == self.codec.frames_per_second + LOOKAHEAD:
                stream.feed(codes[:, :, :done])
                raise FirstSecondHeardError

        until_heard(lambda: self._codes(FRAMES["first"], 1, on_codes))

    def _codes(
        self, frames: int, takes: int, on_codes: Callable[[torch.Tensor, int], None]
    ) -> torch.Tensor:
        condition = self.encoder.encode(PROMPT)
        request = TokenRequest(
            conditions=lambda _begin: condition, seeds=list(range(takes)), frames=frames,
            guidance=GUIDANCE, sampling=Sampling(top_k=1),
        )  # fmt: skip
        return self.decoder.codes(request, on_codes)


def _transformer(decoder: Any, side: str) -> TokenTransformer:
    runtime, _, precision = side.rpartition(" ")
    dtype = torch.float32 if precision == "float32" else torch.bfloat16
    if not runtime:
        return Transformer(decoder, torch.device("cpu"), dtype, int8=precision == "int8")
    from engine.generators.musicgen.openvino_transformer import OpenVinoTransformer

    return OpenVinoTransformer(decoder, dtype, int8=precision == "int8")


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
