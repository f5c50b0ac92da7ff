"""What becomes of a sound that is dropped: a source, or a recipe to make again."""

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from desktop.app.window import Window
from desktop.clips.controller import ClipsController
from desktop.clips.rows import ClipRow
from desktop.prompt.derive_context import DeriveContext
from desktop.prompt.source_choices import SourceChoice, likeliest, source_choices
from desktop.state.notices import Notices
from engine.loops.errors import LoopError
from engine.loops.recipe import Recipe


class SourceController:
    """Looks at files on a thread of its own, for a disk may be slow."""

    def __init__(
        self,
        window: Window,
        browsing: ClipsController,
        derive_context: Callable[[], DeriveContext],
        notices: Notices,
        later: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self._window = window
        self._browsing = browsing
        self._derive_context = derive_context
        self._notices = notices
        self._later = later
        self._recipes: dict[Path, Recipe | None] = {}
        self._threads: list[threading.Thread] = []
        self.menu = QMenu(window)
        field = window.prompt_panel.source_field
        window.file_dropped.connect(lambda path: self._look(path, self._offer))
        field.dropped.connect(lambda path: self._look(path, self._use))
        field.choices_wanted.connect(self._offer_choices)

    def use_clip(self, row: ClipRow | None) -> None:
        """Make a clip of the list the source of what is generated next."""
        if row is not None:
            self._use(row.path, row.recipe)

    def close(self) -> None:
        """Wait for the files that are looked at."""
        for thread in self._threads:
            thread.join()

    def _look(self, path: Path, then: Callable[[Path, Recipe | None], None]) -> None:
        """Look what a file is, and go on with what was found, or say why it is none."""
        go_on, complain = self._later(then), self._later(self._complain)

        def look() -> None:
            from engine.loops.audio_file import look_at_audio

            try:
                facts = look_at_audio(path)
            except LoopError as error:
                complain(str(error))
            else:
                go_on(path, None if facts is None else facts.recipe)

        thread = threading.Thread(target=look, name="dropping", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _complain(self, sentence: str) -> None:
        self._notices.error(sentence, topic="drop")

    def _offer(self, path: Path, recipe: Recipe | None) -> None:
        """Ask whether a clip of ours is to be made again, or to be a source; others can be one."""
        if recipe is None:
            self._use(path, None)
            return
        self.menu.clear()
        again = self.menu.addAction("Fill the panel from its recipe")
        again.triggered.connect(lambda: self._browsing.fill_from(recipe))
        source = self.menu.addAction("Use it as the source")
        source.triggered.connect(lambda: self._use(path, recipe))
        self.menu.popup(QCursor.pos())

    def _use(self, path: Path, recipe: Recipe | None) -> None:
        self._recipes = {path: recipe}
        self._set(likeliest(source_choices(path, recipe, self._derive_context())))

    def _offer_choices(self) -> None:
        """Show what else can be made of the source."""
        source = self._window.prompt_panel.source
        if source is None:
            return
        recipe = self._recipes.get(source.path)
        self.menu.clear()
        for choice in source_choices(source.path, recipe, self._derive_context()):
            action = self.menu.addAction(choice.title[:1].upper() + choice.title[1:])
            action.setEnabled(not choice.disabled_reason)
            action.triggered.connect(lambda _checked=False, choice=choice: self._set(choice))
        self.menu.popup(QCursor.pos())

    def _set(self, choice: SourceChoice) -> None:
        self._window.prompt_panel.source = choice.source
        name = choice.source.path.name
        self._notices.info(f"{name} is the source: Generate will {choice.title}.", topic="drop")
