"""The window: prompt on the left, clips in the centre, pads on the right, transport on top.

This module only lays out the widgets. The controllers of the features handle what they do, and
`desktop.app.app` connects them.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.app.empty_state import EmptyState
from desktop.clips.clip_list import ClipList
from desktop.clips.collection import ORDERS
from desktop.clips.delegate import ClipDelegate
from desktop.clips.detail import Detail
from desktop.clips.items import ClipItems
from desktop.clips.recipe_card import RecipeCard
from desktop.pads.panel import PadsPanel
from desktop.prompt.job_items import JobItems
from desktop.prompt.panel import PromptPanel
from desktop.prompt.queue_list import QueueList
from desktop.state.settings import Settings
from desktop.theme.colours import Colours
from desktop.transport.strip import Transport
from desktop.widgets.actions import ACTIONS, shortcut_of
from desktop.widgets.basics import Choice, FittingScroll, hairline, label
from desktop.widgets.drops import local_files
from desktop.widgets.notice_strip import NoticeStrip
from desktop.widgets.pages import Pages
from desktop.widgets.status_line import StatusLine
from engine.models.entry import ModelEntry

_LEAST_WIDTH = 940
"""The width that the columns and the transport need; limited to that of the screen."""
_QUEUE_HEIGHT = 148
_COLUMN_WIDTHS = [310, 830, 300]


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
        self.setWindowTitle("Loopwright")
        self.setAcceptDrops(True)
        self.resize(1440, 900)
        self.setMinimumWidth(min(_LEAST_WIDTH, self.screen().availableGeometry().width()))
        self.closing: Callable[[], bool] = lambda: True
        self._is_painted = False
        self.transport = Transport(colours, settings.session, settings.volume)
        self.notices = NoticeStrip()
        self.prompt_panel = PromptPanel(models, settings.takes, settings.prompts)
        self.queue = QueueList(colours, job_items)
        self.queue_heading = label("Queue", "heading")
        for part in (self.queue, self.queue_heading):
            job_items.modelReset.connect(
                lambda part=part: part.setVisible(job_items.rowCount() > 0)
            )
        self.search = QLineEdit()
        self.order = Choice()
        self.grid = QToolButton()
        self.clips = ClipList(clip_items, delegates)
        self.empty = EmptyState()
        self.detail = Detail(colours, settings.vary_amount, settings.blend_amount)
        self.pads = PadsPanel(colours)
        self.recipe = RecipeCard()
        self.status = StatusLine()
        self.middle = QStackedWidget()
        self.pages = Pages(self._home())
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()

    def add_actions(self, action_handlers: Mapping[str, Callable[[], None]]) -> None:
        """Create all actions with their shortcuts and handlers."""
        for action in ACTIONS:
            made = QAction(action.title, self)
            made.setObjectName(action.id)
            made.setShortcuts([QKeySequence(keys) for keys in action.shortcuts])
            made.triggered.connect(lambda _checked=False, act=action_handlers[action.id]: act())
            if action.in_list:
                made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            (self.clips if action.in_list else self).addAction(made)
            if action.in_help:
                self.status.help_menu.addAction(made)

    def pressed_a_button(self) -> bool:
        """Press the focused button, if there is one: Space presses a button before it plays.

        Pads use Enter instead, since a click focuses them and Space should still play.
        """
        focus = QApplication.focusWidget()
        if not isinstance(focus, QAbstractButton):
            return False
        if focus is self.transport.play_button or self.pads.grid.isAncestorOf(focus):
            return False
        focus.click()
        return True

    def close_page(self) -> None:
        """Close the page, or else clear the selected bars, or else hide the notice."""
        waveform = self.detail.waveform
        if self.pages.go_home():
            return
        if waveform.bars is not None:
            waveform.clear_selection()
        else:
            self.notices.hide()

    def show_count(self, shown: int, *, total: int) -> None:
        """Show the number of clips, and the list, or the empty state if there are none."""
        clips = "1 clip" if total == 1 else f"{total:,} clips"
        self.status.clips.setText(clips if shown == total else f"{shown:,} of {clips}")
        self.middle.setCurrentWidget(self.clips if total else self.empty)
        self.search.setEnabled(bool(total))

    def restore(self, settings: Settings) -> None:
        """Restore window, columns and prompt panel from the settings."""
        self.prompt_panel.restore(settings)
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromHex(settings.geometry.encode()))
        if settings.columns:
            self.columns.setSizes(settings.columns)
        self.grid.setChecked(settings.clips_as == "grid")

    def keep(self, settings: Settings) -> None:
        """Store the state of the window in the settings."""
        settings.geometry = bytes(self.saveGeometry().toHex().data()).decode()
        settings.columns = self.columns.sizes()
        settings.clips_as = self.clips.form
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

    def _lay_out(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transport)
        column.addWidget(hairline())
        self.columns.setHandleWidth(1)
        self.columns.setChildrenCollapsible(False)
        for part in (self._left(), self._centre(), self._right()):
            self.columns.addWidget(part)
        self.columns.setStretchFactor(1, 1)
        self.columns.setSizes(_COLUMN_WIDTHS)
        column.addWidget(self.columns, 1)
        column.addWidget(hairline())
        column.addWidget(self.status)
        self.setCentralWidget(page)

    def _left(self) -> QWidget:
        left = _column(minimum_px=256)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(FittingScroll(self.prompt_panel))
        self.queue_heading.setContentsMargins(16, 8, 16, 6)
        self.queue_heading.setVisible(False)
        column.addWidget(self.queue_heading)
        inside = QVBoxLayout()
        inside.setContentsMargins(16, 0, 16, 8)
        inside.addWidget(self.queue)
        self.queue.setMinimumHeight(_QUEUE_HEIGHT)
        self.queue.setVisible(False)
        column.addLayout(inside, 1)
        column.addStretch()
        return left

    def _centre(self) -> QWidget:
        centre = _column(minimum_px=340)
        column = QVBoxLayout(centre)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.notices)
        column.addWidget(self.pages, 1)
        return centre

    def _home(self) -> QWidget:
        home = QWidget()
        column = QVBoxLayout(home)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.search.setPlaceholderText("Search: drums 80–90 starred")
        self.search.setAccessibleName("Search clips")
        self.search.setToolTip("Search by words, tempo range or starred (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.order.setObjectName("plain")
        self.order.addItems(list(ORDERS))
        self.order.setAccessibleName("Sort order")
        self.order.setToolTip("Sort the clips")
        self.grid.setText("Grid")
        self.grid.setCheckable(True)
        self.grid.setToolTip(f"Show clips as tiles ({shortcut_of('switch_form')})")
        self.grid.toggled.connect(lambda grid: self.clips.show_as("grid" if grid else "list"))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.search, 1)
        top.addWidget(self.order)
        top.addWidget(self.grid)
        self.middle.addWidget(self.empty)
        self.middle.addWidget(self.clips)
        column.addLayout(top)
        column.addWidget(self.middle, 1)
        column.addWidget(self.detail)
        return home

    def _right(self) -> QWidget:
        inside = _column(minimum_px=190)
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(self.pads)
        column.addWidget(self.recipe)
        column.addStretch(1)
        right = QScrollArea()
        right.setFrameShape(QFrame.Shape.NoFrame)
        right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        right.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        right.setWidgetResizable(True)
        right.setMinimumWidth(190)
        right.setWidget(inside)
        return right


def _column(minimum_px: int) -> QWidget:
    column = QWidget()
    column.setObjectName("column")
    column.setMinimumWidth(minimum_px)
    return column
