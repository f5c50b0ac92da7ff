"""OSC clients for tests: a socket that sends requests and waits for messages without sleeping."""

import socket
import time

from bridge.osc.messages import OscMessage, build, parse

PATIENCE_S = 120
"""How long a test waits for a message; far longer than it ever takes."""

DRUMS = ("/lw/generate", "a", "dusty drums")


class TestClient:
    """One UDP socket of a client, on a port of its own."""

    __test__ = False

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._bridge = ("127.0.0.1", port)
        self.port = self._socket.getsockname()[1]
        self.received = []
        self.bytes_received = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, address, *arguments):
        self.send_bytes(build(address, *arguments))

    def send_bytes(self, datagram: bytes):
        self._socket.sendto(datagram, self._bridge)

    def next(self):
        self._socket.settimeout(PATIENCE_S)
        datagram = self._socket.recv(65_535)
        self.bytes_received += len(datagram)
        (message,) = parse(datagram)
        self.received.append(message)
        return message

    def next_soon(self, limit_s=0.01):
        """Return the next message, or None if there is none within a limit."""
        self._socket.settimeout(limit_s)
        try:
            (message,) = parse(self._socket.recv(65_535))
        except TimeoutError:
            return None
        self.received.append(message)
        return message

    def until(self, address, *first):
        """Return the next message with an address and these first arguments."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            message = self.next()
            if message.address == address and message.arguments[: len(first)] == first:
                return message
        raise AssertionError(self.received)

    def ask(self, address, *arguments):
        """Send a message and return the next one received, without heartbeats."""
        self.send(address, *arguments)
        while (message := self.next()).address == "/lw/heartbeat":
            pass
        return message

    def all_before_pong(self):
        """Return all messages before the reply to a ping: earlier requests are done by then."""
        self.send("/lw/ping")
        found = []
        while (message := self.next()).address != "/lw/pong":
            found.append(message)
        return [each for each in found if each.address != "/lw/heartbeat"]


def failed(answer: OscMessage, address: str, request_id: str, code: int) -> str:
    """Check a failure, and return its sentence."""
    assert (answer.address, *answer.arguments[:3]) == ("/lw/fail", address, request_id, code)
    sentence = answer.arguments[3]
    assert sentence.endswith((".", "?", "cancelled"))
    return sentence
