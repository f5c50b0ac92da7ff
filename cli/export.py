"""`loopwright export`: hand clips over to another program, with what else is known of them."""

import shutil
from pathlib import Path
from typing import BinaryIO

from cli.engine_session import EngineSession
from cli.handover import Handover
from cli.output import JsonOutput, TerminalOutput, print_json, print_result
from cli.parser import Parser, absolute_path
from cli.render import exit_code_after
from cli.usage import EXIT_DONE
from engine.loops.file_facts import read_facts
from engine.loops.files import reading
from engine.loops.project import Project

_DESCRIPTION = """\
Copy clips into a folder, with what else is known of them, and print the paths.
The folder is created; a file that is there already is never replaced."""
_BLOCK_BYTES = 2**20


def run(arguments: list[str], *, debug: bool) -> int:
    """Export clips and return the exit code."""
    parser = Parser("export", _DESCRIPTION)
    parser.add_argument("clips", nargs="+", metavar="CLIP", help="a clip that Loopwright made")
    parser.add_argument("--to", required=True, metavar="DIR", help="the folder to write to")
    Handover.add_options(parser)
    parser.add_argument("--kit", metavar="FOLDER", help="your own sounds that the drums are")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    options = parser.read(arguments, intermixed=True)
    clips = [absolute_path(clip, "CLIP") for clip in options.clips]
    handover = Handover.of(options)
    kit = None if options.kit is None else absolute_path(options.kit, "The kit")
    for clip in clips:  # what cannot be exported fails before anything is written
        read_facts(clip)
        handover.check_clip(clip)
    project = Project.open(absolute_path(options.to, "--to"))
    for clip in clips:
        copy = str(_copied(clip, project))
        if options.json:
            print_json({"type": "copied", "path": copy})
        else:
            print_result(copy)
    if not any(handover):
        return EXIT_DONE
    output = JsonOutput() if options.json else TerminalOutput()
    with EngineSession() as session:
        outcome = handover.write(session, clips, project.folder, output.show, kit)
        output.close()
    return exit_code_after(outcome, debug=debug)


def _copied(clip: Path, project: Project) -> Path:
    """Copy a clip into a folder, unless the same file is there; return the copy's path."""
    target = project.folder / clip.name
    with reading(clip) as source:
        if target.exists() and _are_equal(source, target):
            return target
        source.seek(0)
        with project.writing(clip.name) as stream:
            shutil.copyfileobj(source, stream, _BLOCK_BYTES)
    return target


def _are_equal(source: BinaryIO, path: Path) -> bool:
    with reading(path) as other:
        while block := source.read(_BLOCK_BYTES):
            if other.read(len(block)) != block:
                return False
        return not other.read(1)
