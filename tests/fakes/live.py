"""The part of Live's object model that the Remote Script uses; it refuses what Live refuses.

Names and signatures follow the published stubs of Live 12.3. A new audio clip is warped by a
guess, as Live does: to the power of two of bars that is nearest to the set's tempo.
"""

import math
from types import SimpleNamespace
from typing import NamedTuple

import soundfile


class WarpMarker(NamedTuple):
    """A time of the sample, in seconds, and the beat it lies on."""

    sample_time: float
    beat_time: float


class FakeClip:
    def __init__(self, path: str, song_tempo: float, name: str = "") -> None:
        info = soundfile.info(path) if path else None
        self.file_path = path
        self.name = name
        self.seconds = info.frames / info.samplerate if info else 0.0
        self.warping = True
        self.looping = False
        self.signature_numerator, self.signature_denominator = 4, 4
        beats = 4 * 2 ** round(math.log2(max(self.seconds * song_tempo / 60 / 4, 1 / 8)))
        beat_s = self.seconds / beats if beats and self.seconds else 1.0
        # The last one is the shadow that gives the tempo behind the end.
        self.warp_markers = [
            WarpMarker(0.0, 0.0),
            WarpMarker(self.seconds, float(beats)),
            WarpMarker(self.seconds + beat_s / 32, beats + 1 / 32),
        ]
        self._loop = [0.0, float(beats)]
        self._marks = [0.0, float(beats)]

    def move_warp_marker(self, beat_time: float, beat_time_distance: float) -> None:
        beats = [marker.beat_time for marker in self.warp_markers]
        number = min(range(len(beats)), key=lambda each: abs(beats[each] - beat_time))
        if abs(beats[number] - beat_time) > 1e-6:
            raise RuntimeError("There is no warp marker")
        target = beat_time + beat_time_distance
        below = beats[number - 1] if number else -math.inf
        above = beats[number + 1] if number + 1 < len(beats) else math.inf
        if not below < target < above:
            raise RuntimeError("A warp marker cannot pass its neighbour")
        self.warp_markers[number] = WarpMarker(self.warp_markers[number].sample_time, target)

    def beat_of_end(self) -> float:
        """The beat that the last sample lies on."""
        return self.warp_markers[-2].beat_time

    @property
    def length(self) -> float:
        first, last = self._loop if self.looping else self._marks
        return last - first

    @property
    def loop_start(self):
        return self._loop[0]

    @loop_start.setter
    def loop_start(self, value):
        self._set(self._loop, 0, value)

    @property
    def loop_end(self):
        return self._loop[1]

    @loop_end.setter
    def loop_end(self, value):
        self._set(self._loop, 1, value)

    @property
    def start_marker(self):
        return self._marks[0]

    @start_marker.setter
    def start_marker(self, value):
        self._set(self._marks, 0, value)

    @property
    def end_marker(self):
        return self._marks[1]

    @end_marker.setter
    def end_marker(self, value):
        self._set(self._marks, 1, value)

    def _set(self, pair, index, value):
        changed = [*pair]
        changed[index] = value
        if changed[0] >= changed[1]:
            raise RuntimeError("The end must lie behind the start")
        pair[index] = value


class MidiNoteSpecification(NamedTuple):
    pitch: int
    start_time: float
    duration: float
    velocity: float = 100.0
    mute: bool = False


LIVE_MODULE = SimpleNamespace(Clip=SimpleNamespace(MidiNoteSpecification=MidiNoteSpecification))
"""The module `Live`, which scripts can import inside Live."""


class FakeMidiClip:
    """An empty MIDI clip; as in Live, it loops over its whole length."""

    def __init__(self, length: float) -> None:
        self.name = ""
        self.length = length
        self.looping = True
        self.signature_numerator, self.signature_denominator = 4, 4
        self.notes = []

    def add_new_notes(self, notes) -> None:
        for note in notes:
            if not isinstance(note, MidiNoteSpecification):
                raise TypeError("Python argument types did not match C++ signature")
            if not (0 <= note.pitch < 128 and 0 < note.velocity <= 127 and note.duration > 0):
                raise RuntimeError("Invalid note")
            self.notes.append(note)


class OldClipSlot:
    """A slot of a Live that is too old for clips from scripts."""

    def __init__(self, track) -> None:
        self._track = track
        self.clip = None

    @property
    def has_clip(self) -> bool:
        return self.clip is not None


class FakeClipSlot(OldClipSlot):
    def create_audio_clip(self, file_path: str) -> FakeClip:
        if self.has_clip:
            raise RuntimeError("The slot is not empty")
        if not self._track.has_audio_input or self._track.is_frozen:
            raise RuntimeError("The track takes no audio clips")
        if not file_path.startswith("/"):
            raise RuntimeError("The path is not absolute")
        try:
            self.clip = FakeClip(file_path, self._track.song.tempo)
        except soundfile.LibsndfileError as error:
            raise RuntimeError("Not a valid audio file") from error
        return self.clip

    def create_clip(self, length: float) -> FakeMidiClip:
        if self.has_clip:
            raise RuntimeError("The slot is not empty")
        if not self._track.has_midi_input:
            raise RuntimeError("The track takes no MIDI clips")
        if length <= 0:
            raise RuntimeError("The length must be positive")
        self.clip = FakeMidiClip(length)
        return self.clip


class FakeTrack:
    def __init__(self, song, name: str, *, audio: bool, slot=FakeClipSlot) -> None:
        self.song = song
        self.name = name
        self.has_audio_input = audio
        self.has_midi_input = not audio
        self.is_frozen = False
        self.fired_slot_index = -1
        self._slot = slot
        self.clip_slots = [slot(self) for _ in song.scenes]

    def add_slot(self) -> None:
        self.clip_slots.append(self._slot(self))


class FakeScene:
    def __init__(self) -> None:
        self.name = ""
        self.is_triggered = False


class FakeView:
    selected_track = None
    selected_scene = None


class FakeSong:
    """A set with the given tracks, by name and kind, and two scenes."""

    def __init__(self, *tracks: tuple[str, bool], slot=FakeClipSlot) -> None:
        self.tempo = 120.0
        self.most_tracks = 16  # as in Live Intro
        self.signature_numerator, self.signature_denominator = 4, 4
        self.is_playing = False
        self.current_song_time = 0.0
        self.root_note, self.scale_name, self.scale_mode = 0, "Major", False
        self.scenes = [FakeScene(), FakeScene()]
        self.tracks = [FakeTrack(self, name, audio=audio, slot=slot) for name, audio in tracks]
        self.view = FakeView()
        self.view.selected_track = self.tracks[0]
        self.view.selected_scene = self.scenes[0]

    def create_scene(self, index: int) -> FakeScene:
        assert index == -1
        self.scenes.append(FakeScene())
        for track in self.tracks:
            track.add_slot()
        return self.scenes[-1]

    def create_audio_track(self, index: int) -> FakeTrack:
        assert index == -1
        self.tracks.append(FakeTrack(self, "Audio", audio=True))
        return self.tracks[-1]

    def create_midi_track(self, index: int) -> FakeTrack:
        assert index == -1
        if len(self.tracks) == self.most_tracks:
            raise RuntimeError("No more tracks allowed")
        self.tracks.append(FakeTrack(self, "MIDI", audio=False))
        return self.tracks[-1]


class FakeLive:
    """What Live passes to a Remote Script."""

    def __init__(self, song: FakeSong) -> None:
        self._song = song
        self.messages = []
        self.logged = []

    def song(self) -> FakeSong:
        return self._song

    def show_message(self, text: str) -> None:
        self.messages.append(text)

    def log_message(self, text: str) -> None:
        self.logged.append(text)
