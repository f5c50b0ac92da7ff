"""Basic widgets: labels, hairlines, labelled fields, choices and chips."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from desktop.theme.signs import paint_sign
from desktop.theme.stylesheet import CONTROL_PX, SMALL_PX
from desktop.theme.typeface import MEDIUM, STRONG, text_font
from desktop.widgets.plain import plain_label, plain_tip

_WEIGHTS = {
    **dict.fromkeys(("heading", "title", "page", "welcome", "badge", "best", "time"), STRONG),
    **dict.fromkeys(("value", "key", "understood", "ignored", "further"), MEDIUM),
}
_SIGN_PX, _SIGN_ROOM_PX, _LIST_MARGINS_PX = 14, 22, 44


def label(text: str, kind: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a label; `kind` is one of those in the style sheet, such as muted or heading."""
    made = plain_label(text, parent)
    made.setProperty("kind", kind)
    if kind in _WEIGHTS:
        made.setFont(text_font(weight=_WEIGHTS[kind]))
    return made


class ElidedLabel(QLabel):
    """A line of text that is elided if it is too long; `kind` as in `label`."""

    def __init__(self, kind: str = "", *, right: bool = False) -> None:
        super().__init__()
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", kind)
        if kind in _WEIGHTS:
            self.setFont(text_font(weight=_WEIGHTS[kind]))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        area = self.contentsRect()
        dots = Qt.TextElideMode.ElideRight
        text = self.fontMetrics().elidedText(self.text(), dots, area.width())
        painter.drawText(area, self.alignment(), text)
        self.setToolTip(plain_tip(self.text()) if text != self.text() else "")


def sentence(kind: str = "") -> QLabel:
    """Return a label that wraps its text to the available width; `kind` as in `label`."""
    made = label("", kind)
    made.setWordWrap(True)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made


class Dot(QLabel):
    """A status dot: good, bad or muted."""

    def __init__(self) -> None:
        super().__init__("●")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setObjectName("dot")
        self._kind = ""
        self.show_state("muted")

    def show_state(self, kind: str) -> None:
        """Show a state; cheap if it has not changed."""
        if kind != self._kind:
            self._kind = kind
            self.setProperty("kind", kind)
            repolish(self)


def repolish(widget: QWidget) -> None:
    """Apply the style sheet to a widget again, after its properties have changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def hairline(*, vertical: bool = False) -> QFrame:
    """Return a line one pixel wide."""
    line = QFrame()
    line.setObjectName("hairline")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


class LabelledField(QFrame):
    """A caption and an editor in one box, which is highlighted while the editor has the focus.

    The box looks like what it is: a list is raised and has a chevron, a number a well with arrows
    and a line for its level, a text a well with an edge.
    """

    def __init__(
        self,
        caption: str,
        editor: QWidget,
        tip: str,
        *more: QWidget,
        after: Sequence[QWidget] = (),
        small: bool = False,
    ) -> None:
        super().__init__()
        self.setObjectName("field")
        self._kind = _kind_of(editor)
        self.setProperty("kind", self._kind)
        self.setProperty("small", small)
        self.setFixedHeight(SMALL_PX if small else CONTROL_PX)
        self._editor = editor
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, _SIGN_ROOM_PX if self._kind != "text" else 6, 0)
        row.setSpacing(6)
        self._caption = plain_label(caption)
        row.addWidget(self._caption)
        for widget in more:
            row.addWidget(widget)
        row.addWidget(editor, 1)
        for widget in after:
            row.addWidget(widget)
        for part in (self, editor):
            part.setToolTip(plain_tip(tip))
        editor.setAccessibleName(caption)
        self.setFocusProxy(editor)
        editor.installEventFilter(self)

    def show_caption(self, caption: str) -> None:
        """Show another caption, such as a longer one where there is room."""
        self._caption.setText(caption)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("focused", event.type() == QEvent.Type.FocusIn)
            repolish(self)
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        sign = {"list": "down", "number": "updown"}.get(self._kind)
        if sign is None:
            return
        painter = QPainter(self)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        muted = QApplication.palette().color(group, QPalette.ColorRole.PlaceholderText)
        top = (self.height() - _SIGN_PX) / 2
        box = QRectF(self.width() - _SIGN_PX - 5, top, _SIGN_PX, _SIGN_PX)
        paint_sign(painter, box, sign, muted.name())
        level = self._editor.level() if isinstance(self._editor, HasLevel) else None
        if level is not None:
            span = self.width() - 2.0
            painter.fillRect(
                QRectF(1 + level[0] * span, self.height() - 3, level[1] * span, 2), muted
            )
        painter.end()


@runtime_checkable
class HasLevel(Protocol):
    """An editor of a number that lies in a range."""

    def level(self) -> tuple[float, float] | None:
        """Return where the line of the level begins, and how long it is, 0..1; None without one."""


def _kind_of(editor: QWidget) -> str:
    if isinstance(editor, QComboBox):
        return "list"
    return "number" if isinstance(editor, HasLevel) else "text"


class FittingScroll(QScrollArea):
    """A scroll area as tall as its content; it scrolls if there is less room."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        inside.installEventFilter(self)
        self.verticalScrollBar().rangeChanged.connect(self._make_way)

    def sizeHint(self) -> QSize:
        size = self._inside.sizeHint()
        if self._inside.hasHeightForWidth():  # Qt's own hint is the height at the hinted width
            size.setHeight(self._inside.heightForWidth(self.width()))
        return size

    def minimumSizeHint(self) -> QSize:
        return QSize(self._inside.minimumSizeHint().width(), 80)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _make_way(self, _lowest: int, highest: int) -> None:
        """Put the scroll bar into the margin, so that the content keeps its width."""
        layout = self._inside.layout()
        if layout is not None:
            margins = layout.contentsMargins()
            bar = self.verticalScrollBar().sizeHint().width() if highest else 0
            margins.setRight(margins.left() - bar)
            layout.setContentsMargins(margins)


class Choice(QComboBox):
    """A list to choose from, raised and with a chevron.

    `right` is for a choice inside a `LabelledField`, which draws the chevron; `quiet` makes it
    small and muted, like a heading.
    """

    def __init__(self, *, right: bool = False, quiet: bool = False) -> None:
        super().__init__()
        self._in_field = right
        self.setFont(text_font(weight=MEDIUM))
        self.setMaxVisibleItems(20)
        if right:  # the field sets the width
            self.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            self.setMinimumContentsLength(2)
        self._quiet = quiet
        self._inset = 0 if right or quiet else 10
        if quiet:
            self.setObjectName("quiet")
            self.currentTextChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A quiet choice is as wide as its current text."""
        size = super().sizeHint()
        if self._quiet:
            size.setWidth(self.fontMetrics().horizontalAdvance(self.currentText()) + 2)
        elif not self._in_field:
            size.setWidth(size.width() + _SIGN_PX)
        return size

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._quiet else super().minimumSizeHint()

    def showPopup(self) -> None:
        """Make the list as wide as its longest entry."""
        metrics = self.view().fontMetrics()
        widest = max((metrics.horizontalAdvance(self.itemText(at)) for at in range(self.count())),
                     default=0)  # fmt: skip
        self.view().setMinimumWidth(max(widest + _LIST_MARGINS_PX, self.width()))
        super().showPopup()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        alone = self._in_field or self._quiet
        area = self.rect().adjusted(self._inset, 0, -self._inset, 0)
        if not alone:
            muted = self.palette().color(QPalette.ColorRole.PlaceholderText)
            box = QRectF(area.right() - _SIGN_PX + 2, (self.height() - _SIGN_PX) / 2,
                         _SIGN_PX, _SIGN_PX)  # fmt: skip
            paint_sign(painter, box, "down", muted.name())
            area.adjust(0, 0, -_SIGN_PX - 4, 0)
        text = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, area.width()
        )
        side = Qt.AlignmentFlag.AlignRight if self._in_field else Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)


class FlowLayout(QLayout):
    """Places widgets from left to right, and wraps to a new line at the right edge."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, line_height = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, line_height = rect.x(), y + line_height + self.spacing(), 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.spacing()
            line_height = max(line_height, size.height())
        return y + line_height - rect.y()
