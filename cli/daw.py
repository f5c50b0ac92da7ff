"""`loopwright daw`: what is installed into Live and REAPER, and whether it talks."""

from pathlib import Path

from cli.output import put, say
from cli.parser import Parser, absolute_path, project_folder, whole_number
from cli.usage import EXIT_DONE, EXIT_FAILED, UsageError, hint, quoted

_DESCRIPTION = """\
  loopwright daw status                        what is installed, and whether it talks
  loopwright daw install reaper|live [--to DIR]
  loopwright daw uninstall reaper|live [--to DIR]
  loopwright daw relay --inbox DIR             started by REAPER's receive.lua
DIR is REAPER's resource folder, or Live's folder 'Remote Scripts'."""
_ACTIONS = ("status", "install", "uninstall", "relay")
_ANSWER_LIMIT_S = 2.0


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Do what is asked and return the exit code."""
    from bridge.daws.installation import DAWS, InstallationFailed

    parser = Parser("daw", _DESCRIPTION)
    parser.add_argument("action", nargs="?", metavar="ACTION", help="status, install or uninstall")
    parser.add_argument("daw", nargs="?", metavar="DAW", help="reaper or live")
    parser.add_argument("--to", metavar="DIR", help="the DAW's folder, where it is not the usual")
    parser.add_argument("--inbox", metavar="DIR", help="with relay: the folder of receive.lua")
    parser.add_argument("--project", metavar="DIR", help="the project folder for REAPER's watcher")
    parser.add_argument("--port", type=whole_number("--port"), metavar="N", help="(default: 9725)")
    options = parser.read(arguments)
    action = options.action or "status"
    if action not in _ACTIONS:
        raise UsageError(f"{quoted(action)} is nothing to do with DAWs: {hint(action, _ACTIONS)}")
    to = None if options.to is None else absolute_path(options.to, "The DAW's folder")
    if action == "status":
        return _status(to, options.port)
    if action == "relay":
        return _relay(options.inbox, options.port)
    if options.daw is None or options.daw not in DAWS:
        known = hint(options.daw or "", DAWS)
        raise UsageError(f"{quoted(options.daw or '')} is no DAW that is known here: {known}")
    try:
        if action == "install":
            return _install(options.daw, to, options.project, options.port)
        return _uninstall(options.daw, to)
    except InstallationFailed as error:
        say(str(error))
        return EXIT_FAILED


def _folder(daw_id: str, to: Path | None) -> Path:
    from bridge.daws.installation import DAWS, usual_folder

    folder = to or usual_folder(DAWS[daw_id])
    if folder is None:
        raise UsageError(
            f"{DAWS[daw_id].name} does not run on this system: name its folder with --to."
        )
    return folder


def _install(daw_id: str, to: Path | None, project: str | None, port: int | None) -> int:
    from bridge.daws.installation import DAWS
    from bridge.daws.status import install_side
    from bridge.osc.addresses import DEFAULT_PORT

    daw, folder = DAWS[daw_id], _folder(daw_id, to)
    for path in install_side(daw_id, folder, port or DEFAULT_PORT, project_folder(project)):
        put(str(path))
    say(f"{daw.name} is nearly ready. What remains:")
    for number, step in enumerate(daw.steps, 1):
        say(f"  {number}. {step}")
    return EXIT_DONE


def _uninstall(daw_id: str, to: Path | None) -> int:
    from bridge.daws.status import uninstall_side

    folder = _folder(daw_id, to)
    removed = uninstall_side(daw_id, folder)
    say(f"{removed} files were removed from {folder}.")
    return EXIT_DONE


def _relay(inbox: str | None, port: int | None) -> int:
    from bridge.daws.reaper_relay import ReaperRelay
    from bridge.osc.addresses import DEFAULT_PORT
    from bridge.osc.client import OscClient

    if inbox is None or not absolute_path(inbox, "--inbox").is_dir():
        raise UsageError("daw relay needs --inbox, the folder of receive.lua, which starts it.")
    with OscClient("127.0.0.1", port or DEFAULT_PORT) as client:
        ReaperRelay(client, absolute_path(inbox, "--inbox")).run()
    return EXIT_DONE


def _status(to: Path | None, port: int | None) -> int:
    for name, found in status_lines(to, port):
        put(f"{name:<8} {found}")
    return EXIT_DONE


def status_lines(to: Path | None = None, port: int | None = None) -> list[tuple[str, str]]:
    """Return what is installed in each DAW, and what the bridge says, in words."""
    from bridge.daws.installation import DAWS

    clients = _value("clients", port)
    heard = {name.lower() for name in f"{clients or ''}, {_value('host', port) or ''}".split(", ")}
    lines = [(daw.name, _described(daw.id, to, heard)) for daw in DAWS.values()]
    running = "no bridge answers: start one with 'loopwright bridge'"
    if clients is not None:
        running = "running; registered: " + (clients or "nobody")
    return [*lines, ("bridge", running)]


def _described(daw_id: str, to: Path | None, heard: set[str]) -> str:
    from bridge.daws.status import Presence, look_at

    side = look_at(daw_id, to)
    if side.presence is Presence.NO_DAW:
        return "not found on this machine"
    if not side.is_installed:
        return f"not installed; 'loopwright daw install {daw_id}' does it"
    old = f"; 'loopwright daw install {daw_id}' updates it"
    return (
        f"version {side.version} in {side.folder}"
        + (old if side.presence is Presence.OLD else "")
        + (", and it talks" if daw_id in heard else "")
    )


def _value(name: str, port: int | None) -> str | None:
    """Return a value of the bridge, or None where there is no bridge."""
    from bridge.osc.addresses import DEFAULT_PORT
    from bridge.osc.client import OscClient

    try:
        with OscClient("127.0.0.1", port or DEFAULT_PORT) as client:
            client.send("/lw/get", [name])
            for answer in client.answers(_ANSWER_LIMIT_S):
                if answer.address == "/lw/value":
                    return str(answer.arguments[-1])
    except OSError:
        return None
    return None
