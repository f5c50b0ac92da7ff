"""Decides who receives which message: replies, the messages of jobs, and pushes.

Each endpoint receives a message once.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from bridge.osc.clients import Clients, Endpoint
from bridge.osc.errors import BUSY, RequestFailed
from bridge.osc.messages import Argument, OscMessage, build

MOST_PER_BYTE = 3
"""How many bytes a sender without a lease gets for each that it sent."""


class Call(NamedTuple):
    """One request: who sent it, the message, and its arguments by name."""

    sender: Endpoint
    message: OscMessage
    arguments: dict[str, Any]

    @property
    def address(self) -> str:
        """The address of the request."""
        return self.message.address

    @property
    def id(self) -> str:
        """The id that its replies repeat; empty if the request has none."""
        found = self.arguments.get("id", "")
        return found if isinstance(found, str) else ""


class MessageSender:
    """Sends messages to requesters and to registered clients.

    The sender of a datagram can be forged, so the direct replies to one without a lease are at most
    three times as long as what it sent: the bridge cannot be used to flood somebody else.
    """

    def __init__(self, send: Callable[[bytes, Endpoint], None], clients: Clients) -> None:
        """Send datagrams with `send`, which must neither block nor raise."""
        self._send = send
        self._clients = clients
        self._requester: Endpoint | None = None
        self._room = 0

    def begin(self, requester: Endpoint, size: int) -> None:
        """Note whose datagram is being handled, and how many bytes it has."""
        self._requester, self._room = requester, size * MOST_PER_BYTE

    def send(self, endpoints: Iterable[Endpoint], address: str, *arguments: Argument) -> None:
        """Send a message to some endpoints, once to each."""
        datagram = build(address, *arguments)
        for endpoint in dict.fromkeys(endpoints):
            self._send(datagram, endpoint)

    def reply(self, sender: Endpoint, address: str, *arguments: Argument) -> None:
        """Reply to the sender of a request, and to the return ports of the same machine.

        Raises:
            RequestFailed: the reply is too long for a sender without a lease.
        """
        self.reply_all(sender, [(address, *arguments)])

    def reply_all(
        self, sender: Endpoint, messages: list[tuple[str, *tuple[Argument, ...]]]
    ) -> None:
        """Send several replies, or none of them; see `reply`."""
        size = sum(len(build(*message)) for message in messages)
        if self._is_limited(sender):
            if size > self._room:
                raise RequestFailed(BUSY, "Register first.")
            self._room -= size
        for message in messages:
            self.send(self._reply_endpoints(sender), *message)

    def repeat(self, sender: Endpoint, address: str, *arguments: Argument) -> None:
        """Send the last message of a job to its requester again."""
        self.send(self._reply_endpoints(sender), address, *arguments)

    def fail(self, call: "Call", fail_id: str, code: int, sentence: str) -> bool:
        """Reply that a request failed; cut the sentence for a sender without a lease.

        Returns whether there was room for a reply at all.
        """
        message = ("/lw/fail", call.address, fail_id, code)
        if self._is_limited(call.sender):
            room = self._room - len(build(*message, ""))
            if room < 0:
                return False
            cut = sentence.encode()[: max(0, room)].decode("utf-8", "ignore")
            sentence = sentence if cut == sentence else f"{cut[:-4]}..." if len(cut) > 4 else ""
            self._room -= len(build(*message, sentence))
        self.send(self._reply_endpoints(call.sender), *message, sentence)
        return True

    def _is_limited(self, sender: Endpoint) -> bool:
        return sender == self._requester and self._clients.of(sender) is None

    def reply_and_push(
        self, requesters: Iterable[Endpoint], address: str, *arguments: Argument
    ) -> None:
        """Send a message about a job to its requesters and to all registered clients."""
        endpoints = [self._reply_endpoint(requester) for requester in requesters]
        self.send([*endpoints, *self._pushed_to()], address, *arguments)

    def push(self, address: str, *arguments: Argument) -> None:
        """Send a message to all registered clients."""
        self.send(self._pushed_to(), address, *arguments)

    def done(self, call: Call, *arguments: Argument) -> None:
        """Reply that a request is done."""
        self.reply(call.sender, "/lw/done", call.address, call.id, *arguments)

    def _pushed_to(self) -> list[Endpoint]:
        return [client.reply_endpoint for client in self._clients]

    def _reply_endpoint(self, sender: Endpoint) -> Endpoint:
        client = self._clients.of(sender)
        return sender if client is None else client.reply_endpoint

    def _reply_endpoints(self, sender: Endpoint) -> list[Endpoint]:
        # oscsend and others send from a new socket each time, and listen on another port.
        return [
            self._reply_endpoint(sender),
            *(
                client.reply_endpoint
                for client in self._clients
                if client.reply_endpoint.host == sender.host
                and client.reply_endpoint != client.socket
            ),
        ]
