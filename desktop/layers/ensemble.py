"""Plays the layers without blocking the window.

The loops are read in advance, on a separate thread, which also opens the device; a change is then
handed to the audio callback, which takes it at the next bar.
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

from desktop.layers.round import Round
from engine.loops.errors import LoopError
from engine.loops.tempo import LoopGrid
from engine.task_thread import TaskThread
from playback.clip_audio import ClipAudio, read_clip
from playback.interface import LayerPlayer
from playback.layer_voices import Layer, LayerMixer, LayerSet

_CHANGE = "change"
_NO_LAYERS: Mapping[tuple[Path, Round], Layer] = {}


@dataclasses.dataclass(frozen=True)
class Part:
    """A loop that plays: its file, its grid, and how loud it is."""

    path: Path
    grid: LoopGrid
    gain: float


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """What plays together: the loops by place, and the round that they fill."""

    parts: Mapping[int, Part]
    round: Round


class Ensemble:
    """Plays an arrangement. The methods return at once."""

    def __init__(
        self,
        player: Callable[[], LayerPlayer],
        open_device: Callable[[int], int],
        on_error: Callable[[str], None],
    ) -> None:
        """Prepare; the device is not opened before something plays.

        Args:
            player: returns the player, creating it on the first call; may block.
            open_device: opens the player's device for a sample rate, if it is not open, and
                returns its actual rate; may block. Raises `NoSound`.
            on_error: called on another thread with a sentence if something cannot be played.
        """
        self.next_bar_s: Callable[[], float | None] = lambda: None
        """Returns when the host's next bar starts, by `time.monotonic`; None without a host."""
        self._get_player = player
        self._open_device = open_device
        self._on_error = on_error
        self._player: LayerPlayer | None = None
        self._mixer: LayerMixer | None = None
        """Where the layers were started; a player with another one has changed its device."""
        self._wanted = False
        self._arrangement: Arrangement | None = None
        self._clips: dict[Path, ClipAudio] = {}
        self._layers: dict[tuple[Path, Round], Layer] = {}
        self._thread = TaskThread("layers")

    @property
    def is_on(self) -> bool:
        """Whether the layers play, or are about to; a change of device ends them."""
        player, mixer = self._player, self._mixer
        if player is not None and mixer is not None:
            self._wanted = self._wanted and bool(player.rate) and player.layers is mixer
        return self._wanted

    @property
    def has_loops(self) -> bool:
        """Whether there is something to play."""
        return self._arrangement is not None

    @property
    def place(self) -> float | None:
        """Where in their round the layers are, in bars; None while they are silent."""
        return None if self._player is None else self._player.layers_place

    def show(self, arrangement: Arrangement | None) -> None:
        """Have another arrangement: what plays changes at the next bar; None ends it."""
        before, self._arrangement = self._arrangement, arrangement
        if arrangement is None:
            self.stop()
        elif arrangement != before:
            self._thread.run(self._change, key=_CHANGE)

    def set_gain(self, place: int, gain: float) -> None:
        """Set how loud a loop is, at once."""
        if self._mixer is not None:
            self._mixer.set_gain(place, gain)

    def play(self) -> None:
        """Play from the next bar of what runs, or of the host; otherwise at once."""
        if self._arrangement is not None:
            self._wanted, self._mixer = True, None
            self._thread.run(self._start)

    def stop(self) -> None:
        """Stop all layers."""
        self._wanted = False
        if self._mixer is not None:
            self._mixer.stop()

    def close(self) -> None:
        """End the thread; the player is closed by its owner."""
        self.stop()
        self._thread.close()

    def _start(self) -> None:
        try:
            player = self._player = self._player or self._get_player()
            arrangement = self._arrangement
            if arrangement is None:
                return
            rate = self._open_device(next(iter(arrangement.parts.values())).grid.rate)
            layers, bar_s = self._layers_of(arrangement, rate), self.next_bar_s()
            start = None if bar_s is None else player.frame_at(bar_s)
            if self._wanted:
                self._mixer = player.layers
                self._mixer.play(layers, start)
        except LoopError as error:
            self._wanted = False
            self._on_error(str(error))

    def _change(self) -> None:
        player, arrangement = self._player, self._arrangement
        if arrangement is None or player is None or self._mixer is None or not player.rate:
            return
        try:
            self._mixer.change(self._layers_of(arrangement, player.rate))
        except LoopError as error:
            self._on_error(str(error))

    def _layers_of(self, arrangement: Arrangement, rate: int) -> LayerSet:
        paths = [part.path for part in arrangement.parts.values()]
        self._clips = {path: self._clip_at(path, rate) for path in paths}
        layers = layers_of(arrangement, self._clips, rate, self._layers)
        self._layers = {
            (part.path, arrangement.round): layers.layers[place]
            for place, part in arrangement.parts.items()
        }
        return layers

    def _clip_at(self, path: Path, rate: int) -> ClipAudio:
        clip = self._clips.get(path)
        if clip is not None and clip.rate == rate:
            return clip
        clip = read_clip(path, self._thread.check)
        return clip if clip.rate == rate else clip.at_rate(rate)


def layers_of(
    arrangement: Arrangement,
    clips: Mapping[Path, ClipAudio],
    rate: int,
    before: Mapping[tuple[Path, Round], Layer] = _NO_LAYERS,
) -> LayerSet:
    """Return an arrangement as what plays.

    Args:
        arrangement: the loops, and the round that they fill.
        clips: their audio at `rate`.
        rate: of the stream, in Hz.
        before: what played before; a loop that goes on keeps its audio, and so its place.
    """
    layers: dict[int, Layer] = {}
    for place, part in arrangement.parts.items():
        layer = before.get((part.path, arrangement.round))
        if layer is None:
            layer = arrangement.round.layer(clips[part.path], part.grid, part.gain)
        layers[place] = dataclasses.replace(layer, gain=part.gain)
    return arrangement.round.layers(layers, rate)
