"""The context menu of loops, in groups, made from the table of actions."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget, QWidgetAction

from desktop.theme.signs import sign_pixmap
from desktop.widgets.actions import GROUPS, NAMED_IN_MENU, WHY_NOT, Action
from desktop.widgets.basics import label
from desktop.widgets.key_names import key_name


def open_clip_menu(over: QWidget, place: QPoint) -> None:
    """Show what can be done with the chosen loops, at a place on the screen."""
    menu = QMenu(over)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    actions = {action.objectName(): action for action in over.window().findChildren(QAction)}
    for name, group in GROUPS.items():
        shown = [action for action in group if action.menu and action.id in actions]
        if not shown:
            continue
        if not menu.isEmpty():
            menu.addSeparator()
        if name in NAMED_IN_MENU:
            menu.addAction(_heading(name, menu))
        for action in shown:
            _add(menu, action, actions[action.id])
    menu.popup(place)


def _add(menu: QMenu, action: Action, made: QAction) -> None:
    """Add an entry that triggers an action, with its sign and its first shortcut."""
    entry = menu.addAction(f"{made.text()}\t{key_name(action.keys[0])}")
    entry.setObjectName(action.id)
    entry.setEnabled(made.isEnabled() and not made.property(WHY_NOT))
    entry.triggered.connect(made.trigger)
    if action.sign:
        colour = QApplication.palette().color(QPalette.ColorRole.PlaceholderText).name()
        ratio = menu.devicePixelRatio()
        entry.setIcon(QIcon(sign_pixmap(action.sign, colour, ratio=ratio)))


def _heading(text: str, menu: QMenu) -> QWidgetAction:
    made: QLabel = label(text, "caption")
    made.setContentsMargins(12, 4, 10, 2)
    action = QWidgetAction(menu)
    action.setDefaultWidget(made)
    action.setEnabled(False)
    return action
