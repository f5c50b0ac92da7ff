"""The search field, with its sign and its shortcut."""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.theme.signs import paint_sign
from desktop.theme.typeface import MEDIUM, RULER_PX, text_font
from desktop.widgets.actions import shortcut_of
from desktop.widgets.plain import plain_tip

_KEYS_ROOM_PX, _LEAST_WITH_KEYS_PX = 52, 320


class SearchField(QLineEdit):
    """A field for the query of the list."""

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search names, words, tags")
        self.setAccessibleName("Search loops")
        keys = shortcut_of("search")
        self.setToolTip(plain_tip(f"Search: D minor, 7/8, 4 bars, 84, 80-90, starred ({keys})"))
        self.setClearButtonEnabled(True)
        self.setTextMargins(24, 0, 0, 0)
        self._keys = keys.replace("+", " ")

    def event(self, event: QEvent) -> bool:
        """Take Escape from the window's shortcut while there is a search to clear."""
        if event.type() == QEvent.Type.ShortcutOverride and self._clears(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._clears(event):
            self.clear()
        else:
            super().keyPressEvent(event)

    def _clears(self, event: QEvent) -> bool:
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        return is_escape and bool(self.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        palette = QApplication.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        paint_sign(painter, QRectF(10, (self.height() - 16) / 2, 16, 16), "search", muted.name())
        if not self.text() and self.width() >= _LEAST_WITH_KEYS_PX:
            painter.setPen(QPen(muted, 1))
            painter.setFont(text_font(RULER_PX, MEDIUM))
            left, top = self.width() - _KEYS_ROOM_PX + 6, (self.height() - 18) / 2
            box = QRectF(left, top, _KEYS_ROOM_PX - 14, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._keys)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
