"""The button of the Layers strip that plays and stops the layers."""

from desktop.layers.lane_signals import LaneSignals
from desktop.widgets.basics import repolish
from desktop.widgets.buttons import SignButton


class PlayLayers(SignButton):
    """Says whether the layers play."""

    def __init__(self, signals: LaneSignals) -> None:
        super().__init__("Play", "play", "Play the layers together", small=True)
        self.setAccessibleName("Play the layers")
        self.clicked.connect(signals.play_clicked)

    def show_playing(self, *, playing: bool) -> None:
        """Show whether the layers play; cheap if that has not changed."""
        look = "sounds" if playing else ""
        if self.property("look") == look:
            return
        self.sign = "pause" if playing else "play"
        self.setText("Playing" if playing else "Play")
        self.setToolTip("Stop the layers" if playing else "Play the layers together")
        self.setAccessibleName("Stop the layers" if playing else "Play the layers")
        self.setProperty("look", look)
        repolish(self)
        self.updateGeometry()
