"""`loopwright inspect`: show what an audio file says about itself, and what is detected in it.

Of a folder it shows a table: see `inspect_folder.py`.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cli.engine_session import EngineSession
from cli.inspect_files import Inspected, Interrupted, as_object, inspected
from cli.inspect_folder import print_folder, sound_files
from cli.job_output import TerminalOutput
from cli.output import print_json, print_result, print_status, print_table
from cli.parser import Parser
from cli.usage import EXIT_DONE, UsageError
from engine.loops.file_facts import FileFacts, read_facts
from engine.loops.file_tags import AcidTag, AppleLoopTag, FileTags
from engine.loops.recipe import Recipe, Repairs, Scores
from engine.loops.request import LoopRequest, cleaned_text
from engine.loops.tempo import described_grid, format_bpm

_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_INFO_NAMES = {
    "INAM": "title", "IART": "artist", "ICMT": "comment", "ICOP": "licence", "ICRD": "date",
    "IGNR": "genre", "IKEY": "key", "ISFT": "software", "IPRD": "album",
}  # fmt: skip
_MOST_LOOPS = 8
_CHANNELS = {1: "mono", 2: "stereo"}


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Print the facts of an audio file, or a table of a folder, and return the exit code."""
    parser = Parser(
        "inspect",
        "Show the tags, the recipe and the analysis of an audio file,\n"
        "or a table of all audio files in a folder and in those inside it.",
    )
    parser.add_argument("file", metavar="FILE", help="an audio file, or a folder")
    parser.add_argument(
        "--tags", action="store_true", help="only what the file says itself: no analysis"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per file on stdout")
    options = parser.read(arguments)
    if not options.file:
        raise UsageError("FILE is empty: give an audio file, or a folder.")
    path = Path(options.file)
    # What cannot be read fails before an engine is started.
    found = sound_files(path) if path.is_dir() else read_facts(path)
    with contextlib.nullcontext() if options.tags else EngineSession() as session:
        if isinstance(found, FileFacts):
            return _print_file(found, session, as_json=options.json)
        return print_folder(path, found, session, as_json=options.json)


def _print_file(facts: FileFacts, session: EngineSession | None, *, as_json: bool) -> int:
    bar = TerminalOutput()
    try:
        file = inspected(facts, session, bar.show)
    except Interrupted as interrupted:
        print_status("Cancelled.")
        return interrupted.interrupt.exit_code
    finally:
        bar.close()
    if as_json:
        print_json(as_object(file))
        return EXIT_DONE
    print_table(_format_rows(facts))
    if facts.tags != FileTags():
        _print_part("tags", _tag_rows(facts.tags))
    _print_part("as a source", _source_rows(file))
    _print_part("detected in the audio", _detected_rows(file))
    if facts.recipe is None:
        reason = facts.recipe_problem or "Loopwright did not make this file"
        print_result(f"\nno recipe: {cleaned_text(reason)}")
    else:
        _print_part("recipe", _recipe_rows(facts.recipe))
    return EXIT_DONE


def _print_part(title: str, rows: Iterable[tuple[str, str]]) -> None:
    if listed := list(rows):
        print_result(f"\n{title}")
        print_table(listed, indent=2)


def _format_rows(facts: FileFacts) -> Iterator[tuple[str, str]]:
    yield "file", os.path.abspath(facts.path)
    depth = f"{facts.bits.removesuffix('f')} bit" if facts.bits else ""
    kind = "float" if facts.bits.endswith("f") else ""
    channels = _CHANNELS.get(facts.channels, f"{facts.channels} channels")
    parts = (facts.format, f"{facts.rate} Hz", f"{depth} {kind}".strip(), channels)
    yield "format", " · ".join(part for part in parts if part)
    yield "length", f"{facts.frames} frames · {facts.frames / facts.rate:.3f} s"
    if facts.problems:
        yield "problems", ", ".join(facts.problems)


def _tag_rows(tags: FileTags) -> Iterator[tuple[str, str]]:
    """Yield the tags; no control character of an untrusted file may reach the terminal."""
    if tags.acid is not None:
        yield from _acid_rows(tags.acid)
    if tags.basc is not None:
        yield "Apple Loop", cleaned_text(_described_apple_loop(tags.basc))
    if tags.smpl is not None:
        for loop in tags.smpl.loops[:_MOST_LOOPS]:
            yield "loop", f"frame {loop.start} to {loop.end}"
    if tags.markers:
        yield "markers", str(len(tags.markers))
    for name, value in tags.info.items():
        yield _INFO_NAMES.get(name, cleaned_text(name)), cleaned_text(value)
    for texts in (tags.id3, tags.vorbis, tags.ixml, tags.bext):
        for name, value in texts.items():
            yield cleaned_text(name).replace("_", " "), cleaned_text(value)


def _source_rows(file: Inspected) -> Iterator[tuple[str, str]]:
    """Yield as what a job takes the file that is made from it, and who says otherwise."""
    if file.analysis is not None and file.analysis.problem:
        yield "cannot be one", cleaned_text(file.analysis.problem)
        return
    facts = file.source
    if described := facts.described():
        yield "taken as", described
    if facts.disagreements:
        yield "but", ", ".join(facts.disagreements)


def _detected_rows(file: Inspected) -> Iterator[tuple[str, str]]:
    if file.problem:
        yield "nothing", cleaned_text(file.problem)
    detected = file.detected
    if detected is None:
        return
    tempos = [f"{format_bpm(each.bpm)} BPM" for each in detected.tempos]
    yield "tempo", _either(tempos, [each.confidence for each in detected.tempos])
    if detected.bars is not None:
        yield "bars", str(detected.bars)
    keys = [str(each.key) for each in detected.keys]
    yield "key", _either(keys, [each.confidence for each in detected.keys])
    yield "loudness", f"{detected.loudness_lufs:.1f} LUFS"
    yield "true peak", f"{detected.true_peak_db:.1f} dBTP"
    if detected.seam is not None:
        yield "seam", f"{detected.seam:.2f} (inaudible if around 1 or below)"


def _either(candidates: list[str], confidences: list[float]) -> str:
    """Return the candidates in words: `90 BPM (48 % sure) or 180 BPM (41 %)`."""
    shown = [
        f"{candidate} ({confidence:.0%}{' sure' * (not place)})".replace("%", " %")
        for place, (candidate, confidence) in enumerate(zip(candidates, confidences, strict=True))
    ]
    return " or ".join(shown) or "none"


def _acid_rows(acid: AcidTag) -> Iterator[tuple[str, str]]:
    kind = "one-shot" if acid.one_shot else "loop"
    tempo = "no tempo" if acid.bpm is None else f"{format_bpm(acid.bpm)} bpm"
    yield "acid", f"{kind} · {tempo} · {acid.meter} · {acid.beats} beats"
    if acid.root_note is not None:
        yield "root note", _NOTES[acid.root_note]


def _described_apple_loop(loop: AppleLoopTag) -> str:
    parts = ["one-shot" if loop.one_shot else "loop", loop.meter, f"{loop.beats} beats"]
    return " · ".join([*parts, f"{loop.root_note} {loop.scale}".strip()]).rstrip(" ·")


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
        "seed": f"{recipe.request.seed} (requested: {recipe.asked_seed})",
        "take": f"{recipe.take + 1} of {recipe.asked_takes}, rank {recipe.rank}",
        "settings": _described_settings(recipe.request),
        "measured": _described_scores(recipe),
        "corrected": _described_repairs(recipe.repairs),
        "badges": ", ".join(recipe.badges),
        "created": f"{recipe.created.replace('T', ' ')} by {recipe.program}",
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
        ("sound across the seam {:.0%}", scores.seam_spectrum),
        ("rhythm across the seam {:.0%}", scores.seam_rhythm),
        ("text match {:.2f}", scores.text_match),
        ("total {:.2f}", scores.total),
    ]
    known = [words.format(value) for words, value in parts if value is not None]
    return " · ".join([*known, *_described_detection(scores)])


def _described_detection(scores: Scores) -> Iterator[str]:
    """Yield the tempo and key that were detected in the take before it was corrected."""
    if scores.heard_bpm is not None:
        yield f"detected {scores.heard_bpm:.1f} bpm ({scores.bpm_confidence or 0:.0%} sure)"
    if scores.heard_key is not None:
        yield f"detected {scores.heard_key} ({scores.key_confidence or 0:.0%} sure)"


def _described_repairs(repairs: Repairs | None) -> str:
    if repairs is None:
        return ""
    parts = [
        (f"length {100 * (repairs.stretch - 1):+.2f} %", repairs.stretch != 1),
        (f"pitch {repairs.semitones:+.2f} semitones", repairs.semitones),
        (f"cut at {repairs.start_s:.3f} s", repairs.start_s),
        (f"rotated by {repairs.turned_frames} frames", repairs.turned_frames),
        (f"{1000 * repairs.fade_s:.0f} ms crossfade", repairs.fade_s),
        (f"gain {repairs.gain_db:+.1f} dB", repairs.gain_db),
        (f"peaks limited by up to {repairs.limited_db:.1f} dB", repairs.limited_db),
    ]
    return " · ".join(text for text, happened in parts if happened)
