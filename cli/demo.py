"""`loopwright render --demo`: twenty loops of all kinds, and a page to listen to them."""

import argparse
import html
from pathlib import Path
from typing import NamedTuple

from cli.engine_session import EngineSession
from cli.job_output import JsonOutput, TerminalOutput
from cli.output import print_result
from cli.parser import project_folder, request_with
from cli.render import exit_code_after
from cli.usage import EXIT_DONE, UsageError
from engine import protocol
from engine.loops.request import LoopRequest

PROMPTS = (
    "hip-hop drums", "house drums", "techno drums", "jungle break", "rock drums", "jazz drums",
    "trap beat", "amapiano percussion", "funk slap bass", "acid techno bass line",
    "warm synthwave pad", "dreamy ambient choir pad", "lo-fi Rhodes chords", "house piano chords",
    "reggae guitar chords", "trance lead", "jazz vibes lead", "dusty vinyl texture",
    "drum and bass full mix", "afrobeat full mix",
)  # fmt: skip
"""What the demo plays; the number of a prompt, from 1, is its seed."""
PAGE = "listening.html"
_HEAD = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Loopwright: twenty loops</title>
<style>body { font: 16px sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
td { padding: .3rem 1rem .3rem 0 } audio { height: 2rem }</style>
<h1>Twenty loops</h1><table>
"""


class _Loop(NamedTuple):
    """One loop of the page: what was asked for, and the file."""

    prompt: str
    seed: int
    path: Path


def run_demo(options: argparse.Namespace, *, debug: bool) -> int:
    """Render all prompts, write the page, and return the exit code; flags apply to every loop.

    Raises:
        UsageError: there is a prompt, or a source.
    """
    if options.prompt is not None or options.source is not None:
        raise UsageError("--demo has prompts of its own: leave out the prompt and --source.")
    requests = [
        request_with(LoopRequest(prompt=prompt, seed=number, bars=4), options)
        for number, prompt in enumerate(PROMPTS, 1)
    ]
    output = JsonOutput() if options.json else TerminalOutput()
    loops: list[_Loop] = []
    with EngineSession() as session:
        folder: Path = project_folder(options.project)
        for request in requests:
            clips, outcome = session.render_clips(request, folder, output.show)
            output.close()
            loops += [_Loop(request.prompt, request.seed or 0, clip) for clip in clips]
            if not isinstance(outcome.ending, protocol.Done):
                return exit_code_after(outcome, debug=debug)
    page = write_page(folder, loops)
    if not options.json:
        print_result(str(page))
    return EXIT_DONE


def write_page(folder: Path, loops: list[_Loop]) -> Path:
    """Write the page into a project folder, over an older one, and return its path."""
    from engine.loops import files

    rows = (
        f"<tr><td>{html.escape(each.prompt)}<td>seed {each.seed}"
        f'<td><audio controls loop preload="none" src="{_address(each.path, folder)}"></audio>'
        for each in loops
    )
    path = folder / PAGE
    files.replace(path, (_HEAD + "\n".join(rows) + "\n</table>\n").encode())
    return path


def _address(path: Path, folder: Path) -> str:
    from urllib.parse import quote

    return html.escape(quote(path.relative_to(folder).as_posix()))
