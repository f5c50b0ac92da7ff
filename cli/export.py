"""`loopwright export`: hand clips over to another program, with what else is known of them."""

import argparse
from pathlib import Path

from cli.engine_session import EngineSession
from cli.handover import Handover
from cli.job_output import JsonOutput, TerminalOutput
from cli.output import ProgressBar, print_json, print_result
from cli.parser import Parser, absolute_path, kit_path, whole_number
from cli.render import exit_code_after
from cli.usage import EXIT_DONE, UsageError
from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from engine.loops.clip import clip_id_of
from engine.loops.edits import NONE
from engine.loops.errors import LoopError
from engine.loops.export import ExportClip, Format, write_export
from engine.loops.export_names import KEEP_NAMES, PARTS, check_pattern, file_names
from engine.loops.project import Project

_DESCRIPTION = """\
Write copies of clips into a folder, with what else is known of them, and print the paths.
Tempo, key, licence and recipe are in each file. Gain, fades and trim that were set in the window
are applied. Without them, --format, --bits, --rate and --names they are the same files. The folder
is created; a file that is there already is never replaced."""


def run(arguments: list[str], *, debug: bool) -> int:
    """Export clips and return the exit code."""
    parser = Parser("export", _DESCRIPTION)
    parser.add_argument("clips", nargs="+", metavar="CLIP", help="a clip that Loopwright made")
    parser.add_argument("--to", required=True, metavar="DIR", help="the folder to write to")
    _add_format_options(parser)
    Handover.add_options(parser)
    parser.add_argument("--kit", metavar="KIT", help="your own sounds that the drums are")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    options = parser.read(arguments, intermixed=True)
    form = _format(options)
    handover = Handover.of(options)
    kit = None if options.kit is None else kit_path(options.kit)
    paths = [absolute_path(clip, "CLIP") for clip in options.clips]
    clips = _checked(paths, form, handover, as_made=options.as_made)
    suffixes = [clip.suffix(form) for clip in clips]
    names = file_names([clip.named for clip in clips], options.names, suffixes)
    project = Project.open(absolute_path(options.to, "--to"))
    written = _write(clips, names, form, project, json=options.json)
    edited = {
        clip.facts.path: (file, clip.edits)
        for clip, file in zip(clips, written, strict=True)
        if clip.edits != NONE
    }
    if not any(handover):
        return EXIT_DONE
    output = JsonOutput() if options.json else TerminalOutput()
    with EngineSession() as session:
        outcome = handover.write(session, paths, project.folder, output.show, kit, edited)
        output.close()
    return exit_code_after(outcome, debug=debug)


def _add_format_options(parser: Parser) -> None:
    group = parser.add_argument_group("how the copies are written (default: as the clips are)")
    group.add_argument("--format", metavar="F", help="wav or flac")
    group.add_argument("--bits", metavar="N", help="bit depth: 16, 24 or, in WAV, 32f")
    group.add_argument(
        "--rate", type=whole_number("--rate"), metavar="HZ", help="44100, 48000, 88200 or 96000"
    )
    group.add_argument(
        "--names",
        metavar="PATTERN",
        default=KEEP_NAMES,
        help="names such as '{title}_{tempo}_{key}' of: " + ", ".join(PARTS),
    )
    group.add_argument(
        "--as-made", action="store_true", help="without the gain, fades and trim of the window"
    )


def _format(options: argparse.Namespace) -> Format:
    form = Format(options.format, options.bits, options.rate)
    try:
        form.check()
        check_pattern(options.names)
    except LoopError as error:
        raise UsageError(str(error)) from error
    return form


def _checked(
    paths: list[Path], form: Format, handover: Handover, *, as_made: bool
) -> list[ExportClip]:
    """Read all clips: what cannot be exported fails before anything is written."""
    folders = () if as_made else {path.parent for path in paths}
    marks = {folder: Marks(folder).read() for folder in folders}
    clips = []
    for path in paths:
        mark = marks.get(path.parent, {}).get(clip_id_of(path.name) or "", Mark())
        clip = ExportClip.read(path, edits=mark.edits)
        clip.check(form)
        handover.check_clip(path)
        clips.append(clip)
    return clips


def _write(
    clips: list[ExportClip], names: list[str], form: Format, project: Project, *, json: bool
) -> list[Path]:
    """Write all clips, print their paths, and return them."""
    bar, written = ProgressBar(), []
    try:
        for place, (clip, name) in enumerate(zip(clips, names, strict=True)):
            bar.show(place / len(clips), "exporting")
            path = write_export(clip, name, form, project)
            written.append(path)
            if json:
                print_json({"type": "copied", "path": str(path)})
                continue
            bar.close()
            print_result(str(path))
    finally:
        bar.close()
    return written
