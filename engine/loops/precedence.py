"""The one rule of precedence: flags and typed fields, then words in the prompt, then the session.

The session is what a DAW said, or what the window's transport shows. What is still open after that
is the model's default. Window, bridge and command line all follow this rule.
"""

import msgspec

from engine.loops.prompt_reader import read_prompt
from engine.loops.request import LoopRequest, SourceMode


class SessionDefaults(msgspec.Struct, kw_only=True):
    """What a session gives a request; zero and empty text are unknown.

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


def with_session(request: LoopRequest, session: SessionDefaults) -> LoopRequest:
    """Return a request with the session's time, where neither it nor its prompt states one.

    What is made of a source keeps the source's own time, except for what its mode changes.
    """
    if request.source is not None:
        return _derived(request, session)
    facts = [read_prompt(prompt) for prompt in (request.prompt, *request.also)]
    stated = {
        "bpm": request.bpm or any(each.bpm for each in facts),
        "meter": request.meter or any(each.meter for each in facts),
        "key": request.key or any(each.key or each.mode for each in facts),
        "bars": request.bars or request.seconds or any(each.bars for each in facts),
    }
    filled = {
        name: value
        for name, value in msgspec.structs.asdict(session).items()
        if value and not stated[name]
    }
    return msgspec.structs.replace(request, **filled)


def _derived(request: LoopRequest, session: SessionDefaults) -> LoopRequest:
    """Fill the one field that retempo or rekey changes."""
    facts = read_prompt(request.prompt)
    if request.mode == SourceMode.RETEMPO and request.bpm is None:
        return msgspec.structs.replace(request, bpm=facts.bpm or session.bpm or None)
    if request.mode == SourceMode.REKEY and request.key is None:
        key = str(facts.key) if facts.key else session.key
        return msgspec.structs.replace(request, key=key or None)
    return request
