"""The settings of the window.

They are one JSON file with a version; `MIGRATIONS` has the step from each older version. Whatever
stands in the file, the window starts: a setting that cannot be used has its default, and the file
is kept beside the new one.
"""

import contextlib
import json
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import platformdirs

from desktop.state.pack_form import PackForm
from engine.loops import files
from engine.loops.errors import LoopError
from engine.loops.export_names import DEFAULT_NAMES
from engine.loops.precedence import SessionTime
from engine.loops.request import LoopRequest, checked_request

VERSION = 4
_MOST_DIGITS = 300
"""Longer whole numbers are out of every range, and slow to parse."""
_Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
_log = logging.getLogger(__name__)


class Settings(msgspec.Struct, kw_only=True):
    """All settings, each with its default.

    Attributes:
        project: last project folder; empty for the default one.
        theme: `dark`, `light` or `system`.
        geometry: position and size of the window, from Qt, in hexadecimal.
        clips_as: form of the clip list, `list` or `grid`.
        waveform: what colours the large waveform, `loudness` (in that of the role) or `spectrum`.
        volume: 0..1.
        device: output device; empty for the system default.
        prompts: last prompts, newest first.
        bpm, meter, key, bars: tempo, meter, key and length of the session; the key may be empty.
        takes: number of takes.
        hear_tempo, hear_key: whether loops are heard in the session's tempo and key.
        pad_keys: whether the computer keyboard plays the pads, except in text fields.
        midi: whether MIDI notes play the pads.
        vary_amount: how different a variation is, 0..1.
        blend_amount: share of the other clip in a blend, 0..1.
        time_source: tempo source: `internal`, `daw` or `link`.
        model: id of the last selected model.
        model_settings: settings by model id, see `desktop.prompt.model_settings`.
        take_times: how long models take, see `desktop.library.take_times`.
        engine: where loops are made, such as `ssh://box`; empty for this machine.
        kit: name or path of the kit or soundfont that sketch plays with; empty for synthesis.
        rate, bits: sample rate and bit depth of new clips; empty for the default.
        export_to: folder that clips were last exported to; empty for the first time.
        export_as: format and bit depth of exported clips, such as `flac 16`.
        export_rate: their sample rate in Hz; 0 for that of each clip.
        export_names: the pattern of their names.
        pack: what the form of a pack holds.
        daws_not_offered: ids of DAWs that the empty state does not offer to connect.
        daw_folders: folders of DAWs by id, if not the usual ones.
    """

    project: str = ""
    theme: Annotated[str, msgspec.Meta(pattern="^(dark|light|system)$")] = "dark"
    geometry: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{0,400}$")] = ""
    clips_as: Annotated[str, msgspec.Meta(pattern="^(list|grid)$")] = "list"
    waveform: Annotated[str, msgspec.Meta(pattern="^(loudness|spectrum)$")] = "loudness"
    volume: _Fraction = 0.8
    device: str = ""
    prompts: list[str] = msgspec.field(default_factory=list)
    bpm: float = 120.0
    meter: str = "4/4"
    key: str = ""
    bars: int = 4
    takes: int = 1
    hear_tempo: bool = False
    hear_key: bool = False
    pad_keys: bool = True
    midi: bool = True
    vary_amount: _Fraction = 0.2
    blend_amount: _Fraction = 0.5
    time_source: Annotated[str, msgspec.Meta(pattern="^(internal|daw|link)$")] = "internal"
    model: str = ""
    model_settings: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    take_times: dict[str, dict[str, Annotated[float, msgspec.Meta(ge=0)]]] = msgspec.field(
        default_factory=dict
    )
    engine: Annotated[str, msgspec.Meta(max_length=300)] = ""
    kit: str = ""
    rate: Annotated[str, msgspec.Meta(pattern="^[0-9]{0,6}$")] = ""
    bits: Annotated[str, msgspec.Meta(pattern="^(|16|24|32f)$")] = ""
    export_to: str = ""
    export_as: Annotated[str, msgspec.Meta(pattern="^(wav|flac) (16|24|32f)$")] = "wav 24"
    export_rate: Annotated[int, msgspec.Meta(ge=0, le=96_000)] = 48_000
    export_names: Annotated[str, msgspec.Meta(max_length=200)] = DEFAULT_NAMES
    pack: PackForm = PackForm()
    daws_not_offered: list[str] = msgspec.field(default_factory=list)
    daw_folders: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def session(self) -> SessionTime:
        """The tempo, meter, key and length of the session."""
        return SessionTime(bpm=self.bpm, meter=self.meter, key=self.key, bars=self.bars)

    @session.setter
    def session(self, time: SessionTime) -> None:
        self.bpm, self.meter, self.key, self.bars = time.bpm, time.meter, time.key, time.bars


def _to_2(settings: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had a boolean `dark`, and no theme that follows the system."""
    dark = settings.pop("dark", True)
    return {**settings, "theme": "dark" if dark else "light"}


def _to_3(settings: dict[str, Any]) -> dict[str, Any]:
    """Version 2 had the columns in Qt's own form, of which a few wrong bytes fill the memory."""
    settings.pop("columns", None)
    return settings


def _to_4(settings: dict[str, Any]) -> dict[str, Any]:
    """Version 3 had the widths of the columns, which now follow from that of the window."""
    settings.pop("columns", None)
    return settings


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {2: _to_2, 3: _to_3, 4: _to_4}
"""The migration to each version from the previous one."""
_CHECKED_AS_REQUEST = ("bpm", "meter", "key", "bars", "takes")


def settings_file() -> Path:
    """Return the path of this user's settings file."""
    return Path(platformdirs.user_config_dir("Loopwright", appauthor=False)) / "settings.json"


def load_settings(path: Path, report: Callable[[str], None] = lambda _sentence: None) -> Settings:
    """Return the settings in a file, each of them its default if it cannot be used.

    Args:
        path: the file; if it is missing, all settings are the defaults.
        report: called with a sentence if part of the file cannot be used.

    Raises:
        OSError: the file is there, but cannot be read; it may be good, so do not save over it.
    """
    with contextlib.suppress(OSError), files.Folder.open(path.parent) as folder:
        folder.sweep()
    try:
        data = files.read(path)
    except FileNotFoundError:
        return Settings()
    settings, unusable = _settings_in(data)
    if unusable:
        _log.warning("settings cannot be used: %s", ", ".join(unusable))
        sentence = f"Some settings cannot be used and have their defaults: {', '.join(unusable)}."
        with contextlib.suppress(OSError):
            with files.Folder.open(path.parent) as folder:
                aside = folder.set_aside(path.name)
            sentence += f" The old file is kept as {path.with_name(aside)}."
            save_settings(path, settings)
        report(sentence)
    return settings


def _settings_in(data: bytes) -> tuple[Settings, list[str]]:
    """Return the valid settings, and the names of the invalid ones."""
    try:
        found = _json(data)
        values = found["settings"]
        for version in range(found["version"] + 1, VERSION + 1):
            values = MIGRATIONS[version](values)
        fields = [field for field in msgspec.structs.fields(Settings) if field.name in values]
    # A million brackets are a RecursionError; what has other types than ours raises all the others.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Settings(), ["all of them"]
    settings, unusable = Settings(), []
    for field in fields:
        try:
            value = msgspec.convert(_plain(values[field.name]), field.type)
            if field.name in _CHECKED_AS_REQUEST:  # so that each range is defined once
                checked_request(LoopRequest(prompt="x", **_unless_empty(field.name, value)))
        except (ValueError, LoopError):
            unusable.append(field.name)
        else:
            setattr(settings, field.name, value)
    return settings, unusable


def _unless_empty(name: str, value: Any) -> dict[str, Any]:
    return {} if value == "" else {name: value}


def _json(data: bytes) -> Any:
    """Parse JSON, also with the numbers that Python's own writer leaves in it: NaN, 1e999.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    return json.loads(data.decode(), parse_int=lambda digits: int(digits[:_MOST_DIGITS]))


def _plain(value: Any) -> Any:
    """Return a value of JSON; ValueError if a text or number in it is none that we ever write."""
    match value:
        case float() if not math.isfinite(value):
            raise ValueError("not a number")
        case str():
            value.encode()  # half of a surrogate pair is a ValueError
            if "\0" in value:
                raise ValueError("a NUL character")
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {_plain(name): _plain(each) for name, each in value.items()}
    return value


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings atomically.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = msgspec.json.encode({"version": VERSION, "settings": settings})
    files.replace(path, msgspec.json.format(data), files.PRIVATE)
