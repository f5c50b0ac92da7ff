"""Controls the pads: assigns clips, plays them by mouse, keyboard and MIDI, and stores them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu

from desktop.clips.clip_list import ClipList
from desktop.clips.collection import ClipCollection
from desktop.clips.peaks import Peaks
from desktop.clips.rows import ClipRow
from desktop.pads.banks import EMPTY, PADS_IN_BANK, Pad, PadBanks, PadState
from desktop.pads.edits import PadEdits
from desktop.pads.grid import PadFace
from desktop.pads.keys import PadKeys
from desktop.pads.pad_wave import PadPicture
from desktop.pads.panel import PadsPanel
from desktop.pads.recorder import Recorder
from desktop.pads.recording import RecordController
from desktop.pads.sampler import Sampler
from desktop.pads.store import PadStore
from desktop.state.notices import Notices
from desktop.transport.strip import Transport
from engine.loops.clip import clip_id_of
from playback.clocks import Quantize
from playback.pad_voices import Mode

_POLL_MS = 30


class PadsController(QObject):
    """Connects the pads panel, the banks of the project and the sampler."""

    replaced = Signal(object, object)
    """Functions without arguments: one restores what was on pads, one puts the new clips there."""

    moved = Signal()
    """The place of what the pads play has changed."""

    def __init__(
        self,
        panel: PadsPanel,
        clips: ClipList,
        transport: Transport,
        collection: ClipCollection,
        edits: PadEdits,
        sampler: Sampler,
        recorder: Recorder,
        notices: Notices,
    ) -> None:
        super().__init__(panel)
        self.banks = PadBanks()
        self.heard: Callable[[Path], Path] = lambda file: file
        """Returns the file to play for a clip's file, such as one that fits the session."""
        self.peaks_of: Callable[[ClipRow], Peaks | None] = lambda _row: None
        """Returns the waveform of a clip; None until it is loaded."""
        self._panel = panel
        self._clips = clips
        self._transport = transport
        self._collection = collection
        self._sampler = sampler
        self._edits = edits
        self._notices = notices
        self._recording = RecordController(
            panel, transport, collection, self.banks, sampler, recorder, notices
        )
        self._keys = PadKeys(panel.window(), panel.grid)
        self._states: dict[int, PadState] = {}
        self._place: tuple[int, int] | None = None
        self._noted: dict[int, int] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.refresh)
        self.banks.on_change = self._take_change
        self._connect()
        self.show_bank(0)

    def start(self, *, keys_everywhere: bool) -> None:
        """Start polling the sampler."""
        self._panel.keys.setChecked(keys_everywhere)
        self.set_keys(keys_everywhere)
        self._timer.start()

    def read(self) -> Callable[[], None]:
        """Read the pads of the project on the writer's thread; what is returned shows them."""
        stored = self._edits.read()

        def show() -> None:
            pads, line = self._edits.with_unsaved(*stored)
            self.banks.fill(pads)
            self.set_line(line)
            self.show_bank(self.banks.bank)

        return show

    def save(self) -> None:
        """Write the changed pads now."""
        self._edits.save()

    def snapshot(self) -> Callable[[Path], None]:
        """Return a function that writes the pads as they are now to another folder."""
        pads, line = self.banks.filled(), self.banks.line
        return lambda folder: PadStore(folder).write(pads, line)

    def close(self) -> None:
        """Stop all sound; store a running recording, and write the pads."""
        self._timer.stop()
        self._recording.close()
        self._edits.save()
        self._sampler.close()

    def show_bank(self, bank: int) -> None:
        """Show another bank; sounding pads keep playing."""
        self.banks.bank = bank
        for place in range(PADS_IN_BANK):
            self._show_face(place)
        self._show_states()
        self._show_fields()

    def set_line(self, line: Quantize) -> None:
        """Set the quantize of pad starts."""
        self.banks.line = self._sampler.line = line
        self._panel.show_line(line)

    def put_on(self, place: int, rows: list[ClipRow]) -> None:
        """Put clips on pads: the first on this pad, the others on the next free ones."""
        key: int | None = self.banks.key_at(place)
        before: dict[int, Pad] = {}
        for row in rows:
            if key is None:
                self._notices.warning(
                    "All pads of this bank are in use: clear some, or choose another bank.",
                    topic="pads",
                )
                break
            mode = Mode.LOOP if row.bars else Mode.ONE_SHOT
            old = self.banks.pad(key)
            new = Pad(clip=row.id, mode=mode, choke=old.choke, level_db=old.level_db, pan=old.pan)
            before[key] = old
            self.banks.put(key, new)
            key = self.banks.free_key(key)
        self._offer_undo(before)

    def put_chosen(self) -> None:
        """Put the selected clips on pads, starting at the selected pad."""
        rows = self._clips.chosen_rows()
        place = self._panel.grid.chosen_place
        if rows and self.banks.pad(self.banks.key_at(place)).clip:
            free = self.banks.free_key(self.banks.key_at(place))
            place = place if free is None else free % PADS_IN_BANK
        if rows:
            self._choose(place)
            self.put_on(place, rows)

    def sound(self) -> bool:
        """Return whether a pad sounds or waits for its start."""
        return bool(self._states)

    def stop_sounding(self) -> bool:
        """Stop all pads, and return whether any sounded."""
        sounded = bool(self._sampler.states())
        if sounded:
            self._sampler.stop()
        return sounded

    def clear(self, place: int | None = None) -> None:
        """Clear a pad, by default the selected one."""
        place = self._panel.grid.chosen_place if place is None else place
        key = self.banks.key_at(place)
        self._sampler.stop(key)
        before = {key: self.banks.pad(key)}
        self.banks.put(key, EMPTY)
        self._offer_undo(before)

    def play_note(self, place: int, velocity: int) -> None:
        """Hit a pad of the current bank, or release it if the velocity is 0; from any thread."""
        if velocity:
            key = self._noted[place] = self.banks.key_at(place)
            self._set_time()
            self._recording.note(key)
            self._sampler.strike(key, velocity)
        elif (key_before := self._noted.pop(place, None)) is not None:
            self._sampler.release(key_before)

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handlers of the pad actions, by action id."""
        return {
            "put_on_pad": self.put_chosen,
            "clear_pad": self.clear,
            "stop_pads": self._sampler.stop,
            "record_pads": self._recording.toggle,
            "pad_keys": self._panel.keys.toggle,
        }

    def rows_changed(self) -> None:
        """Update the pads after clips were added, changed or removed."""
        for key, pad in self.banks.filled().items():
            self._load(key, pad)
        for place in range(PADS_IN_BANK):
            self._show_face(place)
        self._show_clip()

    @property
    def place_in_bars(self) -> str:
        """The bar and beat of what the pads play or record, `3.2`; empty in silence."""
        return "" if self._place is None else f"{self._place[0]}.{self._place[1]}"

    def refresh(self) -> None:
        """Show which pads sound and where they are, and the state of the recording."""
        self._recording.refresh()
        states = self._sampler.states()
        if states != self._states:
            self._states = states
            self._show_states()
        before, self._place = self._place, self._sampler.place
        if self._place != before:
            self.moved.emit()

    def _connect(self) -> None:
        panel, grid = self._panel, self._panel.grid
        grid.struck.connect(self._strike)
        grid.released.connect(self._release)
        grid.chosen.connect(self._choose)
        grid.dropped.connect(self._take_drop)
        grid.clear_wanted.connect(self.clear)
        grid.menu_wanted.connect(self._open_menu)
        self._keys.struck.connect(self._strike)
        self._keys.struck.connect(self._choose)
        self._keys.released.connect(self._release)
        panel.menu_clicked.connect(
            lambda: self._open_menu(
                grid.chosen_place, panel.more.mapToGlobal(panel.more.rect().bottomLeft())
            )
        )
        panel.bank_chosen.connect(self.show_bank)
        panel.line_chosen.connect(self._change_line)
        panel.pad_changed.connect(self._change_chosen)
        panel.refused.connect(lambda text: self._notices.warning(text, topic="pads"))
        panel.stop_clicked.connect(self._sampler.stop)
        panel.keys_toggled.connect(self.set_keys)
        self._transport.time_changed.connect(self._set_time)

    def set_keys(self, everywhere: bool) -> None:  # noqa: FBT001 - a toggle's slot
        """Set whether the pad keys play everywhere but in text fields, or only on the pads."""
        self._keys.everywhere = everywhere

    def _change_line(self, line: Quantize) -> None:
        self.set_line(line)
        self._edits.keep_line(line)

    def _set_time(self) -> None:
        self._sampler.set_time(self._transport.time.bpm, str(self._recording.meter()))

    def _strike(self, place: int) -> None:
        self._set_time()
        key = self.banks.key_at(place)
        pad = self.banks.pad(key)
        if pad.clip and self._collection.row(pad.clip) is None:
            self._notices.warning(
                f"The loop of pad {place + 1} is not in the project: restore its file, or put "
                "another loop on the pad.", topic="pads",
            )  # fmt: skip
        self._recording.note(key)
        self._sampler.strike(key)

    def _release(self, place: int) -> None:
        self._sampler.release(self.banks.key_at(place))

    def _choose(self, place: int) -> None:
        self._panel.grid.choose(place)
        self._show_fields()

    def _offer_undo(self, before: dict[int, Pad]) -> None:
        """Offer what was on some pads, by key, for undo."""
        after = {key: self.banks.pad(key) for key in before}
        if after != before:
            self.replaced.emit(partial(self._put_all, before), partial(self._put_all, after))

    def _put_all(self, pads: dict[int, Pad]) -> None:
        for key, pad in pads.items():
            self.banks.put(key, pad)

    def _change_chosen(self, pad: Pad) -> None:
        self.banks.put(self.banks.key_at(self._panel.grid.chosen_place), pad)

    def _take_change(self, key: int) -> None:
        pad = self.banks.pad(key)
        self._edits.keep(key, pad)
        if pad.clip:
            self._load(key, pad)
        else:
            self._sampler.unload([key])
        bank, place = divmod(key, PADS_IN_BANK)
        if bank == self.banks.bank:
            self._show_face(place)
            if place == self._panel.grid.chosen_place:
                self._show_fields()

    def _load(self, key: int, pad: Pad) -> None:
        row = self._collection.row(pad.clip)
        if row is None:
            self._sampler.unload([key])
        else:
            self._sampler.load(key, pad, self.heard(row.path))

    def _take_drop(self, place: int, files: list[Path]) -> None:
        ids = [clip_id_of(file.name) for file in files]
        rows = [row for clip_id in ids if clip_id and (row := self._collection.row(clip_id))]
        if len(rows) < len(files):
            self._notices.warning(
                "Pads play clips of this project: drag a clip from the list, or put the file into "
                "the project folder first.", topic="pads",
            )  # fmt: skip
        if rows:
            self._choose(place)
            self.put_on(place, rows)

    def _open_menu(self, place: int, point: QPoint) -> None:
        self._choose(place)
        menu = QMenu(self._panel)
        chosen, pad = self._clips.chosen_row(), self.banks.pad(self.banks.key_at(place))
        put = menu.addAction("Put selected clip here")
        put.setEnabled(chosen is not None)
        put.triggered.connect(lambda: self.put_on(place, self._clips.chosen_rows()))
        show = menu.addAction("Show clip in list")
        show.setEnabled(self._collection.row(pad.clip) is not None)
        show.triggered.connect(lambda: self._clips.choose(pad.clip))
        clear = menu.addAction("Clear")
        clear.setEnabled(bool(pad.clip))
        clear.triggered.connect(lambda: self.clear(place))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)

    def _show_face(self, place: int) -> None:
        pad = self.banks.pad(self.banks.key_at(place))
        row = self._collection.row(pad.clip) if pad.clip else None
        face = PadFace()
        if row is not None:
            face = PadFace(
                title=row.shown_title, role=row.shown_role, file=row.path,
                held=pad.mode is Mode.GATE,
            )  # fmt: skip
        elif pad.clip:
            face = PadFace(title="Missing", missing=True)
        button = self._panel.grid.buttons[place]
        if button.face != face:
            button.show_face(face)

    def _show_states(self) -> None:
        for place, button in enumerate(self._panel.grid.buttons):
            key = self.banks.key_at(place)
            button.show_state(self._states.get(key, PadState.SILENT))

    def show_again(self, clip_id: str) -> None:
        """Show new facts about a clip, such as its waveform, if it is on the chosen pad."""
        if self._chosen_pad.clip == clip_id:
            self._show_clip()

    @property
    def _chosen_pad(self) -> Pad:
        return self.banks.pad(self.banks.key_at(self._panel.grid.chosen_place))

    def _show_fields(self) -> None:
        self._panel.show_pad(self._panel.grid.chosen_place, self._chosen_pad)
        self._show_clip()

    def _show_clip(self) -> None:
        """Show what is on the chosen pad, and how it sounds; it may come or go by itself."""
        pads = self._panel.grid
        self._panel.show_title(pads.buttons[pads.chosen_place].face.title)
        row = self._collection.row(self._chosen_pad.clip)
        picture = PadPicture()
        if row is not None:
            grid = None if row.recipe is None else row.recipe.grid
            picture = PadPicture(self.peaks_of(row), row.shown_role, grid, row.mark.edits)
        self._panel.show_picture(picture)
