"""What Loopwright puts into a DAW's folder: installing, updating, removing, looking.

Only files that an earlier installation wrote are replaced or removed; a list beside them says
which those are. No other file is touched.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.version import VERSION

_HERE = Path(__file__).parent
_LIST = "installed.json"
_CONFIG = "config.lua"
INBOX = "inbox"
"""How the files begin by which `receive.lua` and its relay speak."""


class InstallationFailed(Exception):
    """A DAW that cannot be installed into; the message is a sentence."""


class Daw(NamedTuple):
    """One DAW.

    Attributes:
        id: what the command line calls it.
        name: what people call it.
        own: the folder, in the DAW's, that holds our list; nothing else lies there.
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
            "Preferences > Control/OSC/web > Add > OSC: pattern config 'Loopwright', device IP "
            "127.0.0.1, device port 9725."
        ),
        (
            "Actions > Show action list > New action > Load ReaScript: choose the files in "
            "Scripts/Loopwright, but not loopwright.lua and config.lua."
        ),
        "Run the action 'receive.lua' in each session in which clips shall be sent to REAPER.",
    ),
)
LIVE = Daw(
    "live",
    "Live",
    "Loopwright",
    (
        "Start Live again.",
        "Settings > Link, Tempo & MIDI > Control Surface: choose 'Loopwright'.",
    ),
)
DAWS = {daw.id: daw for daw in (REAPER, LIVE)}


def usual_folder(
    daw: Daw, *, platform: str = sys.platform, environment: Mapping[str, str] | None = None
) -> Path | None:
    """Return where a DAW keeps its own files on a system, or None where it does not run."""
    home = Path.home()
    if daw.id == "live":
        places = {
            "win32": home / "Documents/Ableton/User Library/Remote Scripts",
            "darwin": home / "Music/Ableton/User Library/Remote Scripts",
        }
        return places.get(platform)
    if platform == "win32":
        roaming = (environment or os.environ).get("APPDATA")
        return Path(roaming) / "REAPER" if roaming else home / "AppData/Roaming/REAPER"
    if platform == "darwin":
        return home / "Library/Application Support/REAPER"
    return home / ".config/REAPER"


def is_there(daw: Daw, folder: Path) -> bool:
    """Return whether a DAW has been on this machine, by the folder that it keeps."""
    # Live makes its folder of Remote Scripts only when it is wanted: the User Library is enough.
    return folder.is_dir() or (daw is LIVE and folder.parent.is_dir())


def install(daw: Daw, folder: Path, config: str) -> list[Path]:
    """Write what a DAW needs into its folder, over what was installed before.

    Args:
        daw: which one.
        folder: REAPER's resource folder, or Live's folder of Remote Scripts.
        config: the text of REAPER's config.lua; Live needs none.

    Raises:
        InstallationFailed: the folder is not there, or has files of that name that are not ours.
    """
    if not is_there(daw, folder):
        raise InstallationFailed(
            f"{daw.name} has no folder {folder}: start it once, or name its folder with --to."
        )
    files = dict(_files(daw, config))
    before = installed_files(daw, folder)
    strangers = [name for name in files if name not in before and (folder / name).exists()]
    if strangers:
        raise InstallationFailed(
            f"{folder / strangers[0]} is there and was not put there by Loopwright: "
            "move it away, and install again."
        )
    try:
        for name, data in files.items():
            _write(folder / name, data)
        for name in before - set(files):
            (folder / name).unlink(missing_ok=True)
        _write(folder / daw.own / _LIST, _list(files))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InstallationFailed(
            f"{folder} cannot be written to ({reason}): change its permissions, and install again."
        ) from error
    return [folder / name for name in files]


def uninstall(daw: Daw, folder: Path) -> int:
    """Remove what was installed, and the folders that are empty then; returns how many files.

    Raises:
        InstallationFailed: they cannot be removed.
    """
    names = installed_files(daw, folder)
    try:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        if names:
            (folder / daw.own / _LIST).unlink(missing_ok=True)
            _remove_empty(folder / daw.own)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InstallationFailed(
            f"What is in {folder} cannot be removed ({reason}): change its permissions, and "
            "uninstall again."
        ) from error
    return len(names)


def _remove_empty(own: Path) -> None:
    # Python's own, of our files, and what receive.lua and its relay wrote.
    for left in (*own.glob("__pycache__/*.pyc"), *own.glob(f"{INBOX}.*")):
        left.unlink(missing_ok=True)
    for place in (own / "__pycache__", own):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()


def installed_files(daw: Daw, folder: Path) -> set[str]:
    """Return what an installation wrote, relative to the folder; empty where there is none."""
    found = _read_list(daw, folder).get("files", {})
    names = found if isinstance(found, dict) else {}
    return {name for name in names if ".." not in Path(name).parts and not Path(name).is_absolute()}


def installed_version(daw: Daw, folder: Path) -> str:
    """Return the version of what is installed; empty where nothing is."""
    return str(_read_list(daw, folder).get("version", ""))


def is_current(daw: Daw, folder: Path) -> bool:
    """Return whether what is installed is what this version installs; settings aside."""
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
    """Yield what is installed: names relative to the DAW's folder, and contents."""
    source = _HERE / daw.id / "Loopwright"
    for path in sorted(source.iterdir()):
        if path.suffix in (".py", ".lua"):
            yield f"{daw.own}/{path.name}", path.read_bytes()
    if daw is REAPER:
        yield f"{daw.own}/{_CONFIG}", config.encode("utf-8", "surrogateescape")
        pattern = _HERE / "reaper" / "Loopwright.ReaperOSC"
        yield "OSC/Loopwright.ReaperOSC", pattern.read_bytes()


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: the DAW may be running."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def reaper_config(program: list[str], port: int, project: Path) -> str:
    """Return REAPER's config.lua: how to call us, and where the clips are."""
    words = ", ".join(map(_lua_text, program))
    return (
        f"return {{ program = {{ {words} }}, port = {port}, "
        f"project = {_lua_text(str(project))} }}\n"
    )


def _lua_text(text: str) -> str:
    """Return text as Lua writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0") + '"'
