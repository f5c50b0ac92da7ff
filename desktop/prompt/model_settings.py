"""Model settings in the window: how each is parsed, shown and remembered.

The entry of a model lists its settings and their defaults (`engine.models.settings`).
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
        name: field in `LoopRequest`.
        caption: label.
        hint: tooltip.
        read: parses the text; raises ValueError. None if the setting is a list of choices.
        wide: whether it takes a whole line.
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
        SettingField("scheduler", "scheduler", "Noise scheduler (see docs/models.md)", wide=True),
        SettingField("steps", "steps", "Number of inference steps: more is slower", int),
        SettingField(
            "guidance", "guidance", "Guidance scale: how closely to follow the prompt", _number
        ),
        SettingField(
            "eta", "eta", "Noise added in each step, 0-1; only with scheduler ddim", _number
        ),
        SettingField(
            "temperature",
            "temperature",
            "Sampling temperature: above 1 wilder, below 1 safer",
            _number,
        ),
        SettingField(
            "top_k", "top-k", "Sample from this many of the most likely tokens; 0 is all", int
        ),
        SettingField(
            "top_p", "top-p", "Sample from this share of the probability; 0 is all", _number
        ),
        SettingField("max_new_tokens", "tokens", "Number of tokens to generate", int),
        SettingField("draft", "draft", "Faster; the quality has not been measured"),
        SettingField("verbatim", "verbatim", "Add no tempo or key to the prompt"),
        SettingField("rate", "rate", "Sample rate of the file"),
        SettingField("bits", "depth", "Bit depth of the file; 32f is floating point"),
        SettingField("toward", "toward", "Second prompt to blend toward", str, wide=True),
        SettingField(
            "toward_amount", "how far", "How far to blend toward the second prompt, 0-1", _number
        ),
        SettingField("transcription", "say", "Words for the model to say or sing", str, wide=True),
        SettingField(
            "adapters", "adapters", "Adapters and their shares: lofi:0.8, tape", str, wide=True
        ),
        SettingField("language", "language", "Language of what is sung: en, de, ja", str),
    )
}
"""In display order; the window does not show other settings."""

ALWAYS = (
    Setting("rate", "48000", tuple(str(rate) for rate in RATES)),
    Setting("bits", "24", BIT_DEPTHS),
)
"""The settings of every loop, whatever the model."""


def read_setting(name: str, text: str) -> Value | None:
    """Parse the text of a setting; an empty text is None.

    Raises:
        LoopError: the text is not a valid value.
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
    """Validate one field with the request's own checks, so that each range is defined once."""
    with_it: dict[str, Any] = {"toward": "x", name: value} if "toward" in name else {name: value}
    checked_request(LoopRequest(prompt="x", **with_it))
    return value


class Remembered:
    """The settings of each model that differ from its defaults, by model id."""

    def __init__(self, by_model: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Start with stored settings; values that are no longer valid are dropped."""
        self._by_model = {
            model: {name: value for name, value in values.items() if _can_be(name, value)}
            for model, values in (by_model or {}).items()
        }

    @property
    def by_model(self) -> dict[str, dict[str, Any]]:
        """All settings, to be stored."""
        return {model: dict(values) for model, values in self._by_model.items() if values}

    def of(self, entry: ModelEntry | None) -> dict[str, Any]:
        """Return the settings of a model, limited to those that it has."""
        if entry is None:
            return {}
        has = {setting.name for setting in entry.settings}
        values = self._by_model.get(entry.id, {})
        return {name: value for name, value in values.items() if name in has}

    def put(self, model_id: str, name: str, value: Value | None) -> None:
        """Store a value; None, False and an empty text stand for the default."""
        values = self._by_model.setdefault(model_id, {})
        if value is None or value is False or value == "":
            values.pop(name, None)
        else:
            values[name] = value

    def clear(self, model_id: str) -> None:
        """Reset a model to its defaults."""
        self._by_model.pop(model_id, None)


def shown(value: Value | None) -> str:
    """Format a value as one would type it; empty for None."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def settings_text(values: Mapping[str, Any]) -> str:
    """Return settings in short: `steps 30, draft`."""
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
