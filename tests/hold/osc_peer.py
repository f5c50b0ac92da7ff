"""The server of python-osc as a process, to be treated as the bridge is: it answers pings."""

import sys

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

if __name__ == "__main__":
    dispatcher = Dispatcher()
    dispatcher.map("/lw/ping", lambda _address, *_arguments: ("/lw/pong", 1))
    with BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()
