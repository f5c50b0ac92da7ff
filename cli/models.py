"""`loopwright models`: list the models; download, check and remove their checkpoints."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cli.engine_session import EngineSession
from cli.job_output import JsonOutput, TerminalOutput, exit_code_of, print_failure
from cli.output import print_json, print_result, print_status, print_table
from cli.parser import Parser, absolute_path, model_name
from cli.render import exit_code_after
from cli.usage import (
    EXIT_CANCELLED,
    EXIT_DONE,
    EXIT_FAILED,
    UsageError,
    hint,
    quoted,
)
from engine import protocol
from engine.entry_points import engine_elsewhere
from engine.errors import UnknownModel
from engine.models.catalogue import built_in_catalogue
from engine.models.entry import ModelEntry
from engine.models.errors import UntrustedFolder, gigabytes
from engine.models.needs import capacity_at, conversion_note
from engine.models.store import DAMAGED, READY, ModelStore
from engine.version import PROGRAM

_ANSWER_S = 90.0
"""How long another machine may take to answer for the first time."""
_DESCRIPTION = """\
List the models; download, check and remove their checkpoints.

  list             list all models and whether they are downloaded (default)
  info ID|FOLDER   show licence, size, memory and sample rate
  download ID      download a model; after Ctrl-C, the next download resumes
  add FOLDER       use your own checkpoint folder as a model, under its name
  check ID|FOLDER  read every file again, or check that a folder can be used as a model
  convert FOLDER   copy a checkpoint whose weights are pickles (.bin) with safe weights
  remove ID        delete a model's files; your own folder keeps its files"""


def run(arguments: list[str], *, debug: bool) -> int:
    """Run the action and return the exit code."""
    parser = Parser("models", _DESCRIPTION)
    parser.add_argument("action", nargs="?", default="list", metavar="ACTION", help="see above")
    parser.add_argument("model", nargs="?", metavar="ID|FOLDER", help="the model")
    parser.add_argument("--to", metavar="DIR", help="convert: the new folder")
    parser.add_argument("--yes", action="store_true", help="download without asking")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    options = parser.read(arguments, intermixed=True)
    action = _ACTIONS.get(options.action)
    if action is None:
        known = hint(options.action, _ACTIONS)
        raise UsageError(
            f"{quoted(options.action)} is not an action of 'loopwright models': {known}"
        )
    if options.action == "list" and options.model is not None:
        raise UsageError(
            f"'models list' does not take {quoted(options.model)}: did you mean 'models info'?"
        )
    if options.action in ("add", "convert") and options.model is None:
        raise UsageError(
            f"'models {options.action}' needs a folder: see 'loopwright models --help'."
        )
    if options.to is not None and options.action != "convert":
        raise UsageError(f"'models {options.action}' does not take --to.")
    if options.action != "list" and options.model is None:
        raise UsageError(
            f"'models {options.action}' needs a model ID: see 'loopwright models list'."
        )
    if (place := engine_elsewhere()) is not None:
        return _there(place, options, debug=debug)
    store = ModelStore(built_in_catalogue())
    return action(store, options, debug)


def _there(place: str, options: Any, *, debug: bool) -> int:
    """Run an action on the machine with the engine.

    Raises:
        UsageError: it cannot be run from here.
    """
    if options.action not in ("list", "download"):
        raise UsageError(
            f"'models {options.action}' works on the machine that has the models: run it there, "
            f"or leave out --engine {place}."
        )
    with EngineSession() as session:
        reply = session.list_models(_ANSWER_S)
        if not isinstance(reply, protocol.Models):
            print_status(reply.message if reply else f"{place} does not answer: try again.")
            return EXIT_FAILED
        if options.action == "list":
            _print_models(reply.models, as_json=options.json)
            return EXIT_DONE
        found = next((each for each in reply.models if each["id"] == options.model), None)
        if found is None:
            raise UnknownModel(options.model, [each["id"] for each in reply.models], None)
        return _downloaded_there(session, place, found, options, debug=debug)


def _downloaded_there(
    session: EngineSession, place: str, model: Mapping[str, Any], options: Any, *, debug: bool
) -> int:
    print_status(f"{model['name']}, {_size(model['size_bytes'])}, for {place}")
    print_status(f"licence: {model['licence']}")
    if not (options.yes or _confirmed()):
        print_status("Nothing was downloaded.")
        return EXIT_CANCELLED
    output = JsonOutput() if options.json else TerminalOutput()
    outcome = session.download(model["id"], output.show)
    output.close()
    return exit_code_after(outcome, debug=debug)


def _print_models(models: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    for facts in models:
        if as_json:
            print_json(_with_installed(facts))
        else:
            size = _size(facts["size_bytes"])
            _print_line(facts["id"], facts["state"], size, facts["good_for"])


def _list(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    _print_models(store.shown(), as_json=options.json)
    for own in store.own():
        state = READY if own.entry else DAMAGED
        if options.json:
            known = own.entry.shown() if own.entry else {"id": own.name, "problem": own.problem}
            print_json(_with_installed({**known, "state": state, "folder": str(own.folder)}))
        else:
            size = _size(own.entry.size_bytes) if own.entry else ""
            _print_line(own.name, state, size, str(own.folder))
    return EXIT_DONE


def _print_line(name: str, state: str, size: str, rest: str) -> None:
    print_result(f"{name:<31} {state:<15} {size:<9} {rest}")  # as wide as the catalogue's names


def _info(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    name = model_name("ID|FOLDER")(options.model)
    folder = Path(name) if Path(name).is_absolute() else store.folders.places.get(name)
    entry = _entry(store, name) if folder is None else store.look_at(folder)
    if options.json:
        facts = {**entry.shown(), "state": _state(store, entry, folder)}
        print_json(_with_installed(facts | ({"folder": str(folder)} if folder else {})))
    else:
        print_table(_rows(store, entry, folder))
    return EXIT_DONE


def _add(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    folder = absolute_path(options.model, "The folder of the model")
    entry = store.add_folder(folder)
    if options.json:
        print_json({"id": entry.id, "folder": str(folder)})
    else:
        print_result(f"{folder} is now the model {entry.id}")
    return EXIT_DONE


def _download(store: ModelStore, options: Any, debug: bool) -> int:  # noqa: FBT001
    entry = _entry(store, options.model)
    if not entry.hub:
        print_status(f"Model {entry.id!r} is built in: there is nothing to download.")
        return EXIT_DONE
    if not (options.yes or store.state(entry) == READY):
        for name, value in _rows(store, entry, None):
            print_status(f"{name:<16}{value}")
        if not _confirmed():
            print_status("Nothing was downloaded.")
            return EXIT_CANCELLED
    output = JsonOutput() if options.json else TerminalOutput()
    with EngineSession() as session:
        outcome = session.download(entry.id, output.show)
        output.close()
    ending = outcome.ending
    if isinstance(ending, protocol.Done):
        if not options.json:
            _print_downloaded(store, entry)
        return EXIT_DONE
    if outcome.interrupt is not None:
        print_status(f"Cancelled. To resume, run 'loopwright models download {entry.id}'.")
        return outcome.interrupt.exit_code
    if isinstance(ending, protocol.Failed):
        print_failure(ending, debug=debug)
        return exit_code_of(ending)
    return EXIT_FAILED


def _print_downloaded(store: ModelStore, entry: ModelEntry) -> None:
    manifest = store.manifest(entry.id)
    if manifest is None:
        return
    print_status(
        f"{entry.id} is ready: {gigabytes(manifest.size_bytes)}, revision {manifest.revision[:12]}"
    )
    for lender in sorted(set(manifest.shared.values())):
        shared = sum(f.size for f in manifest.files if manifest.shared.get(f.path) == lender)
        print_status(f"{gigabytes(shared)} of it is shared with {lender} and stored only once")


def _check(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    try:
        return _checked(store, options)
    except UntrustedFolder as refused:
        if report := refused.report():
            print_status(f"If this checkpoint is genuine, report it with these lines ({PROGRAM}):")
            for name, value in report:
                print_status(f"  {name:<6} {value}")
        raise


def _checked(store: ModelStore, options: Any) -> int:
    name = model_name("ID|FOLDER")(options.model)
    if Path(name).is_absolute():
        from engine.models.trust import check_folder

        checkpoint = check_folder(Path(name))
        facts: dict[str, Any] = {"folder": name, "family": checkpoint.family, "ok": True}
        facts |= {"parameters": checkpoint.parameters}
        result = f"{name} can be used: {checkpoint.family}, {checkpoint.parameters / 1e6:.0f} M"
        result += f" parameters; try 'loopwright render PROMPT --model {options.model}'"
    else:
        entry = _entry(store, name)
        revision = store.check(entry.id).revision
        facts = {"id": entry.id, "revision": revision, "ok": True}
        result = f"{entry.id} is intact" + (f", revision {revision[:12]}" if revision else "")
    if options.json:
        print_json(facts)
    else:
        print_result(result)
    return EXIT_DONE


def _convert(_store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    from engine.models.conversion import convert_folder

    source = absolute_path(options.model, "The folder of the model")
    target = source.with_name(f"{source.name}-safetensors")
    if options.to is not None:
        target = absolute_path(options.to, "The new folder")
    if target.exists():
        raise UsageError(f"{target} exists: choose a new folder with --to.")
    output = JsonOutput() if options.json else TerminalOutput()
    try:
        checkpoint = convert_folder(
            source, target, lambda done, stage: output.show(protocol.Progress("", done, stage))
        )
    finally:
        output.close()
    if options.json:
        print_json({"folder": str(target), "family": checkpoint.family, "ok": True})
    else:
        print_result(f"{target} can be used: try 'loopwright render PROMPT --model {target}'")
    return EXIT_DONE


def _remove(store: ModelStore, options: Any, _debug: bool) -> int:  # noqa: FBT001
    folder = store.folders.places.get(options.model)
    model_id = options.model if folder else _entry(store, options.model).id
    freed = store.remove(model_id)
    if options.json:
        print_json({"id": model_id, "freed_bytes": freed})
    elif folder:
        print_result(f"Removed {model_id} from the list; its files stay in {folder}")
    else:
        print_result(f"Removed {model_id} and freed {gigabytes(freed)}")
    return EXIT_DONE


_ACTIONS: dict[str, Callable[[ModelStore, Any, bool], int]] = {
    "list": _list,
    "info": _info,
    "download": _download,
    "add": _add,
    "check": _check,
    "convert": _convert,
    "remove": _remove,
}


def _confirmed() -> bool:
    """Ask on the terminal; a usage error if stdin is not a terminal."""
    if not sys.stdin.isatty():
        raise UsageError(
            "The download needs your consent, and there is no terminal to ask on: add --yes."
        )
    sys.stderr.write("Download it? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _entry(store: ModelStore, model: str) -> ModelEntry:
    """Return the entry of a model, or of a folder of the user by its name.

    Raises:
        UsageError: there is no model of that name.
        UntrustedFolder: the folder can no longer be used.
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
        ("clip modes", ", ".join(map(_mode_name, dict.fromkeys((*entry.modes, "redo"))))),
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
        capacity = capacity_at(store.root)
        rows += [("source", entry.hub), ("folder", str(store.home(entry.id)))]
        rows += [("disk", f"{gigabytes(capacity.disk_free)} free")]
        if note := conversion_note(entry):
            rows += [("conversion", note)]
    if (manifest := store.manifest(entry.id)) is not None:
        rows += [("revision", manifest.revision), ("downloaded", manifest.downloaded)]
    return rows


def _mode_name(mode: str) -> str:
    return "blend in latents" if mode == "blend" else mode  # Craft blends without a model.


def _size(size_bytes: int) -> str:
    return f"~{gigabytes(size_bytes)}" if size_bytes else "built in"
