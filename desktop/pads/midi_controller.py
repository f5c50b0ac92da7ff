"""Controls the MIDI button and shows the open inputs."""

from PySide6.QtCore import QSignalBlocker

from desktop.pads.midi import MidiNotes
from desktop.pads.panel import PadsPanel
from desktop.state.notices import Notices
from desktop.widgets.main_thread import MainThread
from desktop.widgets.plain import plain_tip

_HOW = "Notes 36-51 of all MIDI inputs play the pads"


class MidiController:
    """Connects the button and the notes; shows a problem only after the user pressed the button."""

    def __init__(
        self, panel: PadsPanel, notes: MidiNotes, notices: Notices, main_thread: MainThread
    ) -> None:
        self.wanted = True
        """Whether the user left the button on; it turns off by itself if there is no MIDI."""
        self._button = panel.midi
        self._notes = notes
        self._notices = notices
        self._pressed_by_user = False
        notes.on_change = main_thread.wrap(self.show)
        panel.midi_toggled.connect(self._toggle)
        self.show()

    def start(self, *, on: bool) -> None:
        """Start receiving notes, if MIDI was on in the last session."""
        self.wanted = on
        if on:
            self._press(on=True)
            self._notes.start()
        self.show()

    def close(self) -> None:
        """Stop receiving notes."""
        self._notes.close()

    def show(self) -> None:
        """Show the open inputs."""
        problem, inputs = self._notes.problem, self._notes.inputs
        if problem:
            self._press(on=False)
            if self._pressed_by_user:
                self._pressed_by_user = False
                self._notices.info(problem, topic="midi")
        names = ", ".join(inputs) or "none connected"
        tip = f"{_HOW} ({names})" if self._button.isChecked() else _HOW
        self._button.setToolTip(plain_tip(problem or tip))

    def _press(self, *, on: bool) -> None:
        with QSignalBlocker(self._button):
            self._button.setChecked(on)
        self._button.update()

    def _toggle(self, on: bool) -> None:  # noqa: FBT001 - a toggle's slot
        self.wanted = self._pressed_by_user = on
        self._notes.close()
        if on:
            self._notes.start()
        else:
            self.show()
