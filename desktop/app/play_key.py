"""Space and the play button: they stop all sound, or else start what played last."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from desktop.clips.rows import ClipRow
from desktop.layers.controller import LayersController
from desktop.layers.strip import LayersStrip
from desktop.pads.controller import PadsController
from desktop.transport.audition import Audition


class PlayKey:
    """Decides between the chosen loop and the layers.

    The layers start if they played last, or if the keyboard is in their strip. Choosing a loop in
    the list means that loop again.
    """

    def __init__(
        self, audition: Audition, pads: PadsController, layers: LayersController, strip: LayersStrip
    ) -> None:
        self._audition = audition
        self._pads = pads
        self._layers = layers
        self._strip = strip
        self._layers_last = False
        layers.played.connect(self._note_layers)

    def press(self, play: Callable[[], None]) -> None:
        """Stop pads and layers, and the clip with them; else start the layers, or call `play`."""
        pads_sounded, layers_sounded = self._pads.stop_sounding(), self._layers.is_on
        if pads_sounded or layers_sounded:
            self._layers.stop()
            self._audition.stop()
        elif self._layers.lanes.filled() and self._is_for_layers():
            self._layers.toggle_play()
        else:
            play()

    def note_chosen(self, _row: ClipRow) -> None:
        """Start the chosen loop next."""
        self._layers_last = False

    def _note_layers(self) -> None:
        self._layers_last = True

    def _is_for_layers(self) -> bool:
        focus = QApplication.focusWidget()
        inside = focus is not None and self._strip.isAncestorOf(focus)
        return self._audition.playing is None and (inside or self._layers_last)
