"""Controls the layers: which loops are in them, how they play, and what is stored of them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu

from desktop.clips.fit import Fit, fit_of, heard_as, octave_of
from desktop.clips.rows import ClipRow
from desktop.layers.around import Around
from desktop.layers.edits import LaneEdits
from desktop.layers.ensemble import Arrangement, Ensemble, Part
from desktop.layers.lane_signals import ShownLane
from desktop.layers.lane_wave import LaneFace
from desktop.layers.lanes import EMPTY, Lane, Lanes
from desktop.layers.out_controller import OutController
from desktop.layers.parts_controller import Heard, PartsController
from desktop.layers.round import Round
from desktop.layers.store import LaneStore
from desktop.layers.strip import LayersStrip
from desktop.transport.fitting import ClipSound, Hearing, Sound
from engine.loops.clip import clip_id_of
from engine.loops.edits import NONE, Edits
from engine.loops.source.length import fitted_grid
from engine.loops.tempo import Meter, bars_in_words, format_bpm
from playback.layer_voices import MAX_LAYERS

_MOVING_MS, _RESTING_MS = 16, 100
"""How often to look at what plays: as often as the screen shows it, or rarely."""
_SETTLE_MS = 600
"""After so long without another change, the change of a level can be undone."""
_FULL = f"All {MAX_LAYERS} layers are in use: remove one first."


class LayersController(QObject):
    """Connects the Layers strip, the lanes of the project and what plays them."""

    replaced = Signal(object, object)
    """How to undo the change of a lane, and how to do it again: functions without arguments."""
    played = Signal()
    moved = Signal()
    """The place in the round has changed."""

    def __init__(self, strip: LayersStrip, around: Around) -> None:
        super().__init__(strip)
        self.lanes = Lanes()
        self._strip = strip
        self._clips = around.clips
        self._collection = around.collection
        self._hear = around.hear
        self._waveforms = around.waveforms
        self._notices = around.notices
        self._edits = LaneEdits(around.project, around.writer, around.notices)
        self.ensemble = Ensemble(
            around.audition.player, around.audition.open,
            lambda text: around.notices.warning(text, topic="sound"),
        )  # fmt: skip
        self._parts = PartsController(around)
        self.out = OutController(strip, around)
        self._sounds: dict[int, Sound] = {}
        """The loops that are there at the session's tempo, by place."""
        self._by_clip: dict[str, Sound] = {}
        self._seen: list[ClipRow | None] = []
        """The clips of the lanes when clips last changed."""
        self._round = Round(120.0, Meter(), 1)
        self._place: float | None = None
        self._level_before: tuple[int, Lane] | None = None
        self._settled = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settled.timeout.connect(self._settle_level)
        self._timer = QTimer(self, interval=_RESTING_MS)
        self._timer.timeout.connect(self.refresh)
        self.lanes.on_change = self._take_change
        self._connect()

    def start(self) -> None:
        """Start to show where the layers are."""
        self._timer.start()

    def read(self) -> Callable[[], None]:
        """Read the layers of the project on the writer's thread; what is returned shows them."""
        stored = self._edits.read()

        def show() -> None:
            self.lanes.fill(self._edits.with_unsaved(stored))
            self.update()

        return show

    def save(self) -> None:
        """Write the changed lanes now."""
        self._edits.save()

    def snapshot(self) -> Callable[[Path], None]:
        """Return a function that writes the layers as they are now to another folder."""
        lanes = self.lanes.filled()
        return lambda folder: LaneStore(folder).write(lanes)

    def close(self) -> None:
        """Stop all layers, and write the changed lanes."""
        self._timer.stop()
        self._edits.save()
        self._parts.close()
        self.out.close()
        self.ensemble.close()

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handlers of the actions on layers, by action id."""
        return {"add_layer": self.add_chosen, "show_layers": self._strip.toggle}

    def add_chosen(self, shown: ClipRow | None = None) -> None:
        """Add the selected loops; or the one that is shown, if a search hides it in the list."""
        if rows := self._clips.chosen_rows() or [row for row in (shown,) if row is not None]:
            self.add(rows)
        else:
            self._notices.info("Choose the loops to add first.", topic="layers")

    def add(self, rows: list[ClipRow]) -> None:
        """Add loops, each in a lane of its own; they are heard from the next bar on."""
        for row in rows:
            place = self.lanes.free_place()
            if row.bars is None:
                text = f"{row.shown_title} is a one-shot, which has no bars: put it on a pad."
                self._notices.warning(text, topic="layers")
            elif place is None:
                self._notices.warning(_FULL, topic="layers")
                return
            else:
                self._change(place, Lane(clip=row.id))
                self._tell_of_meter(row)

    def _tell_of_meter(self, row: ClipRow) -> None:
        time = self._hear.fitted.time
        if row.recipe is not None and fit_of(row, time) is Fit.METER:
            self._notices.warning(
                f"{row.shown_title} is in {row.recipe.grid.meter}, and the session in "
                f"{time.meter}: their bars do not stay together.",
                topic="layers",
            )

    def remove(self, place: int) -> None:
        """Remove a loop from its lane, from the next bar on; cancel a part that is being made."""
        if place < 0:
            self._parts.cancel(-1 - place)
        else:
            self._change(place, EMPTY)

    def toggle_play(self) -> None:
        """Play the layers, or stop them."""
        if self.ensemble.is_on:
            self.stop()
        elif not self.lanes.filled():
            self._notices.info("There are no layers yet: drag loops there.", topic="layers")
        else:
            self.ensemble.play()
            self.played.emit()
            self.refresh()

    def stop(self) -> None:
        """Stop the layers."""
        self.ensemble.stop()
        self.refresh()

    @property
    def is_on(self) -> bool:
        """Whether the layers play, or are about to."""
        return self.ensemble.is_on

    def rows_changed(self) -> None:
        """Update the lanes after clips were added, changed or removed, if one of theirs was."""
        self._parts.rows_changed()
        lanes = self.lanes.filled().values()
        seen, self._seen = self._seen, [self._collection.row(lane.clip) for lane in lanes]
        if self._seen != seen:
            self.update()

    def model_chosen(self) -> None:
        """Offer the parts that the chosen model can play."""
        self._show()

    def show_again(self, clip_id: str) -> None:
        """Show the lanes anew if one has a clip whose waveform is there now."""
        if any(lane.clip == clip_id for lane in self.lanes.filled().values()):
            self._show()

    def refresh(self) -> None:
        """Show whether the layers play, and where they are."""
        self._strip.show_playing(playing=self.is_on)
        before, self._place = self._place, self.ensemble.place
        place = self._place
        self._strip.show_playhead(None if place is None else min(place / self._round.bars, 1.0))
        if place != before:
            self.moved.emit()
        interval_ms = _RESTING_MS if place is None and not self.is_on else _MOVING_MS
        if self._timer.interval() != interval_ms:
            self._timer.setInterval(interval_ms)

    @property
    def place_in_bars(self) -> str:
        """Where in their round the layers are, as bar and beat, `3.2`; empty in silence."""
        if self._place is None:
            return ""
        beats = self._round.meter.numerator
        bar, beat = divmod(int(self._place * beats), beats)
        return f"{bar + 1}.{beat + 1}"

    def update(self) -> None:
        """Show all lanes, and play them as they are.

        What plays goes on at its old tempo until all of it is there at the new one, and in its old
        key until it is there in the new one.
        """
        rows = self._rows()
        wanted = {place: self._sound_of(row) for place, row in rows.items()}
        time = self._hear.fitted.time
        if None in wanted.values() and self.is_on and time.bpm != self._round.bpm:
            self._sounds = {
                at: self._by_clip[row.id] for at, row in rows.items() if row.id in self._by_clip
            }
        else:
            before = self._by_clip if time.bpm == self._round.bpm else {}
            self._sounds = {
                place: found
                for place, sound in wanted.items()
                if (found := sound or before.get(rows[place].id)) is not None
            }
            self._by_clip = {rows[place].id: sound for place, sound in self._sounds.items()}
            self._round = self._round_to_come()
        self.ensemble.show(self._arrangement())
        self._strip.table.show_bars(self._round.bars)
        self._show()

    def _round_to_come(self) -> Round:
        """Return the round at the session's tempo, once all loops are there: it does not wait."""
        time, grids = self._hear.fitted.time, {}
        for place, row in self._rows().items():
            assert row.recipe is not None  # noqa: S101 - `_rows` has looked
            sound = self._sound_of(row)
            own = row.recipe.grid
            grids[place] = fitted_grid(own, time.bpm) if sound is None else sound.recipe.grid
        return Round.of(grids, time.bpm, Meter.parse(time.meter))

    def _rows(self) -> dict[int, ClipRow]:
        """Return the clips that are there, by the place of their lanes."""
        rows = {at: self._collection.row(lane.clip) for at, lane in self.lanes.filled().items()}
        return {at: row for at, row in rows.items() if row is not None and row.recipe is not None}

    def _arrangement(self) -> Arrangement | None:
        """Return what plays; None if nothing does."""
        parts = {
            place: Part(sound.path, sound.recipe.grid, self.lanes.gain(place))
            for place, sound in self._sounds.items()
        }
        return Arrangement(parts, self._round) if parts else None

    def _heard(self) -> list[Heard]:
        """Return the loops that are heard; all of them, if none is."""
        rows = self._rows()
        there = [Heard(at, rows[at], sound) for at, sound in self._sounds.items() if at in rows]
        return [each for each in there if self.lanes.gain(each.place)] or there

    def _heard_for(self, file: Path) -> Path:
        """Return the file that is heard for the file of a lane's loop."""
        rows = self._rows()
        found = (
            sound for at, sound in self._sounds.items() if at in rows and rows[at].path == file
        )
        return next((sound.path for sound in found), file)

    def _show(self) -> None:
        """Show all lanes, the parts that are being made, and those that are missing."""
        lanes = [self._shown(place, lane) for place, lane in self._filled()]
        parts = self._parts.shown()
        self._strip.show_lanes([*lanes, *parts])
        roles = [each.face.role for each in (*lanes, *parts)]
        self._strip.side.show_parts(self._parts.offered(roles))
        to_come = self._round_to_come()
        bars = bars_in_words(to_come.bars)
        time = f"{format_bpm(to_come.bpm)} bpm, {to_come.meter}, {bars}"
        self._strip.side.show_notes(known=any(each.has_notes for each in self._heard()))
        self._strip.side.show_time(time if lanes else "")

    def _filled(self) -> list[tuple[int, Lane]]:
        return list(self.lanes.filled().items())

    def _sound_of(self, row: ClipRow) -> Sound | None:
        """Return the sound of a loop at the session's tempo; None if it is still being made."""
        assert row.recipe is not None  # noqa: S101 - the caller has looked
        hearing = Hearing(tempo=True, key=self._hear.hearing.key)
        own = Sound(row.path, row.recipe)
        return self._hear.sound(ClipSound(row.id, own, row.mark.edits), hearing)

    def _heard_as(self, row: ClipRow, bpm: float) -> tuple[float | None, str]:
        """Return the tempo and the key that a loop has instead of its own, in layers at a tempo."""
        time = msgspec.structs.replace(self._hear.fitted.time, bpm=bpm)
        return heard_as(row, time, Hearing(tempo=True, key=self._hear.hearing.key))

    def _shown(self, place: int, lane: Lane) -> ShownLane:
        sound = self._sounds.get(place)
        row = self._collection.row(lane.clip)
        if row is None:
            face = LaneFace(title="Missing", note="Its loop is no longer in the project")
            return ShownLane(place, lane, face, None)
        note, repeats, edits = "", 1.0, NONE
        bpm = self._hear.fitted.time.bpm if sound is None else self._round.bpm
        octave = octave_of(self._heard_as(row, bpm)[0] or row.bpm or 0.0, bpm)
        if sound is not None:
            repeats = float(self._round.repeats_of(sound.recipe.grid))
            edits = _heard_edits(row, sound)
        else:
            how = f" in {octave.lower()}" if octave else ""
            note = f"Joins at {format_bpm(bpm)} bpm{how} as soon as it is stretched"
        face = LaneFace(
            title=row.shown_title, role=row.shown_role, repeats=max(repeats, 1.0), note=note,
            time=octave,
            file=row.path, silent=self.lanes.gain(place) == 0.0,
            grid=None if row.recipe is None else row.recipe.grid, edits=edits,
        )  # fmt: skip
        return ShownLane(place, lane, face, self._waveforms.of(row))

    def _connect(self) -> None:
        strip, signals = self._strip, self._strip.signals
        signals.taken_out = lambda file: self.out.kept(self._heard_for(file))
        signals.play_clicked.connect(self.toggle_play)
        signals.muted.connect(lambda place, on: self._set(place, muted=on))
        signals.soloed.connect(lambda place, on: self._set(place, solo=on))
        signals.level_changed.connect(self._set_level)
        signals.remove_wanted.connect(self.remove)
        signals.menu_wanted.connect(self._open_menu)
        strip.dropped.connect(self._take_drop)
        strip.side.part_wanted.connect(self._parts.ask)
        self._parts.heard = self.out.heard = self._heard
        self._parts.add = self.add
        self._parts.changed.connect(self._show)
        self.out.arrangement = self._arrangement
        strip.drag_entered.connect(self._show_what_joins)

    def _set(self, place: int, **fields: object) -> None:
        self._change(place, msgspec.structs.replace(self.lanes.lane(place), **fields))

    def _set_level(self, place: int, level_db: float) -> None:
        """Change a level at once; quick changes, as during a drag, are undone together."""
        lane = self.lanes.lane(place)
        if self._level_before is None or self._level_before[0] != place:
            self._settle_level()
            self._level_before = place, lane
        self._settled.start()
        self.lanes.put(place, msgspec.structs.replace(lane, level_db=float(level_db)))
        self.ensemble.set_gain(place, self.lanes.gain(place))

    def _settle_level(self) -> None:
        if self._level_before is not None:
            place, lane = self._level_before
            self._level_before = None
            self._remember(place, lane, self.lanes.lane(place))

    def _change(self, place: int, lane: Lane) -> None:
        """Change a lane, and offer to undo that."""
        before = self.lanes.lane(place)
        if lane != before:
            self._remember(place, before, lane)
            self.lanes.put(place, lane)

    def _remember(self, place: int, before: Lane, after: Lane) -> None:
        put = self.lanes.put
        self.replaced.emit(partial(put, place, before), partial(put, place, after))

    def _take_change(self, place: int) -> None:
        self._edits.keep(place, self.lanes.lane(place))
        self.update()

    def _rows_of(self, files: list[Path]) -> list[ClipRow]:
        ids = [clip_id_of(file.name) for file in files]
        return [row for clip_id in ids if clip_id and (row := self._collection.row(clip_id))]

    def _take_drop(self, files: list[Path]) -> None:
        rows = self._rows_of(files)
        if len(rows) < len(files):
            self._notices.warning(
                "Layers play loops of this project: drag one from the list, or put the file into "
                "the project folder first.", topic="layers",
            )  # fmt: skip
        self.add(rows)

    def _show_what_joins(self, files: list[Path]) -> None:
        """Say what a drop would do."""
        rows = self._rows_of(files)
        if not rows:
            self._strip.show_target("Only loops of this project can be added")
        elif self.lanes.free_place() is None:
            self._strip.show_target(_FULL)
        else:
            self._strip.show_target(f"Joins at the next bar{self._change_of(rows[0])}")

    def _change_of(self, row: ClipRow) -> str:
        """Return in words how a loop is changed to join: `: 100 to 84 bpm, Am to Dm`."""
        bpm, key = self._heard_as(row, self._hear.fitted.time.bpm)
        tempo = "" if bpm is None else f"{row.bpm_text} to {format_bpm(bpm)} bpm"
        change = ", ".join(
            part for part in (tempo, f"{row.shown_key} to {key}" if key else "") if part
        )
        return f": {change}" if change else ""

    def _open_menu(self, place: int, point: QPoint) -> None:
        if place < 0:
            return
        lane = self.lanes.lane(place)
        menu = QMenu(self._strip)
        menu.aboutToHide.connect(menu.deleteLater)
        show = menu.addAction("Show in list")
        show.setEnabled(self._collection.row(lane.clip) is not None)
        show.triggered.connect(lambda: self._clips.choose(lane.clip))
        menu.addSeparator()
        menu.addAction("Remove from Layers").triggered.connect(lambda: self.remove(place))
        menu.popup(point)


def _heard_edits(row: ClipRow, sound: Sound) -> Edits:
    """Return the edits that the sound of a loop has, but not its file."""
    in_file = row.recipe is None or sound.recipe.edits == row.recipe.edits
    return NONE if in_file else sound.recipe.edits
