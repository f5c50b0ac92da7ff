"""The right of the Layers strip: what leaves it, and the parts that can be added to it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from desktop.layers.parts import MOST_OFFERED, caption_of, part_named
from desktop.theme.colours import Colours
from desktop.theme.signs import SIGN_PX, sign_pixmap
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.basics import ElidedLabel, label
from desktop.widgets.buttons import SignButton
from desktop.widgets.drag_source import DragHandle
from desktop.widgets.plain import plain_caption, plain_tip

MIX_TIP = "Drag the mix of all layers into a DAW, a folder or onto a pad"
_MIDI_TIP = "Drag the notes of each loop that Sketch played, as MIDI, into a DAW or a folder"
_NO_NOTES = "No MIDI here: only loops that Sketch played by itself have notes"
_KEEP_TIP = "Mix the layers down to a new loop, as they are heard"
_NO_DAW = "No DAW is connected: see the DAW page (Ctrl+D)"
_SEND_TIP = "Send the loop of each layer to the connected DAW"
_HEAD_PX, _WIDE_PX = 36, 340


class RoleButton(SignButton):
    """Asks for a part of a role, whose sign has the role's colour."""

    def __init__(self, colours: Colours) -> None:
        super().__init__(" ", "mix", small=True)
        self._colours = colours
        self.setProperty("chevron", "true")  # to the left, like the text of a list

    def show_role(self, role: str) -> None:
        """Ask for another role."""
        self.sign = role
        self.setText(caption_of(role).capitalize())
        self.setToolTip("Make a part that fits the layers, and add it")
        self.setAccessibleName(f"Add {part_named(role)}")

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        super().initStyleOption(option)
        colour = self._colours.of_role(self.sign)
        option.icon = QIcon(sign_pixmap(self.sign, colour, SIGN_PX, self.devicePixelRatio()))


class LayersSide(QWidget):
    """Emits what the user wants of all layers."""

    part_wanted = Signal(str)
    keep_clicked = Signal()
    send_clicked = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.mix = DragHandle("Mix", MIX_TIP)
        self.loops = DragHandle("Loops", "Drag the loop of each layer into a DAW or a folder")
        self.midi = DragHandle("MIDI", _MIDI_TIP)
        self.keep = SignButton("Keep as a loop", tip=_KEEP_TIP, look="out", small=True)
        self.keep.clicked.connect(self.keep_clicked)
        self.send = SignButton("Send all", tip=_SEND_TIP, look="out", small=True)
        self.send.clicked.connect(self.send_clicked)
        self.buttons = [RoleButton(colours) for _ in range(MOST_OFFERED)]
        for button in self.buttons:
            button.hide()  # nothing is offered yet
            button.clicked.connect(lambda _on=False, one=button: self.part_wanted.emit(one.sign))
        self._about = ElidedLabel("caption")
        self._caption = label("Drag out", "caption")
        self._lay_out()

    def fit(self, width: int) -> None:
        """Be as wide as the right column; 0 if there is none."""
        self.setFixedWidth(max(width, 1))
        self.setVisible(bool(width))
        self._caption.setVisible(width >= _WIDE_PX)

    def show_parts(self, roles: Sequence[str]) -> None:
        """Offer parts of some roles; one that is offered already stays where it is."""
        stay = {button.sign for button in self.offered()} & set(roles)
        new = [role for role in roles if role not in stay]
        for button in self.buttons:
            if button.sign in stay and not button.isHidden():
                continue
            button.setVisible(bool(new))
            if new:
                button.show_role(new.pop(0))

    def offered(self) -> list[RoleButton]:
        """Return the buttons of the parts that can be added."""
        return [button for button in self.buttons if not button.isHidden()]

    def show_time(self, text: str) -> None:
        """Say in which tempo, meter and bars a part will be."""
        self._about.setText(f"Add a part that fits: {text}" if text else "Add a part that fits")

    def show_notes(self, *, known: bool) -> None:
        """Show whether notes can be dragged."""
        if known != self.midi.isEnabled():
            self.midi.setEnabled(known)
            self.midi.setToolTip(plain_tip(_MIDI_TIP if known else _NO_NOTES))

    def show_daw(self, name: str) -> None:
        """Show which DAW the loops are sent to; empty for none."""
        text = plain_caption(f"Send all to {name}" if name else "Send all")
        if (text, bool(name)) != (self.send.text(), self.send.isEnabled()):
            self.send.setText(text)
            self.send.setEnabled(bool(name))
            self.send.setToolTip(plain_tip(_SEND_TIP if name else _NO_DAW))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(_HEAD_PX)
        handles = QHBoxLayout(head)
        handles.setContentsMargins(0, 0, 0, 0)
        handles.setSpacing(GAP_PX)
        handles.addWidget(self._caption)
        handles.addStretch(1)
        handles.addWidget(self.mix)
        handles.addWidget(self.loops)
        handles.addWidget(self.midi)
        column.addWidget(head)
        column.addWidget(self._about)
        column.addSpacing(6)
        grid = QGridLayout()
        grid.setSpacing(GAP_PX)
        for number, button in enumerate(self.buttons):
            grid.addWidget(button, *divmod(number, 2))
        column.addLayout(grid)
        column.addSpacing(GAP_PX)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        row.addWidget(self.keep, 1)
        row.addWidget(self.send, 1)
        column.addLayout(row)
        column.addStretch(1)


class PartButton(SignButton):
    """The same where there is no room for it: a button with a menu; a short one is only a sign."""

    def __init__(self, side: LayersSide, *, short: bool = False) -> None:
        text = "" if short else "Part that fits"
        super().__init__(text, "add", "Add a part that fits the layers, and more", small=True)
        self._side = side
        self.chevron = not short
        self.clicked.connect(self._offer)

    def _offer(self) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for button in self._side.offered():
            menu.addAction(button.text()).triggered.connect(button.click)
        menu.addSeparator()
        for other in (self._side.keep, self._side.send):
            action = menu.addAction(other.text())
            action.setEnabled(other.isEnabled())
            action.triggered.connect(other.click)
        menu.popup(self.mapToGlobal(self.rect().topLeft()))
