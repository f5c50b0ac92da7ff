"""The window: prompt on the left, clips in the centre, pads on the right, transport on top.

This module only lays out the widgets. The controllers of the features handle what they do, and
`desktop.app.app` connects them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.app.empty_state import EmptyState
from desktop.clips.clip_list import ClipList
from desktop.clips.collection import ORDERS
from desktop.clips.delegate import ClipDelegate
from desktop.clips.detail import Detail
from desktop.clips.filter_bar import FilterBar
from desktop.clips.filters import Filters
from desktop.clips.items import ClipItems
from desktop.clips.list_header import ListHeader
from desktop.clips.no_hit import NoHit
from desktop.clips.rail import Rail
from desktop.clips.recipe_card import RecipeCard
from desktop.clips.search_field import SearchField
from desktop.clips.view_button import ViewButton
from desktop.layers.strip import LayersStrip, StripShape
from desktop.pads.panel import PadsPanel
from desktop.prompt.job_items import JobItems
from desktop.prompt.panel import PromptPanel
from desktop.prompt.queue_list import QueueList
from desktop.state.settings import Settings
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.transport.fitting import Hearing
from desktop.transport.hear_switch import HearSwitch
from desktop.transport.strip import Transport
from desktop.widgets.actions import ACTIONS, shortcut_of
from desktop.widgets.basics import Choice, hairline, label
from desktop.widgets.buttons import Segments, SignButton
from desktop.widgets.drops import local_files
from desktop.widgets.notice_strip import NoticeStrip
from desktop.widgets.pages import Pages
from desktop.widgets.status_line import StatusLine
from engine.models.entry import ModelEntry

_USUAL_SIZE, _FRAME = QSize(1440, 900), QSize(0, 40)
"""The size at first, limited to what the screen has left beside the frame around a window."""
_LEAST_SIZE = QSize(940, 640)
"""The size that everything fits into; limited to that of the screen."""
_QUEUE_HEIGHT = 48


class Shape(NamedTuple):
    """How the columns are laid out in a window of some width, in pixels."""

    left: int
    right: int
    """0 if the pads share the left column with the prompt."""
    tall_waveform: bool
    short_bar: bool
    """Whether the top bar leaves out what has a key or a list."""
    rail: bool = False
    """Whether views, collections and tags have a column of their own."""

    @classmethod
    def of(cls, width: int) -> "Shape":
        """Return the shape for a window of a width."""
        if width >= _WIDE_PX:
            return cls(320, 360, tall_waveform=True, short_bar=False, rail=True)
        left, right = (296, 296) if width >= _MIDDLE_PX else (264, 0)
        return cls(left, right, tall_waveform=False, short_bar=width < _WHOLE_BAR_PX)


_WIDE_PX, _MIDDLE_PX, _WHOLE_BAR_PX = 1_680, 1_180, 1_320
_LOW_PX = 800
"""Windows lower than this have their layers folded at first."""
_LANE_PX, _TALL_LANE_PX = 34, 40


class Window(QMainWindow):
    """Holds all widgets. `closing` is called before it closes; False keeps it open.

    `painted` is emitted once, after the first paint; never if the window is not visible.
    """

    file_dropped = Signal(object)
    painted = Signal()

    def __init__(
        self,
        colours: Colours,
        settings: Settings,
        models: tuple[ModelEntry, ...],
        clip_items: ClipItems,
        job_items: JobItems,
        delegates: Mapping[str, ClipDelegate],
    ) -> None:
        super().__init__()
        self._set_up()
        self.transport = Transport(colours, settings.session, settings.volume)
        self.prompt_panel = PromptPanel(
            models, settings.takes, settings.prompts, self.transport.values["bars"]
        )
        self.queue = QueueList(colours, job_items)
        self.making = self._making()
        job_items.modelReset.connect(lambda: self.making.setVisible(job_items.rowCount() > 0))
        self.search, self.view = SearchField(), ViewButton()
        self.filters, self.rail = FilterBar(Filters(time=settings.session)), Rail(colours)
        self.order = Choice()
        self.hear = HearSwitch(Hearing(settings.hear_tempo, settings.hear_key))
        self.form = Segments({"list": "list", "grid": "grid"}, "Form of the list", signs=True)
        self.clips = ClipList(clip_items, delegates)
        self.header = ListHeader(self.clips)
        self.empty, self.no_hit = EmptyState(colours), NoHit()
        self.detail = Detail(colours, settings.vary_amount, settings.blend_amount)
        self.pads = PadsPanel(colours)
        self.recipe = RecipeCard()
        self.layers = LayersStrip(colours)
        self.status = StatusLine()
        self.middle = QStackedWidget()
        for delegate in delegates.values():
            delegate.hearing = lambda: self.hear.hearing
        self.pages = Pages(self._home())
        self.notices = NoticeStrip(self.pages, self.detail)
        for signal in (self.clips.pressed, self.clips.star_clicked, self.clips.play_clicked):
            signal.connect(self.notices.make_way)
        self._lay_out()

    def _set_up(self) -> None:
        self._shape: Shape | None = None
        self.closing: Callable[[], bool] = lambda: True
        self._is_painted = False
        self.sides = Segments({"ask": "Ask", "pads": "Pads"}, "Side column", small=True)
        self.setWindowTitle("Loopwright")
        self.setAcceptDrops(True)
        room = self.screen().availableGeometry().size() - _FRAME
        self.resize(_USUAL_SIZE.boundedTo(room))
        self.setMinimumSize(_LEAST_SIZE.boundedTo(room))

    def add_actions(self, action_handlers: Mapping[str, Callable[[], None]]) -> None:
        """Create all actions with their shortcuts and handlers."""
        for action in ACTIONS:
            made = QAction(action.title, self)
            made.setObjectName(action.id)
            made.setShortcuts([QKeySequence(keys) for keys in action.shortcuts])
            made.triggered.connect(lambda _checked=False, act=action_handlers[action.id]: act())
            self.addAction(made)
            for keys in action.list_shortcuts:
                shortcut = QShortcut(QKeySequence(keys), self.clips)
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
                shortcut.activated.connect(made.trigger)
            if action.in_help:
                self.status.help_menu.addAction(made)
            if action.in_file:
                self.transport.project_menu.addAction(made)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button with the keyboard, since Space plays wherever the focus is."""
        focus = QApplication.focusWidget()
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif isinstance(focus, QAbstractButton):
            focus.click()
        elif isinstance(focus, QComboBox):
            focus.showPopup()

    def close_page(self) -> None:
        """Close the page, or else clear the selected bars, or else hide the notice."""
        waveform = self.detail.waveform
        if self.pages.go_home():
            return
        if waveform.bars is not None:
            waveform.clear_selection()
        else:
            self.notices.hide()

    def show_clip(self, clip_id: str) -> None:
        """Show and select a clip, whatever is searched for and filtered."""
        self.search.clear()
        self.filters.show_all()
        self.clips.choose(clip_id)

    def write_prompt(self) -> None:
        """Let the prompt be typed, which in a narrow window may be behind the pads."""
        self._show_side("ask")
        self.prompt_panel.prompt.setFocus()

    def ask_for(self, words: str) -> None:
        """Have a loop asked for in words that can still be changed."""
        self.prompt_panel.fill(words)
        self.write_prompt()

    def show_count(self, shown: int, *, total: int, found: Sequence[str] = ()) -> None:
        """Show the number of clips, and the list, or why it is empty.

        Args:
            shown: how many are in the list.
            total: how many the project has.
            found: what was searched for and filtered, as it was understood.
        """
        loops = "1 loop" if total == 1 else f"{total:,} loops"
        text = loops if shown == total and not found else f"{shown:,} of {loops} shown"
        self.status.clips.setText(f"{text}: {', '.join(found)}" if found else text)
        self.search.setAccessibleDescription(self.status.clips.text())
        self.middle.setCurrentWidget(
            self.empty if not total else self.clips if shown else self.no_hit
        )
        self.header.setVisible(bool(shown) and self.clips.form == "list")
        for part in (self.search, self.view, self.filters):
            part.setEnabled(bool(total))

    def restore(self, settings: Settings) -> None:
        """Restore window, columns and prompt panel from the settings."""
        self.prompt_panel.restore(settings)
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromHex(settings.geometry.encode()))
        self.show_form(settings.clips_as)
        self.detail.waveform.show_spectrum(on=settings.waveform == "spectrum")

    def show_form(self, form: str) -> None:
        """Show the loops as a list or as tiles."""
        self.form.show_chosen(form)
        self.clips.show_as(form)
        self.header.setVisible(form == "list" and self.middle.currentWidget() is self.clips)

    def switch_form(self) -> None:
        """Change between list and tiles."""
        self.show_form("list" if self.clips.form == "grid" else "grid")

    def keep(self, settings: Settings) -> None:
        """Store the state of the window in the settings."""
        settings.geometry = bytes(self.saveGeometry().toHex().data()).decode()
        settings.clips_as = self.clips.form
        settings.waveform = "spectrum" if self.detail.waveform.shows_spectrum else "loudness"
        settings.vary_amount = self.detail.vary_amount
        settings.blend_amount = self.detail.blend_menu.amount
        settings.pad_keys = self.pads.keys.isChecked()
        settings.session = self.transport.time
        self.prompt_panel.keep(settings)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # Clips dragged from our own list are meant for other targets.
        if event.source() is None and local_files(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.file_dropped.emit(local_files(event.mimeData())[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(
                0, self, self.painted.emit
            )  # the child widgets are painted after this

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.closing():
            event.accept()
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Lay the columns out for the width of the window."""
        shape = Shape.of(self.width())
        lane_px = _TALL_LANE_PX if shape.tall_waveform else _LANE_PX
        low = self.height() < _LOW_PX
        self.layers.fit(StripShape(shape.left, shape.right, lane_px, folded=low or not shape.right))
        if shape == self._shape:
            return
        self._shape = shape
        narrow = not shape.right
        self._side.setFixedWidth(shape.left)
        self._pads_inside.setFixedWidth((shape.right or shape.left) - 2 * MARGIN_PX)
        if narrow:
            self._side.addWidget(self._pads_column)
        else:
            self._right_column.addWidget(self._pads_column)
            self._pads_column.show()
            self._right.setFixedWidth(shape.right)
        self._right.setVisible(not narrow)
        self._show_side("ask")
        self.transport.fit(shape.left, shape.right, narrow=shape.short_bar)
        self.detail.waveform.show_tall(tall=shape.tall_waveform)
        self.rail.setVisible(shape.rail)
        self.view.setVisible(not shape.rail)
        self.status.clips.setVisible(not narrow)
        self.hear.fit(narrow=narrow)
        self.pads.fit(narrow=narrow)

    def _show_side(self, side: str) -> None:
        """Show the prompt or the pads, where they share a column."""
        narrow = self._shape is not None and not self._shape.right
        pads = narrow and side == "pads"
        self._side.setCurrentIndex(1 if pads else 0)
        self.sides.show_chosen(side)
        (self.pads.head if pads else self.prompt_panel.head).insertWidget(0, self.sides)
        self.sides.setVisible(narrow)
        self.prompt_panel.heading.setVisible(not narrow)

    def _lay_out(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transport)
        column.addWidget(hairline())
        self._side = QStackedWidget()
        self._side.addWidget(self._ask_column())
        self._pads_column = self._make_pads_column()
        self.sides.chosen.connect(self._show_side)
        self._right = QWidget()
        self._right_column = QVBoxLayout(self._right)
        self._right_column.setContentsMargins(0, 0, 0, 0)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        for part in (self._side, hairline(vertical=True), self.pages, hairline(vertical=True)):
            columns.addWidget(part, 1 if part is self.pages else 0)
        columns.addWidget(self._right)
        column.addLayout(columns, 1)
        column.addWidget(hairline())
        column.addWidget(self.layers)
        column.addWidget(hairline())
        column.addWidget(self.status)
        self.setCentralWidget(page)
        self._fit()

    def _ask_column(self) -> QWidget:
        left = _column()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.prompt_panel)
        column.addWidget(self.making, 1)
        column.addStretch()
        return left

    def _making(self) -> QWidget:
        making = QWidget()
        column = QVBoxLayout(making)
        column.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, GAP_PX)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label("Making", "heading"))
        head.addStretch(1)
        stop_all = SignButton("Stop all", tip="Cancel everything that is being made")
        stop_all.setObjectName("quiet")
        stop_all.clicked.connect(self.queue.cancel_all)
        head.addWidget(stop_all)
        column.addLayout(head)
        column.addWidget(self.queue)
        self.queue.setMinimumHeight(_QUEUE_HEIGHT)
        making.setVisible(False)
        return making

    def _home(self) -> QWidget:
        home = QWidget()
        home.setObjectName("middle")
        column = QVBoxLayout(home)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.order.setObjectName("plain")
        self.order.addItems(list(ORDERS))
        self.order.setAccessibleName("Sort order")
        self.order.setToolTip("Sort the loops")
        self.form.setToolTip(f"Rows or tiles ({shortcut_of('switch_form')})")
        self.form.chosen.connect(self.show_form)
        top = QHBoxLayout()
        top.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, GAP_PX)
        top.setSpacing(GAP_PX)
        top.addWidget(self.view)
        top.addWidget(self.search, 1)
        top.addWidget(self.order)
        top.addWidget(self.form)
        for part in (self.empty, self.clips, self.no_hit):
            self.middle.addWidget(part)
        chips = QHBoxLayout()
        chips.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, GAP_PX)
        chips.addWidget(self.filters, 1)
        chips.addWidget(self.hear)
        found = QVBoxLayout()
        found.addLayout(top)
        found.addLayout(chips)
        found.addWidget(self.header)
        found.addWidget(self.middle, 1)
        beside = QHBoxLayout()
        beside.addWidget(self.rail)
        beside.addLayout(found, 1)
        column.addLayout(beside, 1)
        column.addWidget(hairline())
        column.addWidget(self.detail)
        return home

    def _make_pads_column(self) -> QWidget:
        # As wide with a scroll bar beside it as without, or its height would change with the bar.
        self._pads_inside = QWidget()
        inside = QVBoxLayout(self._pads_inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(MARGIN_PX)
        inside.addWidget(self.pads)
        inside.addWidget(self.recipe)
        outside = _column()
        column = QVBoxLayout(outside)
        column.setContentsMargins(MARGIN_PX, 12, 0, 12)
        column.addWidget(self._pads_inside)
        column.addStretch(1)
        right = QScrollArea()
        right.setFrameShape(QFrame.Shape.NoFrame)
        right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        right.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        right.setWidgetResizable(True)
        right.setWidget(outside)
        return right


def _column() -> QWidget:
    column = QWidget()
    column.setObjectName("column")
    return column
