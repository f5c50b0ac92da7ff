"""The table of all actions: each record defines a menu entry, its shortcuts and its tooltip.

The window receives the handlers separately, by action id.
"""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Action:
    """An action of the window.

    Attributes:
        id: name in the code.
        title: text in the menu, usually a verb.
        shortcuts: key sequences in Qt's portable notation; Ctrl is Command on a Mac.
        menu: whether it is in the context menu of a clip.
        in_help: whether it is in the Help menu.
        in_list: whether its shortcuts work only while the clip list has the focus.
    """

    id: str
    title: str
    shortcuts: tuple[str, ...]
    menu: bool = False
    in_list: bool = False
    in_help: bool = False


ACTIONS = (
    Action(id="generate", title="Generate", shortcuts=("Ctrl+Return", "Ctrl+Enter")),
    Action(id="play_or_stop", title="Play or stop", shortcuts=("Space",), menu=True),
    Action(id="tap_tempo", title="Tap tempo", shortcuts=("T",)),
    Action(id="other_take", title="Other take, A or B", shortcuts=("B",)),
    Action(id="toggle_star", title="Star", shortcuts=("Ctrl+B", "S"), menu=True),
    Action(id="rename", title="Rename", shortcuts=("F2",), menu=True),
    Action(id="edit_tags", title="Edit tags", shortcuts=("Ctrl+T",), menu=True),
    Action(id="again", title="Load settings from this clip", shortcuts=("Ctrl+R",), menu=True),
    Action(
        id="try_again", title="Try again", shortcuts=("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        menu=True,
    ),
    Action(id="vary", title="Vary", shortcuts=("Ctrl+Shift+V",), menu=True),
    Action(id="continue", title="Continue", shortcuts=("Ctrl+Shift+C",), menu=True),
    Action(id="blend", title="Blend…", shortcuts=("Ctrl+Shift+B",), menu=True),
    Action(id="redo", title="Redo bars", shortcuts=("Ctrl+Shift+D",), menu=True),
    Action(id="retempo", title="Retempo", shortcuts=("Ctrl+Shift+T",), menu=True),
    Action(id="rekey", title="Rekey", shortcuts=("Ctrl+Shift+K",), menu=True),
    Action(id="use_as_source", title="Use as source", shortcuts=("Ctrl+U",), menu=True),
    Action(
        id="send_to_daw", title="Send to DAW", shortcuts=("Return", "Enter"), menu=True,
        in_list=True,
    ),
    Action(
        id="send_midi_to_daw", title="Send MIDI to DAW", shortcuts=("Shift+Return", "Shift+Enter"),
        menu=True, in_list=True,
    ),
    Action(id="export", title="Export…", shortcuts=("Ctrl+E",), menu=True),
    Action(id="show_in_folder", title="Show in folder", shortcuts=("Ctrl+Shift+R",), menu=True),
    Action(id="put_on_pad", title="Put on pad", shortcuts=("Ctrl+P",), menu=True),
    Action(id="delete_clips", title="Move to trash", shortcuts=("Ctrl+Backspace",), menu=True),
    Action(id="undo", title="Undo", shortcuts=("Ctrl+Z",)),
    Action(id="switch_form", title="Switch between list and grid", shortcuts=("Ctrl+G",)),
    Action(id="search", title="Search", shortcuts=("Ctrl+F",)),
    Action(id="write_prompt", title="Write a prompt", shortcuts=("Ctrl+L",)),
    Action(id="choose_project", title="Choose project folder", shortcuts=("Ctrl+O",)),
    Action(id="clear_pad", title="Clear pad", shortcuts=("Ctrl+Shift+P",)),
    Action(id="stop_pads", title="Stop all pads", shortcuts=("Ctrl+.",)),
    Action(id="record_pads", title="Record pads", shortcuts=("F9",)),
    Action(id="pad_keys", title="Play pads with the computer keyboard", shortcuts=("F8",)),
    Action(id="open_daw", title="Show DAW page", shortcuts=("Ctrl+D",)),
    Action(id="metronome", title="Turn metronome on or off", shortcuts=("M",)),
    Action(id="choose_device", title="Choose output device", shortcuts=("Ctrl+Shift+O",)),
    Action(id="louder", title="Turn volume up", shortcuts=("Ctrl+=",)),
    Action(id="quieter", title="Turn volume down", shortcuts=("Ctrl+-",)),
    Action(id="open_models", title="Show models", shortcuts=("Ctrl+M",)),
    Action(id="switch_theme", title="Switch between dark and light", shortcuts=("Ctrl+Shift+L",)),
    Action(id="show_log", title="Show log", shortcuts=("Ctrl+Shift+J",), in_help=True),
    Action(
        id="report_problem", title="Report a problem…", shortcuts=("Ctrl+Shift+H",), in_help=True
    ),
    Action(id="close_page", title="Close page or message", shortcuts=("Esc",)),
    Action(id="close_window", title="Quit", shortcuts=("Ctrl+Q",)),
)  # fmt: skip


def shortcut_of(action_id: str) -> str:
    """Return the first shortcut of an action, as tooltips show it."""
    return next(action.shortcuts[0] for action in ACTIONS if action.id == action_id)
