"""From what stands in the window to a request.

Words in the prompt win over the transport, see `engine.loops.precedence`: "90 bpm" is 90 BPM,
whatever the strip says. What is asked for then becomes the session's time, so that one glance still
shows what the beat is.
"""

import dataclasses
from pathlib import Path
from typing import Any

from desktop.transport.session_time import SessionTime
from engine.loops import precedence
from engine.loops.prompt_reader import read_prompt
from engine.loops.request import LoopRequest, checked_request, cleaned_text

EXAMPLES = (
    "warm Rhodes chords, 90 bpm, D minor",
    "dusty lo-fi drums with swing, 84 bpm",
    "round sub bass, sparse, 84 bpm, D minor",
    "glass bell arpeggio, 120 bpm, A minor, 2 bars",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """What a loop is made of, and how; a verb or a drop sets it as `PromptPanel.source`.

    Attributes:
        path: the file, absolute: a clip, or any sound that can be read.
        mode: one of `engine.loops.request.MODES`.
        amount: how far to go, 0..1; None is the mode's own.
        with_path: with blend, the other file.
        redo_bars: with redo, which bars, as `3` or `2-4`.
    """

    path: Path
    mode: str
    amount: float | None = None
    with_path: Path | None = None
    redo_bars: str | None = None

    @property
    def told(self) -> str:
        """What is done, in a few words: `vary 20 %`."""
        if self.redo_bars is not None:
            return f"{self.mode} {self.redo_bars}"
        return self.mode if self.amount is None else f"{self.mode} {100 * self.amount:.0f} %"


@dataclasses.dataclass
class PromptForm:
    """What the prompt panel holds; a seed of None is a new one each time.

    `settings` are those of the model, and rate and depth, by fields of `LoopRequest`.
    """

    prompt: str = ""
    negative: str = ""
    model: str = "sketch"
    takes: int = 1
    seed: int | None = None
    source: Source | None = None
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)


def request_of(asking: PromptForm, time: SessionTime) -> LoopRequest:
    """Return the request for what was typed, in the session's time.

    What is made of a source keeps the source's own time, but for what its mode changes.

    Raises:
        LoopError: it cannot be met, whatever the model.
    """
    asked = LoopRequest(
        prompt=asking.prompt,
        negative=asking.negative.strip() or None,
        model=asking.model,
        takes=asking.takes,
        seed=asking.seed,
        **asking.settings,
        **_source_fields(asking.source),
    )
    session = precedence.SessionDefaults(
        bpm=time.bpm, meter=time.meter, key=time.key, bars=time.bars
    )
    return checked_request(precedence.with_session(asked, session))


def _source_fields(source: Source | None) -> dict[str, Any]:
    """Return what a request says of a source; it holds names, no paths."""
    if source is None:
        return {}
    other = source.with_path
    return {
        "source": cleaned_text(source.path.name),
        "mode": source.mode,
        "amount": source.amount,
        "with_source": None if other is None else cleaned_text(other.name),
        "redo_bars": source.redo_bars,
    }


def time_asked(prompt: str, time: SessionTime) -> SessionTime:
    """Return the session's time with what a prompt says of it; its length is for that loop."""
    facts = read_prompt(prompt)
    return SessionTime(
        bpm=facts.bpm or time.bpm,
        meter=str(facts.meter) if facts.meter else time.meter,
        key=str(facts.key) if facts.key else time.key,
        bars=time.bars,
    )
