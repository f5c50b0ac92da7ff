"""`loopwright inspect`: the tags and the recipe of a WAV file, whoever made it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cli.output import described_grid, put, put_json, put_table
from cli.parser import Parser
from engine.loops.recipe import Recipe, Repairs, Scores
from engine.loops.request import LoopRequest, cleaned_text
from engine.loops.tempo import format_bpm
from engine.loops.wav import WavFacts, read_facts

_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_INFO_NAMES = {
    "INAM": "title", "IART": "artist", "ICMT": "comment", "ICOP": "licence", "ICRD": "date",
    "IGNR": "genre", "IKEY": "key", "ISFT": "software", "IPRD": "album",
}  # fmt: skip
_CHANNELS = {1: "mono", 2: "stereo"}


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Print what a WAV file says of itself and return the exit code."""
    parser = Parser("inspect", "Shows the tags and the recipe of a WAV file.")
    parser.add_argument("file", metavar="FILE", help="a WAV file")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.read(arguments)
    facts = read_facts(Path(options.file))
    if options.json:
        put_json(_as_object(facts))
        return 0
    put_table(_format_rows(facts))
    if facts.tags:
        put("\ntags")
        put_table(_tag_rows(facts.tags), indent=2)
    put("\nrecipe" if facts.recipe else "\nno recipe: Loopwright did not make this file")
    if facts.recipe is not None:
        put_table(_recipe_rows(facts.recipe), indent=2)
    return 0


def _as_object(facts: WavFacts) -> dict[str, Any]:
    return {
        "file": os.path.abspath(facts.path),
        "rate": facts.rate,
        "channels": facts.channels,
        "bits": facts.bits,
        "frames": facts.frames,
        "tags": facts.tags,
        "recipe": None if facts.recipe is None else msgspec.to_builtins(facts.recipe),
    }


def _format_rows(facts: WavFacts) -> Iterator[tuple[str, str]]:
    yield "file", os.path.abspath(facts.path)
    depth = f"{facts.bits[:-1]} bit float" if facts.bits.endswith("f") else f"{facts.bits} bit"
    channels = _CHANNELS.get(facts.channels, f"{facts.channels} channels")
    yield "format", f"{facts.rate} Hz · {depth} · {channels}"
    yield "length", f"{facts.frames} frames · {facts.frames / facts.rate:.3f} s"


def _tag_rows(tags: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if acid := tags.get("acid"):
        yield from _acid_rows(acid)
    if loop := tags.get("loop"):
        yield "loop", f"frame {loop['start']} to {loop['end']}"
    if "cues" in tags:
        yield "cues", str(tags["cues"])
    for name, value in tags.get("info", {}).items():
        # Anybody's file: no control character may reach the terminal.
        yield _INFO_NAMES.get(name, cleaned_text(name)), cleaned_text(value)


def _acid_rows(acid: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = "one-shot" if acid["one_shot"] else "loop"
    tempo = "no tempo" if acid["bpm"] is None else f"{format_bpm(acid['bpm'])} bpm"
    yield "acid", f"{kind} · {tempo} · {acid['meter']} · {acid['beats']} beats"
    if acid["root_note"] is not None:
        yield "root note", _NOTES[acid["root_note"]]


def _recipe_rows(recipe: Recipe) -> Iterator[tuple[str, str]]:
    rows = {
        "clip": recipe.clip_id,
        "title": recipe.title,
        "prompt": recipe.request.prompt,
        "model": _described_model(recipe),
        "licence": recipe.model.licence,
        "plays": " · ".join([*described_grid(recipe.grid), recipe.key or "no key"]),
        "role": recipe.role or "",
        "understood": " · ".join(recipe.understood),
        "ignored": ", ".join(recipe.ignored),
        "source": _described_source(recipe.request),
        "seed": f"{recipe.request.seed} (asked: {recipe.asked_seed})",
        "take": f"{recipe.take + 1} of {recipe.asked_takes}, rank {recipe.rank}",
        "settings": _described_settings(recipe.request),
        "measured": _described_scores(recipe),
        "made true": _described_repairs(recipe.repairs),
        "badges": ", ".join(recipe.badges),
        "made": f"{recipe.created.replace('T', ' ')} by {recipe.program}",
    }
    for name, value in rows.items():
        if value:
            yield name, cleaned_text(value)


def _described_model(recipe: Recipe) -> str:
    model = recipe.model
    use = "" if model.commercial_use else " · not for commercial use"
    return f"{model.name} ({model.id}, revision {model.revision}){use}"


def _described_source(request: LoopRequest) -> str:
    if request.source is None:
        return ""
    parts = [f"{request.mode} of {request.source}"]
    if request.with_source is not None:
        parts.append(f"with {request.with_source}")
    if request.redo_bars is not None:
        parts.append(f"bars {request.redo_bars}")
    if request.amount is not None:
        parts.append(f"amount {request.amount:g}")
    if request.blend_in is not None:
        parts.append(f"in {request.blend_in}")
    if request.renoise is not None:
        parts.append(f"re-noised {request.renoise:g}")
    return " · ".join(parts)


def _described_settings(request: LoopRequest) -> str:
    names = ("negative", "unconditional", *request.set_model_settings)
    values = {name: getattr(request, name) for name in names}
    return " · ".join(
        f"{name.replace('_', '-')} {value}" for name, value in values.items() if value
    )


def _described_scores(recipe: Recipe) -> str:
    scores = recipe.scores
    parts = [
        ("loudness {:.1f} LUFS", scores.loudness_lufs),
        ("level {:.1f} dBFS", scores.loudness_db),
        ("true peak {:.1f} dBTP", scores.true_peak_db),
        ("peak {:.1f} dBFS", scores.peak_db),
        ("seam {:.2f}", scores.seam),
        ("sound goes on {:.0%}", scores.seam_spectrum),
        ("rhythm goes on {:.0%}", scores.seam_rhythm),
        ("text match {:.2f}", scores.text_match),
        ("total {:.2f}", scores.total),
    ]
    told = [words.format(value) for words, value in parts if value is not None]
    return " · ".join([*told, *_described_hearing(scores)])


def _described_hearing(scores: Scores) -> Iterator[str]:
    """Yield what was heard in the take before it was made true."""
    if scores.heard_bpm is not None:
        yield f"heard {scores.heard_bpm:.1f} bpm (sure {scores.bpm_confidence or 0:.0%})"
    if scores.heard_key is not None:
        yield f"heard {scores.heard_key} (sure {scores.key_confidence or 0:.0%})"


def _described_repairs(repairs: Repairs | None) -> str:
    if repairs is None:
        return ""
    parts = [
        (f"length {100 * (repairs.stretch - 1):+.2f} %", repairs.stretch != 1),
        (f"pitch {repairs.semitones:+.2f} semitones", repairs.semitones),
        (f"cut at {repairs.start_s:.3f} s", repairs.start_s),
        (f"turned by {repairs.turned_frames} frames", repairs.turned_frames),
        (f"{1000 * repairs.fade_s:.0f} ms of cross-fade", repairs.fade_s),
        (f"gain {repairs.gain_db:+.1f} dB", repairs.gain_db),
    ]
    return " · ".join(text for text, happened in parts if happened)
