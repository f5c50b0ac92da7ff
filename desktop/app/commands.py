"""Opens the list of commands and the sheet of shortcuts, and says what the first one finds."""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction

from desktop.app.command_palette import CommandPalette, Entry
from desktop.app.shortcut_sheet import ShortcutSheet
from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.clips.lineage import is_take, name_in_group
from desktop.clips.rows import ClipRow
from desktop.theme.colours import Colours
from desktop.widgets.actions import ACTIONS, matching
from desktop.widgets.key_names import key_name

_MOST_LOOPS, _MOST_LAST = 5, 3


class Commands:
    """All actions and loops by name; those used last come first."""

    def __init__(self, window: Window, colours: Colours, collection: ClipCollection) -> None:
        self._window = window
        self._collection = collection
        self._last: list[str] = []
        self.palette = CommandPalette(window, colours, self.find)
        self.shortcuts = ShortcutSheet(window)
        window.transport.commands_button.clicked.connect(self.palette.open)
        window.status.shortcuts.clicked.connect(self.shortcuts.toggle)

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handlers of the actions, by id."""
        return {"commands": self.palette.open, "shortcuts": self.shortcuts.toggle}

    def find(self, text: str) -> list[Entry]:
        """Return what a text finds; without one, what was used last, new loops, and all actions."""
        commands = self._commands()
        loops = self._loops(text)
        if not text.strip():
            last = [commands[action_id] for action_id in self._last if action_id in commands]
            return [
                *_headed("Used last", last),
                *_headed("New loops", loops),
                *_headed("Commands", list(commands.values())),
            ]
        entries = list(commands.values())
        found = [entries[place] for place in matching(text, [entry.text for entry in entries])]
        if not found and not loops:
            ask = Entry(
                f"Ask for “{text.strip()}”", partial(self._window.ask_for, text.strip()), "add"
            )
            return [Entry("No matching command or loop"), ask]
        return [*found, *_headed("Loops", loops)]

    def _commands(self) -> dict[str, Entry]:
        """Return all actions by id, under the names that they have now: `Vary 20 %`."""
        entries, window = {}, self._window
        all_made = {made.objectName(): made for made in window.findChildren(QAction)}
        for action in ACTIONS:
            made = all_made.get(action.id)
            if made is not None and action.id != "commands":
                run = partial(self._trigger, made)
                text = made.text().replace("&&", "&")
                entries[action.id] = Entry(text, run, action.sign, key_name(action.keys[0]))
        for button in window.layers.side.offered():
            text = button.accessibleName()
            entries[text] = Entry(text, button.click, button.sign)
        return entries

    def _loops(self, text: str) -> list[Entry]:
        rows = self._collection.newest_named(text.lower().split(), _MOST_LOOPS)
        return [
            Entry(
                row.shown_title,
                partial(self._window.show_clip, row.id),
                row.shown_role,
                _facts(row),
            )
            for row in rows
        ]

    def _trigger(self, action: QAction) -> None:
        name = action.objectName()
        self._last = [name, *(each for each in self._last if each != name)][:_MOST_LAST]
        action.trigger()


def _headed(heading: str, entries: list[Entry]) -> list[Entry]:
    return [Entry(heading), *entries] if entries else []


def _facts(row: ClipRow) -> str:
    several = row.recipe is not None and (row.recipe.asked_takes > 1 or not is_take(row))
    parts = (name_in_group(row) if several else "", row.bpm_text, row.shown_key)
    return ", ".join(part for part in parts if part)
