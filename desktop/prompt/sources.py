"""Handles dropped sounds: as a source, or as a recipe to load; shows what is known about them."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from desktop.prompt.derive_context import DeriveContext
from desktop.prompt.form import Source
from desktop.prompt.kit_field import is_kit
from desktop.prompt.open_jobs import OpenJobs
from desktop.prompt.panel import PromptPanel
from desktop.prompt.source_analysis import SourceAnalysis
from desktop.prompt.source_choices import SourceChoice, likeliest, source_choices
from desktop.state.notices import Notices, Offer
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from desktop.widgets.plain import plain_caption
from engine.client import Engine
from engine.loops.errors import LoopError
from engine.loops.recipe import Recipe
from engine.loops.soundfont import is_soundfont
from engine.loops.source.analysis import Analysis
from engine.loops.source.facts import SourceFacts, StatedFacts


class SourceController:
    """Reads dropped files in the background, since a disk may be slow."""

    def __init__(
        self,
        panel: PromptPanel,
        engine: Engine,
        open_jobs: OpenJobs,
        derive_context: Callable[[], DeriveContext],
        fill_from: Callable[[Recipe], None],
        notices: Notices,
        main_thread: MainThread,
    ) -> None:
        """Connect the widgets.

        Args:
            panel: shows the source.
            engine: analyses the source.
            open_jobs: they go before the analysis.
            derive_context: returns the current state that deriving depends on.
            fill_from: loads a recipe into the panel and the transport.
            notices: shows errors, and what Generate will do.
            main_thread: receives the results.
        """
        self._panel = panel
        self._derive_context = derive_context
        self._fill_from = fill_from
        self._notices = notices
        self._recipes: dict[Path, Recipe | None] = {}
        self._gathered: tuple[Path, StatedFacts] | None = None
        self.analysis = SourceAnalysis(engine, open_jobs, self._show_analysed)
        self._background = Background("sources", main_thread)
        self.menu = QMenu(panel)
        field = panel.source_field
        field.dropped.connect(lambda path: self._read(path, self.use))
        field.choices_wanted.connect(self._offer_choices)
        field.changed.connect(self._gather)
        field.facts_line.refused.connect(lambda text: notices.error(text, topic="source"))

    def take_dropped(self, path: Path) -> None:
        """Offer the ways to use a file that was dropped on the window."""
        self._read(path, self._offer)

    def use(self, path: Path, recipe: Recipe | None) -> None:
        """Make a file the source of the next loop."""
        self._recipes = {path: recipe}
        self._set(likeliest(source_choices(path, recipe, self._derive_context())))

    def close(self) -> None:
        """Wait until the current file has been read."""
        self._background.close()

    def _read(self, path: Path, then: Callable[[Path, Recipe | None], None]) -> None:
        """Read a file and call `then` with its recipe, or show why it cannot be used.

        A folder or a soundfont is what sketch plays with from now on.
        """
        self._background.run(
            lambda: path if is_kit(path) else _recipe_in(path),
            lambda found: self._use_kit(found) if isinstance(found, Path) else then(path, found),
            expected=LoopError,
            on_error=self._complain,
        )

    def _use_kit(self, path: Path) -> None:
        field = self._panel.kit_field
        before = field.kit
        field.set_kit(str(path))
        what = "all parts" if is_soundfont(path) else "drums"
        offer = Offer("Undo", lambda: field.set_kit(before))
        self._notices.info(f"Sketch now plays {what} with {path.name}.", topic="drop", offer=offer)

    def _gather(self) -> None:
        """Show what is known about the source, and what is detected once the analysis is done."""
        source = self._panel.source
        before = self._gathered
        self._gathered = None if source is None else source.stated_file
        if self._gathered == before:
            return
        self.analysis.want(None)
        if source is not None:
            self._background.run(
                lambda: _facts_of(source),
                lambda found: self._show_known(source, found[0], is_settled=found[1]),
                expected=LoopError,
                on_error=lambda _error: None,  # Generate says why the file cannot be used.
            )

    def _show_known(self, source: Source, facts: SourceFacts, *, is_settled: bool) -> None:
        if source.stated_file == self._gathered:
            self._panel.source_field.show_facts(source, facts)
            self.analysis.want(None if is_settled else source)

    def _show_analysed(self, source: Source, analysis: Analysis) -> None:
        if analysis.source is not None:
            self._panel.source_field.show_facts(source, analysis.source, analysis.second_bpm)

    def _complain(self, error: Exception) -> None:
        self._notices.error(str(error), topic="drop")

    def _offer(self, path: Path, recipe: Recipe | None) -> None:
        """Offer to load the recipe of a clip or use it as source; use any other file as source."""
        if recipe is None:
            self.use(path, None)
            return
        self.menu.clear()
        again = self.menu.addAction("Ask like this")
        again.triggered.connect(lambda: self._fill_from(recipe))
        source = self.menu.addAction("Start from this")
        source.triggered.connect(lambda: self.use(path, recipe))
        self.menu.popup(QCursor.pos())

    def _offer_choices(self) -> None:
        """Show the menu of the ways to use the source."""
        source = self._panel.source
        if source is None:
            return
        recipe = self._recipes.get(source.path)
        self.menu.clear()
        for choice in source_choices(source.path, recipe, self._derive_context()):
            title = choice.title[:1].upper() + choice.title[1:]
            action = self.menu.addAction(plain_caption(title))
            action.setEnabled(not choice.disabled_reason)
            action.triggered.connect(lambda _checked=False, choice=choice: self._set(choice))
        self.menu.popup(QCursor.pos())

    def _set(self, choice: SourceChoice) -> None:
        now = self._panel.source
        stated = now.stated if now is not None and now.path == choice.source.path else StatedFacts()
        self._panel.source = dataclasses.replace(choice.source, stated=stated)
        name = choice.source.path.name
        self._notices.info(f"{name} is the source: Generate will {choice.title}.", topic="drop")


def _facts_of(source: Source) -> tuple[SourceFacts, bool]:
    """Return what is known about a source without analysis, and whether its recipe settles all.

    Raises:
        LoopError: the file cannot be read.
    """
    from engine.loops.file_facts import read_facts
    from engine.loops.source.gather import facts_of_file, is_settled, known_facts

    file = read_facts(source.path)
    known = known_facts(source.stated, file)
    return facts_of_file(file, source.stated), is_settled(file.recipe, file.frames, known)


def _recipe_in(path: Path) -> Recipe | None:
    """Return the recipe in an audio file; None if it is not one of our clips.

    Raises:
        LoopError: the file cannot be read.
    """
    from engine.loops.audio_file import look_at_audio

    return look_at_audio(path).recipe
