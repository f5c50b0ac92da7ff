"""The sign of a role on a square of its colour."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.theme.colours import Colours, blended
from desktop.theme.signs import paint_sign
from desktop.widgets.plain import plain_tip

SIGN_PX = 20


class RoleSign(QWidget):
    """Shows the role of one clip."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._role = "import"
        self.setFixedSize(SIGN_PX, SIGN_PX)

    def show_role(self, role: str) -> None:
        """Show a role of `Colours.roles`."""
        self._role = role
        self.setAccessibleName(role)
        self.setToolTip(plain_tip(role.capitalize()))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_role(painter, QRectF(self.rect()), self._role, self._colours)
        painter.end()


def paint_role(painter: QPainter, box: QRectF, role: str, colours: Colours) -> None:
    """Draw the sign of a role on a square of its colour."""
    colour = colours.of_role(role)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(blended(colour, colours.ground, 0.18)))
    painter.drawRoundedRect(box, 5, 5)
    paint_sign(painter, box.adjusted(3, 3, -3, -3), role, colour)
