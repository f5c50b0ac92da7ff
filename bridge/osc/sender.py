"""Decides who receives which message: replies, the messages of jobs, and pushes.

Each endpoint receives a message once.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from bridge.osc.clients import Clients, Endpoint
from bridge.osc.messages import Argument, OscMessage, build


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
    """Sends messages to requesters and to registered clients."""

    def __init__(self, send: Callable[[bytes, Endpoint], None], clients: Clients) -> None:
        """Send datagrams with `send`, which must neither block nor raise."""
        self._send = send
        self._clients = clients

    def send(self, endpoints: Iterable[Endpoint], address: str, *arguments: Argument) -> None:
        """Send a message to some endpoints, once to each."""
        datagram = build(address, *arguments)
        for endpoint in dict.fromkeys(endpoints):
            self._send(datagram, endpoint)

    def reply(self, sender: Endpoint, address: str, *arguments: Argument) -> None:
        """Reply to the sender of a request, and to the return ports of the same machine."""
        self.send(self._reply_endpoints(sender), address, *arguments)

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
        # oscsend and others send from a new socket each time, and listen on a port of their own.
        return [
            self._reply_endpoint(sender),
            *(
                client.reply_endpoint
                for client in self._clients
                if client.reply_endpoint.host == sender.host
                and client.reply_endpoint != client.socket
            ),
        ]
