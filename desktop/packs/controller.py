"""Makes a pack on a thread, with engines of its own, so that single loops never wait for it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from desktop.packs.lines import Line
from desktop.packs.page import PackPage
from desktop.packs.plan import NothingYet, plan_of
from desktop.state.notices import Notices, Offer
from desktop.state.settings import Settings
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from desktop.widgets.pages import Pages
from engine.loops.errors import LoopError
from engine.loops.project import Project
from engine.packs.maker import PackMaker, Plan, StartEngine, State, Summary, how_far

PAGE_ID = "pack"
_FOLDER = "packs"
"""Where packs go at first: a folder inside the project, whose files are not in its list."""
_TYPING_S = 0.2
_END_S = 10.0


class PacksController:
    """Opens the page, says what its form would make, and makes it."""

    def __init__(
        self,
        pages: Pages,
        settings: Settings,
        project: Path,
        start_engine: StartEngine,
        notices: Notices,
        main_thread: MainThread,
    ) -> None:
        self._pages = pages
        self._settings = settings
        self._usual_out = project / _FOLDER
        self._start_engine = start_engine
        self._notices = notices
        self._plans = Background("pack-plan", main_thread)
        self._making = Background("pack", main_thread)
        self._show_state = main_thread.wrap(self._on_state)
        self._page: PackPage | None = None
        self._plan: Plan | None = None
        self._maker: PackMaker | None = None
        self._folder: Path | None = None
        self.models: Callable[[], Mapping[str, str]] = dict
        """Returns the names of the models that can be used, by id."""
        self.said: Callable[[str], None] = lambda _text: None
        """Called with how far the pack is; with an empty text when none is made any more."""

    @property
    def page(self) -> PackPage:
        """The page; created on first use."""
        if self._page is None:
            self._page = page = PackPage(self._settings.pack, self._usual_out)
            self._pages.add(PAGE_ID, "Make a pack", page)
            page.form.changed.connect(self._on_form)
            page.form.refused.connect(lambda text: self._notices.warning(text, topic="pack"))
            page.make_clicked.connect(self._make)
            page.paused.connect(self._pause)
            page.stopped.connect(self.stop)
            page.folder_clicked.connect(self._open_folder)
        return self._page

    @property
    def busy(self) -> bool:
        """Whether a pack is being made."""
        return self._maker is not None

    def why_stay(self) -> str:
        """Return what to ask before the window closes; empty if nothing is going on."""
        going_on = "A pack is being made. You can continue it next time."
        return going_on if self.busy else ""

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handler of the action, by its id."""
        return {"make_pack": self.toggle_page}

    def toggle_page(self) -> None:
        """Open the page, or close it if it is open."""
        page = self.page
        self._pages.toggle(PAGE_ID)
        if self._pages.page_id == PAGE_ID:
            page.form.show_models(self.models())
            page.form.prompts.setFocus()
            self._read_plan()

    def stop(self) -> None:
        """End soon; what is made stays."""
        if self._maker is not None:
            self._maker.cancel()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self.stop()
        self._plans.close()
        self._making.close(limit_s=_END_S)

    def _on_form(self) -> None:
        self._settings.pack = self.page.form.form
        self._read_plan()

    def _read_plan(self) -> None:
        """Say what the form would make, once nothing more has been typed for a moment."""
        form, usual_out = self.page.form.form, self._usual_out

        def read() -> tuple[Plan, State]:
            plan = plan_of(form, usual_out)
            return plan, how_far(plan)

        self._plans.run(
            read, lambda found: self._show_plan(*found), key="plan", after_s=_TYPING_S,
            expected=LoopError, on_error=self._show_problem,
        )  # fmt: skip

    def _show_plan(self, plan: Plan, state: State) -> None:
        self._plan = plan
        count = f"{state.total:,} loops" if state.total != 1 else "1 loop"
        text = f"{count}, in the folder {plan.folder.name}"
        if state.done:
            text += f"; {state.done:,} of them are made already"
        button = _button(state, zipped=plan.zipped)
        self.page.show_plan(f"{text}.", button or "All made", can_make=bool(button))

    def _show_problem(self, error: Exception) -> None:
        self._plan = None
        wrong = not isinstance(error, NothingYet)
        self.page.show_plan(str(error), "Make the pack", can_make=False, problem=wrong)

    def _make(self) -> None:
        plan = self._plan
        if plan is None or self.busy:
            return
        try:
            self._maker = maker = PackMaker(plan, self._start_engine, self._show_state)
        except LoopError as error:
            self._show_problem(error)
            return
        self._folder = plan.folder
        self.page.show_begin(plan.folder.name)

        def make() -> Summary:
            Project.open(plan.out)
            return maker.run()

        self._making.run(make, self._on_end, expected=LoopError, on_error=self._on_failure)

    def _pause(self, paused: bool) -> None:  # noqa: FBT001 - from a signal
        if self._maker is not None:
            (self._maker.pause if paused else self._maker.resume)()
            self.page.run.show_paused(paused=paused)

    def _on_state(self, state: State) -> None:
        if self.busy:
            self.page.show_state(state)
            self.said(f"Pack: {state}")

    def _on_end(self, summary: Summary) -> None:
        text = in_words(summary)
        self._finish(text, [
            Line(f"Failed: {prompt}: {reason}", is_there=False)
            for prompt, reason in summary.failures
        ])  # fmt: skip
        if not summary.cancelled and self._pages.page_id != PAGE_ID:
            offer = Offer("Open folder", self._open_folder)
            self._notices.info(text, topic="pack", offer=offer)

    def _on_failure(self, error: Exception) -> None:
        self._finish(str(error), [])
        self._notices.error(str(error), topic="pack")

    def _finish(self, text: str, lines: list[Line]) -> None:
        self._maker = None
        self.said("")
        has_folder = self._folder is not None and self._folder.is_dir()
        self.page.show_end(text, lines, has_folder=has_folder)
        self._read_plan()

    def _open_folder(self) -> None:
        if self._folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def in_words(summary: Summary) -> str:
    """Say how a pack ended."""
    state = summary.state
    loops = f"{state.made:,} of {state.total:,} loops are in {summary.folder.name}"
    counts = [loops, f"{state.left_out:,} left out" if state.left_out else "",
              f"{state.failed:,} failed" if state.failed else ""]  # fmt: skip
    text = ", ".join(each for each in counts if each) + "."
    if summary.packed is not None:
        text += f" The whole pack is in {summary.packed.name}."
    if summary.stopped:
        text = f"Stopped: {summary.stopped} {text}"
    if summary.cancelled:
        text += " Press Continue to make the rest."
    return text


def _button(state: State, *, zipped: bool) -> str:
    """Return what the button says, which makes what is missing; empty if nothing is."""
    missing = state.total - state.done
    if not missing:
        return "Write the ZIP file" if zipped else ""
    if state.done:
        return f"Continue: {missing:,} to go"
    return "Make 1 loop" if missing == 1 else f"Make {missing:,} loops"
