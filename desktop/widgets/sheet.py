"""A panel over the window, for what is asked or chosen: nothing below it moves."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.buttons import SignButton

_TOP_SHARE = 0.16


class Sheet(QWidget):
    """Covers a window, and shows `panel` in the upper middle of it.

    While it is open it has the keyboard: Tab goes round in it, and no shortcut of the window acts.
    Esc and a click beside the panel close it, and the keyboard goes back to where it was. Enter
    presses the button that has the keyboard, or else `main`, if there is one.
    """

    def __init__(self, window: QWidget, name: str, width_px: int) -> None:
        """Prepare.

        Args:
            window: what it covers.
            name: for screen readers.
            width_px: of the panel, where the window has as much room.
        """
        super().__init__(window)
        self._window = window
        self._width_px = width_px
        self._focus_before: QWidget | None = None
        self.main: SignButton | None = None
        self.panel = QFrame(self)
        self.panel.setObjectName("sheet")
        self.panel.setAccessibleName(name)
        self.column = QVBoxLayout(self.panel)
        self.column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        self.column.setSpacing(GAP_PX)
        self.hide()

    def open_with(self, focus: QWidget) -> None:
        """Show the panel, with the keyboard on one of its parts."""
        if self.isHidden():
            self._focus_before = QApplication.focusWidget()
            self._window.installEventFilter(self)
        self.show()
        self.raise_()
        self.place()
        focus.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close the panel, if it is open."""
        if self.isHidden():
            return
        inside = self.focusWidget()
        if inside is not None:  # or it would keep the keyboard, though nobody sees it
            inside.clearFocus()
        self.hide()
        self._window.removeEventFilter(self)
        before, self._focus_before = self._focus_before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def place(self) -> None:
        """Cover the window, and give the panel the height that it needs."""
        room = self._window.size()
        self.resize(room)
        width = min(self._width_px, room.width() - 2 * MARGIN_PX)
        self.panel.setFixedWidth(width)
        self.column.activate()
        wanted = max(self.panel.heightForWidth(width), self.panel.sizeHint().height())
        height = min(wanted, room.height() - 2 * MARGIN_PX)
        self.panel.resize(width, height)
        top = min(round(room.height() * _TOP_SHARE), room.height() - height - MARGIN_PX)
        self.panel.move(QPoint((room.width() - width) // 2, top))

    def add_foot(self, main: SignButton, *before: QWidget) -> None:
        """Add the last row: what stands before, *Cancel*, and the button that acts."""
        self.main = main
        main.setObjectName("accent")
        cancel = SignButton("Cancel")
        cancel.setObjectName("quiet")
        cancel.clicked.connect(self.dismiss)
        foot = QHBoxLayout()
        for part in before:
            foot.addWidget(part, 1)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(main)
        self.column.addLayout(foot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = self.focusWidget()
            button = focus if isinstance(focus, SignButton) else self.main
            if button is not None:
                button.click()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's own
        """Move the focus to the next part of the panel; after the last comes the first."""
        start = self.focusWidget() or self.panel
        at: QWidget | None = start
        while at is not None:
            at = at.nextInFocusChain() if forwards else at.previousInFocusChain()
            if at is None or at is start:
                break
            takes = bool(at.focusPolicy() & Qt.FocusPolicy.TabFocus) and at.isEnabled()
            if takes and at.isVisible() and self.panel.isAncestorOf(at):
                reasons = Qt.FocusReason
                at.setFocus(reasons.TabFocusReason if forwards else reasons.BacktabFocusReason)
                return True
        return True
