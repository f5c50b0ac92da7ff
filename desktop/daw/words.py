"""The texts about DAWs: installation, connection and remaining steps."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bridge.daws.installation import LIVE, Daw
from bridge.daws.status import DawStatus, InstallState
from bridge.osc.embedded import BridgeKind, BridgeState
from bridge.osc.hosts import FRESH_S, LINK, HostView, LastSeen
from desktop.transport.time_source import daw_name, time_text

LISTEN_S = 12.0


def last_seen(daw_id: str, view: HostView) -> float | None:
    """Return when a DAW sent its last message; None if it never did."""
    seen = view.clients if view.daw is None else (*view.clients, view.daw)
    times = [each.at_s for each in seen if each.name.lower() == daw_id]
    return max(times, default=None)


def status_text(status: DawStatus) -> str:
    """Return what is installed in a DAW."""
    match status.state:
        case InstallState.NO_DAW:
            return "not found; if it is on this machine, choose its folder"
        case InstallState.NOT_INSTALLED:
            return "found; Loopwright is not installed"
        case InstallState.OUTDATED:
            return f"version {status.version} is installed; an update is available"
    return f"version {status.version} is installed"


def connection_text(last_seen_s: float | None, now_s: float) -> str:
    """Return the state of the connection to a DAW."""
    if last_seen_s is None:
        return "not connected yet"
    silent_s = now_s - last_seen_s
    return "connected" if silent_s < FRESH_S else f"no message for {time_text(silent_s)}"


def steps_text(daw: Daw) -> str:
    """Return the remaining steps in the DAW itself, one per line."""
    return "\n".join(f"{number}. {step}" for number, step in enumerate(daw.steps, 1))


def state_text(state: BridgeState, clients: int) -> str:
    """Return the state of the bridge in short, for the status line."""
    match state.kind:
        case BridgeKind.SERVING:
            return {0: "No DAW yet", 1: "1 program connected"}.get(
                clients, f"{clients} programs connected"
            )
        case BridgeKind.ELSEWHERE:
            return "Another Loopwright talks to the DAW; its loops appear here"
        case BridgeKind.FAILED:
            return "No connection to DAWs"
        case BridgeKind.STARTING:
            return "Opening to DAWs"
    return "Closed to DAWs"


class Connection(NamedTuple):
    """What the page says first: whether a DAW is in time with the window.

    `dot` is good, muted or bad; `values` has its tempo, meter and key, if it sends any.
    """

    dot: str
    headline: str
    advice: str = ""
    values: Mapping[str, str] = {}


def connection_of(state: BridgeState, view: HostView, now_s: float) -> Connection:
    """Return the state of the connection to any DAW."""
    if state.kind is not BridgeKind.SERVING:
        failed = state.kind is BridgeKind.FAILED
        return Connection("bad" if failed else "muted", state_text(state, 0), state.reason)
    if view.daw is None:
        advice = "Install Loopwright in yours below. Its tempo, meter and key then appear here."
        return Connection("muted", "No DAW is connected yet", advice)
    name = daw_name(view.daw.name)
    tempo = f"{view.tempo:.2f}" if view.tempo else "–"
    values = {"tempo": tempo, "meter": view.meter or "–", "key": view.key or "–"}
    if (silent_s := now_s - view.daw.at_s) < FRESH_S:
        return Connection("good", f"{name} is in time with you", values=values)
    silent = f"No message for {time_text(silent_s)}; what it said last holds."
    return Connection("muted", f"{name} is silent", silent, values)


def programs(view: HostView) -> list[LastSeen]:
    """Return the programs that are connected; the window's own Link process is none of them."""
    return [each for each in view.clients if each.name != LINK]


def clients_text(clients: Sequence[LastSeen]) -> str:
    """Return the names of the bridge's clients."""
    names = [each.name or "unnamed program" for each in clients]
    return ", ".join(names) if names else "no program connected"


class ConnectionTest:
    """Waits for a message from one DAW until a timeout."""

    def __init__(self, daw: Daw, now_s: float) -> None:
        self._daw = daw
        self._begun_s = now_s
        self.is_over = False

    def poll(self, view: HostView, now_s: float) -> str:
        """Return the state of the test as a sentence; `is_over` is True with the last one."""
        name = self._daw.name
        last_seen_s = last_seen(self._daw.id, view)
        if last_seen_s is not None and last_seen_s >= self._begun_s:
            self.is_over = True
            return f"{name} is connected: it answered after {time_text(now_s - self._begun_s)}."
        left_s = self._begun_s + LISTEN_S - now_s
        if left_s > 0:
            hint = "" if self._daw is LIVE else ": press play in REAPER"
            return f"Waiting for {name}, {left_s:.0f} s left{hint}"
        self.is_over = True
        what = (
            "open it and choose 'Loopwright' as a control surface"
            if self._daw is LIVE
            else "open it, check that its OSC device 'Loopwright' is on, and press play"
        )
        return f"No message from {name} within {LISTEN_S:.0f} s: {what}."
