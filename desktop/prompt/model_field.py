"""The model field of the prompt panel, and the note about the selected model below it."""

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.library.rows import BUILT_IN, READY, SCANNING, ModelRow
from desktop.theme.typeface import CAPTION_PX, RULER_PX, STRONG, text_font
from desktop.widgets.basics import Choice, label
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_tip
from engine.models.errors import gigabytes

_ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_LINE_HEIGHT = 30
_WIDTH = 372
_AnyIndex = QModelIndex | QPersistentModelIndex


class _ModelLine(QStyledItemDelegate):
    """Paints a line of the list: name and badge on the left, state on the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _AnyIndex) -> QSize:
        return QSize(_WIDTH, _LINE_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        row = index.data(_ROW_ROLE)
        palette = (
            QApplication.palette()
        )  # the list's own palette has only the style sheet's colours
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Mid))
        area = option.rect.adjusted(10, 0, -10, 0)
        painter.setFont(text_font())
        usable = not isinstance(row, ModelRow) or row.usable
        role = QPalette.ColorRole.Text if usable else QPalette.ColorRole.PlaceholderText
        painter.setPen(palette.color(role))
        name = str(index.data())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, name)
        if isinstance(row, ModelRow):
            left = area.x() + painter.fontMetrics().horizontalAdvance(name) + 8
            if not row.entry.commercial_use:
                paint_badge(painter, left, area, palette)
            painter.setFont(text_font(CAPTION_PX))
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(area, right, row.state_text)
        painter.restore()


def paint_badge(painter: QPainter, left: int, line: QRect, palette: QPalette) -> None:
    """Paint the badge for models without commercial use."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(text_font(RULER_PX, STRONG))
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Link), 1))
    box = QRectF(left + 0.5, line.center().y() - 6.5, 22, 14)
    painter.drawRoundedRect(box, 3, 3)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "NC")
    painter.restore()


class ModelChoice(Choice):
    """A choice of models by id; lines added by other code are left alone."""

    def __init__(self) -> None:
        super().__init__(right=True)
        self.setItemDelegate(_ModelLine(self))
        self.view().setMinimumWidth(_WIDTH)
        self.setMaxVisibleItems(24)

    def show_rows(self, rows: list[ModelRow]) -> None:
        """Show these models; keep the selection if its model is still there."""
        wanted = {row.id for row in rows}
        for place in reversed(range(self.count())):
            if self.row_at(place) is not None and self.itemData(place) not in wanted:
                self.removeItem(place)
        for row in rows:
            if self.findData(row.id) < 0:
                self.addItem(row.entry.name, row.id)
            place = self.findData(row.id)
            self.setItemData(place, row, _ROW_ROLE)
            self.setItemData(place, plain_tip(_tip(row)), Qt.ItemDataRole.ToolTipRole)
            self.setItemData(place, row.spoken, Qt.ItemDataRole.AccessibleTextRole)

    def row_at(self, place: int) -> ModelRow | None:
        """Return the model of a line; None if it has none."""
        row = self.itemData(place, _ROW_ROLE)
        return row if isinstance(row, ModelRow) else None

    @property
    def row(self) -> ModelRow | None:
        """The selected model."""
        return self.row_at(self.currentIndex())


class ModelNote(QWidget):
    """The line with state, size and licence of the selected model, and a download button."""

    get_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text = label("", "caption")
        self.text.setWordWrap(True)
        self.badge = label("NC", "badge")
        self.badge.hide()
        self.get = SignButton("Get model")
        self.get.setObjectName("quiet")
        self.get.setToolTip("Show this model on the Models page")
        self.get.clicked.connect(self.get_clicked)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.text, 1)
        line.addWidget(self.get, 0, Qt.AlignmentFlag.AlignTop)
        self.get.hide()

    def show_row(self, row: ModelRow | None) -> None:
        """Show the facts about a model."""
        self.text.setText("" if row is None else note_of(row))
        self.badge.setVisible(row is not None and not row.entry.commercial_use)
        if row is not None:
            tip = f"Licence of the model and its clips: {row.entry.licence}"
            self.badge.setToolTip(plain_tip(tip))
        self.get.setVisible(row is not None and not row.usable and row.state != SCANNING)
        self.get.setText("Show" if row is not None and row.busy else "Get model")


def note_of(row: ModelRow) -> str:
    """Return state, download size and licence of a model in one line."""
    parts = [] if row.state == SCANNING else [row.state_text]
    if row.entry.size_bytes and row.state not in (BUILT_IN, READY) and not row.busy:
        parts.append(f"{gigabytes(row.entry.size_bytes)} to download")
    licence = row.entry.licence
    if not row.entry.commercial_use:  # badge and tooltip show the rest
        licence = licence.partition(":")[0]
    return " · ".join([*parts, licence])


def _tip(row: ModelRow) -> str:
    return f"{row.entry.name}\n{row.entry.good_for}\n{row.facts_text}\nLicence: {row.entry.licence}"
