"""The file `loopwright.json` of a project: data that the user adds, in named sections.

Changes are made under a lock between processes, on what the file holds at that moment, and replace
the whole file; what others changed meanwhile, and unknown sections, are kept. Only a file that was
read whole and cannot be parsed is damaged: it is set aside under a number. While the file cannot be
read, nothing is written.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from engine.loops.errors import ProjectError
from engine.loops.files import Folder, NotOrdinary, advice_on, reason_of
from engine.loops.project import HIDDEN_FOLDER

FILE_NAME = "loopwright.json"
_LOCK = "lock"
_UNUSABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_log = logging.getLogger(__name__)

Section = dict[str, Any]


class ProjectFile:
    """The file of one project; all methods are thread-safe."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def section(self, name: str) -> Section:
        """Return a section; empty if it is missing or cannot be used."""
        try:
            with Folder.open(self._project) as project:
                return _section_of(_sections_of(project), name)
        except FileNotFoundError:  # the folder is away
            return {}
        except (OSError, *_UNUSABLE):
            _log.warning("%s cannot be used", FILE_NAME, exc_info=True)
            return {}

    def problem(self) -> str:
        """Return a sentence if the file cannot be used, and an empty text if all is well."""
        try:
            with Folder.open(self._project) as project:
                for raw in _sections_of(project).values():
                    msgspec.json.decode(raw)
        except (FileNotFoundError, NotADirectoryError):  # reported as such elsewhere
            return ""
        except OSError as error:
            return str(self._error("cannot read its marks and pads", error))
        except _UNUSABLE:
            return (
                f"{self._project / FILE_NAME} is damaged, so marks and pads are missing: the next "
                "change sets it aside."
            )
        return ""

    def change(self, name: str, change: Callable[[Section], None], *, what: str) -> None:
        """Change a section in place, and write the file; `what` names its contents in errors.

        Raises:
            ProjectError: the file cannot be read, or the folder cannot be written to.
        """
        try:
            with (
                Folder.open(self._project) as project,
                project.inside(HIDDEN_FOLDER, make=True) as hidden,
                hidden.locked(_LOCK),
            ):
                sections, section = _usable(project, name)
                change(section)
                sections[name] = msgspec.Raw(msgspec.json.encode(section))
                project.replace(FILE_NAME, msgspec.json.format(msgspec.json.encode(sections)))
        except OSError as error:
            raise self._error(f"cannot store {what}", error) from error

    def _error(self, what: str, error: OSError) -> ProjectError:
        name = f"{Path(error.filename).name}: " if isinstance(error, NotOrdinary) else ""
        return ProjectError(self._project, f"{what} ({name}{reason_of(error)})", advice_on(error))


def change_entry(section: Section, key: str, before: Any, after: Any) -> None:
    """Change an entry of a section by field; an entry without fields is removed.

    Args:
        section: the section, as the file has it now.
        key: of the entry.
        before: the struct that was last read or written here; its type omits defaults.
        after: the struct with the changes. Fields that are the same in both stay as they are.
    """
    entry, old, new = (
        _entry_of(section, key),
        msgspec.to_builtins(before),
        msgspec.to_builtins(after),
    )
    for field in old.keys() | new.keys():
        if old.get(field) != new.get(field):
            entry.pop(field, None)
            if field in new:
                entry[field] = new[field]
    section[key] = entry
    if not entry:
        del section[key]


def _entry_of(section: Section, key: str) -> Section:
    entry = section.get(key)
    return entry if isinstance(entry, dict) else {}


def _sections_of(project: Folder) -> dict[str, msgspec.Raw]:
    """Return all sections, not parsed yet; none if there is no file.

    Raises:
        OSError: the file cannot be read.
        Exception: one of `_UNUSABLE`.
    """
    try:
        data = project.read(FILE_NAME)
    except FileNotFoundError:
        return {}
    return msgspec.json.decode(data, type=dict[str, msgspec.Raw])


def _section_of(sections: dict[str, msgspec.Raw], name: str) -> Section:
    section = msgspec.json.decode(sections.get(name, b"{}"))
    return section if isinstance(section, dict) else {}


def _usable(project: Folder, name: str) -> tuple[dict[str, msgspec.Raw], Section]:
    """Return all sections and one of them; set the file aside if these are damaged."""
    sections: dict[str, msgspec.Raw] = {}
    try:
        sections = _sections_of(project)
        return sections, _section_of(sections, name)
    except _UNUSABLE:
        aside = project.set_aside(FILE_NAME)
        _log.warning("%s is damaged: set aside as %s", FILE_NAME, aside, exc_info=True)
        return sections, {}
