"""The settings of models as the window shows them: how each is read, shown and remembered.

Which of them a model has, and what they are by default, its entry says (`engine.models.settings`).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.loops.errors import LoopError, OutOfRange
from engine.loops.request import BIT_DEPTHS, LoopRequest, checked_request
from engine.loops.tempo import RATES
from engine.models.entry import ModelEntry
from engine.models.settings import Setting

Value = int | float | str | bool


class SettingField(NamedTuple):
    """How one setting is shown.

    Attributes:
        name: its field in `LoopRequest`.
        caption: what stands before it.
        hint: what its tooltip says.
        read: from what was typed to a value; raises ValueError. None where it is chosen.
        wide: whether it takes a line of its own.
    """

    name: str
    caption: str
    hint: str
    read: Callable[[str], Value] | None = None
    wide: bool = False


def _number(text: str) -> float:
    return float(text.replace(",", "."))


FIELDS = {
    field.name: field
    for field in (
        SettingField(
            "scheduler", "scheduler", "How noise is taken away (docs/models.md)", wide=True
        ),
        SettingField("steps", "steps", "How often noise is taken away: more is slower", int),
        SettingField("guidance", "guidance", "How closely to follow the prompt", _number),
        SettingField("eta", "eta", "Fresh noise in each step, 0-1; scheduler ddim has it", _number),
        SettingField("temperature", "temperature", "Above 1 bolder, below 1 tamer", _number),
        SettingField("top_k", "top-k", "Choose among so many of the likeliest; 0 is all", int),
        SettingField(
            "top_p", "top-p", "Choose among the likeliest that have this share; 0 is all", _number
        ),
        SettingField("max_new_tokens", "tokens", "How many vectors its language model adds", int),
        SettingField("draft", "draft", "Faster; its quality has not been measured"),
        SettingField("rate", "rate", "Sample rate of the file"),
        SettingField("bits", "depth", "Bits a sample; 32f is floating point"),
        SettingField("toward", "toward", "Another prompt to go toward", str, wide=True),
        SettingField("toward_amount", "how far", "How far to go toward it, 0-1", _number),
        SettingField(
            "transcription", "say", "The words that a speaking model says", str, wide=True
        ),
    )
}
"""In the order in which they are shown; what is not here is not offered in the window."""

ALWAYS = (
    Setting("rate", "48000", tuple(str(rate) for rate in RATES)),
    Setting("bits", "24", BIT_DEPTHS),
)
"""What every loop has, whatever plays it."""


def read_setting(name: str, text: str) -> Value | None:
    """Return the value of a setting as it was typed; None for nothing.

    Raises:
        LoopError: it is none, in a sentence.
    """
    field = FIELDS[name]
    if not text.strip() or field.read is None:
        return None
    try:
        value = field.read(text.strip())
    except ValueError as error:
        kind = "a whole number" if field.read is int else "a number"
        raise OutOfRange(field.caption.capitalize(), text[:40], kind) from error
    return _checked(name, value)


def _checked(name: str, value: Value) -> Value:
    """Have the request look at one of its fields alone, so that each range stands once."""
    with_it: dict[str, Any] = {"toward": "x", name: value} if "toward" in name else {name: value}
    checked_request(LoopRequest(prompt="x", **with_it))
    return value


class Remembered:
    """What was set of each model, by its id: values that differ from the model's own defaults."""

    def __init__(self, by_model: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Begin with what is remembered; values that can no longer be are left out."""
        self._by_model = {
            model: {name: value for name, value in values.items() if _can_be(name, value)}
            for model, values in (by_model or {}).items()
        }

    @property
    def by_model(self) -> dict[str, dict[str, Any]]:
        """All that is remembered, to be kept."""
        return {model: dict(values) for model, values in self._by_model.items() if values}

    def of(self, entry: ModelEntry | None) -> dict[str, Any]:
        """Return what is set of a model, of the settings that it has."""
        if entry is None:
            return {}
        has = {setting.name for setting in entry.settings}
        values = self._by_model.get(entry.id, {})
        return {name: value for name, value in values.items() if name in has}

    def put(self, model_id: str, name: str, value: Value | None) -> None:
        """Remember a value; None, False and nothing are the default."""
        values = self._by_model.setdefault(model_id, {})
        if value is None or value is False or value == "":
            values.pop(name, None)
        else:
            values[name] = value

    def clear(self, model_id: str) -> None:
        """Go back to the defaults of a model."""
        self._by_model.pop(model_id, None)


def shown(value: Value | None) -> str:
    """Return a value as it is typed; nothing for None."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def told(values: Mapping[str, Any]) -> str:
    """Return what is set in a few words: `steps 30, draft`."""
    parts = []
    for name, value in values.items():
        caption = FIELDS[name].caption
        parts.append(caption if value is True else f"{caption} {shown(value)}")
    return ", ".join(parts)


def _can_be(name: str, value: Any) -> bool:
    if name not in FIELDS or not isinstance(value, Value):
        return False
    try:
        _checked(name, value)
    except (LoopError, TypeError, OverflowError):
        return False
    return True
