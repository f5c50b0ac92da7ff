"""Turns the contents of the prompt panel into a request.

The prompt overrides the transport, see `engine.loops.precedence`: "90 bpm" is 90 BPM, whatever the
top bar shows. It does so for this request alone; taking it over into the session is offered.
"""

import dataclasses
from pathlib import Path
from typing import Any

import msgspec

from engine.loops.precedence import Resolved, SessionTime, resolve
from engine.loops.request import LoopRequest, checked_request, cleaned_text
from engine.loops.source.facts import NOTHING_STATED, StatedFacts

EXAMPLES = (
    "dusty lo-fi drums with swing, 84 bpm, 4 bars",
    "warm Rhodes chords, 84 bpm, D minor, 4 bars",
    "round sub bass, 84 bpm, D minor, 4 bars",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """The source of a loop and how to use it; a verb or a drop sets it as `PromptPanel.source`.

    Attributes:
        path: absolute path of a clip or any readable audio file.
        mode: one of `engine.loops.request.MODES`.
        amount: strength of the change, 0..1; None is the mode's default.
        with_path: the second file; only with blend.
        redo_bars: bars such as `3` or `2-4`; only with redo.
        stated: what the user says about the file.
    """

    path: Path
    mode: str
    amount: float | None = None
    with_path: Path | None = None
    redo_bars: str | None = None
    stated: StatedFacts = NOTHING_STATED

    @property
    def stated_file(self) -> tuple[Path, StatedFacts]:
        """The file and what the user states about it: all that its facts depend on."""
        return self.path, self.stated

    @property
    def summary(self) -> str:
        """The change in short, such as `vary 20 %`."""
        if self.redo_bars is not None:
            return f"{self.mode} {self.redo_bars}"
        return self.mode if self.amount is None else f"{self.mode} {100 * self.amount:.0f} %"


@dataclasses.dataclass
class PromptForm:
    """The contents of the prompt panel; a seed of None means a random one each time.

    `settings` has the model settings, sample rate and bit depth by fields of `LoopRequest`.
    """

    prompt: str = ""
    negative: str = ""
    model: str = "sketch"
    takes: int = 1
    seed: int | None = None
    source: Source | None = None
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)


def request_of(form: PromptForm, session: SessionTime) -> Resolved:
    """Return the request for a form, and the session with what the prompt states.

    A loop made from a source keeps the source's own values, except for what the mode changes.

    Raises:
        LoopError: no model could fulfil the request.
    """
    request = LoopRequest(
        prompt=form.prompt,
        negative=form.negative.strip() or None,
        model=form.model,
        takes=form.takes,
        seed=form.seed,
        **form.settings,
        **_source_fields(form.source),
    )
    resolved = resolve(request, session)
    request = resolved.request
    if request.needs_no_model:  # its words give tempo or key; they are not heard, and no title
        request = msgspec.structs.replace(request, prompt="", negative=None)
    return resolved._replace(request=checked_request(request))


def _source_fields(source: Source | None) -> dict[str, Any]:
    """Return the source fields of a request; they hold file names, not paths."""
    if source is None:
        return {}
    other = source.with_path
    return {
        "source": cleaned_text(source.path.name),
        "mode": source.mode,
        "amount": source.amount,
        "with_source": None if other is None else cleaned_text(other.name),
        "redo_bars": source.redo_bars,
        **source.stated.request_fields,
    }
