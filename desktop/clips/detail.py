"""The detail view of the selected clip: its waveform, and what can be made of it."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout

from desktop.clips.blend_menu import BlendMenu
from desktop.clips.out_handles import OutHandles
from desktop.clips.part_files import why_no_notes
from desktop.clips.peaks import Peaks
from desktop.clips.role_sign import RoleSign
from desktop.clips.rows import ClipRow
from desktop.clips.sound_edits import SoundEdits
from desktop.clips.verb_row import VerbRow
from desktop.clips.verbs import VARY_AMOUNTS, VERBS, VerbState
from desktop.clips.waveform_view import WaveformView
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import ElidedLabel
from desktop.widgets.buttons import Segments, SignButton
from desktop.widgets.drag_source import DragSource
from desktop.widgets.plain import plain_caption, plain_tip
from engine.loops.edits import NONE, Edits, placed
from engine.loops.key import parse_key
from engine.loops.request import SourceMode
from engine.loops.tempo import bars_in_words

_LONGEST_NAME = 24
_NARROW_PX, _WIDE_PX = 760, 1_000
"""Below this width, what the waveform's menu has too is left out."""


class Detail(QFrame):
    """Shows one clip, and emits the actions that were clicked.

    `vary_amount` is how different a variation is, 0..1.
    """

    try_again_clicked = Signal(object)
    again_clicked = Signal(object)
    folder_clicked = Signal(object)
    play_clicked = Signal()
    verb_clicked = Signal(str)
    send_clicked = Signal()
    layer_clicked = Signal()
    export_clicked = Signal()
    pair_clicked = Signal(object)
    """A or B was chosen, as 0 or 1."""
    changed = Signal()

    def __init__(self, colours: Colours, vary_amount: float, blend_amount: float) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._row: ClipRow | None = None
        self.vary_amount = vary_amount
        self.sign = RoleSign(colours)
        self.title = ElidedLabel("title")
        self.facts = ElidedLabel("caption")
        self.waveform = WaveformView(colours)
        self.waveform.pressed.connect(self.play_clicked)
        self.editing = SoundEdits(self.waveform)
        self.editing.shown.connect(self._show_facts)
        self.waveform.bars_changed.connect(self.changed)
        self.out = OutHandles()
        for handle in self.out.handles:
            handle.opened.connect(self.export_clicked)
        self.pair = _pair_segments()
        self.pair.chosen.connect(self.pair_clicked)
        self.try_again = SignButton("Try again", "again")
        self.try_again.clicked.connect(lambda: self.try_again_clicked.emit(self._row))
        self.again = SignButton(
            "Ask like this", tip="Put the words and settings of this loop into the left column"
        )
        self.again.clicked.connect(lambda: self.again_clicked.emit(self._row))
        self.layer = self._layer_button()
        self.send = SignButton("Send to DAW", "send", look="out")
        self.send.clicked.connect(self.send_clicked)
        self.export = SignButton(
            "Export…", "audio", "Copy it in a format and under a name you choose"
        )
        self.export.clicked.connect(self.export_clicked)
        self.folder = SignButton("Show file", "folder", "Show the file in its folder")
        self.folder.clicked.connect(lambda: self.folder_clicked.emit(self._row))
        self.verbs: dict[str, SignButton] = {verb: self._verb_button(verb) for verb in VERBS}
        self.blend_menu = BlendMenu(blend_amount, self)
        self.amount = _amount_button(self._set_amount)
        self._lay_out()
        self.setVisible(False)

    def show_row(self, row: ClipRow | None, peaks: Peaks | None) -> None:
        """Show a clip; its waveform may arrive later."""
        is_other = row is None or self._row is None or row.id != self._row.id
        self._row = row
        self.setVisible(row is not None)
        self.editing.show_row(row, peaks)
        if is_other:
            self.waveform.select_bars(None)
        if row is not None:
            self.sign.show_role(row.shown_role)
            self.title.setText(row.shown_title)
            self.again.setEnabled(row.recipe is not None)
            self.out.show_notes(why_no_notes(row))
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW_PX
        self.out.fit(narrow=narrow)
        self.editing.fields.fit(narrow=narrow, wide=self.width() >= _WIDE_PX)
        self.facts.setVisible(not narrow)
        self.editing.seam.setVisible(not narrow)

    def show_pair(self, names: Sequence[str], chosen: int) -> None:
        """Show the names of A and B, of which one is chosen; hide them if there are none."""
        for button, letter, name in zip(self.pair.buttons.values(), "AB", names, strict=False):
            button.setText(plain_caption(f"{letter}  {name[:_LONGEST_NAME]}"))
        self.pair.setVisible(bool(names))
        self.pair.show_chosen(chosen)

    def show_verbs(self, states: Iterable[VerbState]) -> None:
        """Enable the verbs that are available; the tooltips of the others say why they are not."""
        for state in states:
            button = self.verbs[state.verb]
            button.setText(plain_caption(state.title))
            button.setEnabled(not state.disabled_reason)
            keys = shortcut_of(state.verb)
            button.setToolTip(plain_tip(f"{state.disabled_reason or state.tip} ({keys})"))
            button.setAccessibleDescription(state.disabled_reason or state.tip)
        self.verb_row.fit()

    def show_try_again(self, disabled_reason: str) -> None:
        """Enable the button that asks for the same again; the tooltip says why it cannot."""
        self.try_again.setEnabled(not disabled_reason)
        tip = disabled_reason or "Make other takes of the same request"
        self.try_again.setToolTip(plain_tip(f"{tip} ({shortcut_of('try_again')})"))

    def show_daw(self, name: str) -> None:
        """Show the button that sends the clip to a DAW; hide it if `name` is empty."""
        if self.send.isHidden() == bool(name):
            self.send.setVisible(bool(name))
        if name:
            tip = f"Send the selected loops to {name} ({shortcut_of('send_to_daw')})"
            self.send.setText(plain_caption(f"Send to {name}"))
            self.send.setToolTip(plain_tip(tip))
        self.verb_row.fit()

    @property
    def row(self) -> ClipRow | None:
        """The shown clip."""
        return self._row

    def _show_facts(self) -> None:
        if self._row is not None:
            self.facts.setText(facts_of(self._row, self.editing.edits))

    def _set_amount(self, amount: float) -> None:
        self.vary_amount = amount
        self.changed.emit()

    def _layer_button(self) -> SignButton:
        tip = f"Play it together with others, in Layers ({shortcut_of('add_layer')})"
        button = SignButton("Add layer", "add", tip, look="out")
        button.clicked.connect(self.layer_clicked)
        return button

    def _verb_button(self, verb: str) -> SignButton:
        button = SignButton(verb.capitalize(), str(verb), small=verb == SourceMode.REDO)
        button.clicked.connect(lambda: self.verb_clicked.emit(verb))
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, GAP_PX, MARGIN_PX, 12)
        column.setSpacing(GAP_PX)
        head = QHBoxLayout()
        head.setSpacing(GAP_PX)
        for part in (self.sign, self.title):
            DragSource(part, self.out.audio.begin)
        head.addWidget(self.sign)
        head.addWidget(self.title, 1)
        head.addWidget(self.out)
        column.addLayout(head)
        facts = QHBoxLayout()
        facts.setSpacing(GAP_PX)
        facts.addWidget(self.pair)
        facts.addWidget(self.facts, 100)
        facts.addStretch(1)
        facts.addWidget(self.editing.fields)
        facts.addWidget(self.editing.seam)
        facts.addWidget(_zoom_buttons(self.waveform))
        column.addLayout(facts)
        column.addWidget(self.waveform)
        self.waveform.offer_on_selection(self.verbs[SourceMode.REDO], self.editing.trim)
        modes = SourceMode
        first = [self.verbs[mode] for mode in (modes.CONTINUE, modes.BLEND)]
        later = [self.verbs[mode] for mode in (modes.RETEMPO, modes.REKEY)]
        self.verb_row = VerbRow(
            [self.try_again, (self.verbs[modes.VARY], self.amount), *first, *later],
            [self.again, self.export, self.folder], [self.layer, self.send],
        )  # fmt: skip
        self.show_daw("")
        column.addWidget(self.verb_row)


def facts_of(row: ClipRow, edits: Edits = NONE) -> str:
    """Return length, tempo, key and duration of a clip with edits, in one line."""
    whole = row.recipe.grid if row.recipe is not None else None
    grid = None if whole is None else placed(edits, whole).grid
    bars = "" if row.bars is None else bars_in_words(row.bars)
    if grid is not None and grid.is_loop and grid.bars != row.bars:
        bars = f"{grid.bars} of {bars}"
    meter = "" if grid is None or not grid.is_loop or str(grid.meter) == "4/4" else str(grid.meter)
    tempo = f"{row.bpm_text} bpm" if row.bpm else ""
    key = "" if row.recipe is None or not row.shown_key else str(parse_key(row.recipe.key))
    seconds = "" if grid is None else f"{grid.frames / grid.rate:.1f} s"
    parts = (bars, meter, tempo, key or row.shown_key, seconds, _clipping(row, edits))
    return " · ".join(part for part in parts if part)


def _clipping(row: ClipRow, edits: Edits) -> str:
    """Return by how much a gain makes a clip louder than a file can be; empty if it does not."""
    over = 0.0 if row.recipe is None else row.recipe.scores.peak_db + edits.gain_db
    return f"clips by {over:.1f} dB" if edits.gain_db > 0 and over > 0 else ""


def _zoom_buttons(waveform: WaveformView) -> QFrame:
    """Return buttons that show more or less of the waveform."""
    frame = QFrame()
    row = QHBoxLayout(frame)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(1)
    for sign, tip, act in (
        ("zoom_out", "Zoom out (-)", waveform.zoom_out),
        ("whole", "Show the whole loop (0)", waveform.show_whole),
        ("zoom_in", "Zoom in (+)", waveform.zoom_in),
    ):
        button = SignButton("", sign, tip, small=True)
        button.clicked.connect(act)
        row.addWidget(button)
    return frame


def _pair_segments() -> Segments:
    pair = Segments({0: "A", 1: "B"}, "Compare two takes", small=True)
    tip = f"Switch takes without losing the beat ({shortcut_of('other_take')})"
    pair.setToolTip(plain_tip(tip))
    pair.setVisible(False)
    return pair


def _amount_button(choose: Callable[[float], None]) -> SignButton:
    """Return a small button that opens a menu of amounts."""
    button = SignButton("", "down", "How different the variation is")
    button.setFixedWidth(24)
    button.setAccessibleName("Variation amount")
    menu = QMenu(button)
    for amount in VARY_AMOUNTS:
        action = menu.addAction(f"{amount * 100:.0f} % different")
        action.triggered.connect(lambda _checked=False, amount=amount: choose(amount))
    button.setMenu(menu)
    return button
