"""python-osc in the bridge's measurements, `dispatch` or `ping`; prints the figure as JSON."""

import json
import multiprocessing
import os
import socket
import statistics
import sys
import threading
import time
from typing import Any

_MESSAGES = 40_000
_PINGS = 2_000


def _dispatch() -> float:
    from pythonosc.dispatcher import Dispatcher
    from pythonosc.osc_message_builder import OscMessageBuilder

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    dispatcher = Dispatcher()
    received: dict[str, tuple[Any, ...]] = {}

    def note(address: str, *values: Any) -> None:
        received[address] = values

    datagrams = []
    for address, values in (("tempo", [93.5]), ("beat", [12]), ("play", [1]), ("meter", [7, 8])):
        builder = OscMessageBuilder(f"/lw/host/{address}")
        for value in values:
            builder.add_arg(value)
        datagrams.append(builder.build().dgram)
        dispatcher.map(f"/lw/host/{address}", note)
    begun = time.perf_counter()
    for number in range(_MESSAGES):
        dispatcher.call_handlers_for_packet(datagrams[number % 4], ("127.0.0.1", 9))
    return _MESSAGES / (time.perf_counter() - begun)


def _ping() -> float:
    from pythonosc.dispatcher import Dispatcher
    from pythonosc.osc_message_builder import OscMessageBuilder
    from pythonosc.osc_server import BlockingOSCUDPServer

    dispatcher = Dispatcher()
    dispatcher.map("/lw/ping", lambda _address: ("/lw/pong", "0", 1, "ready", 0))
    server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    datagram = OscMessageBuilder("/lw/ping").build().dgram
    context = multiprocessing.get_context("spawn")
    burners = [context.Process(target=_burn, daemon=True) for _ in range(os.cpu_count() or 1)]
    for burner in burners:
        burner.start()
    times = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as requester:
        requester.connect(server.server_address)
        for _ in range(_PINGS):
            begun = time.perf_counter()
            requester.send(datagram)
            requester.recv(1000)
            times.append((time.perf_counter() - begun) * 1000)
    for burner in burners:
        burner.kill()
        burner.join()
    return statistics.quantiles(times, n=100)[98]


def _burn() -> None:
    os.nice(10)
    while True:
        sum(range(1000))


if __name__ == "__main__":
    print(json.dumps({"figure": {"dispatch": _dispatch, "ping": _ping}[sys.argv[1]]()}))
