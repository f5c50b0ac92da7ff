"""A musician at the desk of a studio: what was sent, and what waits to be fetched. No Ray here."""

import asyncio
import contextlib
import time
from collections import deque

from engine import protocol
from engine.remote.wire import TakeSent
from engine.studio.job import StudioJob
from engine.studio.packets import Packet, packet

_AT_ONCE = 64


class Session:
    """One connection of a musician, whose relay asks again and again what is new."""

    def __init__(self, musician: str) -> None:
        """Begin with nothing."""
        self.musician = musician
        self.jobs: dict[str, StudioJob] = {}
        self.uploads: dict[str, list[Packet]] = {}
        """The files that jobs name, by their tokens."""
        self.heard_at = time.monotonic()
        self._waiting: deque[tuple[bool, Packet]] = deque()
        self._take_is_on_its_way = False
        self._changed = asyncio.Event()

    def tell(self, message: protocol.Message, payload: bytes = b"") -> None:
        """Let a message wait until the musician asks."""
        self._waiting.append((isinstance(message, TakeSent), packet(message, payload)))
        self._changed.set()

    def received(self) -> None:
        """Note that the last take was written, so that the next may go."""
        self._take_is_on_its_way = False
        self._changed.set()

    async def news(self, timeout_s: float) -> list[Packet]:
        """Return what waits, up to the next take; nothing if nothing comes in time."""
        self.heard_at = time.monotonic()
        found = self._next()
        if not found:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), timeout_s)
            found = self._next()
        self.heard_at = time.monotonic()
        return found

    def _next(self) -> list[Packet]:
        self._changed.clear()
        found: list[Packet] = []
        while self._waiting and len(found) < _AT_ONCE:
            is_take, each = self._waiting[0]
            if is_take and self._take_is_on_its_way:
                break
            self._take_is_on_its_way |= is_take
            found.append(each)
            self._waiting.popleft()
        if self._waiting and not self._take_is_on_its_way:
            self._changed.set()
        return found
