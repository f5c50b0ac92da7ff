"""What the window remembers from one start to the next.

One JSON file with a version. Each step from an older version stands in `MIGRATIONS`; a file that
cannot be read is set aside, and the window starts as if it were the first time.
"""

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

VERSION = 2
_log = logging.getLogger(__name__)


class Settings(msgspec.Struct, kw_only=True):
    """All settings, each with its default.

    Attributes:
        project: the last project folder; empty for the default one.
        theme: `dark`, `light` or `system`.
        geometry: where the window was, as Qt writes it, in hexadecimal.
        columns: the widths of the three columns in pixels, as Qt writes them, in hexadecimal.
        clips_as: the form in which the clips stand, `list` or `grid`.
        volume: 0..1.
        device: the output device; empty for the system's own choice.
        prompts: the last prompts, newest first.
        bpm, meter, key, bars: the session's; an empty key is none.
        takes: how many takes are asked for.
        pad_keys: whether computer keys play the pads wherever no text is typed.
        midi: whether MIDI notes play the pads, where there is MIDI.
        vary_amount: how different a variation is, 0..1.
        blend_amount: how much of the other clip is heard in a blend, 0..1.
        time_source: where the session's time comes from: `internal`, `daw` or `link`.
        model: which model was chosen last.
        model_settings: by the model's id, what was set of it, see `desktop.prompt.model_settings`.
        rate, bits: of the files that are made; empty for the default.
        daws_not_offered: the ids of DAWs that the empty project shall not offer to connect.
        daw_folders: by the DAW's id, its folder, where it is not the usual one.
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


class _File(msgspec.Struct):
    version: int
    settings: dict[str, Any]


def _to_2(settings: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had `dark` as true or false, and no light theme that follows the system."""
    dark = settings.pop("dark", True)
    return {**settings, "theme": "dark" if dark else "light"}


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {2: _to_2}
"""For each version, the step that leads to it from the one before."""


def settings_file() -> Path:
    """Return where the settings of this user are."""
    return Path(platformdirs.user_config_dir("Loopwright", appauthor=False)) / "settings.json"


def load_settings(path: Path) -> Settings:
    """Return the settings in a file; the defaults where there is none, or it is damaged."""
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
    """Write the settings, whole or not at all.

    Raises:
        OSError: they cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    data = msgspec.json.encode(_File(VERSION, msgspec.to_builtins(settings)))
    try:
        part.write_bytes(msgspec.json.format(data))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
