"""What is done with clips: choose, hear, star, rename, tag, show, put away, bring back."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QInputDialog, QMenu

from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.clips.items import ClipItems
from desktop.clips.marks import Marks
from desktop.clips.rows import ClipRow, Mark
from desktop.clips.trash import bring_back, move_to_trash
from desktop.clips.waveforms import WaveformLoader
from desktop.state.notices import Notices
from desktop.state.undo import UndoStack
from desktop.transport.audition import Audition
from desktop.transport.session_time import SessionTime
from desktop.widgets.actions import ACTIONS
from engine.loops.errors import LoopError
from engine.loops.recipe import Recipe


class ClipsController:
    """What the list, the detail and the keys for them do."""

    def __init__(
        self,
        window: Window,
        shelf: ClipCollection,
        items: ClipItems,
        marks: Marks,
        audition: Audition,
        waveforms: WaveformLoader,
        notices: Notices,
        changed: Callable[[], None],
    ) -> None:
        self._window = window
        self._shelf = shelf
        self._items = items
        self._marks = marks
        self._audition = audition
        self._waveforms = waveforms
        self._notices = notices
        self._changed = changed
        self.undoing = UndoStack()

    def show(self, row: ClipRow) -> None:
        """Show a clip large; where something is heard, it is heard from the next bar on."""
        self._window.detail.show_row(row, self._waveforms.of(row))
        self._window.recipe.show_recipe(row.recipe)
        playing = self._audition.playing
        if playing is not None and playing != row.path:
            self._audition.play(row.path)

    def show_again(self, clip_id: str) -> None:
        """Show what has come since of a clip that may be on screen."""
        index = self._items.index_of(clip_id)
        if index.isValid():
            self._window.clips.update(index)
        shown, row = self._window.detail.row, self._shelf.row(clip_id)
        if shown is not None and shown.id == clip_id and row is not None:
            self._window.detail.show_row(row, self._waveforms.of(row))
            self._window.recipe.show_recipe(row.recipe)

    def play_or_stop(self) -> None:
        """Stop what is heard, or play the chosen clip."""
        if self._window.pressed_a_button():
            return
        self.toggle(self._window.clips.chosen_row())

    def toggle(self, row: ClipRow | None) -> None:
        """Stop where that clip is heard already; else play it."""
        playing = self._audition.playing
        if row is None or playing == row.path:
            self._audition.stop()
        else:
            loop, bars = row.bars is not None, self._selected_bars(row)
            self._audition.play(row.path, loop=loop, bars=bars)

    def play_bars(self) -> None:
        """Play the bars that are selected now, where their clip is heard; without any, all."""
        row = self._window.detail.row
        if row is not None and self._audition.playing == row.path:
            self._audition.play(row.path, bars=self._selected_bars(row))

    def _selected_bars(self, row: ClipRow) -> tuple[int, int] | None:
        detail = self._window.detail
        shown = detail.row is not None and detail.row.id == row.id
        return detail.waveform.bars if shown else None

    def toggle_play(self) -> None:
        """Do what the round button says."""
        if self._audition.playing is not None:
            self._audition.stop()
        else:
            self.toggle(self._window.clips.chosen_row())

    def toggle_star(self, row: ClipRow | None = None) -> None:
        """Star a clip, or all that are chosen; take the star where it had one."""
        for each in [row] if row else self._window.clips.chosen_rows():
            self._mark(each, msgspec.structs.replace(each.mark, starred=not each.mark.starred))

    def rename(self) -> None:
        """Ask for another title; the file keeps its name."""
        row = self._window.clips.chosen_row()
        if row is None:
            return
        text, accepted = QInputDialog.getText(
            self._window, "Rename", "Title of the clip", text=row.shown_title
        )
        if accepted:
            title = text.strip()[:200]
            kept = "" if title == row.title else title
            self._mark(row, msgspec.structs.replace(row.mark, title=kept))

    def edit_tags(self) -> None:
        """Ask for the tags of a clip."""
        row = self._window.clips.chosen_row()
        if row is None:
            return
        text, accepted = QInputDialog.getText(
            self._window, "Tag", "Tags, with commas between them", text=", ".join(row.mark.tags)
        )
        if accepted:
            tags = tuple(dict.fromkeys(t.strip()[:60] for t in text.split(",") if t.strip()))
            self._mark(row, msgspec.structs.replace(row.mark, tags=tags))

    def again(self, row: ClipRow | None = None) -> None:
        """Fill the prompt panel and the transport from the recipe of a clip."""
        row = row or self._window.clips.chosen_row()
        if row is not None and row.recipe is not None:
            self.fill_from(row.recipe)

    def fill_from(self, recipe: Recipe) -> None:
        """Fill the prompt panel and the transport from a recipe."""
        panel, transport = self._window.prompt_panel, self._window.transport
        panel.fill_from(recipe.request, recipe.model.id)
        bars = recipe.grid.bars if recipe.grid.is_loop else transport.time.bars
        meter, key = str(recipe.grid.meter), recipe.key or ""
        transport.show_time(SessionTime(recipe.grid.bpm, meter, key, bars))
        panel.prompt.setFocus()

    def show_in_folder(self, row: ClipRow | None = None) -> None:
        """Open the folder of a clip."""
        row = row or self._window.clips.chosen_row()
        if row is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.path.parent)))

    def delete_clips(self) -> None:
        """Move the chosen clips to the system's trash."""
        moved, stayed = [], []
        for row in self._window.clips.chosen_rows():
            if self._audition.playing == row.path:
                self._audition.stop()
            place = move_to_trash(row.path)
            if place is not None:
                moved.append((row.path, place))
            else:
                stayed.append(row.shown_title)
        if moved:
            self.undoing.remember(partial(self._bring_back, moved))
            clips = "1 clip is" if len(moved) == 1 else f"{len(moved)} clips are"
            self._notices.info(f"{clips} in the trash: Ctrl+Z brings back.", topic="trash")
        if stayed:
            self._notices.error(
                f"{', '.join(stayed[:5])} could not be moved to the trash: "
                "delete the files in their folder."
            )
        self._changed()

    def _bring_back(self, moved: list[tuple[Path, Path]]) -> None:
        """Bring back what was moved to the trash."""
        for origin, place in moved:
            if not bring_back(origin, place):
                self._notices.error(
                    f"{origin.name} cannot be brought back: it is no longer in the trash.",
                    topic="trash",
                )
        self._changed()

    def open_menu(self, point: QPoint) -> None:
        """Show what can be done with the chosen clips."""
        clips = self._window.clips
        if not clips.indexAt(point).isValid():
            return
        menu = QMenu(clips)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        in_menu = {action.id for action in ACTIONS if action.menu}
        for action in self._window.findChildren(QAction):
            if action.objectName() in in_menu:
                menu.addAction(action)
        menu.popup(clips.viewport().mapToGlobal(point))

    def _mark(self, row: ClipRow, mark: Mark) -> None:
        try:
            self._marks.write(row.id, mark)
        except LoopError as error:
            self._notices.error(str(error), topic="marks")
            return
        self._shelf.mark(row.id, mark)
        self.show_again(row.id)
