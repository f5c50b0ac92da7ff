"""Routes each message to its handler: the one place that knows all handlers.

All methods run on one thread. Only this module turns errors into `/lw/fail`. Malformed messages
and replies get no reply: two programs could otherwise reply to each other for ever.
"""

import logging
from collections import Counter
from collections.abc import Callable

from bridge.osc.addresses import PROTOCOL_VERSION, REPLIES, TABLE, is_button, read_arguments
from bridge.osc.clients import LEASE_S, Clients, Endpoint
from bridge.osc.clips import ClipHandlers
from bridge.osc.engine_events import EngineState
from bridge.osc.errors import (
    BAD_ARGUMENTS,
    ENGINE_FAILED,
    UNKNOWN,
    MalformedPacket,
    RequestFailed,
    shown,
)
from bridge.osc.hosts import REAPER, Hosts, HostView
from bridge.osc.jobs import JobHandlers
from bridge.osc.messages import Argument, OscMessage, parse
from bridge.osc.preview import PreviewHandlers
from bridge.osc.projects import Projects
from bridge.osc.records import Records
from bridge.osc.sender import Call, MessageSender
from bridge.osc.session import Session
from bridge.osc.traffic import BridgeObserver
from engine import protocol
from engine.client import Engine
from engine.loops.request import LoopRequest
from engine.version import VERSION
from playback.interface import ClipPlayer

_DROPPED = ("lost", "malformed", "refused", "unanswered")
_log = logging.getLogger(__name__)


class Router:
    """Handles messages; `now_s` is the time of a monotonic clock, set before each call."""

    def __init__(
        self,
        engine: Engine,
        player: ClipPlayer,
        projects: Projects,
        send: Callable[[bytes, Endpoint], None],
        call_soon: Callable[[Callable[[], None]], None],
        observer: BridgeObserver | None = None,
    ) -> None:
        """Wire the handlers.

        Args:
            engine: makes the loops.
            player: plays previews.
            projects: the project folders.
            send: sends a datagram; must neither block nor raise.
            call_soon: schedules a callback on the thread of this router.
            observer: what a window watches; None for a bridge without one.
        """
        self.now_s = 0.0
        self.counts: Counter[str] = Counter()
        self.engine_state = EngineState.STARTING
        self._observer = observer
        self._projects = projects
        self._clients = Clients()
        self._outgoing = MessageSender(send, self._clients)
        self._records = Records(self._outgoing)
        self._session = Session(self._push_value)
        self.hosts = Hosts(self._clients)
        self._jobs = JobHandlers(
            engine, projects, self._session, self._outgoing, self._records, self._note_job
        )
        self._clips = ClipHandlers(
            projects, self._clients, self._outgoing, self._records, self._jobs
        )
        self._preview = PreviewHandlers(player, projects, self._session, self._outgoing, call_soon)
        self._beats = 0
        self._heartbeat_at_s = 0.0
        self._handlers = self._all_handlers()

    def _all_handlers(self) -> dict[str, Callable[[Call], None]]:
        session = self._session
        plays, stops = _set_playing(session, on=True), _set_playing(session, on=False)
        return {
            "/lw/ping": self._ping,
            "/lw/register": self._register,
            "/lw/unregister": self._unregister,
            "/lw/generate": self._jobs.generate,
            "/lw/make": self._jobs.make,
            "/lw/vary": self._jobs.vary,
            "/lw/blend": self._jobs.blend,
            "/lw/stems": self._jobs.stems,
            "/lw/midi": self._jobs.midi,
            "/lw/midi/insert": lambda call: self._clips.insert_midi(call, lambda: self.now_s),
            "/lw/inspect": self._jobs.inspect,
            "/lw/cancel": self._jobs.cancel,
            "/lw/job": self._jobs.send_state,
            "/lw/clip/list": self._clips.list,
            "/lw/clip/path": self._clips.path,
            "/lw/clip/insert": lambda call: self._clips.insert(call, self.now_s),
            "/lw/preview/play": lambda call: self._preview.play(call, self.now_s),
            "/lw/preview/stop": self._preview.stop,
            "/lw/host/tempo": lambda call: session.set("tempo", call.arguments["bpm"]),
            "/lw/host/meter": _set_meter(session),
            "/lw/host/key": lambda call: session.set("key", call.arguments["key"]),
            "/lw/host/play": plays,
            "/lw/host/stop": stops,
            "/lw/host/beat": self._beat,
            "/lw/host/loop/start": _set_loop(session, "start"),
            "/lw/host/loop/end": _set_loop(session, "end"),
            "/transport_play": plays,
            "/transport_stop": stops,
            "/position/bbt": lambda call: session.note_beat(call.arguments["beat"], self.now_s),
            "/lw/host/inserted": self._clips.inserted,
            "/lw/get": self._get,
            "/lw/set": self._set,
            "/lw/listen": self._listen,
            "/lw/unlisten": self._unlisten,
        }

    @property
    def session(self) -> Session:
        """The values of the host, and those that were set."""
        return self._session

    def host_view(self) -> HostView:
        """Return what a window shows of hosts and clients; may be called from any thread."""
        return self.hosts.view(self._session)._replace(dropped=self.dropped)

    @property
    def client_names(self) -> tuple[str, ...]:
        """The names of the registered clients; may be read from any thread."""
        return tuple(client.name for client in self._clients)

    @property
    def dropped(self) -> int:
        """How many datagrams and messages had no effect; may be read from any thread."""
        return sum(self.counts[kind] for kind in _DROPPED)

    def on_datagram(self, datagram: bytes, sender: Endpoint) -> None:
        """Handle the messages of a datagram from an allowed sender."""
        try:
            messages = parse(datagram)
        except MalformedPacket:
            self.counts["malformed"] += 1
            return
        self._outgoing.begin(sender, len(datagram))
        for message in messages:
            self.on_message(message, sender)

    def on_message(self, message: OscMessage, sender: Endpoint) -> None:
        """Handle one message."""
        self.counts["messages"] += 1
        path = message.address
        address = TABLE.get(path)
        if address is None:
            self._on_unknown_address(message, sender)
            return
        try:
            arguments = read_arguments(address, message.arguments)
            if address.from_host and not self.hosts.accepts_from(sender, self.now_s):
                return
            self._handlers[path](Call(sender, message, arguments))
            if address.daw:
                self.hosts.infer_name(sender, address.daw)
        except RequestFailed as failed:
            if address.reply:
                self._fail(Call(sender, message, {}), failed.code, failed.sentence)
        except Exception as error:  # noqa: BLE001 - a bug in a handler must not end the bridge
            _log.exception("%s failed", path)
            if address.reply:
                call = Call(sender, message, {})
                self._fail(call, ENGINE_FAILED, f"The bridge failed ({error}): see its log.")

    def on_event(self, event: protocol.Event) -> None:
        """Handle an event of the engine."""
        if isinstance(event, protocol.Ready):
            self.engine_state = EngineState.READY
            _log.info("engine is ready")
        self._jobs.on_event(event)

    def on_engine_exit(self) -> None:
        """Note that the engine process has ended; its client restarts it, unless it gives up."""
        self.engine_state = EngineState.DOWN
        _log.info("engine is down")

    def tick(self) -> None:
        """Send heartbeats and the preview's state; end leases and insertions that are due."""
        self._clients.expire(self.now_s)
        self._clips.expire(self.now_s)
        self._preview.poll()
        if self.now_s >= self._heartbeat_at_s:
            self._heartbeat_at_s = self.now_s + 1.0
            self._beats += 1
            self._outgoing.push("/lw/heartbeat", self._beats % 2**31)

    def close(self) -> None:
        """Stop the preview."""
        self._preview.close()

    def _note_job(self, engine_id: str, request: LoopRequest, requester: Endpoint) -> None:
        if self._observer is not None:
            client = self._clients.of(requester)
            self._observer.on_job(engine_id, request, "" if client is None else client.name)

    def _on_unknown_address(self, message: OscMessage, sender: Endpoint) -> None:
        """Handle an address that is not in the table: a reply, or a mistake."""
        path = message.address
        if path == "/lw/fail":
            self._clips.not_inserted(Call(sender, message, {}))
        elif path in REPLIES or not path.startswith("/lw/"):
            self.counts["ignored"] += 1
        else:
            sentence = f"There is no message {shown(path)}: see docs/osc.md."
            self._fail(Call(sender, message, {}), UNKNOWN, sentence)

    def _fail(self, call: Call, code: int, sentence: str) -> None:
        self.counts["failed"] += 1
        first = call.message.arguments[:1]
        address = TABLE.get(call.address)
        has_id = address is not None and address.has_id
        fail_id = str(first[0])[:64] if has_id and first and isinstance(first[0], str) else ""
        if not self._outgoing.fail(call, fail_id, code, sentence):
            self.counts["unanswered"] += 1

    def _beat(self, call: Call) -> None:
        beat = call.arguments["beat"]
        self._session.note_beat(beat, self.now_s)
        if isinstance(beat, str):
            self.hosts.infer_name(call.sender, REAPER)

    def _ping(self, call: Call) -> None:
        self._clients.renew(call.sender, self.now_s)
        endpoint = call.sender
        port = call.arguments.get("port", 0)
        if port and not is_button(call.message.arguments[0]):
            if not 0 < port <= 65_535:
                raise RequestFailed(BAD_ARGUMENTS, f"port is {port}, but must be 1 to 65535.")
            endpoint = Endpoint(call.sender.host, port)
        state, waiting = self.engine_state, self._jobs.unfinished
        self._outgoing.send([endpoint], "/lw/pong", VERSION, PROTOCOL_VERSION, state, waiting)

    def _register(self, call: Call) -> None:
        given = call.arguments
        client = self._clients.register(
            given["name"], call.sender, given["return_port"], self.now_s
        )
        self._outgoing.done(call, client.number, LEASE_S)

    def _unregister(self, call: Call) -> None:
        self._clients.unregister(call.arguments["client"], call.sender)
        self._outgoing.done(call)

    def _values(self) -> dict[str, Argument]:
        return {
            **self._session.values(),
            "project": self._projects.name,
            "device": self._preview.device,
            "clients": ", ".join(self.client_names),
            "host": self.hosts.current_daw(self.now_s),
            "dropped": self.dropped,
        }

    def _value(self, name: str) -> Argument:
        values = self._values()
        if name not in values:
            known = ", ".join(values)
            raise RequestFailed(UNKNOWN, f"There is no value {shown(name)}: choose one of {known}.")
        return values[name]

    def _get(self, call: Call) -> None:
        name = call.arguments["name"]
        self._outgoing.reply(call.sender, "/lw/value", name, self._value(name))

    def _set(self, call: Call) -> None:
        name, value = call.arguments["name"], call.arguments["value"]
        before = self._value(name)
        if name in ("clients", "host", "dropped"):
            raise RequestFailed(BAD_ARGUMENTS, f"{name} is read-only: see docs/osc.md.")
        if name in ("project", "device") and not isinstance(value, str):
            raise RequestFailed(BAD_ARGUMENTS, f"{name} is {shown(value)}, but must be text.")
        if name == "device":
            self._preview.choose_device(call, value, lambda: self._on_device_chosen(call, before))
            return
        if name == "project":
            self._projects.choose(value)
            if value != before:
                self._push_value(name, value)
        else:
            self._session.set(name, value)
        self._get(call)

    def _on_device_chosen(self, call: Call, before: Argument) -> None:
        """Push the new output device to its listeners, and reply to the request."""
        if self._preview.device != before:
            self._push_value("device", self._preview.device)
        self._get(call)

    def _listen(self, call: Call) -> None:
        self._value(call.arguments["name"])
        self._clients.listen(call.sender, call.arguments["name"], on=True)
        self._get(call)

    def _unlisten(self, call: Call) -> None:
        self._value(call.arguments["name"])
        self._clients.listen(call.sender, call.arguments["name"], on=False)
        self._outgoing.done(call)

    def _push_value(self, name: str, value: Argument) -> None:
        endpoints = [client.reply_endpoint for client in self._clients if name in client.listens_to]
        self._outgoing.send(endpoints, "/lw/value", name, value)


def _set_playing(session: Session, *, on: bool) -> Callable[[Call], None]:
    return lambda call: session.note_playing(is_playing=_is_on(call) is on)


def _set_meter(session: Session) -> Callable[[Call], None]:
    return lambda call: session.set("meter", f"{call.arguments['num']}/{call.arguments['den']}")


def _set_loop(session: Session, end: str) -> Callable[[Call], None]:
    return lambda call: session.note_loop(end, call.arguments["seconds"])


def _is_on(call: Call) -> bool:
    """Return whether a transport message means on: without an argument it does, with 0 not."""
    value = call.arguments.get("on", 1)
    return value not in (0, "", "0")
