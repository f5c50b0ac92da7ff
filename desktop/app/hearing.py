"""Connects what plays, and what leaves the window, with the tempo and key that it is heard in."""

from collections.abc import Callable

from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.clips.drag_out import DragOut
from desktop.clips.items import ClipItems
from desktop.clips.mark_edits import MarkEdits
from desktop.daw.send_controller import SendController
from desktop.layers.controller import LayersController
from desktop.pads.controller import PadsController
from desktop.transport.audition import Audition
from desktop.transport.hear_controller import HearController


def find_clips(
    hear: HearController, collection: ClipCollection, items: ClipItems, window: Window
) -> None:
    """Have clips found by their files, prepared when chosen, and shown and dragged as heard."""
    hear.find = collection.sound_of
    items.taken_out = window.pads.grid.taken_out = hear.taken_out
    window.clips.chosen.connect(lambda row: hear.heard(row.path))
    hear.changed.connect(window.clips.viewport().update)


def follow(
    hear: HearController,
    audition: Audition,
    pads: PadsController,
    layers: LayersController,
    edits: MarkEdits,
    drags: DragOut,
    sending: SendController,
    read_folder: Callable[[], None],
) -> None:
    """Have all that plays follow the session, the switches and the edits of clips."""
    edits.on_edited = hear.changed.emit
    drags.taken_out, drags.edited, drags.sounding = (
        hear.taken_out,
        hear.edited_out,
        hear.edited_file,
    )
    sending.when_there, sending.edited = hear.when_there, hear.edited_out
    audition.heard, pads.heard = hear.auditioned, hear.heard
    for change in (audition.hear_again, pads.rows_changed, layers.update):
        hear.changed.connect(change)
    for written in (hear.kept, layers.out.written):
        written.connect(read_folder)
