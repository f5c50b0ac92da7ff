"""Actions on clips: select, audition, star, rename, tag, reveal, move to trash, restore."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from desktop.clips.clip_list import ClipList
from desktop.clips.clip_menu import open_clip_menu
from desktop.clips.collection import ClipCollection
from desktop.clips.detail import Detail
from desktop.clips.lineage import from_text, names_of
from desktop.clips.mark_edits import MarkEdits
from desktop.clips.naming import Naming
from desktop.clips.pair import pair_after
from desktop.clips.recipe_card import RecipeCard
from desktop.clips.rows import ClipRow, Mark
from desktop.clips.title_editor import LONGEST_TITLE
from desktop.clips.trash import TrashBin, TrashedClips, show_trash
from desktop.clips.waveforms import WaveformLoader
from desktop.state.notices import Notices, Offer
from desktop.state.undo import UndoStack
from desktop.transport.audition import Audition
from engine.loops.clip import clip_id_of
from engine.loops.edits import Edits
from engine.loops.recipe import Recipe


class ClipWidgets(NamedTuple):
    """The widgets that show clips."""

    list: ClipList
    detail: Detail
    recipe: RecipeCard


class ClipsController:
    """Handles the clip list, the detail view and their shortcuts."""

    def __init__(
        self,
        widgets: ClipWidgets,
        collection: ClipCollection,
        edits: MarkEdits,
        audition: Audition,
        waveforms: WaveformLoader,
        notices: Notices,
        trash: TrashBin,
        fill_from: Callable[[Recipe], None],
    ) -> None:
        """Connect the widgets.

        Args:
            widgets: list, detail view and recipe card.
            collection: clips of the project.
            edits: changes stars, titles and tags.
            audition: plays clips.
            waveforms: loads waveforms.
            notices: shows errors.
            trash: moves clips to the trash and back.
            fill_from: loads a recipe into the prompt panel and the transport.
        """
        self._list, self._detail, self._recipe = widgets
        self._collection = collection
        self._edits = edits
        edits.on_shown = self.show_again
        self._audition = audition
        self._waveforms = waveforms
        self._notices = notices
        self._trash = trash
        self._fill_from = fill_from
        self.undoing = UndoStack()
        self._pair: tuple[str, ...] = ()
        self.naming = Naming(self._list, collection, self._edit, notices)
        self._connect()

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handlers of the clip actions, by action id."""
        return {
            "toggle_star": self.toggle_star,
            "rename": self.rename,
            "again": self.again,
            "show_in_folder": self.show_in_folder,
            "delete_clips": self.delete_clips,
            "show_trash": show_trash,
            "trim": self._detail.editing.trim_to_selection,
            "clear_edits": self._detail.editing.clear,
            "switch_waveform": self._detail.waveform.switch_spectrum,
            "undo": self.undoing.undo,
            "redo_step": self.undoing.redo,
            "other_take": self.other_take,
            **self.naming.action_handlers(),
        }

    def show_playhead(self, clip_ids: set[str], playhead: tuple[str, float] | None) -> None:
        """Move the playhead.

        Args:
            clip_ids: clips to repaint.
            playhead: id of the clip that plays, and the position in it, 0..1.
        """
        for clip_id in clip_ids:
            self._list.repaint_clip(clip_id)
        shown = self._detail.row
        here = playhead is not None and shown is not None and shown.id == playhead[0]
        self._detail.waveform.show_playhead(playhead[1] if playhead and here else None)

    def place_in_bars(self, playhead: tuple[str, float] | None) -> str:
        """Return a position in a loop as bar and beat, `3.2`; empty for none, or a one-shot."""
        row = None if playhead is None else self._collection.row(playhead[0])
        if row is None or playhead is None or row.recipe is None or not row.recipe.grid.is_loop:
            return ""
        grid = row.recipe.grid
        beats = grid.meter.numerator
        bar, beat = divmod(int(playhead[1] * grid.bars * beats), beats)
        return f"{bar + 1}.{beat + 1}"

    def forget(self, clip_ids: list[str]) -> None:
        """Remove clips whose files are gone; close the detail view if it shows one of them."""
        self._collection.remove(clip_ids)
        shown = self._detail.row
        if shown is not None and self._collection.row(shown.id) is None:
            self._detail.show_row(None, None)
            self._recipe.show_recipe(None)

    def show(self, row: ClipRow) -> None:
        """Show a clip in the detail view; if another clip plays, switch to it at the next bar."""
        before = self._detail.row
        self._detail.show_row(row, self._waveforms.of(row))
        self._show_pair(row, "" if before is None else before.id)
        self._show_recipe(row)
        playing = self._audition.playing
        if playing is not None and playing != row.path:
            self._audition.play(row.path)

    def other_take(self) -> None:
        """Show the other one of the two clips that are compared, A or B.

        If one of them plays, the other one takes over at the next bar.
        """
        row = self._detail.row
        if row is not None and not self._pair:
            self._show_pair(row, "")  # a second take may have arrived
        if row is None or row.id not in self._pair:
            self._notices.info("There is no other take of this loop.", topic="take")
            return
        self._list.choose(self._pair[1 - self._pair.index(row.id)])

    def _show_pair(self, row: ClipRow, before: str) -> None:
        """Show which clips are compared, now that a clip is shown after another."""
        members = [
            each for each in self._list.group_of(row.id) if each.shown_role == row.shown_role
        ]  # not a part of another role that fits it
        ids = [member.id for member in members]
        self._pair = pair_after(self._pair, before, row.id, ids)
        names = names_of(members)
        chosen = self._pair.index(row.id) if self._pair else 0
        self._detail.show_pair([names[clip_id] for clip_id in self._pair], chosen)
        self._list.show_pair(self._pair)

    def show_again(self, clip_id: str) -> None:
        """Show new facts about a clip, such as its waveform, if it is on screen."""
        self._list.repaint_clip(clip_id)
        shown, row = self._detail.row, self._collection.row(clip_id)
        if shown is not None and shown.id == clip_id and row is not None:
            self._detail.show_row(row, self._waveforms.of(row))
            self._show_recipe(row)
        if shown is not None and clip_id in self._pair:
            self._show_pair(shown, "")  # its title may be new

    def _show_recipe(self, row: ClipRow) -> None:
        self._recipe.show_recipe(row.recipe, from_text(row, self._collection.row))

    def play_or_stop(self) -> None:
        """Play the selected clip, or stop it if it plays."""
        self.toggle(self._list.chosen_row())

    def toggle(self, row: ClipRow | None) -> None:
        """Play a clip, or stop it if it plays."""
        playing = self._audition.playing
        if row is None or playing == row.path:
            self._audition.stop()
        else:
            loop, bars = row.bars is not None, self._selected_bars(row)
            self._audition.play(row.path, loop=loop, bars=bars)

    def play_bars(self) -> None:
        """If the clip plays, continue with the selected bars, or with the whole clip."""
        row = self._detail.row
        if row is not None and self._audition.playing == row.path:
            self._audition.play(row.path, bars=self._selected_bars(row))

    def _selected_bars(self, row: ClipRow) -> tuple[int, int] | None:
        detail = self._detail
        shown = detail.row is not None and detail.row.id == row.id
        return detail.waveform.bars if shown else None

    def toggle_play(self) -> None:
        """Stop what plays, or play the selected clip."""
        if self._audition.playing is not None:
            self._audition.stop()
        else:
            self.toggle(self._list.chosen_row())

    def toggle_star(self, row: ClipRow | None = None) -> None:
        """Toggle the star of a clip, or of all selected clips."""
        rows = [row] if row else self._list.chosen_rows()
        self._edit(
            {
                each.id: msgspec.structs.replace(each.mark, starred=not each.mark.starred)
                for each in rows
            }
        )

    def _edit(self, changes: dict[str, Mark]) -> None:
        """Change marks of clips, so that it can be undone."""
        rows = [self._collection.row(clip_id) for clip_id in changes]
        before = {row.id: row.mark for row in rows if row is not None}
        if before != changes:
            self.undoing.remember(
                partial(self._edits.apply, before), partial(self._edits.apply, changes)
            )
            self._edits.apply(changes)

    def edit_sound(self, row: ClipRow, edits: Edits) -> None:
        """Have a clip heard and handed over with other edits; its file stays as it is."""
        self._edit({row.id: msgspec.structs.replace(row.mark, edits=edits)})

    def rename(self) -> None:
        """Let the title be typed in the list; the file keeps its name."""
        self._list.rename()

    def _take_title(self, row: ClipRow, text: str) -> None:
        """Give a clip the title that was typed; an empty one is the clip's own."""
        title = text.strip()[:LONGEST_TITLE]
        kept = "" if title == row.title else title
        self._edit({row.id: msgspec.structs.replace(row.mark, title=kept)})

    def again(self, row: ClipRow | None = None) -> None:
        """Load the recipe of a clip into the prompt panel and the transport."""
        row = row or self._list.chosen_row()
        if row is not None and row.recipe is not None:
            self._fill_from(row.recipe)

    def show_in_folder(self, row: ClipRow | None = None) -> None:
        """Open the folder that contains a clip."""
        row = row or self._list.chosen_row()
        if row is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.path.parent)))

    def delete_clips(self) -> None:
        """Move the selected clips, whole groups too, and their stems to the system's trash."""
        rows = self._list.chosen_with_groups()
        chosen = [row for row in rows if not self._trash.is_moving(row.path)]
        rows = self._collection.with_stems(chosen)
        ids = {row.id for row in rows}
        trashed = TrashedClips([row.path for row in rows], has_stems=len(rows) > len(chosen))
        following = self._list.neighbour_of(ids)

        def end(stayed: list[Path]) -> None:
            if len(stayed) < len(rows):
                self.undoing.remember(
                    partial(self._restore_files, trashed), partial(self._move_to_trash, trashed)
                )
                if following and ids.issuperset(row.id for row in self._list.chosen_rows()):
                    self._list.go_to(following)

        if rows:
            self._move_to_trash(trashed, end)

    def _move_to_trash(
        self, trashed: TrashedClips, then: Callable[[list[Path]], None] = lambda _stayed: None
    ) -> None:
        """Move clips to the trash, and say so; `then` is called with those that stayed."""

        def end(stayed: list[Path]) -> None:
            self._tell_of_trash(trashed, stayed)
            then(stayed)

        if self._audition.playing in trashed.clips:
            self._audition.stop()
        self._trash.move(trashed, end)

    def _tell_of_trash(self, trashed: TrashedClips, stayed: list[Path]) -> None:
        if moved := len(trashed.clips) - len(stayed):
            loops = "1 loop" if moved == 1 else f"{moved} loops"
            stems = ", with stems" if trashed.has_stems else ""
            offer = Offer("Undo", self.undoing.undo)
            self._notices.info(f"Moved {loops} to the trash{stems}.", topic="trash", offer=offer)
        if stayed:
            self._notices.error(
                f"Could not move {', '.join(path.name for path in stayed[:5])} to the trash: "
                "delete the files in their folder instead."
            )

    def _restore_files(self, trashed: TrashedClips) -> None:
        """Restore the files of clips from the trash."""

        def end(missing: list[Path]) -> None:
            if (first := clip_id_of(trashed.clips[0].name)) is not None:
                self._list.go_to_once_there(first)
            for path in missing:
                self._notices.error(
                    f"Cannot restore {path.name}: it is no longer in the trash, or another file "
                    "has its name.",
                    topic="trash",
                )

        self._notices.withdraw("trash")
        self._trash.restore(trashed, end)

    def open_menu(self, point: QPoint) -> None:
        """Show the context menu of the selected clips."""
        if self._list.indexAt(point).isValid():
            open_clip_menu(self._list, self._list.viewport().mapToGlobal(point))

    def _connect(self) -> None:
        self._list.chosen.connect(self.show)
        self._list.play_clicked.connect(self.toggle)
        self._list.doubleClicked.connect(lambda _index: self.toggle_play())
        self._list.star_clicked.connect(self.toggle_star)
        self._detail.pair_clicked.connect(lambda place: self._list.choose(self._pair[place]))
        self._list.renamed.connect(self._take_title)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self.open_menu)
        self._detail.again_clicked.connect(self.again)
        self._recipe.again.clicked.connect(lambda: self.again(self._detail.row))
        self._recipe.folder.clicked.connect(lambda: self.show_in_folder(self._detail.row))
        self._detail.folder_clicked.connect(self.show_in_folder)
        self._detail.play_clicked.connect(self.toggle_play)
        self._detail.waveform.bars_settled.connect(self.play_bars)
        self._detail.editing.wanted.connect(self.edit_sound)
        self._detail.editing.fields.refused.connect(
            lambda text: self._notices.warning(text, topic="edits")
        )
