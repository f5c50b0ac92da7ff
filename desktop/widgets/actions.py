"""All actions as a table: one record drives menu, shortcut, tooltip and spoken name.

What an action does is handed to the window by its id.
"""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that can be done.

    Attributes:
        id: its name in the program.
        title: a verb, as it stands in a menu.
        shortcuts: in Qt's portable notation; Ctrl is Command on a Mac.
        menu: whether it stands in the menu of a clip.
        in_help: whether it stands in the Help menu.
        in_list: whether its shortcuts count only while the list of clips has the focus.
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
    Action(id="tap_tempo", title="Tap the tempo", shortcuts=("T",)),
    Action(id="toggle_star", title="Star", shortcuts=("Ctrl+B", "S"), menu=True),
    Action(id="rename", title="Rename", shortcuts=("F2",), menu=True),
    Action(id="edit_tags", title="Tag", shortcuts=("Ctrl+T",), menu=True),
    Action(id="again", title="Fill the panel from this clip", shortcuts=("Ctrl+R",), menu=True),
    Action(id="vary", title="Vary", shortcuts=("Ctrl+Shift+V",), menu=True),
    Action(id="continue", title="Continue", shortcuts=("Ctrl+Shift+C",), menu=True),
    Action(id="blend", title="Blend with…", shortcuts=("Ctrl+Shift+B",), menu=True),
    Action(id="redo", title="Redo bars", shortcuts=("Ctrl+Shift+D",), menu=True),
    Action(id="retempo", title="Retempo", shortcuts=("Ctrl+Shift+T",), menu=True),
    Action(id="rekey", title="Rekey", shortcuts=("Ctrl+Shift+K",), menu=True),
    Action(id="use_as_source", title="Use as the source", shortcuts=("Ctrl+U",), menu=True),
    Action(
        id="send_to_daw", title="Send to the DAW", shortcuts=("Return", "Enter"), menu=True,
        in_list=True,
    ),
    Action(id="show_in_folder", title="Show in folder", shortcuts=("Ctrl+Shift+R",), menu=True),
    Action(id="put_on_pad", title="Put on a pad", shortcuts=("Ctrl+P",), menu=True),
    Action(id="delete_clips", title="Move to the trash", shortcuts=("Ctrl+Backspace",), menu=True),
    Action(id="undo", title="Bring back what was lost", shortcuts=("Ctrl+Z",)),
    Action(id="switch_form", title="List or grid", shortcuts=("Ctrl+G",)),
    Action(id="search", title="Search", shortcuts=("Ctrl+F",)),
    Action(id="write_prompt", title="Write a prompt", shortcuts=("Ctrl+L",)),
    Action(id="choose_project", title="Choose the project folder", shortcuts=("Ctrl+O",)),
    Action(id="clear_pad", title="Clear the pad", shortcuts=("Ctrl+Shift+P",)),
    Action(id="stop_pads", title="Stop all pads", shortcuts=("Ctrl+.",)),
    Action(id="record_pads", title="Record the pads", shortcuts=("F9",)),
    Action(id="pad_keys", title="Play pads by computer keys", shortcuts=("Ctrl+K",)),
    Action(id="open_daw", title="DAW page", shortcuts=("Ctrl+D",)),
    Action(id="metronome", title="Metronome", shortcuts=("M",)),
    Action(id="choose_device", title="Choose the output device", shortcuts=("Ctrl+Shift+O",)),
    Action(id="louder", title="Louder", shortcuts=("Ctrl+=",)),
    Action(id="quieter", title="Quieter", shortcuts=("Ctrl+-",)),
    Action(id="open_models", title="Models", shortcuts=("Ctrl+M",)),
    Action(id="switch_theme", title="Dark or light", shortcuts=("Ctrl+Shift+L",)),
    Action(id="show_log", title="Show log", shortcuts=("Ctrl+Shift+J",), in_help=True),
    Action(
        id="report_problem", title="Report a problem…", shortcuts=("Ctrl+Shift+H",), in_help=True
    ),
    Action(id="close_page", title="Close the page or the message", shortcuts=("Esc",)),
    Action(id="close_window", title="Quit", shortcuts=("Ctrl+Q",)),
)  # fmt: skip


def shortcut_of(action_id: str) -> str:
    """Return the first shortcut of an action, as it stands in a tooltip."""
    return next(action.shortcuts[0] for action in ACTIONS if action.id == action_id)
