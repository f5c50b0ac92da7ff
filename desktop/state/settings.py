"""The settings of the window.

They are one JSON file with a version; `MIGRATIONS` has the step from each older version. A file
that cannot be read is renamed, and the window starts with the defaults.
"""

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from engine.loops.precedence import SessionTime

VERSION = 2
_log = logging.getLogger(__name__)


class Settings(msgspec.Struct, kw_only=True):
    """All settings, each with its default.

    Attributes:
        project: last project folder; empty for the default one.
        theme: `dark`, `light` or `system`.
        geometry: position and size of the window, from Qt, in hexadecimal.
        columns: widths of the three columns, from Qt, in hexadecimal.
        clips_as: form of the clip list, `list` or `grid`.
        volume: 0..1.
        device: output device; empty for the system default.
        prompts: last prompts, newest first.
        bpm, meter, key, bars: tempo, meter, key and length of the session; the key may be empty.
        takes: number of takes.
        pad_keys: whether the computer keyboard plays the pads, except in text fields.
        midi: whether MIDI notes play the pads.
        vary_amount: how different a variation is, 0..1.
        blend_amount: share of the other clip in a blend, 0..1.
        time_source: tempo source: `internal`, `daw` or `link`.
        model: id of the last selected model.
        model_settings: settings by model id, see `desktop.prompt.model_settings`.
        rate, bits: sample rate and bit depth of new clips; empty for the default.
        daws_not_offered: ids of DAWs that the empty state does not offer to connect.
        daw_folders: folders of DAWs by id, if not the usual ones.
    """

    project: str = ""
    theme: str = "dark"
    geometry: str = ""
    columns: str = ""
    clips_as: str = "list"
    volume: float = 0.8
    device: str = ""
    prompts: list[str] = msgspec.field(default_factory=list)
    bpm: float = 120.0
    meter: str = "4/4"
    key: str = ""
    bars: int = 4
    takes: int = 1
    pad_keys: bool = True
    midi: bool = True
    vary_amount: float = 0.2
    blend_amount: float = 0.5
    time_source: str = "internal"
    model: str = ""
    model_settings: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    rate: str = ""
    bits: str = ""
    daws_not_offered: list[str] = msgspec.field(default_factory=list)
    daw_folders: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def session(self) -> SessionTime:
        """The tempo, meter, key and length of the session."""
        return SessionTime(bpm=self.bpm, meter=self.meter, key=self.key, bars=self.bars)

    @session.setter
    def session(self, time: SessionTime) -> None:
        self.bpm, self.meter, self.key, self.bars = time.bpm, time.meter, time.key, time.bars


class _File(msgspec.Struct):
    version: int
    settings: dict[str, Any]


def _to_2(settings: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had a boolean `dark`, and no theme that follows the system."""
    dark = settings.pop("dark", True)
    return {**settings, "theme": "dark" if dark else "light"}


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {2: _to_2}
"""The migration to each version from the previous one."""


def settings_file() -> Path:
    """Return the path of this user's settings file."""
    return Path(platformdirs.user_config_dir("Loopwright", appauthor=False)) / "settings.json"


def load_settings(path: Path) -> Settings:
    """Return the settings in a file; the defaults if it is missing or damaged."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
        values = found.settings
        for version in range(found.version + 1, VERSION + 1):
            values = MIGRATIONS[version](values)
        return msgspec.convert(values, Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, msgspec.DecodeError, msgspec.ValidationError, KeyError, UnicodeDecodeError):
        _log.warning("settings are damaged: set aside, and the defaults used", exc_info=True)
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".damaged"))
        return Settings()


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings atomically.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    data = msgspec.json.encode(_File(VERSION, msgspec.to_builtins(settings)))
    try:
        part.write_bytes(msgspec.json.format(data))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
