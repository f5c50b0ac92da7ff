"""`loopwright bridge`: the OSC bridge without a window, with an engine of its own."""

import contextlib
import signal
import threading
from types import FrameType

from cli.output import put, say
from cli.parser import Parser, project_folder, whole_number
from cli.usage import EXIT_DONE, EXIT_FAILED, UsageError, quoted

_DESCRIPTION = """\
Serves OSC for DAWs, patches and scripts; docs/osc.md lists the messages. Ctrl-C ends it.
Prints the address when it is ready."""
_FLAG_WAIT_S = 0.5


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Serve until Ctrl-C and return the exit code."""
    parser = Parser("bridge", _DESCRIPTION)
    parser.add_argument(
        "--port", type=whole_number("--port"), metavar="N", help="UDP port (default: 9725)"
    )
    parser.add_argument(
        "--project", metavar="DIR", help="the project folder (default: Loopwright in your music)"
    )
    parser.add_argument("--device", default="", metavar="NAME", help="sound device to preview on")
    parser.add_argument("--link", action="store_true", help="follow an Ableton Link session")
    lan = parser.add_argument_group("for machines on a network that you trust")
    lan.add_argument("--listen", default="127.0.0.1", metavar="IP", help="address to listen on")
    lan.add_argument(
        "--allow", action="append", default=[], metavar="IP", help="who may send; may be repeated"
    )
    options = parser.read(arguments)
    return _serve(
        _checked_port(options.port),
        options.project,
        options.device,
        options.listen,
        _checked_allowed(options.listen, options.allow),
        link=options.link,
    )


def _checked_port(port: int | None) -> int:
    from bridge.osc.addresses import DEFAULT_PORT

    if port is None:
        return DEFAULT_PORT
    if not 0 <= port <= 65_535:
        raise UsageError(f"--port is {port}, but must be 0 to 65535.")
    return port


def _checked_allowed(listen: str, allowed: list[str]) -> list[str]:
    import ipaddress

    for text in (listen, *allowed):
        try:
            ipaddress.ip_address(text)
        except ValueError as error:
            raise UsageError(
                f"{quoted(text)} is no IP address: write one such as 192.168.1.20."
            ) from error
    if not ipaddress.ip_address(listen).is_loopback and not allowed:
        raise UsageError(
            f"--listen {listen} is open to the network: say with --allow who may send."
        )
    return allowed


def _serve(
    port: int, project: str | None, device: str, listen: str, allowed: list[str], *, link: bool
) -> int:
    from bridge.daws.link_process import LinkProcess
    from bridge.osc.engine_events import EngineEvents
    from bridge.osc.errors import AddressUnusable, PortTaken
    from bridge.osc.projects import Projects
    from bridge.osc.server import BridgeServer
    from engine.client import EngineClient
    from engine.loops.project import Project
    from playback.player import Player

    ended = _ended_by_signal()
    folder = Project.open(project_folder(project)).folder
    events = EngineEvents()
    client = EngineClient(events.on_event, on_exit=events.on_exit)
    player = Player(device)
    try:
        server = BridgeServer(
            client, player, Projects(folder), events, host=listen, port=port, allowed=allowed
        )
    except (PortTaken, AddressUnusable) as error:
        say(str(error))
        return EXIT_FAILED
    session = LinkProcess(server.port) if link else None
    with server, client, session or contextlib.nullcontext():
        put(f"{listen}:{server.port}")
        say(f"Clips go to {folder}. Ctrl-C ends the bridge.")
        while not ended.wait(_FLAG_WAIT_S):  # Windows delivers signals only between waits
            if session is not None and session.fault():
                say(session.fault())
                session = None
    return EXIT_DONE


def _ended_by_signal() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)
    return ended
