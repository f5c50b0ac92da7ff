"""`loopwright bridge`: run the OSC bridge without a window, with its own engine."""

import contextlib
import signal
import threading
from types import FrameType

from cli.output import print_result, print_status
from cli.parser import Parser, project_folder, whole_number
from cli.usage import EXIT_DONE, EXIT_FAILED, UsageError, quoted

_DESCRIPTION = """\
Run the OSC bridge for DAWs, patches and scripts. Prints its address when it is ready;
Ctrl-C stops it. docs/osc.md lists the messages."""
_FLAG_WAIT_S = 0.5


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Serve until Ctrl-C and return the exit code."""
    parser = Parser("bridge", _DESCRIPTION)
    parser.add_argument(
        "--port", type=whole_number("--port"), metavar="N", help="UDP port (default: 9725)"
    )
    parser.add_argument(
        "--project", metavar="DIR", help="project folder (default: Loopwright in your Music folder)"
    )
    parser.add_argument("--device", default="", metavar="NAME", help="sound device for previews")
    parser.add_argument("--link", action="store_true", help="follow an Ableton Link session")
    lan = parser.add_argument_group("for a network that you trust")
    lan.add_argument(
        "--listen",
        default="127.0.0.1",
        metavar="IP",
        help="IP address to listen on (default: %(default)s)",
    )
    lan.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="IP",
        help="IP address that may send messages; may be repeated",
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
                f"{quoted(text)} is not an IP address: use one such as 192.168.1.20."
            ) from error
    if not ipaddress.ip_address(listen).is_loopback and not allowed:
        raise UsageError(
            f"--listen {listen} opens the bridge to the network: give the IP addresses that may "
            "send messages with --allow."
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

    stopped = _stopped_by_signal()
    folder = Project.open(project_folder(project)).folder
    events = EngineEvents()
    client = EngineClient(events.on_event, on_exit=events.on_exit)
    player = Player(device)
    try:
        server = BridgeServer(
            client, player, Projects(folder), events, host=listen, port=port, allowed=allowed
        )
    except (PortTaken, AddressUnusable) as error:
        print_status(str(error))
        return EXIT_FAILED
    link_process = LinkProcess(server.port) if link else None
    with server, client, link_process or contextlib.nullcontext():
        print_result(f"{listen}:{server.port}")
        print_status(f"Clips go to {folder}. Press Ctrl-C to stop the bridge.")
        while not stopped.wait(_FLAG_WAIT_S):  # Windows delivers signals only between waits
            if link_process is not None and (fault := link_process.fault()):
                print_status(fault)
                link_process = None
    return EXIT_DONE


def _stopped_by_signal() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    return stopped
