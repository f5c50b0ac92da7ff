"""Basic widgets: labels, hairlines, labelled fields, choices and chips."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
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

from desktop.widgets.plain import plain_label, plain_tip


def label(text: str, kind: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a label; `kind` is muted, caption, heading, title, understood or ignored."""
    made = plain_label(text, parent)
    made.setProperty("kind", kind)
    return made


class ElidedLabel(QLabel):
    """A line of text that is elided if it is too long; `kind` as in `label`."""

    def __init__(self, kind: str = "", *, right: bool = False) -> None:
        super().__init__()
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", kind)
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
    """A caption and an editor in one box, which is highlighted while the editor has the focus."""

    def __init__(
        self, caption: str, editor: QWidget, tip: str, *more: QWidget, after: Sequence[QWidget] = ()
    ) -> None:
        super().__init__()
        self.setObjectName("field")
        self.setFixedHeight(34)
        self._editor = editor
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(plain_label(caption))
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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("focused", event.type() == QEvent.Type.FocusIn)
            repolish(self)
        return super().eventFilter(watched, event)


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


_ARROW_PX = 16


class Choice(QComboBox):
    """A combo box that looks like text.

    `right` aligns the text right, like numbers; `quiet` makes it small and muted, like a heading.
    """

    def __init__(self, *, right: bool = False, quiet: bool = False) -> None:
        super().__init__()
        self._right = right
        if right:  # It is inside a field, which sets the width.
            self.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            self.setMinimumContentsLength(2)
        self._quiet = quiet
        self._inset = 0 if right or quiet else 12
        if quiet:
            self.setObjectName("quiet")
            self.currentTextChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A quiet choice is as wide as its current text; its list fits the longest entry."""
        size = super().sizeHint()
        if self._quiet:
            self.view().setMinimumWidth(size.width() + 24)
            size.setWidth(self.fontMetrics().horizontalAdvance(self.currentText()) + 2)
        elif not self._right:
            size.setWidth(size.width() + _ARROW_PX)
        return size

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._quiet else super().minimumSizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        alone = self._right or self._quiet
        side = Qt.AlignmentFlag.AlignRight if alone else Qt.AlignmentFlag.AlignLeft
        area = self.rect().adjusted(self._inset, 0, -self._inset, 0)
        text = self.currentText() if alone else f"{self.currentText()}  ▾"
        if self._right:
            text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
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


class Chips(QWidget):
    """Chips for the words of a prompt that were understood or ignored."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setVisible(False)

    def sizeHint(self) -> QSize:
        """Return the size that the chips need at the current width.

        Qt's own hint is for the narrowest width, and a scroll area would make room for that.
        """
        return QSize(self._flow.minimumSize().width(), self._flow.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def show_words(self, understood: tuple[str, ...], ignored: tuple[str, ...]) -> None:
        """Replace the chips."""
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for words, kind, tip in (
            (understood, "understood", "understood"),
            (ignored, "ignored", "not understood, ignored"),
        ):
            for word in words:
                chip = label(word, kind, self)
                chip.setToolTip(plain_tip(f"{word}: {tip}"))
                chip.setAccessibleName(f"{word}, {tip}")
                self._flow.addWidget(chip)
        self.setVisible(bool(understood or ignored))
        self.updateGeometry()

    @property
    def words(self) -> list[tuple[str, str]]:
        """The words on the chips, each with its kind."""
        items = [self._flow.itemAt(at) for at in range(self._flow.count())]
        chips = [item.widget() for item in items if item is not None]
        return [(c.text(), c.property("kind")) for c in chips if isinstance(c, QLabel)]
