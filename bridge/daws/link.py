"""Ableton Link, in a process of its own: `python -m bridge.daws.link PORT`.

Link is GPL and optional (`pip install "loopwright[link]"`), so nothing of it is loaded anywhere
else: this process joins the Link session and tells the bridge its tempo and beat, as a host would.
It never sets a tempo of its own. It ends when its stdin closes.
"""

import contextlib
import math
import sys
import threading
import time
from typing import Any

from bridge.osc.client import OscClient
from bridge.osc.hosts import LINK

_LOOK_EACH_S = 0.01
_REGISTER_EACH_S = 10.0
_FIRST_BPM = 120.0  # heard by nobody: a newcomer takes over the tempo of the session
_QUANTUM_QUARTERS = 4.0


class LinkHost:
    """What the session says, as messages; each is sent when it changes."""

    def __init__(self, session: Any, client: OscClient) -> None:
        """Watch a Link session; `client` speaks to the bridge."""
        self._session = session
        self._client = client
        self._said: dict[str, float] = {}
        self._register_at_s = 0.0

    def look(self) -> None:
        """Send what has changed; while nobody else is in the session, nothing of it."""
        self._register()
        if not self._session.numPeers():
            self._said = {}
            return
        state = self._session.captureAppSessionState()
        now_us = self._session.clock().micros()
        self._say("/lw/host/tempo", tempo_meant(state.tempo()))
        self._say("/lw/host/play", 1)  # the beat of a session always runs
        beat = float(state.beatAtTime(now_us, _QUANTUM_QUARTERS))
        self._say("/lw/host/beat", beat, once_for=math.floor(beat))

    def leave(self) -> None:
        """Tell the bridge that the session is followed no more."""
        with contextlib.suppress(OSError):
            self._client.send("/lw/unregister", [0])

    def _register(self) -> None:
        """Register by name, again and again: the bridge may be started anew."""
        now_s = time.monotonic()
        if now_s >= self._register_at_s:
            self._register_at_s = now_s + _REGISTER_EACH_S
            with contextlib.suppress(OSError):
                self._client.send("/lw/register", [LINK, 0])

    def _say(self, address: str, value: float, once_for: float | None = None) -> None:
        """Send a value that has changed; with `once_for`, where that has."""
        what = value if once_for is None else once_for
        if self._said.get(address) == what:
            return
        try:
            self._client.send(address, [value])
            self._said[address] = what
        except OSError:
            self._said = {}  # no bridge just now


def tempo_meant(bpm: float) -> float:
    """Return the tempo of fewest decimals that Link keeps as this one.

    Link keeps whole microseconds a beat: 97.25 comes back as 97.24993.
    """
    for decimals in range(4):
        short = round(bpm, decimals)
        if round(60e6 / short) == round(60e6 / bpm):
            return short
    return bpm


def main(port: int) -> int:
    """Watch the session until stdin closes, and return the exit code."""
    try:
        import link
    except ImportError:
        sys.stderr.write("Link is not installed: pip install 'loopwright[link]'.\n")
        return 1
    session = link.Link(_FIRST_BPM)
    session.enabled = True
    ended = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(ended,), daemon=True).start()
    with OscClient("127.0.0.1", port) as client:
        host = LinkHost(session, client)
        while not ended.wait(_LOOK_EACH_S):
            host.look()
        host.leave()
    session.enabled = False
    return 0


def _wait_for_the_end(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
