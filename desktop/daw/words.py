"""What the window says of DAWs: how they are, what remains to be done, whether they talk."""

from collections.abc import Sequence

from bridge.daws.installation import LIVE, Daw
from bridge.daws.status import DawStatus, InstallState
from bridge.osc.embedded import BridgeKind, BridgeState
from bridge.osc.hosts import FRESH_S, HostView, LastSeen
from desktop.transport.time_source import time_text

LISTEN_S = 12.0


def heard_at(daw_id: str, view: HostView) -> float | None:
    """Return when a DAW was heard last; None where it never was."""
    told = view.clients if view.daw is None else (*view.clients, view.daw)
    times = [each.at_s for each in told if each.name.lower() == daw_id]
    return max(times, default=None)


def side_text(side: DawStatus) -> str:
    """Return what lies in a DAW."""
    match side.state:
        case InstallState.NO_DAW:
            return "not found on this machine"
        case InstallState.NOT_INSTALLED:
            return "found; nothing of Loopwright is in it"
        case InstallState.OUTDATED:
            return f"version {side.version} is installed, and is not the newest"
    return f"version {side.version} is installed"


def talk_text(heard_at_s: float | None, now_s: float) -> str:
    """Return whether somebody talks."""
    if heard_at_s is None:
        return "not heard yet"
    silent_s = now_s - heard_at_s
    return "talks" if silent_s < FRESH_S else f"silent for {time_text(silent_s)}"


def steps_text(daw: Daw) -> str:
    """Return what remains to be done in the DAW itself, one step a line."""
    return "\n".join(f"{number}. {step}" for number, step in enumerate(daw.steps, 1))


def state_text(state: BridgeState, clients: int) -> str:
    """Return in a few words how the bridge is, for the line at the bottom."""
    match state.kind:
        case BridgeKind.SERVING:
            heard = {0: "no client", 1: "1 client"}.get(clients, f"{clients} clients")
            return f"OSC 127.0.0.1:{state.port} · {heard}"
        case BridgeKind.ELSEWHERE:
            return f"OSC: another bridge serves 127.0.0.1:{state.port}; its clips appear here"
        case BridgeKind.FAILED:
            return "OSC failed"
        case BridgeKind.STARTING:
            return "OSC starting"
    return "OSC off"


def clients_text(clients: Sequence[LastSeen]) -> str:
    """Return who is registered with the bridge."""
    names = [each.name or "a client without a name" for each in clients]
    return ", ".join(names) if names else "nobody is registered"


class ConnectionTest:
    """Listens for one DAW until it is heard or the time is over."""

    def __init__(self, daw: Daw, now_s: float) -> None:
        self._daw = daw
        self._begun_s = now_s
        self.is_over = False

    def look(self, view: HostView, now_s: float) -> str:
        """Return how it stands; `is_over` is true with the last sentence."""
        name = self._daw.name
        heard_at_s = heard_at(self._daw.id, view)
        if heard_at_s is not None and heard_at_s >= self._begun_s:
            self.is_over = True
            return f"{name} talks: it was heard {time_text(now_s - self._begun_s)} after asking."
        left_s = self._begun_s + LISTEN_S - now_s
        if left_s > 0:
            hint = "" if self._daw is LIVE else ": press play there"
            return f"Listening for {name} for {left_s:.0f} s{hint}"
        self.is_over = True
        what = (
            "open it, and choose 'Loopwright' as a control surface"
            if self._daw is LIVE
            else "open it, see that its OSC device 'Loopwright' is on, and press play"
        )
        return f"Nothing was heard from {name} in {LISTEN_S:.0f} s: {what}."
