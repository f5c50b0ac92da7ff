"""Where loops are made: asks, tries, keeps it, and moves the engine there."""

from collections.abc import Callable

from desktop.app.engine_sheet import EngineSheet
from desktop.app.engine_trial import EngineTrial, Outcome
from desktop.app.window import Window
from desktop.prompt.open_jobs import OpenJobs
from desktop.state.notices import Notices
from desktop.state.settings import Settings
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from desktop.widgets.question import ask
from engine.client import EngineClient
from engine.entry_points import engine_elsewhere, use_engine
from engine.errors import EngineError
from engine.remote.place import parse_place

_STAY, _MOVE = "Wait for them", "Cancel them"
_END_S = 10.0


def kept_engine(settings: Settings) -> str:
    """Have engines run where the settings say; return why they cannot, or an empty text."""
    try:
        if settings.engine:
            parse_place(settings.engine)
    except EngineError as error:
        settings.engine = ""
        use_engine("")
        return str(error)
    use_engine(settings.engine)
    return ""


class EngineController:
    """Opens the panel, and carries out what it asks for."""

    def __init__(
        self,
        window: Window,
        settings: Settings,
        engine: EngineClient,
        open_jobs: OpenJobs,
        notices: Notices,
        main_thread: MainThread,
        stated: str,
    ) -> None:
        """Prepare; `stated` is where the engine runs by a flag or the environment, if by one."""
        self._window = window
        self._settings = settings
        self._engine = engine
        self._open_jobs = open_jobs
        self._notices = notices
        self._stated = stated
        self._moving = Background("engine-move", main_thread)
        self.sheet = EngineSheet(window)
        self._trial = EngineTrial(window, self._on_tried)
        self.sheet.try_clicked.connect(self._try)
        self.sheet.wanted.connect(self._use)

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handler of the action, by its id."""
        return {"choose_engine": self.open}

    def open(self) -> None:
        """Ask where loops shall be made."""
        self.sheet.show_place(self._settings.engine, self._stated)

    def close(self) -> None:
        """End a trial, and wait for the move."""
        self._trial.close()
        self._moving.close(finish=True, limit_s=_END_S)

    def _try(self, place: str) -> None:
        try:
            parse_place(place)
        except EngineError as error:
            self.sheet.show_result(place, str(error), works=False)
        else:
            self.sheet.show_trying()
            self._trial.start(place)

    def _on_tried(self, place: str, outcome: Outcome) -> None:
        self.sheet.show_result(place, outcome.text, works=outcome.works)

    def _use(self, place: str) -> None:
        """Keep a place; move the engine there, unless a flag says where it runs now."""
        self.sheet.dismiss()
        if self._stated:
            self._settings.engine = place
            self._notices.info("This holds from the next start.", topic="engine")
            return
        if place == (engine_elsewhere() or "") or not self._may_move():
            return
        self._settings.engine = place
        use_engine(place)
        self._window.status.show_engine("Starting")
        self._moving.run(self._engine.restart)

    def _may_move(self) -> bool:
        if not len(self._open_jobs):
            return True
        question = "Loops are still being made. To move the engine cancels them."
        return ask(self._window, question, (_STAY, _MOVE)) == _MOVE
