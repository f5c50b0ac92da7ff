"""Follows an Ableton Link session, in its own process: `python -m bridge.daws.link PORT`.

Link is GPL and optional (`pip install "loopwright[link]"`), so it is imported in this process only.
The process joins the Link session and sends its tempo and beat to the bridge, as a DAW would. It
never sets a tempo itself. It exits when its stdin closes.
"""

import contextlib
import math
import sys
import threading
import time
from typing import Any

from bridge.osc.client import OscClient
from bridge.osc.hosts import LINK

_POLL_EACH_S = 0.01
_REGISTER_EACH_S = 10.0
_FIRST_BPM = 120.0  # never used by others: a new peer adopts the tempo of the session
_QUANTUM_QUARTERS = 4.0


class LinkHost:
    """Sends the tempo and beat of a Link session to the bridge whenever they change."""

    def __init__(self, session: Any, client: OscClient) -> None:
        """Watch a Link session; `client` sends to the bridge."""
        self._session = session
        self._client = client
        self._last_sent: dict[str, float] = {}
        self._register_at_s = 0.0

    def poll(self) -> None:
        """Send what has changed; nothing while no other peer is in the session."""
        self._register()
        if not self._session.numPeers():
            self._last_sent = {}
            return
        state = self._session.captureAppSessionState()
        now_us = self._session.clock().micros()
        self._send_changed("/lw/host/tempo", intended_tempo(state.tempo()))
        self._send_changed("/lw/host/play", 1)  # the beat of a Link session always runs
        beat = float(state.beatAtTime(now_us, _QUANTUM_QUARTERS))
        self._send_changed("/lw/host/beat", beat, once_per=math.floor(beat))

    def leave(self) -> None:
        """Unregister from the bridge."""
        with contextlib.suppress(OSError):
            self._client.send("/lw/unregister", [0])

    def _register(self) -> None:
        """Register by name, again and again: the bridge may be restarted."""
        now_s = time.monotonic()
        if now_s >= self._register_at_s:
            self._register_at_s = now_s + _REGISTER_EACH_S
            with contextlib.suppress(OSError):
                self._client.send("/lw/register", [LINK, 0])

    def _send_changed(self, address: str, value: float, once_per: float | None = None) -> None:
        """Send a value if it has changed; with `once_per`, if that has changed."""
        compared = value if once_per is None else once_per
        if self._last_sent.get(address) == compared:
            return
        try:
            self._client.send(address, [value])
            self._last_sent[address] = compared
        except OSError:
            self._last_sent = {}  # no bridge right now


def intended_tempo(bpm: float) -> float:
    """Return the shortest decimal tempo that Link stores as this one.

    Link stores whole microseconds per beat: 97.25 comes back as 97.24993.
    """
    for decimals in range(4):
        short = round(bpm, decimals)
        if round(60e6 / short) == round(60e6 / bpm):
            return short
    return bpm


def main(port: int) -> int:
    """Follow the session until stdin closes, and return the exit code."""
    try:
        import link
    except ImportError:
        sys.stderr.write(
            "Ableton Link is not installed: install it with pip install 'loopwright[link]'.\n"
        )
        return 1
    session = link.Link(_FIRST_BPM)
    session.enabled = True
    stdin_closed = threading.Event()
    threading.Thread(target=_wait_for_stdin, args=(stdin_closed,), daemon=True).start()
    with OscClient("127.0.0.1", port) as client:
        host = LinkHost(session, client)
        while not stdin_closed.wait(_POLL_EACH_S):
            host.poll()
        host.leave()
    session.enabled = False
    return 0


def _wait_for_stdin(stdin_closed: threading.Event) -> None:
    sys.stdin.buffer.read()
    stdin_closed.set()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
