"""Small parts that all others are made of: labels, hairlines, labelled fields, chips in rows."""

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


def label(text: str, kind: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a label; `kind` is muted, caption, heading, title, understood or ignored."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("kind", kind)
    return made


class ElidedLabel(QLabel):
    """A line of text that ends in dots where it is too long; `kind` as that of `label`."""

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
        self.setToolTip(self.text() if text != self.text() else "")


def sentence(kind: str = "") -> QLabel:
    """Return a label for sentences, which takes the width that there is; `kind` as of `label`."""
    made = label("", kind)
    made.setWordWrap(True)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made


class Dot(QLabel):
    """A round sign of state: good, bad or muted."""

    def __init__(self) -> None:
        super().__init__("●")
        self.setObjectName("dot")
        self._kind = ""
        self.show_state("muted")

    def show_state(self, kind: str) -> None:
        """Show a state; asking for the one that is shown costs nothing."""
        if kind != self._kind:
            self._kind = kind
            self.setProperty("kind", kind)
            repolish(self)


def repolish(widget: QWidget) -> None:
    """Have a widget look as its properties say since they were changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def hairline(*, vertical: bool = False) -> QFrame:
    """Return a line of one pixel."""
    line = QFrame()
    line.setObjectName("hairline")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


class LabelledField(QFrame):
    """A caption and an editor in one box, which shows when the editor has the focus."""

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
        row.addWidget(QLabel(caption))
        for widget in more:
            row.addWidget(widget)
        row.addWidget(editor, 1)
        for widget in after:
            row.addWidget(widget)
        self.setToolTip(tip)
        editor.setToolTip(tip)
        editor.setAccessibleName(caption)
        self.setFocusProxy(editor)
        editor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("focused", event.type() == QEvent.Type.FocusIn)
            repolish(self)
        return super().eventFilter(watched, event)


class FittingScroll(QScrollArea):
    """As tall as what is inside, while there is room; where there is not, it scrolls."""

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
        inside = self._inside
        height = inside.heightForWidth(self.width()) if inside.hasHeightForWidth() else -1
        return QSize(inside.sizeHint().width(), max(height, inside.sizeHint().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._inside.minimumSizeHint().width(), 80)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _make_way(self, _lowest: int, highest: int) -> None:
        """Let the bar stand in the margin, so that what is inside keeps its width."""
        layout = self._inside.layout()
        if layout is not None:
            margins = layout.contentsMargins()
            bar = self.verticalScrollBar().sizeHint().width() if highest else 0
            margins.setRight(margins.left() - bar)
            layout.setContentsMargins(margins)


class Choice(QComboBox):
    """A list to choose from that looks like text.

    `right` aligns it as numbers are; `quiet` is as small and muted as a heading.
    """

    def __init__(self, *, right: bool = False, quiet: bool = False) -> None:
        super().__init__()
        self._right = right
        if right:  # It stands in a field, which has a width of its own.
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
        """A quiet one is as wide as what it shows; its list is as wide as what is in it."""
        size = super().sizeHint()
        if self._quiet:
            self.view().setMinimumWidth(size.width() + 24)
            size.setWidth(self.fontMetrics().horizontalAdvance(self.currentText()) + 2)
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
    """Puts widgets beside each other, and begins a new line where the width is used up."""

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
    """What was understood of a prompt, and what was ignored."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setVisible(False)

    def sizeHint(self) -> QSize:
        """Return what the chips need at the width that they have.

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
        """Show these words in place of those before."""
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for words, kind, tip in (
            (understood, "understood", "understood"),
            (ignored, "ignored", "not understood, and left out"),
        ):
            for word in words:
                chip = label(word, kind, self)
                chip.setToolTip(f"{word}: {tip}")
                chip.setAccessibleName(f"{word}, {tip}")
                self._flow.addWidget(chip)
        self.setVisible(bool(understood or ignored))
        self.updateGeometry()

    @property
    def words(self) -> list[tuple[str, str]]:
        """The words that are shown, each with its kind."""
        items = [self._flow.itemAt(at) for at in range(self._flow.count())]
        chips = [item.widget() for item in items if item is not None]
        return [(c.text(), c.property("kind")) for c in chips if isinstance(c, QLabel)]
