"""Who hears what: answers, the messages of jobs, and pushes. Each hears everything once."""

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
        """The id that its answers repeat; empty where the request has none."""
        found = self.arguments.get("id", "")
        return found if isinstance(found, str) else ""


class Post:
    """Sends messages to those who shall hear them."""

    def __init__(self, send: Callable[[bytes, Endpoint], None], clients: Clients) -> None:
        """Send datagrams with `send`, which never waits and never fails."""
        self._send = send
        self._clients = clients

    def send(self, places: Iterable[Endpoint], address: str, *arguments: Argument) -> None:
        """Send a message to some places, once to each."""
        datagram = build(address, *arguments)
        for place in dict.fromkeys(places):
            self._send(datagram, place)

    def answer(self, sender: Endpoint, address: str, *arguments: Argument) -> None:
        """Answer a request: to who asked, and to the return ports of the same machine."""
        self.send(self._ears_for(sender), address, *arguments)

    def tell(self, askers: Iterable[Endpoint], address: str, *arguments: Argument) -> None:
        """Tell of a job: to who asked for it, and to all registered clients."""
        places = [self._ear(place) for place in askers]
        self.send(
            [*places, *(client.reply_endpoint for client in self._clients)], address, *arguments
        )

    def push(self, address: str, *arguments: Argument) -> None:
        """Tell all registered clients."""
        self.send((client.reply_endpoint for client in self._clients), address, *arguments)

    def done(self, call: Call, *arguments: Argument) -> None:
        """Answer that a request is done."""
        self.answer(call.sender, "/lw/done", call.address, call.id, *arguments)

    def _ear(self, sender: Endpoint) -> Endpoint:
        client = self._clients.of(sender)
        return sender if client is None else client.reply_endpoint

    def _ears_for(self, sender: Endpoint) -> list[Endpoint]:
        """Programs that send from a new socket each time, as oscsend does, hear at a port."""
        return [
            self._ear(sender),
            *(
                client.reply_endpoint
                for client in self._clients
                if client.reply_endpoint.host == sender.host
                and client.reply_endpoint != client.socket
            ),
        ]
