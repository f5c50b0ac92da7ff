"""The detail view of the selected clip: waveform, measurements and actions."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.clips.blend_menu import BlendMenu
from desktop.clips.peaks import Peaks
from desktop.clips.rows import ClipRow
from desktop.clips.verbs import VARY_AMOUNTS, VERBS, VerbState
from desktop.clips.waveform import WaveformView
from desktop.theme.colours import Colours
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import ElidedLabel, FlowLayout
from desktop.widgets.plain import plain_caption, plain_tip
from engine.loops.recipe import Recipe
from engine.loops.request import SourceMode


class Detail(QFrame):
    """Shows one clip, and emits the actions that were clicked.

    `vary_amount` is how different a variation is, 0..1.
    """

    again_clicked = Signal(object)
    folder_clicked = Signal(object)
    play_clicked = Signal()
    verb_clicked = Signal(str)
    send_clicked = Signal()
    changed = Signal()

    def __init__(self, colours: Colours, vary_amount: float, blend_amount: float) -> None:
        super().__init__()
        self.setObjectName("card")
        self._row: ClipRow | None = None
        self.vary_amount = vary_amount
        self.title = ElidedLabel("title")
        self.facts = ElidedLabel("muted", right=True)
        self.waveform = WaveformView(colours)
        self.waveform.pressed.connect(self.play_clicked)
        self.waveform.bars_changed.connect(self.changed)
        self.seam = _button("Seam", "Show the loop point: the end joined to the start")
        self.seam.setCheckable(True)
        self.seam.toggled.connect(self.waveform.show_seam)
        self.again = _button("Reuse", "Load the prompt, seed and settings of this clip")
        self.again.clicked.connect(lambda: self.again_clicked.emit(self._row))
        self.send = _button("Send to DAW", "")
        self.send.clicked.connect(self.send_clicked)
        self.folder = _button("Show in folder", "Show the file in its folder")
        self.folder.clicked.connect(lambda: self.folder_clicked.emit(self._row))
        self.verbs: dict[str, QPushButton] = {verb: self._verb_button(verb) for verb in VERBS}
        self.blend_menu = BlendMenu(blend_amount, self)
        self.amount = _amount_button(self._set_amount)
        self._lay_out()
        self.setVisible(False)

    def show_row(self, row: ClipRow | None, peaks: Peaks | None) -> None:
        """Show a clip; its waveform may arrive later."""
        is_other = row is None or self._row is None or row.id != self._row.id
        self._row = row
        self.setVisible(row is not None)
        if is_other:
            self.waveform.select_bars(None)
        if row is not None:
            self.title.setText(row.shown_title)
            self.facts.setText("" if row.recipe is None else facts_of(row.recipe))
            self.again.setEnabled(row.recipe is not None)
            grid = row.recipe.grid if row.recipe else None
            self.waveform.show_clip(peaks, grid, row.shown_role)
        self.changed.emit()

    def show_verbs(self, states: Iterable[VerbState]) -> None:
        """Enable the verbs that are available; the tooltips of the others say why they are not."""
        for state in states:
            button = self.verbs[state.verb]
            button.setText(plain_caption(state.title))
            button.setEnabled(not state.disabled_reason)
            keys = shortcut_of(state.verb)
            button.setToolTip(plain_tip(f"{state.disabled_reason or state.tip} ({keys})"))
            button.setAccessibleDescription(state.disabled_reason or state.tip)

    def show_daw(self, name: str) -> None:
        """Show the button that sends the clip to a DAW; hide it if `name` is empty."""
        if self.send.isHidden() == bool(name):
            self.send.setVisible(bool(name))
        if name:
            tip = f"Send the selected clips to {name} ({shortcut_of('send_to_daw')})"
            self.send.setText(plain_caption(f"Send to {name}"))
            self.send.setToolTip(plain_tip(tip))

    @property
    def row(self) -> ClipRow | None:
        """The shown clip."""
        return self._row

    def _set_amount(self, amount: float) -> None:
        self.vary_amount = amount
        self.changed.emit()

    def _verb_button(self, verb: str) -> QPushButton:
        button = _button(verb.capitalize(), "")
        button.clicked.connect(lambda: self.verb_clicked.emit(verb))
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.title.setMinimumWidth(80)
        head.addWidget(self.title)
        head.addWidget(self.facts, 1)
        for button in (self.seam, self.folder):
            button.setObjectName("quiet")
            head.addWidget(button)
        head.addWidget(self.send)
        column.addLayout(head)
        column.addWidget(self.waveform, 1)
        below = FlowLayout()
        for verb, button in self.verbs.items():
            below.addWidget(_joined(button, self.amount) if verb == SourceMode.VARY else button)
        below.addWidget(self.again)
        self.show_daw("")
        column.addLayout(below)


def facts_of(recipe: Recipe) -> str:
    """Return the measurements of a clip, in one line."""
    grid, scores = recipe.grid, recipe.scores
    depth = {"32f": "32 bit float"}.get(recipe.request.bits, f"{recipe.request.bits} bit")
    parts = [f"{grid.frames:,} frames", f"{grid.rate / 1000:g} kHz {depth}"]
    parts += [f"seam {scores.seam:.1f}", f"peak {scores.peak_db:.1f} dB"]
    return " · ".join(parts)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(plain_tip(tip))
    return button


def _amount_button(choose: Callable[[float], None]) -> QToolButton:
    """Return a small button that opens a menu of amounts."""
    button = QToolButton()
    button.setObjectName("narrow")
    button.setText("▾")
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
    button.setAccessibleName("Variation amount")
    button.setToolTip("Choose how different the variation is")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    for amount in VARY_AMOUNTS:
        action = menu.addAction(f"{amount * 100:.0f} % different")
        action.triggered.connect(lambda _checked=False, amount=amount: choose(amount))
    button.setMenu(menu)
    return button


def _joined(*widgets: QWidget) -> QWidget:
    """Return widgets joined side by side."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(1)
    for widget in widgets:
        row.addWidget(widget)
    return both
