"""The Generate button, which says what it will do, and its shortcut."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QApplication,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
)

from desktop.prompt.form import Source
from desktop.theme.stylesheet import GENERATE_PX
from desktop.theme.typeface import MEDIUM, PROMPT_PX, RULER_PX, STRONG, text_font
from desktop.widgets.plain import plain_tip
from engine.loops.request import SourceMode

_KEYS = "Ctrl ↵"
_KEYS_GAP_PX, _KEYS_HEIGHT_PX, _KEYS_PAD_PX, _SIDE_PX = 8, 18, 5, 12
_VERBS = {
    SourceMode.MELODY: "Play the melody of",
    SourceMode.RETEMPO: "Retempo",
    SourceMode.REKEY: "Rekey",
}


def action_of(source: Source | None, takes: int) -> str:
    """Return what Generate will do: `Generate 3 takes`, or `Retempo my-beat.wav`."""
    if source is None:
        return "Generate" if takes == 1 else f"Generate {takes} takes"
    verb = _VERBS.get(SourceMode(source.mode), source.mode.capitalize())
    return f"{verb} {source.path.name}"


class GenerateButton(QPushButton):
    """A button with a line of text, elided in the middle, and the keys that press it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("act")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(GENERATE_PX)
        self.action_text = ""
        self._font, self._small = text_font(PROMPT_PX, STRONG), text_font(RULER_PX, MEDIUM)

    def show_action(self, text: str) -> None:
        """Show what it will do."""
        self.action_text = text
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(f"{text} (Ctrl+Enter, or Enter in the prompt)"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, GENERATE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, GENERATE_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        roles, groups = QPalette.ColorRole, QPalette.ColorGroup
        colour = QApplication.palette().color(
            *(groups.Active, roles.HighlightedText)
            if self.isEnabled()
            else (groups.Disabled, roles.ButtonText)
        )
        self._paint_words(painter, colour)
        painter.end()

    def _paint_words(self, painter: QPainter, colour: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1))
        painter.setFont(self._small)
        keys_width = painter.fontMetrics().horizontalAdvance(_KEYS) + 2 * _KEYS_PAD_PX
        painter.setFont(self._font)
        metrics = painter.fontMetrics()
        room = self.width() - 2 * _SIDE_PX - keys_width - _KEYS_GAP_PX
        text = metrics.elidedText(self.action_text, Qt.TextElideMode.ElideMiddle, room)
        width = metrics.horizontalAdvance(text)
        left = (self.width() - width - _KEYS_GAP_PX - keys_width) // 2
        painter.drawText(
            QRect(left, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text
        )
        keys = QRectF(left + width + _KEYS_GAP_PX, (self.height() - _KEYS_HEIGHT_PX) / 2,
                      keys_width, _KEYS_HEIGHT_PX)  # fmt: skip
        painter.drawRoundedRect(keys.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(self._small)
        painter.drawText(keys, Qt.AlignmentFlag.AlignCenter, _KEYS)
