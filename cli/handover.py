"""What is written beside a clip for other programs, by `render`, `again` and `export`."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from cli.engine_session import EngineSession, Outcome
from cli.parser import Parser, SourcePaths
from cli.usage import UsageError
from engine import protocol
from engine.loops.clip import Clip
from engine.loops.derive import (
    SKETCH_ID,
    CannotDerive,
    Models,
    check_has_score,
    check_will_have_score,
    derived_request,
)
from engine.loops.edits import NONE, Edits
from engine.loops.request import LoopRequest, SourceMode


class Handover(NamedTuple):
    """What to write beside each clip."""

    stems: bool = False
    midi: bool = False

    @classmethod
    def add_options(cls, parser: Parser) -> None:
        """Add the flags."""
        group = parser.add_argument_group("beside each clip that sketch plays")
        group.add_argument("--stems", action="store_true", help="each of its parts as a clip")
        group.add_argument("--midi", action="store_true", help="its notes as a MIDI file")

    @classmethod
    def of(cls, options: argparse.Namespace) -> Self:
        """Return what the flags say."""
        return cls(stems=options.stems, midi=options.midi)

    def check(self, request: LoopRequest) -> None:
        """Check that the clips of a request will have what is wanted.

        Raises:
            UsageError: they will not.
        """
        if any(self):
            _as_usage(lambda: check_will_have_score(request))

    def check_clip(self, clip: Path) -> None:
        """Check that a clip has what is wanted.

        Raises:
            UsageError: it does not.
            LoopError: its recipe cannot be read.
        """
        if any(self):
            from engine.loops.file_facts import read_recipe  # loads numpy

            recipe = read_recipe(clip)
            _as_usage(lambda: check_has_score(recipe))

    def write(
        self,
        session: EngineSession,
        clips: Sequence[Path],
        folder: Path,
        show: Callable[[protocol.Event], None],
        kit: Path | None = None,
        edited: Mapping[Path, tuple[Path, Edits]] | None = None,
    ) -> Outcome:
        """Write what is wanted of each clip into a folder; return how the last job ended.

        Args:
            session: the engine.
            clips: the clips.
            folder: where to write.
            show: called with the events of all jobs.
            kit: the folder with the sounds that their drums were played with, if they were.
            edited: the edited copies of clips, with their edits, which stems and notes get, too.
        """
        outcome = Outcome(protocol.Done("", ()), None)
        for clip in clips:
            copy, edits = (edited or {}).get(clip, (clip, NONE))
            if self.stems:
                stems = partial(_show_edited, show, edits)
                outcome = session.render(_stems_of(clip), folder, stems, SourcePaths(clip, kit=kit))
            if self.midi and isinstance(outcome.ending, protocol.Done):
                outcome = session.write_midi(copy, folder, show)
            if not isinstance(outcome.ending, protocol.Done):
                break
        return outcome


def _show_edited(
    show: Callable[[protocol.Event], None], edits: Edits, event: protocol.Event
) -> None:
    """Show an event; a stem is replaced by one with the edits of its clip before."""
    if isinstance(event, protocol.TakeReady) and edits != NONE:
        from engine.loops.export import replace_with_edited  # loads numpy
        from engine.loops.file_facts import read_recipe

        path = replace_with_edited(Path(event.clip.path), edits)
        recipe = read_recipe(path)
        clip = Clip(
            id=recipe.clip_id, file=path.name, path=str(path), title=recipe.title,
            frames=recipe.grid.frames, recipe=recipe,
        )  # fmt: skip
        event = protocol.TakeReady(event.id, event.rank, clip)
    show(event)


def _stems_of(clip: Path) -> LoopRequest:
    from engine.loops.file_facts import read_recipe  # loads numpy

    models = Models(chosen=SKETCH_ID, modes={})
    return derived_request(SourceMode.STEMS, clip.name, read_recipe(clip), models)


def _as_usage(check: Callable[[], None]) -> None:
    try:
        check()
    except CannotDerive as error:
        raise UsageError(str(error)) from error
