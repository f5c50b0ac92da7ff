"""Controls playhead, level meter, volume, metronome and output device."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu

from desktop.state.settings import Settings
from desktop.transport.audition import Audition
from desktop.transport.strip import Transport
from desktop.widgets.main_thread import MainThread
from desktop.widgets.plain import plain_caption
from desktop.widgets.status_line import StatusLine
from engine.loops.clip import clip_id_of

PLAYHEAD_MS = 16
IDLE_MS = 100
_VOLUME_STEP = 5
SYSTEM_DEFAULT = "System default"


class SoundController(QObject):
    """Polls the player from `start` to `close`: often while something plays, else rarely."""

    playhead_moved = Signal(object)
    """The ids of the clips whose playhead appeared, moved or disappeared."""

    def __init__(
        self,
        transport: Transport,
        status: StatusLine,
        audition: Audition,
        settings: Settings,
        main_thread: MainThread,
    ) -> None:
        super().__init__(transport)
        self._transport = transport
        self._status = status
        self._audition = audition
        self._settings = settings
        self._main_thread = main_thread
        self.playhead: tuple[str, float] | None = None
        """The id of the playing clip and the position in it, 0..1."""
        self.pads_sound: Callable[[], bool] = lambda: False
        """Returns whether a pad sounds or waits for its start."""
        self._looked_at_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(PLAYHEAD_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.refresh)
        self.menu = QMenu(transport)
        transport.volume_changed.connect(self._set_volume)
        transport.metronome.toggled.connect(self._set_metronome)
        status.output.clicked.connect(self.offer_devices)
        status.show_output(settings.device)

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handlers of the sound actions, by action id."""
        return {
            "louder": lambda: self._change_volume(_VOLUME_STEP),
            "quieter": lambda: self._change_volume(-_VOLUME_STEP),
            "metronome": self._transport.metronome.toggle,
            "choose_device": self.offer_devices,
        }

    def start(self) -> None:
        """Start polling."""
        self._timer.start()

    def close(self) -> None:
        """Stop polling."""
        self._timer.stop()

    def refresh(self) -> None:
        """Show what plays, the playhead, the output device and the level."""
        self._audition.check_device()
        before, self.playhead = self.playhead, self._find_playhead()
        self._transport.play_button.show_playing(self.playhead is not None or self.pads_sound())
        clip_ids = {playhead[0] for playhead in (before, self.playhead) if playhead is not None}
        if clip_ids:
            self.playhead_moved.emit(clip_ids)
        self._status.show_output(self._audition.device)
        self._show_level()

    def offer_devices(self) -> None:
        """Show the menu of devices, as soon as they are known."""
        self._audition.ask_devices(self._main_thread.wrap(self._show_devices))

    def _find_playhead(self) -> tuple[str, float] | None:
        place = self._audition.place
        return None if place is None else (clip_id_of(place[0].name) or "", place[1])

    def _show_level(self) -> None:
        """Show the level, and adapt the polling interval."""
        now_s, meter = time.monotonic(), self._transport.level
        meter.show_peaks(self._audition.take_level(), now_s - self._looked_at_s)
        self._looked_at_s = now_s
        moves = self.playhead is not None or not meter.rests
        if self._timer.interval() != (interval_ms := PLAYHEAD_MS if moves else IDLE_MS):
            self._timer.setInterval(interval_ms)

    def _set_volume(self, volume: float) -> None:
        self._settings.volume = self._audition.volume = volume

    def _change_volume(self, steps: int) -> None:
        slider = self._transport.volume
        slider.setValue(slider.value() + steps)

    def _set_metronome(self, on: bool) -> None:  # noqa: FBT001 - a toggle's slot
        self._audition.metronome = on

    def _show_devices(self, names: list[str]) -> None:
        self.menu.clear()
        for name in ("", *dict.fromkeys(names)):
            action = self.menu.addAction(plain_caption(name) or SYSTEM_DEFAULT)
            action.setCheckable(True)
            action.setChecked(name == self._audition.device)
            action.triggered.connect(lambda _checked=False, name=name: self._choose(name))
        if not names:
            self.menu.addAction("No sound device connected").setEnabled(False)
        button = self._status.output
        self.menu.popup(button.mapToGlobal(QPoint(0, -self.menu.sizeHint().height())))

    def _choose(self, name: str) -> None:
        self._settings.device = name
        self._audition.choose_device(name)
