"""Renaming in place: the field that stands where the title of a clip is drawn."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
)
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

AnyIndex = QModelIndex | QPersistentModelIndex
LONGEST_TITLE = 200
_HEIGHT_PX = 28


class TitleEditor(QLineEdit):
    """The field; what is typed stays when the facts of the clip change meanwhile."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("inline")
        self.setMaxLength(LONGEST_TITLE)
        self.setAccessibleName("Title")
        self.is_filled = False

    def fill(self, title: str) -> None:
        """Show the title to begin with, all of it selected."""
        if not self.is_filled:
            self.is_filled = True
            self.setText(title)
            self.selectAll()


class TitleDelegate(QStyledItemDelegate):
    """A delegate whose items are renamed in place; `Qt.EditRole` is the title.

    `editor` is the field that was opened last; None before the first.
    """

    editor: TitleEditor | None = None

    def title_place(self, rect: QRect) -> QRect:
        """Return where the title of an item stands."""
        raise NotImplementedError

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: AnyIndex
    ) -> QWidget:
        """Make the field."""
        self.editor = TitleEditor(parent)
        return self.editor

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        """Fill the field, once."""
        if isinstance(editor, TitleEditor):
            editor.fill(str(index.data(Qt.ItemDataRole.EditRole) or ""))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        """Hand over what was typed."""
        if isinstance(editor, TitleEditor):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: AnyIndex
    ) -> None:
        """Put the field over the title."""
        place = self.title_place(option.rect)
        top = place.center().y() - _HEIGHT_PX // 2 + 1
        editor.setGeometry(QRect(place.x() - 8, top, place.width() + 8, _HEIGHT_PX))
