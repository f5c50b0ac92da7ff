"""What the model is told, in the form that it was trained with: every word and newline counts.

It knows whole tempos from 30 to 300 BPM, major and minor, and four meters. What it does not know is
left open, as `N/A`.
"""

import dataclasses
from collections.abc import Sequence

from engine.loops.key import parse_key
from engine.loops.prompt_reader import read_prompt
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid

FROM_TEXT = "Fill the audio semantic mask based on the given conditions:"
COVER = "Generate audio semantic tokens based on the given conditions:"
REPAINT = "Repaint the mask area based on the given conditions:"
_NOT_SAID = "N/A"
_TEMPOS = 30, 300
_BEATS = {"2/4": 2, "3/4": 3, "4/4": 4, "6/8": 6}
_MODES = ("major", "minor")
LANGUAGES = (
    "ar az bg bn ca cs da de el en es fa fi fr he hi hr ht hu id is it ja ko la lt ms ne nl no pa "
    "pl pt ro ru sa sk sr sv sw ta te th tl tr uk ur vi yue zh"
)
"""Those in which the model sings."""
_INSTRUMENTAL, _NO_LANGUAGE, _USUAL_LANGUAGE = "[Instrumental]", "unknown", "en"
_LINE = " / "
"""Between two lines of lyrics, as in print; a request has its text on one line."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wording:
    """What the model is told.

    Attributes:
        task: what to do, one of the sentences above.
        caption: what it sounds like.
        seconds: how long it is.
        bpm: the tempo; None leaves it open, like those that follow.
        key: such as `F# minor`.
        beats: of a bar.
        lyrics: what is sung, line by line; empty for nothing.
        language: of the lyrics, one of `LANGUAGES`.
    """

    task: str = FROM_TEXT
    caption: str
    seconds: float
    bpm: int | None = None
    key: str | None = None
    beats: int | None = None
    lyrics: str = ""
    language: str = _USUAL_LANGUAGE

    @property
    def text(self) -> str:
        """The text for the encoder."""
        facts = {"bpm": self.bpm, "timesignature": self.beats, "keyscale": self.key}
        lines = [f"- {name}: {value or _NOT_SAID}" for name, value in facts.items()]
        lines.append(f"- duration: {int(self.seconds)} seconds")
        sections = {"Instruction": self.task, "Caption": self.caption, "Metas": "\n".join(lines)}
        written = "\n\n".join(f"# {title}\n{body}" for title, body in sections.items())
        return f"{written}\n<|endoftext|>\n"

    @property
    def sung(self) -> str:
        """The lyrics for the encoder."""
        language = self.language if self.lyrics else _NO_LANGUAGE
        return f"# Languages\n{language}\n\n# Lyric\n{self.lyrics or _INSTRUMENTAL}<|endoftext|>"


def playing(track: str | None) -> str:
    """Return the task to play a track, or any that fits, to what the model hears."""
    return f"Generate the {_named(track)} based on the audio context:"


def completing(tracks: Sequence[str]) -> str:
    """Return the task to play several tracks together to what it hears; any that fit if none."""
    named = " | ".join(track.upper() for track in tracks)
    return f"Complete the input track with {named}:" if tracks else "Complete the input track:"


def extracting(track: str | None) -> str:
    """Return the task to take a track out of what the model hears."""
    return f"Extract the {_named(track)} from the audio:"


def _named(track: str | None) -> str:
    return "track" if track is None else f"{track.upper()} track"


def wording(request: LoopRequest, grid: LoopGrid, seconds: float, task: str = FROM_TEXT) -> Wording:
    """Return what the model is told for a request.

    A verbatim request says no tempo, key or meter; neither does a one-shot.

    Args:
        request: the request.
        grid: of the loop.
        seconds: how long the sound is that the model makes.
        task: what to do.
    """
    lyrics = (request.transcription or "").replace(_LINE, "\n")
    found = Wording(
        task=task,
        caption=request.prompt,
        seconds=seconds,
        lyrics=lyrics,
        language=request.language or _USUAL_LANGUAGE,
    )
    if request.verbatim or not grid.is_loop:
        return found
    key = parse_key(request.key) or read_prompt(request.prompt).key
    return dataclasses.replace(
        found,
        bpm=told_bpm(grid.bpm),
        key=str(key) if key is not None and key.mode in _MODES else None,
        beats=_BEATS.get(str(grid.meter)),
    )


def told_bpm(bpm: float) -> int:
    """Return a tempo as the model knows it: rounded, and an octave nearer if it must be."""
    low, high = _TEMPOS
    nearer = bpm * 2 if bpm < low else bpm / 2 if bpm > high else bpm
    return round(nearer)
