"""Opens the window: one per user, and one project at a time."""

import logging
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop.app.app import Desktop
from desktop.app.appearance import colours_of
from desktop.app.engine_controller import kept_engine
from desktop.app.opening import Opened, last_project, named_project
from desktop.app.problems import SOMETHING_WENT_WRONG, log_qt_messages
from desktop.app.screenshot import Screenshot
from desktop.app.single_instance import SingleInstance, instance_name, wake_other
from desktop.state.settings import Settings, load_settings, save_settings, settings_file
from desktop.theme.icon import window_icon
from desktop.theme.stylesheet import apply_palette, apply_style_sheet
from desktop.widgets.main_thread import favour_main_thread
from engine.entry_points import stated_engine
from engine.log import on_uncaught
from engine.loops.errors import ProjectError
from engine.loops.files import reason_of

_log = logging.getLogger(__name__)


def run(project: Path | None = None, file: Path | None = None, picture: Path | None = None) -> int:
    """Open the window and return the exit code once it has closed.

    Args:
        project: project folder; None for the last one, or else the default.
        file: file to handle as if it had been dropped on the window.
        picture: path of a screenshot; the window closes after writing it.

    Raises:
        ProjectError: the project folder that was named does not exist and cannot be created.
    """
    log_qt_messages()
    app = _application()
    favour_main_thread()
    settings_path = settings_file()
    name = instance_name(str(settings_path))
    paths = ("" if path is None else str(path) for path in (file, project))
    if picture is None and wake_other(name, *paths):
        return 0
    opening = Launcher(app, settings_path, picture)
    on_uncaught(opening.show_failure)
    instance = None if picture is not None else SingleInstance(name, opening.come_forward)
    code = opening.run(project, file)
    if instance is not None:
        instance.close()
    return code


def _application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Loopwright")
    app.setDesktopFileName("loopwright")  # links the window to its icon and menu entry
    app.setWindowIcon(window_icon())
    app.setQuitOnLastWindowClosed(True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: app.quit())
    return app


class Launcher:
    """Runs the window, and opens it again if another project was chosen.

    Attributes:
        desktop: current window; None before the first one opens.
    """

    def __init__(self, app: QApplication, settings_path: Path, picture: Path | None) -> None:
        self._app = app
        self._settings_path = settings_path
        self._picture = picture
        self._stated_engine = stated_engine()
        self.desktop: Desktop | None = None
        self._has_shown_failure = False

    def run(self, project: Path | None, file: Path | None) -> int:
        """Open projects until the user quits; return the exit code of the last window."""
        problems: list[str] = []
        settings, keep_settings = self._settings(problems.append)
        opened: Opened | None = (
            named_project(project) if project else last_project(settings.project)
        )
        code = 0
        while opened is not None:
            if not self._stated_engine and (problem := kept_engine(settings)):
                problems.append(problem)
            colours = colours_of(settings.theme)
            apply_palette(self._app, colours)
            self.desktop = desktop = Desktop(
                opened.folder, settings, colours, keep_settings=keep_settings,
                stated_engine=self._stated_engine,
            )  # fmt: skip
            apply_style_sheet(self._app, colours)
            _log.debug("the project is %s", desktop.project)
            desktop.start()
            if problems := [*problems, opened.problem] if opened.problem else problems:
                desktop.notices.warning(" ".join(problems), topic="opening")
                problems = []
            if file is not None:
                desktop.window.file_dropped.emit(file)
                file = None
            if self._picture is not None:
                Screenshot(desktop.window, desktop.is_ready, self._picture)
            code = self._app.exec()
            desktop.close()
            _log.info("window closed with code %d", code)
            chosen = desktop.leaving.next_project
            opened = None if chosen is None else last_project(str(chosen))
        return code

    def _settings(
        self, report: Callable[[str], None]
    ) -> tuple[Settings, Callable[[Settings], None]]:
        """Return the settings, and what saves them: nothing, if the file cannot be read."""
        path = self._settings_path
        try:
            return load_settings(path, report), partial(save_settings, path)
        except OSError as error:
            _log.warning("settings cannot be read", exc_info=True)
            report(
                f"The settings in {path} cannot be read ({reason_of(error)}): the defaults apply, "
                "and changes are not saved."
            )
            return Settings(), lambda _settings: None

    def show_failure(self) -> None:
        """Show, once, that an unexpected exception was logged; called on any thread."""
        if self.desktop is not None and not self._has_shown_failure:
            self._has_shown_failure = True
            self.desktop.notices.error(SOMETHING_WENT_WRONG)

    def come_forward(self, file: str, project: str) -> None:
        """Bring the window to the front after another start, perhaps with a file or a project."""
        desktop = self.desktop
        if desktop is None:
            return
        desktop.come_forward()
        if project:
            try:
                desktop.leaving.open_project(named_project(Path(project)).folder)
            except ProjectError as error:
                desktop.notices.error(str(error), topic="project")
        if file:
            desktop.window.file_dropped.emit(Path(file))
