"""`loopwright daw`: install Loopwright into Live and REAPER, and check the connection."""

import shlex
from pathlib import Path
from typing import NamedTuple

from cli.output import print_result, print_status
from cli.parser import Parser, absolute_path, project_folder, whole_number
from cli.usage import EXIT_DONE, EXIT_FAILED, UsageError, hint, quoted

_DESCRIPTION = """\
Install Loopwright into Live or REAPER, and check the connection.

  status                 show what is installed and which DAWs are connected (default)
  install live|reaper    install or update Loopwright in a DAW
  uninstall live|reaper  remove it
  relay --inbox DIR      pass clips on to REAPER; its script receive.lua starts this"""
_ACTIONS = ("status", "install", "uninstall", "relay")
_REPLY_LIMIT_S = 2.0


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Run the action and return the exit code."""
    options = _parser().read(arguments, intermixed=True)
    action = options.action or "status"
    if action not in _ACTIONS:
        raise UsageError(
            f"{quoted(action)} is not an action of 'loopwright daw': {hint(action, _ACTIONS)}"
        )
    to = None if options.to is None else absolute_path(options.to, "The DAW's folder")
    if action == "status":
        return _status(to, options.port)
    if action == "relay":
        return _relay(options.inbox, options.port)
    daw_id = _checked_daw(action, options.daw)
    from bridge.daws.installation import InstallationFailed

    try:
        if action == "install":
            return _install(daw_id, to, options.project, options.port)
        return _uninstall(daw_id, to)
    except InstallationFailed as error:
        print_status(str(error))
        return EXIT_FAILED


def _parser() -> Parser:
    parser = Parser("daw", _DESCRIPTION)
    parser.add_argument("action", nargs="?", metavar="ACTION", help="see above")
    parser.add_argument("daw", nargs="?", metavar="DAW", help="live or reaper")
    parser.add_argument(
        "--to",
        metavar="DIR",
        help="REAPER's resource folder or Live's Remote Scripts folder, if not the usual one",
    )
    parser.add_argument("--inbox", metavar="DIR", help="with relay: the folder of receive.lua")
    parser.add_argument(
        "--project", metavar="DIR", help="project folder that REAPER's watch.lua imports from"
    )
    parser.add_argument(
        "--port",
        type=whole_number("--port"),
        metavar="N",
        help="UDP port of the bridge (default: 9725)",
    )
    return parser


def _checked_daw(action: str, daw_id: str | None) -> str:
    from bridge.daws.installation import DAWS

    if daw_id is None:
        raise UsageError(f"'daw {action}' needs a DAW: choose one of {', '.join(DAWS)}.")
    if daw_id not in DAWS:
        known = hint(daw_id, DAWS)
        raise UsageError(f"Loopwright does not support the DAW {quoted(daw_id)}: {known}")
    return daw_id


def _folder(daw_id: str, to: Path | None) -> Path:
    from bridge.daws.installation import DAWS, usual_folder

    folder = to or usual_folder(DAWS[daw_id])
    if folder is None:
        raise UsageError(
            f"{DAWS[daw_id].name} does not run on this system: give its folder with --to."
        )
    return folder


def _install(daw_id: str, to: Path | None, project: str | None, port: int | None) -> int:
    from bridge.daws.installation import DAWS
    from bridge.daws.status import install
    from bridge.osc.addresses import DEFAULT_PORT

    daw, folder = DAWS[daw_id], _folder(daw_id, to)
    for path in install(daw_id, folder, port or DEFAULT_PORT, project_folder(project)):
        print_result(str(path))
    print_status(f"Loopwright is installed in {daw.name}. Next:")
    for number, step in enumerate(daw.steps, 1):
        print_status(f"  {number}. {step}")
    return EXIT_DONE


def _uninstall(daw_id: str, to: Path | None) -> int:
    from bridge.daws.status import uninstall

    folder = _folder(daw_id, to)
    removed = uninstall(daw_id, folder)
    print_status(f"Removed {removed} files from {folder}.")
    return EXIT_DONE


def _relay(inbox: str | None, port: int | None) -> int:
    from bridge.daws.reaper_relay import ReaperRelay
    from bridge.osc.addresses import DEFAULT_PORT
    from bridge.osc.client import OscClient

    if inbox is None or not absolute_path(inbox, "--inbox").is_dir():
        raise UsageError(
            "'daw relay' needs --inbox with the folder of receive.lua, which starts the relay."
        )
    with OscClient("127.0.0.1", port or DEFAULT_PORT) as client:
        ReaperRelay(client, absolute_path(inbox, "--inbox")).run()
    return EXIT_DONE


def _status(to: Path | None, port: int | None) -> int:
    for line in status_lines(to, port):
        print_result(f"{line.name:<8} {line.text}")
    return EXIT_DONE


class StatusLine(NamedTuple):
    """What is known about a DAW or the bridge, in words; `works` is whether it can be used."""

    name: str
    text: str
    works: bool


def status_lines(to: Path | None = None, port: int | None = None) -> list[StatusLine]:
    """Return what is installed in each DAW, and the state of the bridge."""
    from bridge.daws.installation import DAWS

    clients = _value("clients", port)
    names = f"{clients or ''}, {_value('host', port) or ''}".split(", ")
    connected = {name.lower() for name in names}
    lines = [_described(daw.id, to, connected) for daw in DAWS.values()]
    bridge = "not running; to start it, run 'loopwright bridge' or open the window"
    if clients is not None:
        bridge = "running; registered clients: " + (clients or "none")
        dropped = _value("dropped", port)
        if dropped not in (None, "0"):
            bridge += f"; messages without effect (lost, malformed or refused): {dropped}"
    return [*lines, StatusLine("bridge", bridge, clients is not None)]


def _described(daw_id: str, to: Path | None, connected: set[str]) -> StatusLine:
    from bridge.daws.status import InstallState, daw_status

    status = daw_status(daw_id, to)
    name, current = status.daw.name, status.state is InstallState.CURRENT
    if status.state is InstallState.NO_DAW:
        place = "on this machine" if to is None else f"in {to}"
        return StatusLine(name, f"not found {place}", current)
    folder = "" if to is None else f" --to {shlex.quote(str(to))}"
    install = f"run 'loopwright daw install {daw_id}{folder}'"
    if not status.is_installed:
        return StatusLine(name, f"not installed; to install it, {install}", current)
    text = f"version {status.version} in {status.folder}"
    text += "" if current else f"; to update it, {install}"
    return StatusLine(name, text + ("; connected" if daw_id in connected else ""), current)


def _value(name: str, port: int | None) -> str | None:
    """Return a value of the bridge, or None if no bridge is running."""
    from bridge.osc.addresses import DEFAULT_PORT
    from bridge.osc.client import OscClient

    try:
        with OscClient("127.0.0.1", port or DEFAULT_PORT) as client:
            client.send("/lw/get", [name])
            for answer in client.answers(_REPLY_LIMIT_S):
                if answer.address == "/lw/value":
                    return str(answer.arguments[-1])
    except OSError:
        return None
    return None
