"""Buttons with a sign, and segments: a row of buttons of which one is chosen."""

from collections.abc import Hashable, Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyleOptionButton,
    QStyleOptionToolButton,
    QToolButton,
)

from desktop.theme.colours import Colours
from desktop.theme.signs import SIGN_PX, paint_sign, sign_pixmap
from desktop.theme.typeface import MEDIUM, text_font
from desktop.widgets.plain import plain_caption, plain_tip

_CHEVRON_PX = 14
_DOT_PX = 8


class SignButton(QPushButton):
    """A button with a sign before its text, or a sign alone.

    `look` is empty, `out` for what leaves the window, or `sounds` for what plays now. Tab reaches
    it, but a click leaves the keyboard where it is, so that Space and arrows go on as before.
    """

    def __init__(
        self, text: str = "", sign: str = "", tip: str = "", *, look: str = "", small: bool = False
    ) -> None:
        super().__init__(plain_caption(text))
        self.sign = sign
        self.second_sign = ""
        """What stands after the first, between it and the text."""
        self.chevron = False
        """Whether it opens something, and shows so on its right."""
        self.sign_role = QPalette.ColorRole.ButtonText
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(text_font(weight=MEDIUM))
        self.setProperty("small", small)
        self.setProperty("look", look)
        self.setToolTip(plain_tip(tip))
        if not text:
            side = 28 if small else 32
            self.setFixedSize(QSize(side, side))
            self.setStyleSheet("padding: 0;")
            self.setAccessibleName(tip.partition(" (")[0])

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        super().initStyleOption(option)
        if self.sign:
            signs = [sign for sign in (self.sign, self.second_sign) if sign]
            pictures = [_picture_for(self, sign, self.sign_role) for sign in signs]
            option.icon = QIcon(_side_by_side(pictures))
            option.iconSize = QSize(SIGN_PX * len(signs), SIGN_PX)

    def sizeHint(self) -> QSize:
        signs = SIGN_PX + 6 if self.sign and self.text() else 0
        signs += SIGN_PX if self.second_sign else 0
        return super().sizeHint() + QSize(signs + (_CHEVRON_PX + 4 if self.chevron else 0), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.chevron:
            paint_chevron(self, right_px=4)


class DottedButton(SignButton):
    """A button with a dot before its text, for what is or was connected."""

    def __init__(self, colours: Colours, text: str = "", tip: str = "") -> None:
        super().__init__(text or " ", tip=tip)
        self._colours = colours
        self._dot = ""

    @property
    def dot(self) -> str:
        """The shown dot: `good`, `muted` or empty."""
        return self._dot

    def show_dot(self, dot: str) -> None:
        """Show a dot, or none; cheap if it has not changed."""
        if dot != self._dot:
            self._dot = dot
            self.setProperty("dotted", bool(dot))
            self.style().unpolish(self)
            self.style().polish(self)
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._dot:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.good if self._dot == "good" else self._colours.off))
        painter.drawEllipse(QRectF(10, (self.height() - _DOT_PX) / 2, _DOT_PX, _DOT_PX))
        painter.end()


class ToolSign(QToolButton):
    """A small flat button inside a field, with a sign; `checked_sign` is shown while checked."""

    def __init__(self, sign: str, name: str, tip: str, *, checked_sign: str = "") -> None:
        super().__init__()
        self._sign, self._checked_sign = sign, checked_sign
        self.setObjectName("icon")
        self.setFixedSize(QSize(24, 24))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(bool(checked_sign))
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(tip))

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        sign = self._checked_sign if self.isChecked() else self._sign
        role = QPalette.ColorRole.Highlight if self.isChecked() else None
        option.icon = QIcon(_picture_for(self, sign, role or QPalette.ColorRole.PlaceholderText))
        option.iconSize = QSize(SIGN_PX - 2, SIGN_PX - 2)


def paint_chevron(button: QAbstractButton, *, right_px: int) -> None:
    """Draw the sign of what opens a list, at the right of a widget."""
    painter = QPainter(button)
    left, top = button.width() - right_px - _CHEVRON_PX, (button.height() - _CHEVRON_PX) / 2
    colour = _colour(button, QPalette.ColorRole.PlaceholderText)
    paint_sign(painter, QRectF(left, top, _CHEVRON_PX, _CHEVRON_PX), "down", colour)
    painter.end()


def _side_by_side(pictures: list[QPixmap]) -> QPixmap:
    """Return pictures of one height as one."""
    if len(pictures) == 1:
        return pictures[0]
    ratio = pictures[0].devicePixelRatio()
    joined = QPixmap(sum(each.width() for each in pictures), pictures[0].height())
    joined.setDevicePixelRatio(ratio)
    joined.fill(QColor(0, 0, 0, 0))
    painter, x = QPainter(joined), 0.0
    for picture in pictures:
        painter.drawPixmap(QPointF(x, 0), picture)
        x += picture.width() / ratio
    painter.end()
    return joined


def _picture_for(widget: QAbstractButton, sign: str, role: QPalette.ColorRole) -> QPixmap:
    return sign_pixmap(sign, _colour(widget, role), SIGN_PX, widget.devicePixelRatio())


def _colour(widget: QAbstractButton, role: QPalette.ColorRole) -> str:
    groups = QPalette.ColorGroup
    group = groups.Active if widget.isEnabled() else groups.Disabled
    return QApplication.palette().color(group, role).name()


class Segments(QFrame):
    """A row of buttons of which one is chosen; emits `chosen` with the key of a clicked one."""

    chosen = Signal(object)

    def __init__(
        self, texts: Mapping[Any, str], name: str, *, small: bool = False, signs: bool = False
    ) -> None:
        """Make a button per key; with `signs`, the texts name signs that stand in their place."""
        super().__init__()
        self.setObjectName("segments")
        self.setProperty("small", small)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self.buttons: dict[Hashable, SignButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 0, 1, 0)
        row.setSpacing(0)
        for key, text in texts.items():
            tip = text.capitalize() if signs else ""
            button = SignButton("" if signs else text, text if signs else "", tip)
            if signs:
                button.setFixedSize(QSize(30, 28))
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            row.addWidget(button, 1)
            self.buttons[key] = button
        next(iter(self.buttons.values())).setChecked(True)

    @property
    def key(self) -> Hashable:
        """The key of the chosen button."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def show_chosen(self, key: Hashable) -> None:
        """Choose a button, without emitting `chosen`."""
        self.buttons[key].setChecked(True)
