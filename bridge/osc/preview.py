"""Handles the preview requests and pushes the state of the preview to all clients.

Opening a sound device may take long, so the player is called on its own thread, one request at a
time; replies are sent on the bridge's thread.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from bridge.osc.errors import BUSY, ENGINE_FAILED, NOT_THERE, RequestFailed
from bridge.osc.projects import Projects
from bridge.osc.sender import Call, MessageSender
from bridge.osc.session import Session
from engine.loops.errors import LoopError
from engine.task_thread import TaskThread
from playback.interface import ClipPlayer

_MOST_WAITING = 16
_DEVICE_CLOSE_S = 10.0
_log = logging.getLogger(__name__)


class PreviewHandlers:
    """Handles `/lw/preview/play` and `/lw/preview/stop`."""

    def __init__(
        self,
        player: ClipPlayer,
        projects: Projects,
        session: Session,
        outgoing: MessageSender,
        call_soon: Callable[[Callable[[], None]], None],
    ) -> None:
        """Prepare; `call_soon` runs something on the bridge's thread, soon."""
        self._player = player
        self._projects = projects
        self._session = session
        self._outgoing = outgoing
        self._call_soon = call_soon
        self._shown = ""
        self._ids: dict[Path, str] = {}
        self._thread = TaskThread("preview", most_waiting=_MOST_WAITING)

    @property
    def device(self) -> str:
        """The name of the output device; empty for the system default."""
        return self._player.device

    def play(self, call: Call, now_s: float) -> None:
        """Play a clip of the project."""
        clip = self._projects.clip(call.arguments["clip"])
        path = Path(clip.path)
        loop, sync = bool(call.arguments["loop"]), bool(call.arguments["sync"])
        wait_s = self._session.seconds_to_next_bar(now_s) if sync else None
        at_s = None if wait_s is None else now_s + wait_s

        def start() -> None:
            self._ids = {path: clip.id}
            self._player.play(path, loop=loop, on_bar=sync, at_monotonic_s=at_s)

        self._do(call, start)

    def stop(self, call: Call) -> None:
        """Stop the preview."""
        self._do(call, self._player.stop)

    def choose_device(self, call: Call, name: str, then: Callable[[], None]) -> None:
        """Switch to another output device, then call `then`."""
        self._do(call, lambda: self._player.choose_device(name), then)

    def poll(self) -> None:
        """Push the preview's state if it has started or ended."""
        path = self._player.playing
        playing = "" if path is None else self._ids.get(path, "")
        if playing == self._shown:
            return
        if self._shown:
            self._outgoing.push("/lw/preview/state", self._shown, 0)
        self._shown = playing
        if playing:
            self._outgoing.push("/lw/preview/state", playing, 1)

    def close(self) -> None:
        """End the thread and release the device."""
        if self._thread.close(limit_s=_DEVICE_CLOSE_S):  # else the device hangs
            self._player.close()

    def _do(
        self, call: Call, act: Callable[[], None], then: Callable[[], None] | None = None
    ) -> None:
        """Run a task on the preview's thread, and reply when it is done."""

        def answer_done() -> None:
            self.poll()
            if then is None:
                self._outgoing.done(call)
            else:
                then()

        def fail(error: Exception) -> None:
            known = isinstance(error, LoopError)
            sentence = str(error) if known else f"The preview failed ({error}): see the log."
            code = NOT_THERE if known else ENGINE_FAILED
            self._outgoing.fail(call, call.id, code, sentence)

        def task() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - sound systems raise anything
                failure = error
                if isinstance(error, LoopError):
                    _log.info("%s failed: %s", call.address, type(error).__name__)
                else:
                    _log.exception("%s failed", call.address)
                self._call_soon(lambda: fail(failure))
            else:
                self._call_soon(answer_done)

        if not self._thread.run(task):
            raise RequestFailed(BUSY, "The sound device is busy: try again later.")
