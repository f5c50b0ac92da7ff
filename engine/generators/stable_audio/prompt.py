"""The prompt with what the model cards put into theirs: bars, tempo and key, in their words."""

from engine.loops.key import parse_key
from engine.loops.prompt_reader import read_prompt
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid, format_bpm


def worded(request: LoopRequest, grid: LoopGrid) -> str:
    """Return the prompt for the model: `warm pad, 4 bars, A minor, 120 BPM`.

    What the prompt says itself is not repeated. It stays as it is if the request is verbatim, if
    there is none, and for a one-shot.
    """
    if request.verbatim or not request.prompt or not grid.is_loop:
        return request.prompt
    facts = read_prompt(request.prompt)
    words = [request.prompt]
    if facts.bars is None:
        words.append(f"{grid.bars} bar{'s' * (grid.bars != 1)}")
    key = parse_key(request.key)
    if key is not None and facts.key is None:
        words.append(str(key))
    if facts.bpm is None:
        words.append(f"{format_bpm(grid.bpm)} BPM")
    return ", ".join(words)
