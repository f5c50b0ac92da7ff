"""Listens for REAPER, whose Lua has no sockets: from the bridge's messages to files, and back.

`bridge/daws/reaper/Loopwright/receive.lua` starts it and is the other side; the files lie in the
folder of that script. It ends when the script is no longer there.
"""

import contextlib
import json
import os
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple

from bridge.daws.installation import INBOX
from bridge.osc.client import OscClient
from bridge.osc.errors import BUSY, NOT_THERE
from bridge.osc.hosts import REAPER
from bridge.osc.messages import OscMessage

_LOOK_EACH_S = 0.05
_REGISTER_EACH_S = 5.0
_SCRIPT_SILENT_S = 15.0
"""As long as a dialog of REAPER may hold its scripts up."""
_FILE_MISSING_S = 1.0
"""The script takes its file away when it ends, and for a moment when it writes it anew."""
_ANSWER_LIMIT_S = 8.0
_MOST_WAITING = 64


class _Insertion(NamedTuple):
    id: str
    text: str


class ReaperRelay:
    """Registers as REAPER, and hands over one clip after the other."""

    def __init__(self, client: OscClient, inbox: Path) -> None:
        """Prepare; `inbox` is the folder of the script."""
        self._client = client
        self._inbox = inbox
        self._waiting: deque[_Insertion] = deque(maxlen=_MOST_WAITING)
        self._handed: _Insertion | None = None
        self._give_up_at_s = 0.0
        self._register_at_s = 0.0
        self._seen_at_s = self._there_at_s = time.monotonic()
        self._seen = self._said = ""

    def run(self) -> None:
        """Relay until the script is silent; another relay that is there already stays alone."""
        if self._another_is_here():
            return
        while self._script_is_there():
            self._say_that_we_are_here()
            self._register()
            self._listen()
            self._pass_on()
        for name in ("relay", "clip", "answer"):
            self._path(name).unlink(missing_ok=True)
        self._send("/lw/unregister", 0)

    def _say_that_we_are_here(self) -> None:
        now = str(int(time.time()))
        if now != self._said:
            self._said = now
            self._write("relay", now)

    def _another_is_here(self) -> bool:
        told = self._read("relay")
        return told.isdecimal() and abs(time.time() - int(told)) < 3

    def _script_is_there(self) -> bool:
        """Return whether the script has said lately that it runs."""
        told, now_s = self._read("alive"), time.monotonic()
        if told and told != self._seen:
            self._seen, self._seen_at_s = told, now_s
        if told or not self._seen:
            self._there_at_s = now_s
        has_left = now_s - self._there_at_s > _FILE_MISSING_S
        return not has_left and now_s - self._seen_at_s < _SCRIPT_SILENT_S

    def _register(self) -> None:
        now_s = time.monotonic()
        if now_s >= self._register_at_s:
            self._register_at_s = now_s + _REGISTER_EACH_S
            self._send("/lw/register", REAPER, 0)

    def _listen(self) -> None:
        try:
            for message in self._client.answers(_LOOK_EACH_S):
                if message.address == "/lw/host/insert":
                    self._take(message)
        except OSError:  # no bridge just now
            time.sleep(_LOOK_EACH_S)

    def _take(self, message: OscMessage) -> None:
        match message.arguments:
            case (str(insert_id), _, str(path), _, _, _, int(bars), int(above), int(below)):
                quarters = 4 * bars * above / max(below, 1)
                text = json.dumps([insert_id, path, quarters], ensure_ascii=False)
                self._waiting.append(_Insertion(insert_id, text))

    def _pass_on(self) -> None:
        """Hand over the next clip, or tell the bridge what came of the one before."""
        if self._handed is None:
            if self._waiting:
                self._handed = self._waiting.popleft()
                self._give_up_at_s = time.monotonic() + _ANSWER_LIMIT_S
                self._write("clip", self._handed.text)
            return
        insert_id, _, why = self._read("answer").partition("\n")
        if insert_id == self._handed.id:
            self._path("answer").unlink(missing_ok=True)
            self._end(BUSY, why)
        elif time.monotonic() > self._give_up_at_s:
            self._path("clip").unlink(missing_ok=True)
            self._end(NOT_THERE, "REAPER is busy: close its dialog, and send the clip again.")

    def _end(self, code: int, why: str) -> None:
        assert self._handed is not None  # noqa: S101 - only called with one
        if why:
            self._send("/lw/fail", "/lw/host/insert", self._handed.id, code, why)
        else:
            self._send("/lw/host/inserted", self._handed.id)
        self._handed = None

    def _send(self, address: str, *arguments: str | int) -> None:
        with contextlib.suppress(OSError):
            self._client.send(address, arguments)

    def _path(self, name: str) -> Path:
        return self._inbox / f"{INBOX}.{name}"

    def _read(self, name: str) -> str:
        try:
            return self._path(name).read_text("utf-8", "replace")
        except OSError:
            return ""

    def _write(self, name: str, text: str) -> None:
        """Write a file whole or not at all."""
        part = self._path(f"{name}.{os.getpid()}.part")
        with contextlib.suppress(OSError):
            part.write_text(text, "utf-8")
            part.replace(self._path(name))
