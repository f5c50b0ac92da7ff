"""What is done with clips: choose, hear, star, rename, tag, show, put away, bring back."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QInputDialog, QMenu

from desktop.clips.clip_list import ClipList
from desktop.clips.collection import ClipCollection
from desktop.clips.detail import Detail
from desktop.clips.marks import Marks
from desktop.clips.recipe_card import RecipeCard
from desktop.clips.rows import ClipRow, Mark
from desktop.clips.trash import bring_back, move_to_trash
from desktop.clips.waveforms import WaveformLoader
from desktop.state.notices import Notices
from desktop.state.undo import UndoStack
from desktop.transport.audition import Audition
from desktop.widgets.actions import ACTIONS
from engine.loops.errors import LoopError
from engine.loops.recipe import Recipe


class ClipWidgets(NamedTuple):
    """Where the window shows clips."""

    list: ClipList
    detail: Detail
    recipe: RecipeCard


class ClipsController:
    """What the list, the detail and the keys for them do."""

    def __init__(
        self,
        widgets: ClipWidgets,
        shelf: ClipCollection,
        marks: Marks,
        audition: Audition,
        waveforms: WaveformLoader,
        notices: Notices,
        read_folder: Callable[[], None],
        fill_from: Callable[[Recipe], None],
    ) -> None:
        """Connect the widgets.

        Args:
            widgets: the list, the detail and the recipe.
            shelf: the clips.
            marks: keeps stars, titles and tags.
            audition: plays clips.
            waveforms: reads waveforms.
            notices: tells what could not be done.
            read_folder: called when files were moved.
            fill_from: fills panel and transport from a recipe.
        """
        self._list, self._detail, self._recipe = widgets
        self._shelf = shelf
        self._marks = marks
        self._audition = audition
        self._waveforms = waveforms
        self._notices = notices
        self._read_folder = read_folder
        self._fill_from = fill_from
        self.undoing = UndoStack()
        self._connect()

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return what the actions of clips do, by their ids."""
        return {
            "toggle_star": self.toggle_star,
            "rename": self.rename,
            "edit_tags": self.edit_tags,
            "again": self.again,
            "show_in_folder": self.show_in_folder,
            "delete_clips": self.delete_clips,
            "undo": self.undoing.undo,
        }

    def show_playhead(self, clip_ids: set[str], playhead: tuple[str, float] | None) -> None:
        """Show where the playhead is.

        Args:
            clip_ids: the clips to paint again.
            playhead: the id of the clip that plays, and the position in it, 0..1.
        """
        for clip_id in clip_ids:
            self._list.repaint_clip(clip_id)
        shown = self._detail.row
        here = playhead is not None and shown is not None and shown.id == playhead[0]
        self._detail.waveform.show_playhead(playhead[1] if playhead and here else None)

    def forget(self, clip_ids: list[str]) -> None:
        """Remove clips whose files are gone; the detail closes if it shows one of them."""
        self._shelf.remove(clip_ids)
        shown = self._detail.row
        if shown is not None and self._shelf.row(shown.id) is None:
            self._detail.show_row(None, None)
            self._recipe.show_recipe(None)

    def show(self, row: ClipRow) -> None:
        """Show a clip large; where something is heard, it is heard from the next bar on."""
        self._detail.show_row(row, self._waveforms.of(row))
        self._recipe.show_recipe(row.recipe)
        playing = self._audition.playing
        if playing is not None and playing != row.path:
            self._audition.play(row.path)

    def show_again(self, clip_id: str) -> None:
        """Show what has come since of a clip that may be on screen."""
        self._list.repaint_clip(clip_id)
        shown, row = self._detail.row, self._shelf.row(clip_id)
        if shown is not None and shown.id == clip_id and row is not None:
            self._detail.show_row(row, self._waveforms.of(row))
            self._recipe.show_recipe(row.recipe)

    def play_or_stop(self) -> None:
        """Stop the chosen clip if it plays; else play it."""
        self.toggle(self._list.chosen_row())

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
        row = self._detail.row
        if row is not None and self._audition.playing == row.path:
            self._audition.play(row.path, bars=self._selected_bars(row))

    def _selected_bars(self, row: ClipRow) -> tuple[int, int] | None:
        detail = self._detail
        shown = detail.row is not None and detail.row.id == row.id
        return detail.waveform.bars if shown else None

    def toggle_play(self) -> None:
        """Do what the round button says."""
        if self._audition.playing is not None:
            self._audition.stop()
        else:
            self.toggle(self._list.chosen_row())

    def toggle_star(self, row: ClipRow | None = None) -> None:
        """Star a clip, or all that are chosen; take the star where it had one."""
        for each in [row] if row else self._list.chosen_rows():
            self._mark(each, msgspec.structs.replace(each.mark, starred=not each.mark.starred))

    def rename(self) -> None:
        """Ask for another title; the file keeps its name."""
        row = self._list.chosen_row()
        if row is None:
            return
        text, accepted = QInputDialog.getText(
            self._list, "Rename", "Title of the clip", text=row.shown_title
        )
        if accepted:
            title = text.strip()[:200]
            kept = "" if title == row.title else title
            self._mark(row, msgspec.structs.replace(row.mark, title=kept))

    def edit_tags(self) -> None:
        """Ask for the tags of a clip."""
        row = self._list.chosen_row()
        if row is None:
            return
        text, accepted = QInputDialog.getText(
            self._list, "Tag", "Tags, with commas between them", text=", ".join(row.mark.tags)
        )
        if accepted:
            tags = tuple(dict.fromkeys(t.strip()[:60] for t in text.split(",") if t.strip()))
            self._mark(row, msgspec.structs.replace(row.mark, tags=tags))

    def again(self, row: ClipRow | None = None) -> None:
        """Fill the prompt panel and the transport from the recipe of a clip."""
        row = row or self._list.chosen_row()
        if row is not None and row.recipe is not None:
            self._fill_from(row.recipe)

    def show_in_folder(self, row: ClipRow | None = None) -> None:
        """Open the folder of a clip."""
        row = row or self._list.chosen_row()
        if row is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.path.parent)))

    def delete_clips(self) -> None:
        """Move the chosen clips to the system's trash."""
        moved, stayed = [], []
        for row in self._list.chosen_rows():
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
        self._read_folder()

    def _bring_back(self, moved: list[tuple[Path, Path]]) -> None:
        """Bring back what was moved to the trash."""
        for origin, place in moved:
            if not bring_back(origin, place):
                self._notices.error(
                    f"{origin.name} cannot be brought back: it is no longer in the trash.",
                    topic="trash",
                )
        self._read_folder()

    def open_menu(self, point: QPoint) -> None:
        """Show what can be done with the chosen clips."""
        clips = self._list
        if not clips.indexAt(point).isValid():
            return
        menu = QMenu(clips)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        in_menu = {action.id for action in ACTIONS if action.menu}
        for action in clips.window().findChildren(QAction):
            if action.objectName() in in_menu:
                menu.addAction(action)
        menu.popup(clips.viewport().mapToGlobal(point))

    def _connect(self) -> None:
        self._list.chosen.connect(self.show)
        self._list.play_clicked.connect(self.toggle)
        self._list.doubleClicked.connect(lambda _index: self.toggle_play())
        self._list.star_clicked.connect(self.toggle_star)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self.open_menu)
        self._detail.again_clicked.connect(self.again)
        self._detail.folder_clicked.connect(self.show_in_folder)
        self._detail.play_clicked.connect(self.toggle_play)
        self._detail.waveform.bars_settled.connect(self.play_bars)

    def _mark(self, row: ClipRow, mark: Mark) -> None:
        try:
            self._marks.write(row.id, mark)
        except LoopError as error:
            self._notices.error(str(error), topic="marks")
            return
        self._shelf.mark(row.id, mark)
        self.show_again(row.id)
