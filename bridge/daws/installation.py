"""Installs, updates, removes and inspects the files that Loopwright puts into a DAW's folder.

Only files that an earlier installation wrote are replaced or removed; a list next to them says
which these are. No other file is touched.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.loops.files import Folder, advice_on, reason_of, replace
from engine.version import VERSION

_HERE = Path(__file__).parent
_LIST = "installed.json"
_CONFIG = "config.lua"
INBOX = "inbox"
"""The beginning of the names of the files that `receive.lua` and its relay exchange."""


class InstallationFailed(Exception):
    """Files could not be installed into or removed from a DAW; the message is a sentence."""


class Daw(NamedTuple):
    """One DAW.

    Attributes:
        id: its name on the command line.
        name: its name for people.
        own: our folder within the DAW's folder; it also contains our list of files.
        steps: what the user has to do once.
    """

    id: str
    name: str
    own: str
    steps: tuple[str, ...]


REAPER = Daw(
    "reaper",
    "REAPER",
    "Scripts/Loopwright",
    (
        (
            "Open Preferences > Control/OSC/web > Add > OSC. Choose pattern config 'Loopwright', "
            "device IP 127.0.0.1 and device port 9725."
        ),
        (
            "Open Actions > Show action list > New action > Load ReaScript. Choose all files in "
            "Scripts/Loopwright except loopwright.lua and config.lua."
        ),
        "To send clips to REAPER, run the action 'receive.lua' once in each session.",
    ),
)
LIVE = Daw(
    "live",
    "Live",
    "Loopwright",
    (
        "Restart Live.",
        "Open Settings > Link, Tempo & MIDI, and choose 'Loopwright' as a Control Surface.",
    ),
)
DAWS = {daw.id: daw for daw in (REAPER, LIVE)}


def usual_folder(
    daw: Daw, *, platform: str = sys.platform, environment: Mapping[str, str] | None = None
) -> Path | None:
    """Return the folder where a DAW keeps its files, or None if it does not run on this system."""
    home = Path.home()
    if daw.id == "live":
        folders = {
            "win32": home / "Documents/Ableton/User Library/Remote Scripts",
            "darwin": home / "Music/Ableton/User Library/Remote Scripts",
        }
        return folders.get(platform)
    if platform == "win32":
        roaming = (environment or os.environ).get("APPDATA")
        return Path(roaming) / "REAPER" if roaming else home / "AppData/Roaming/REAPER"
    if platform == "darwin":
        return home / "Library/Application Support/REAPER"
    return home / ".config/REAPER"


def is_there(daw: Daw, folder: Path) -> bool:
    """Return whether a DAW seems to be installed on this machine: whether its folder exists."""
    # Live creates its Remote Scripts folder only on demand: the User Library is enough.
    return folder.is_dir() or (daw is LIVE and folder.parent.is_dir())


def install(daw: Daw, folder: Path, config: str) -> list[Path]:
    """Write our files into a DAW's folder, replacing an earlier installation.

    Args:
        daw: the DAW.
        folder: REAPER's resource folder, or Live's Remote Scripts folder.
        config: the text of REAPER's config.lua; Live needs none.

    Raises:
        InstallationFailed: the folder is missing or not writable, or has other people's files of
            the same names.
    """
    if not is_there(daw, folder):
        raise InstallationFailed(
            f"{daw.name} has no folder {folder}: start {daw.name} once, or give its folder with "
            "--to."
        )
    files = dict(_files(daw, config))
    before = installed_files(daw, folder)
    foreign = [name for name in files if name not in before and (folder / name).exists()]
    if foreign:
        raise InstallationFailed(
            f"{folder / foreign[0]} already exists and was not installed by Loopwright: "
            "move it away, and install again."
        )
    try:
        for name, data in files.items():
            _write(folder / name, data)
        for name in before - set(files):
            (folder / name).unlink(missing_ok=True)
        _write(folder / daw.own / _LIST, _list(files))
    except OSError as error:
        raise InstallationFailed(
            f"Cannot write to {folder} ({reason_of(error)}): {advice_on(error)}."
        ) from error
    return [folder / name for name in files]


def uninstall(daw: Daw, folder: Path) -> int:
    """Remove our files and the folders that become empty; return how many files were removed.

    Raises:
        InstallationFailed: the files cannot be removed.
    """
    names = installed_files(daw, folder)
    try:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        if names:
            (folder / daw.own / _LIST).unlink(missing_ok=True)
            _remove_empty(folder / daw.own)
    except OSError as error:
        raise InstallationFailed(
            f"Cannot remove Loopwright's files from {folder} ({reason_of(error)}): "
            f"{advice_on(error)}."
        ) from error
    return len(names)


def _remove_empty(own: Path) -> None:
    # Python's caches of our files, and what receive.lua and its relay wrote.
    for left in (*own.glob("__pycache__/*.pyc"), *own.glob(f"{INBOX}.*")):
        left.unlink(missing_ok=True)
    if own.is_dir():
        with Folder.open(own) as opened:
            opened.sweep()
    for folder in (own / "__pycache__", own):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def installed_files(daw: Daw, folder: Path) -> set[str]:
    """Return the files of an installation, relative to the folder; empty if there is none."""
    found = _read_list(daw, folder).get("files", {})
    names = found if isinstance(found, dict) else {}
    return {name for name in names if ".." not in Path(name).parts and not Path(name).is_absolute()}


def installed_version(daw: Daw, folder: Path) -> str:
    """Return the installed version; empty if nothing is installed."""
    return str(_read_list(daw, folder).get("version", ""))


def is_current(daw: Daw, folder: Path) -> bool:
    """Return whether the installed files are those of this version, apart from REAPER's config."""
    files = dict(_files(daw, ""))
    files.pop(f"{daw.own}/{_CONFIG}", None)
    try:
        return all((folder / name).read_bytes() == data for name, data in files.items())
    except OSError:
        return False


def _read_list(daw: Daw, folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / daw.own / _LIST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _list(files: Mapping[str, bytes]) -> bytes:
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return (json.dumps({"version": VERSION, "files": sums}, indent=1) + "\n").encode()


def _files(daw: Daw, config: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files to install: names relative to the DAW's folder, and contents."""
    source = _HERE / daw.id / "Loopwright"
    for path in sorted(source.iterdir()):
        if path.suffix in (".py", ".lua"):
            yield f"{daw.own}/{path.name}", path.read_bytes()
    if daw is REAPER:
        yield f"{daw.own}/{_CONFIG}", config.encode("utf-8", "surrogateescape")
        pattern = _HERE / "reaper" / "Loopwright.ReaperOSC"
        yield "OSC/Loopwright.ReaperOSC", pattern.read_bytes()


def _write(path: Path, data: bytes) -> None:
    """Write a file atomically: the DAW may be running."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, data)


def reaper_config(program: list[str], port: int, project: Path) -> str:
    """Return REAPER's config.lua: how to start Loopwright, and where the clips are."""
    words = ", ".join(map(_lua_text, program))
    return (
        f"return {{ program = {{ {words} }}, port = {port}, "
        f"project = {_lua_text(str(project))} }}\n"
    )


def _lua_text(text: str) -> str:
    """Return text as a Lua string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0") + '"'
