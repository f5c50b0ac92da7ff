"""Relays messages between the bridge and REAPER, whose Lua has no sockets, by way of files.

`bridge/daws/reaper/Loopwright/receive.lua` starts the relay and is its other end; the files are in
the folder of that script. The relay exits when the script is gone.
"""

import contextlib
import json
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.daws.installation import INBOX
from bridge.daws.live.Loopwright import midi_file
from bridge.osc.client import OscClient
from bridge.osc.errors import BUSY, ENGINE_FAILED, NOT_THERE
from bridge.osc.hosts import REAPER
from bridge.osc.messages import OscMessage
from engine.loops.files import read, replace

_POLL_EACH_S = 0.05
_REGISTER_EACH_S = 5.0
_SCRIPT_SILENT_S = 15.0
"""As long as an open dialog in REAPER may hold up its scripts."""
_FILE_MISSING_S = 1.0
"""The script removes its file when it ends, and for a moment each time it rewrites it."""
_ANSWER_LIMIT_S = 8.0
_MOST_WAITING = 64


class _Insertion(NamedTuple):
    id: str
    text: str


class ReaperRelay:
    """Registers as REAPER, and passes one clip after another on to the script."""

    def __init__(self, client: OscClient, inbox: Path) -> None:
        """Prepare; `inbox` is the folder of the script."""
        self._client = client
        self._inbox = inbox
        self._waiting: deque[_Insertion] = deque(maxlen=_MOST_WAITING)
        self._current: _Insertion | None = None
        self._give_up_at_s = 0.0
        self._register_at_s = 0.0
        self._script_beat_at_s = self._file_seen_at_s = time.monotonic()
        self._script_beat = self._own_beat = ""

    def run(self) -> None:
        """Relay until the script is silent; exit at once if another relay is running."""
        if self._another_is_running():
            return
        while self._script_is_running():
            self._write_heartbeat()
            self._register()
            self._receive()
            self._pass_on()
        for name in ("relay", "clip", "answer"):
            self._path(name).unlink(missing_ok=True)
        self._send("/lw/unregister", 0)

    def _write_heartbeat(self) -> None:
        now = str(int(time.time()))
        if now != self._own_beat:
            self._own_beat = now
            self._write("relay", now)

    def _another_is_running(self) -> bool:
        beat = self._read("relay")
        return beat.isdecimal() and abs(time.time() - int(beat)) < 3

    def _script_is_running(self) -> bool:
        """Return whether the script has written a heartbeat recently."""
        beat, now_s = self._read("alive"), time.monotonic()
        if beat and beat != self._script_beat:
            self._script_beat, self._script_beat_at_s = beat, now_s
        if beat or not self._script_beat:
            self._file_seen_at_s = now_s
        has_ended = now_s - self._file_seen_at_s > _FILE_MISSING_S
        return not has_ended and now_s - self._script_beat_at_s < _SCRIPT_SILENT_S

    def _register(self) -> None:
        now_s = time.monotonic()
        if now_s >= self._register_at_s:
            self._register_at_s = now_s + _REGISTER_EACH_S
            self._send("/lw/register", REAPER, 0)

    def _receive(self) -> None:
        try:
            for message in self._client.answers(_POLL_EACH_S):
                if message.address == "/lw/host/insert":
                    self._enqueue(message)
        except OSError:  # no bridge right now
            time.sleep(_POLL_EACH_S)

    def _enqueue(self, message: OscMessage) -> None:
        match message.arguments:
            case (str(insert_id), _, str(path), _, _, _, int(bars), int(above), int(below)):
                quarters = 4 * bars * above / max(below, 1)
                try:
                    notes = list(_notes_of(path)) if path.endswith(".mid") else []
                except (OSError, midi_file.NotOurs):
                    sentence = f"'{Path(path).name}' cannot be read: send the clip's MIDI again."
                    self._send("/lw/fail", "/lw/host/insert", insert_id, ENGINE_FAILED, sentence)
                    return
                text = json.dumps([insert_id, path, quarters, *notes], ensure_ascii=False)
                self._waiting.append(_Insertion(insert_id, text))

    def _pass_on(self) -> None:
        """Pass the next clip to the script, or send the result of the current one to the bridge."""
        if self._current is None:
            if self._waiting:
                self._current = self._waiting.popleft()
                self._give_up_at_s = time.monotonic() + _ANSWER_LIMIT_S
                self._write("clip", self._current.text)
            return
        insert_id, _, error = self._read("answer").partition("\n")
        if insert_id == self._current.id:
            self._path("answer").unlink(missing_ok=True)
            self._finish(BUSY, error)
        elif time.monotonic() > self._give_up_at_s:
            self._path("clip").unlink(missing_ok=True)
            self._finish(NOT_THERE, "REAPER is busy: close its dialog, and send the clip again.")

    def _finish(self, code: int, error: str) -> None:
        assert self._current is not None  # noqa: S101 - only called with a current insertion
        if error:
            self._send("/lw/fail", "/lw/host/insert", self._current.id, code, error)
        else:
            self._send("/lw/host/inserted", self._current.id)
        self._current = None

    def _send(self, address: str, *arguments: str | int) -> None:
        with contextlib.suppress(OSError):
            self._client.send(address, arguments)

    def _path(self, name: str) -> Path:
        return self._inbox / f"{INBOX}.{name}"

    def _read(self, name: str) -> str:
        try:
            return read(self._path(name)).decode("utf-8", "replace")
        except OSError:
            return ""

    def _write(self, name: str, text: str) -> None:
        """Write a file atomically."""
        with contextlib.suppress(OSError):
            replace(self._path(name), text.encode())


def _notes_of(path: str) -> Iterator[str | float]:
    """Yield what the script needs of a MIDI file, in one row, for it knows no nested lists.

    The length in quarter notes; for each part its name, its channel and the number of its notes;
    for each note start, length, number and velocity.
    """
    length, parts = midi_file.read(path)
    yield length
    for part in parts:
        yield from (part.name, part.channel, len(part.notes))
        for note in part.notes:
            yield from note
