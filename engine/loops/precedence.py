"""The one rule of precedence: flags and typed fields, then words in the prompt, then the session.

The session has the values of a DAW or of the window's transport. Fields that are still open after
that get the model's defaults. Window, bridge and command line all follow this rule.
"""

from typing import Any, NamedTuple

import msgspec

from engine.loops.prompt_reader import PromptFacts, read_prompt
from engine.loops.request import LoopRequest, SourceMode


class SessionTime(msgspec.Struct, frozen=True, kw_only=True):
    """The time and key of a session; zero and empty text are unknown.

    Attributes:
        bpm: quarter notes per minute.
        meter: such as `7/8`.
        key: such as `A minor`.
        bars: the usual length of a loop.
    """

    bpm: float = 0.0
    meter: str = ""
    key: str = ""
    bars: int = 0

    def with_facts(self, facts: PromptFacts) -> "SessionTime":
        """Return this time with the tempo, meter and key of a prompt; its length is ignored."""
        return SessionTime(
            bpm=facts.bpm or self.bpm,
            meter=str(facts.meter) if facts.meter else self.meter,
            key=str(facts.key) if facts.key else self.key,
            bars=self.bars,
        )


class Resolved(NamedTuple):
    """A request and the session, after each has taken over what the other states.

    Attributes:
        request: has the session's time where neither its fields nor its prompts state one.
        session: has the tempo, meter and key that the prompt states.
    """

    request: LoopRequest
    session: SessionTime


def resolve(request: LoopRequest, session: SessionTime) -> Resolved:
    """Read the prompts of a request, and fill open fields from the session.

    A loop made from a source keeps the source's own time, except for what its mode changes.
    """
    facts = [read_prompt(prompt) for prompt in (request.prompt, *request.also)]
    if request.source is None:
        filled = _from_session(request, facts, session)
    else:
        filled = _changed_by_mode(request, facts[0], session)
    return Resolved(msgspec.structs.replace(request, **filled), session.with_facts(facts[0]))


def _from_session(
    request: LoopRequest, facts: list[PromptFacts], session: SessionTime
) -> dict[str, Any]:
    """Return the fields that neither the request nor one of its prompts states."""
    stated = {
        "bpm": request.bpm or any(each.bpm for each in facts),
        "meter": request.meter or any(each.meter for each in facts),
        "key": request.key or any(each.key or each.mode for each in facts),
        "bars": request.bars or request.seconds or any(each.bars for each in facts),
    }
    return {
        name: value
        for name, value in msgspec.structs.asdict(session).items()
        if value and not stated[name]
    }


def _changed_by_mode(
    request: LoopRequest, facts: PromptFacts, session: SessionTime
) -> dict[str, Any]:
    """Return the one field that retempo or rekey changes, if it is open."""
    if request.mode == SourceMode.RETEMPO and request.bpm is None:
        return {"bpm": facts.bpm or session.bpm or None}
    if request.mode == SourceMode.REKEY and request.key is None:
        return {"key": str(facts.key or "") or session.key or None}
    return {}
