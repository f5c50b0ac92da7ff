"""From what stands in the window to a request; no Qt here.

Words in the prompt win over the transport: "90 bpm" is 90 BPM, whatever the strip says. What is
asked for then becomes the session's time, so that one glance still tells what the beat is.
"""

import dataclasses

from desktop.session_time import SessionTime
from engine.loops.request import LoopRequest, checked_request
from engine.loops.words import read_facts

EXAMPLES = (
    "warm Rhodes chords, 90 bpm, D minor",
    "dusty lo-fi drums with swing, 84 bpm",
    "round sub bass, sparse, 84 bpm, D minor",
    "glass bell arpeggio, 120 bpm, A minor, 2 bars",
)


@dataclasses.dataclass
class Asking:
    """What the prompt panel holds; a seed of None is a new one each time."""

    prompt: str = ""
    negative: str = ""
    model: str = "sketch"
    takes: int = 1
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    draft: bool = False


def request_of(asking: Asking, time: SessionTime) -> LoopRequest:
    """Return the request for what was typed, in the session's time.

    Raises:
        LoopError: it cannot be met, whatever the model.
    """
    facts = read_facts(asking.prompt)
    return checked_request(
        LoopRequest(
            prompt=asking.prompt,
            negative=asking.negative.strip() or None,
            model=asking.model,
            bpm=None if facts.bpm else time.bpm,
            meter=None if facts.meter else time.meter,
            key=None if facts.key or facts.mode else time.key or None,
            bars=None if facts.bars else time.bars,
            takes=asking.takes,
            seed=asking.seed,
            steps=asking.steps,
            guidance=asking.guidance,
            draft=asking.draft,
        )
    )


def time_asked(prompt: str, time: SessionTime) -> SessionTime:
    """Return the session's time with what a prompt says of it; its length is for that loop."""
    facts = read_facts(prompt)
    return SessionTime(
        bpm=facts.bpm or time.bpm,
        meter=str(facts.meter) if facts.meter else time.meter,
        key=str(facts.key) if facts.key else time.key,
        bars=time.bars,
    )
