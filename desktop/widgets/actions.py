"""The table of all actions: each record defines menu entry, shortcuts, tooltip and command.

Menus, the list of commands and that of shortcuts are made from it. The window receives the handlers
separately, by action id.
"""

import dataclasses
from collections.abc import Iterable
from itertools import chain


@dataclasses.dataclass(frozen=True, kw_only=True)
class Action:
    """An action of the window.

    Attributes:
        id: name in the code.
        title: text in the menu, usually a verb.
        shortcuts: key sequences in Qt's portable notation; Ctrl is Command on a Mac.
        list_shortcuts: more of them, which work only while the clip list has the focus.
        sign: name of its sign, one of `desktop.theme.signs.SIGNS`; empty for none.
        menu: whether it is in the context menu of a clip.
        in_help: whether it is in the Help menu.
        in_file: whether it is in the menu of the project.
    """

    id: str
    title: str
    shortcuts: tuple[str, ...] = ()
    list_shortcuts: tuple[str, ...] = ()
    sign: str = ""
    menu: bool = False
    in_help: bool = False
    in_file: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """All its shortcuts, the most usual first."""
        return self.shortcuts + self.list_shortcuts


GROUPS: dict[str, tuple[Action, ...]] = {
    "Ask and find": (
        Action(id="generate", title="Generate", shortcuts=("Ctrl+Return", "Ctrl+Enter")),
        Action(id="write_prompt", title="Write a prompt", shortcuts=("Ctrl+L",)),
        Action(id="search", title="Search", shortcuts=("Ctrl+F",), sign="search"),
        Action(id="commands", title="Commands", shortcuts=("Ctrl+K",), sign="search"),
        Action(id="shortcuts", title="Shortcuts", shortcuts=("?", "F1"), in_help=True),
        Action(id="undo", title="Undo", shortcuts=("Ctrl+Z",)),
        Action(id="redo_step", title="Redo", shortcuts=("Ctrl+Shift+Z", "Ctrl+Y"), sign="again"),
    ),
    "Play": (
        Action(
            id="play_or_stop", title="Play or stop", shortcuts=("Space",), sign="play", menu=True
        ),
        Action(id="hear_in_session", title="Hear in session", shortcuts=("I",), sign="retempo"),
        Action(id="other_take", title="Other take, A or B", shortcuts=("B",)),
        Action(
            id="add_layer", title="Add to Layers", shortcuts=("L",), sign="layers", menu=True
        ),
        Action(id="put_on_pad", title="Put on pad", shortcuts=("Ctrl+P",), sign="grid", menu=True),
        Action(id="tap_tempo", title="Tap tempo", shortcuts=("T",)),
        Action(
            id="metronome", title="Turn metronome on or off", shortcuts=("M",), sign="metronome"
        ),
        Action(id="louder", title="Turn volume up", shortcuts=("Ctrl+=",), sign="up"),
        Action(id="quieter", title="Turn volume down", shortcuts=("Ctrl+-",), sign="down"),
    ),
    "Make from it": (
        Action(
            id="try_again", title="Try again", sign="again", menu=True,
            shortcuts=("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        ),
        Action(id="vary", title="Vary", shortcuts=("Ctrl+Shift+V",), sign="vary", menu=True),
        Action(
            id="continue", title="Continue", shortcuts=("Ctrl+Shift+C",), sign="continue", menu=True
        ),
        Action(id="blend", title="Blend…", shortcuts=("Ctrl+Shift+B",), sign="blend", menu=True),
        Action(id="redo", title="Redo bars", shortcuts=("Ctrl+Shift+D",), sign="redo", menu=True),
        Action(
            id="retempo", title="Retempo", shortcuts=("Ctrl+Shift+T",), sign="retempo", menu=True
        ),
        Action(id="rekey", title="Rekey", shortcuts=("Ctrl+Shift+K",), sign="rekey", menu=True),
        Action(id="again", title="Ask like this", shortcuts=("Ctrl+R",), menu=True),
        Action(
            id="use_as_source", title="Start from this", shortcuts=("Ctrl+U",), sign="import",
            menu=True,
        ),
    ),
    "Take it out": (
        Action(
            id="send_to_daw", title="Send to DAW", list_shortcuts=("Return", "Enter"), sign="send",
            menu=True,
        ),
        Action(
            id="send_midi_to_daw", title="Send MIDI to DAW",
            list_shortcuts=("Shift+Return", "Shift+Enter"), sign="send", menu=True,
        ),
        Action(id="export", title="Export…", shortcuts=("Ctrl+E",), sign="audio", menu=True),
        Action(
            id="show_in_folder", title="Show file", shortcuts=("Ctrl+Shift+R",), sign="folder",
            menu=True,
        ),
    ),
    "The loop": (
        Action(id="toggle_star", title="Star", shortcuts=("Ctrl+B", "S"), sign="star", menu=True),
        Action(
            id="collect", title="Add to collection…", shortcuts=("Ctrl+Shift+A",), sign="box",
            menu=True,
        ),
        Action(id="edit_tags", title="Tags…", shortcuts=("Ctrl+T",), menu=True),
        Action(id="rename", title="Rename", shortcuts=("F2",), menu=True),
        Action(
            id="trim", title="Trim to the selected bars", shortcuts=("Ctrl+Shift+X",), sign="trim"
        ),
        Action(
            id="switch_waveform", title="Switch waveform between loudness and spectrum",
            shortcuts=("Ctrl+Shift+W",),
        ),
        Action(
            id="clear_edits", title="Remove gain, fades and trim", shortcuts=("Ctrl+Shift+G",),
            sign="undo",
        ),
        Action(
            id="delete_clips", title="Move to trash", shortcuts=("Ctrl+Backspace",),
            list_shortcuts=("Del",), sign="close", menu=True,
        ),
    ),
    "Pads": (
        Action(id="record_pads", title="Record pads", shortcuts=("F9",), sign="record"),
        Action(id="stop_pads", title="Stop all pads", shortcuts=("Ctrl+.",), sign="stop"),
        Action(id="clear_pad", title="Clear pad", shortcuts=("Ctrl+Shift+P",)),
        Action(id="pad_keys", title="Play pads with the computer keyboard", shortcuts=("F8",)),
    ),
    "Window": (
        Action(id="open_models", title="Show models", shortcuts=("Ctrl+M",)),
        Action(
            id="show_layers", title="Show or fold layers", shortcuts=("Ctrl+J",), sign="layers"
        ),
        Action(id="open_daw", title="Show DAW page", shortcuts=("Ctrl+D",)),
        Action(
            id="choose_project", title="Choose project folder", shortcuts=("Ctrl+O",),
            sign="folder", in_file=True,
        ),
        Action(
            id="show_trash", title="Show trash", shortcuts=("Ctrl+Shift+Backspace",),
            in_file=True,
        ),
        Action(
            id="make_pack", title="Make a pack…", shortcuts=("Ctrl+Shift+E",), sign="box",
            in_file=True,
        ),
        Action(
            id="choose_engine", title="Where loops are made…", shortcuts=("Ctrl+Shift+M",),
            in_file=True,
        ),
        Action(id="switch_form", title="Switch between list and grid", shortcuts=("Ctrl+G",)),
        Action(id="choose_device", title="Choose output device", shortcuts=("Ctrl+Shift+O",)),
        Action(
            id="switch_theme", title="Switch between dark and light", shortcuts=("Ctrl+Shift+L",)
        ),
        Action(id="show_log", title="Show log", shortcuts=("Ctrl+Shift+J",), in_help=True),
        Action(
            id="report_problem", title="Report a problem…", shortcuts=("Ctrl+Shift+H",),
            in_help=True,
        ),
        Action(id="close_page", title="Close page or message", shortcuts=("Esc",), sign="close"),
        Action(id="close_window", title="Quit", shortcuts=("Ctrl+Q",)),
    ),
}  # fmt: skip
"""All actions by what they are for, in the order in which they are shown."""
ACTIONS = tuple(chain.from_iterable(GROUPS.values()))
WHY_NOT = "why_not"
"""The property of an action that says why it cannot be done now; its key shows the reason."""
NAMED_IN_MENU = ("Make from it", "Take it out")
"""The groups whose names stand above their entries in the menu of a clip."""


def shortcut_of(action_id: str) -> str:
    """Return the first shortcut of an action, as tooltips show it."""
    return next(action.keys[0] for action in ACTIONS if action.id == action_id)


def matching(text: str, titles: Iterable[str]) -> list[int]:
    """Return the places of the titles that a text finds, those that begin with it first.

    Each word of the text must begin a word of the title, in any order.
    """
    wanted = text.lower().split()
    found = [
        (not title.lower().startswith(text.lower().strip()), place)
        for place, title in enumerate(titles)
        if all(any(word.startswith(each) for word in _words(title)) for each in wanted)
    ]
    return [place for _, place in sorted(found)]


def _words(title: str) -> list[str]:
    return title.lower().replace(",", " ").split()
