"""The handles by which the chosen loop, its stems and its notes are dragged out."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.clips.stems import Stems
from desktop.theme.stylesheet import GAP_PX
from desktop.widgets.basics import label
from desktop.widgets.drag_source import DragHandle
from desktop.widgets.plain import plain_tip

_AUDIO_TIP = "Drag the loop, as it is heard, into a DAW, a folder or onto a pad; Enter exports it"
_STEMS_TIP = "Drag each of its parts as a loop; they are made when you point here"
_MIDI_TIP = "Drag the notes as MIDI, trimmed like the loop; it is written when you point here"


class OutHandles(QWidget):
    """Audio, stems and MIDI."""

    def __init__(self) -> None:
        super().__init__()
        self.audio = DragHandle("Audio", _AUDIO_TIP, "audio")
        self.stems = DragHandle("Stems", _STEMS_TIP, "layers")
        self.midi = DragHandle("MIDI", _MIDI_TIP, "midi")
        self._caption = label("Drag out", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        for part in (self._caption, *self.handles):
            row.addWidget(part)

    @property
    def handles(self) -> tuple[DragHandle, ...]:
        """All of them."""
        return self.audio, self.stems, self.midi

    def fit(self, *, narrow: bool) -> None:
        """Show the caption only where there is room."""
        self._caption.setVisible(not narrow)

    def show_stems(self, stems: Stems) -> None:
        """Show whether stems can be dragged, or a click makes them; the tooltip says why not."""
        self.stems.show_ready(ready=stems.request is None)
        can = not stems.why_not or stems.request is not None
        _enable(self.stems, _STEMS_TIP, stems.why_not, enabled=can)

    def show_notes(self, why_not: str) -> None:
        """Enable the handle of the notes; its tooltip says why there are none."""
        _enable(self.midi, _MIDI_TIP, why_not, enabled=not why_not)


def _enable(handle: DragHandle, tip: str, why_not: str, *, enabled: bool) -> None:
    handle.setEnabled(enabled)
    handle.setToolTip(plain_tip(why_not or tip))
    handle.setAccessibleDescription(why_not or tip)
