"""`loopwright models`: the models, and getting, checking and removing their checkpoints."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.engine_session import Session
from cli.output import (
    JsonLines,
    Screen,
    exit_code_of,
    put,
    put_json,
    put_table,
    say,
    say_failure,
)
from cli.parser import Parser, absolute_path, model_name
from cli.usage import (
    EXIT_CANCELLED,
    EXIT_DONE,
    EXIT_FAILED,
    UsageError,
    hint,
    quoted,
)
from engine import protocol
from engine.errors import UnknownModel
from engine.models.catalogue import built_in_catalogue
from engine.models.entry import ModelEntry
from engine.models.errors import gigabytes
from engine.models.needs import capacity_at
from engine.models.store import DAMAGED, READY, ModelStore

_DESCRIPTION = """\
Lists the models, says more about one, and gets, checks or removes its checkpoint.

  list          all models, and whether they are here
  info ID       licence, size, memory, sample rate; of a FOLDER, too
  download ID   get it; interrupted with Ctrl-C, the next attempt goes on from there
  add FOLDER    use a folder of your own as a model, under its name
  check ID      read every file again; a FOLDER is looked at before it is used as a model
  remove ID     delete its files; a folder of your own is only forgotten"""


def run(arguments: list[str], *, debug: bool) -> int:
    """Do what is asked of the models and return the exit code."""
    parser = Parser("models", _DESCRIPTION)
    parser.add_argument("action", nargs="?", default="list", metavar="ACTION", help="see above")
    parser.add_argument("model", nargs="?", metavar="ID|FOLDER", help="the model that it is about")
    parser.add_argument("--yes", action="store_true", help="download without asking")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    options = parser.read(arguments)
    action = _ACTIONS.get(options.action)
    if action is None:
        known = hint(options.action, _ACTIONS)
        raise UsageError(f"{quoted(options.action)} is nothing that 'models' does: {known}")
    if options.action == "list" and options.model is not None:
        raise UsageError(
            f"'models list' takes no {quoted(options.model)}: did you mean 'models info'?"
        )
    if options.action != "list" and options.model is None:
        raise UsageError(
            f"'models {options.action}' needs the ID of a model: see 'loopwright models list'."
        )
    store = ModelStore(built_in_catalogue())
    return action(store, options, debug)


def _list(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    for facts in store.shown():
        if options.json:
            put_json(_with_installed(facts))
        else:
            size = _size(facts["size_bytes"])
            put(f"{facts['id']:<30} {facts['state']:<15} {size:<9} {facts['good_for']}")
    for own in store.own():
        state = READY if own.entry else DAMAGED
        if options.json:
            known = own.entry.shown() if own.entry else {"id": own.name, "problem": own.problem}
            put_json(_with_installed({**known, "state": state, "folder": str(own.folder)}))
        else:
            size = _size(own.entry.size_bytes) if own.entry else ""
            put(f"{own.name:<30} {state:<15} {size:<9} {own.folder}")
    return EXIT_DONE


def _info(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    name = model_name("ID|FOLDER")(options.model)
    folder = Path(name) if Path(name).is_absolute() else store.folders.places.get(name)
    entry = _entry(store, name) if folder is None else store.look_at(folder)
    if options.json:
        facts = {**entry.shown(), "state": _state(store, entry, folder)}
        put_json(_with_installed(facts | ({"folder": str(folder)} if folder else {})))
    else:
        put_table(_rows(store, entry, folder))
    return EXIT_DONE


def _add(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    folder = absolute_path(options.model, "The folder of the model")
    entry = store.add_folder(folder)
    if options.json:
        put_json({"id": entry.id, "folder": str(folder)})
    else:
        put(f"{folder} is the model {entry.id} now")
    return EXIT_DONE


def _download(store: ModelStore, options: Any, debug: bool) -> int:  # noqa: FBT001
    entry = _entry(store, options.model)
    if not entry.hub:
        say(f"Model {entry.id!r} is built in: there is nothing to download.")
        return EXIT_DONE
    if not (options.yes or store.state(entry) == READY):
        for name, value in _rows(store, entry, None):
            say(f"{name:<16}{value}")
        if not _agreed():
            say("Nothing was downloaded.")
            return EXIT_CANCELLED
    screen = JsonLines() if options.json else Screen()
    with Session() as session:
        outcome = session.download(entry.id, screen.show)
        screen.close()
    ending = outcome.ending
    if isinstance(ending, protocol.Done):
        if not options.json:
            _say_what_came(store, entry)
        return EXIT_DONE
    if outcome.interrupt is not None:
        say(f"Cancelled. 'loopwright models download {entry.id}' goes on from here.")
        return outcome.interrupt.exit_code
    if isinstance(ending, protocol.Failed):
        say_failure(ending, debug=debug)
        return exit_code_of(ending)
    return EXIT_FAILED


def _say_what_came(store: ModelStore, entry: ModelEntry) -> None:
    manifest = store.manifest(entry.id)
    if manifest is None:
        return
    say(f"{entry.id} is ready: {gigabytes(manifest.size_bytes)}, revision {manifest.revision[:12]}")
    for lender in sorted(set(manifest.shared.values())):
        shared = sum(f.size for f in manifest.files if manifest.shared.get(f.path) == lender)
        say(f"{gigabytes(shared)} of it are stored once, shared with {lender}")


def _check(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    name = model_name("ID|FOLDER")(options.model)
    if Path(name).is_absolute():
        from engine.models.trust import check_folder

        checkpoint = check_folder(Path(name))
        facts: dict[str, Any] = {"folder": name, "family": checkpoint.family, "ok": True}
        facts |= {"parameters": checkpoint.parameters}
        told = f"{name} can be used: {checkpoint.family}, {checkpoint.parameters / 1e6:.0f} M"
        told += f" parameters; try 'loopwright render PROMPT --model {options.model}'"
    else:
        entry = _entry(store, name)
        revision = store.check(entry.id).revision
        facts = {"id": entry.id, "revision": revision, "ok": True}
        told = f"{entry.id} is whole" + (f", revision {revision[:12]}" if revision else "")
    if options.json:
        put_json(facts)
    else:
        put(told)
    return EXIT_DONE


def _remove(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    folder = store.folders.places.get(options.model)
    model_id = options.model if folder else _entry(store, options.model).id
    freed = store.remove(model_id)
    if options.json:
        put_json({"id": model_id, "freed_bytes": freed})
    elif folder:
        put(f"{model_id} is no longer used; its files stay in {folder}")
    else:
        put(f"{model_id} is removed: {gigabytes(freed)} are free again")
    return EXIT_DONE


_ACTIONS: dict[str, Callable[[ModelStore, Any, bool], int]] = {
    "list": _list,
    "info": _info,
    "download": _download,
    "add": _add,
    "check": _check,
    "remove": _remove,
}


def _agreed() -> bool:
    """Ask on the terminal; where nobody can answer, that is wrong usage."""
    if not sys.stdin.isatty():
        raise UsageError("Nobody can be asked whether to download this: add --yes.")
    sys.stderr.write("Download it? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _entry(store: ModelStore, model: str) -> ModelEntry:
    """Return what is told of a model, or of a folder of the user by its name.

    Raises:
        UsageError: there is none of that name.
        UntrustedFolder: the folder cannot be used any more.
    """
    if model in store.folders.places:
        return store.check(model).entry
    try:
        return store.catalogue.entry(model, store.folders.places)
    except UnknownModel as error:
        raise UsageError(str(error)) from error


def _with_installed(facts: dict[str, Any]) -> dict[str, Any]:
    return {**facts, "installed": facts["state"] == READY}


def _state(store: ModelStore, entry: ModelEntry, folder: Path | None) -> str:
    if folder is None:
        return store.state(entry)
    return READY if entry.id in store.folders.places else "not added"


def _rows(store: ModelStore, entry: ModelEntry, folder: Path | None) -> list[tuple[str, str]]:
    channels = {1: "mono", 2: "stereo"}.get(entry.channels, f"{entry.channels} channels")
    rows = [
        ("id", entry.id),
        ("name", entry.name),
        ("family", entry.family),
        ("good for", entry.good_for),
        ("sound", f"{entry.sample_rate} Hz, {channels}"),
        ("size", _size(entry.size_bytes)),
        ("makes of a clip", ", ".join(map(_mode_told, (*entry.modes, "redo")))),
        ("licence", entry.licence),
        ("commercial use", "yes" if entry.commercial_use else "no"),
        ("state", _state(store, entry, folder)),
    ]
    if entry.settings:
        rows += [("settings", ", ".join(setting.name for setting in entry.settings))]
    if entry.memory_bytes:
        rows += [("memory", f"about {gigabytes(entry.memory_bytes)} for 8 seconds, in float32")]
    if folder is not None:
        return [*rows, ("folder", str(folder))]
    if entry.hub:
        room = capacity_at(store.root)
        rows += [("from", entry.hub), ("goes to", str(store.home(entry.id)))]
        rows += [("disk", f"{gigabytes(room.disk_free)} free")]
    if (manifest := store.manifest(entry.id)) is not None:
        rows += [("revision", manifest.revision), ("downloaded", manifest.downloaded)]
    return rows


def _mode_told(mode: str) -> str:
    return "blend in latents" if mode == "blend" else mode  # Craft blends without a model.


def _size(size_bytes: int) -> str:
    return f"~{gigabytes(size_bytes)}" if size_bytes else "built in"
