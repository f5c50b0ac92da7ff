"""The script: Live calls `update_display` about ten times a second, which does all the work.

The song's values are sent when they change. Errors are written to Live's log and do not disturb
the set.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

from . import osc
from .placing import Refused, place, place_notes
from .triggers import Triggers, audio_track_with_free_slot

BRIDGE = ("127.0.0.1", int(os.environ.get("LOOPWRIGHT_PORT", "9725")))
_REGISTER_EACH_S = 10.0
_MOST_AT_ONCE = 32
_LARGEST_PACKET_BYTES = 65535


class Script:
    """One control surface of Live."""

    def __init__(self, c_instance: Any) -> None:
        self._live = c_instance
        self._song = c_instance.song()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0)
        self._triggers = Triggers(self._song)
        self._scene_of_request: dict[str, int] = {}
        self._last_sent: dict[str, Any] = {}
        self._register_at_s = 0.0
        self._count = 0
        c_instance.show_message("Loopwright is running")

    # The interface of a control surface, called by Live.

    def update_display(self) -> None:
        """Exchange messages with the bridge; called about every 100 ms."""
        try:
            self._register()
            self._receive()
            self._send_song()
            self._send_triggers()
        except Exception as error:
            self._live.log_message(f"Loopwright: {error!r}")

    def disconnect(self) -> None:
        """Close the socket; the bridge forgets the client when its lease ends."""
        self._socket.close()

    def build_midi_map(self, _midi_map: int) -> None:
        """Map nothing."""

    def receive_midi(self, _message: Any) -> None:
        """Ignore MIDI."""

    def connect_script_instances(self, _instances: Any) -> None:
        """Ignore other scripts."""

    def refresh_state(self) -> None:
        """Send all values again."""
        self._last_sent = {}

    def can_lock_to_devices(self) -> bool:
        """Return that it cannot lock to devices."""
        return False

    def suggest_input_port(self) -> str:
        """Suggest no MIDI port."""
        return ""

    def suggest_output_port(self) -> str:
        """Suggest no MIDI port."""
        return ""

    def suggest_map_mode(self, _cc_no: int, _channel: int) -> int:
        """Map nothing."""
        return 0

    # To the bridge.

    def _send(self, address: str, *arguments: Any) -> None:
        try:
            self._socket.sendto(osc.build(address, *arguments), BRIDGE)
        except OSError:
            self._last_sent = {}  # no bridge yet: send all values again later

    def _register(self) -> None:
        """Register again and again: the bridge may start after Live, or restart."""
        now_s = time.monotonic()
        if now_s < self._register_at_s:
            return
        self._register_at_s = now_s + _REGISTER_EACH_S
        self._last_sent = {}
        self._send("/lw/register", "live", 0)

    def _send_song(self) -> None:
        song = self._song
        self._send_changed("/lw/host/tempo", float(song.tempo))
        self._send_changed("/lw/host/meter", song.signature_numerator, song.signature_denominator)
        self._send_changed("/lw/host/play", int(song.is_playing))
        if getattr(song, "scale_mode", False):
            self._send_changed("/lw/host/key", _key(song.root_note, song.scale_name))
        if song.is_playing:
            self._send_changed("/lw/host/beat", int(song.current_song_time))

    def _send_changed(self, address: str, *arguments: Any) -> None:
        """Send a value if it has changed."""
        if self._last_sent.get(address) != arguments:
            self._last_sent[address] = arguments
            self._send(address, *arguments)

    def _send_triggers(self) -> None:
        for trigger in self._triggers.new():
            self._count += 1
            request_id = f"live-{int(time.time() * 1000) % 10**9}-{self._count}"
            self._scene_of_request[request_id] = trigger.scene
            self._send("/lw/generate", request_id, trigger.prompt, 0.0, trigger.bars)
            self._live.show_message(f"Loopwright: generating '{trigger.prompt}'")

    # From the bridge.

    def _receive(self) -> None:
        for _ in range(_MOST_AT_ONCE):
            try:
                datagram = self._socket.recv(_LARGEST_PACKET_BYTES)
            except OSError:
                return
            message = osc.parse(datagram)
            if message is not None:
                self._on_message(*message)

    def _on_message(self, address: str, arguments: list[Any]) -> None:
        if address == "/lw/host/insert" and len(arguments) == 9:
            self._insert(*arguments)
        elif address == "/lw/done" and arguments[:1] == ["/lw/generate"]:
            self._on_done(*arguments[1:3])
        elif address == "/lw/fail" and len(arguments) == 4:
            scene = self._scene_of_request.pop(arguments[1], None)
            if scene is not None:
                self._live.show_message(f"Loopwright: {arguments[3]}")

    def _on_done(self, request_id: str, clip: str) -> None:
        """Insert a loop that the set has requested, into the scene of its trigger."""
        scene: int | None = self._scene_of_request.pop(request_id, None)
        if scene is not None:
            track = audio_track_with_free_slot(self._song, scene)
            self._send("/lw/clip/insert", f"{request_id}-i", clip, f"live:{track},{scene}")

    def _insert(
        self, insert_id: str, _clip: str, path: str, track: int, scene: int, *length: Any
    ) -> None:
        bpm, bars, numerator, denominator = length
        quarters = bars * 4.0 * numerator / denominator
        try:
            if path.endswith(".mid"):
                clips = place_notes(self._song, path, (track, scene), loops=bars > 0)
            else:
                clips = [place(self._song, path, (track, scene), bpm, quarters)]
        except Refused as refused:
            self._send("/lw/fail", "/lw/host/insert", insert_id, refused.code, refused.sentence)
            return
        for clip in clips:
            clip.name = Path(path).stem
            if bars:
                clip.signature_numerator, clip.signature_denominator = numerator, denominator
        self._send("/lw/host/inserted", insert_id)


def _key(root_note: int, scale_name: str) -> str:
    """Return Live's scale as a key; empty for scales that Loopwright does not have."""
    notes = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    known = ("Major", "Minor", "Dorian", "Mixolydian", "Lydian", "Phrygian", "Locrian")
    name = {"Harmonic Minor": "harmonic minor"}.get(scale_name, scale_name.lower())
    if scale_name not in known and scale_name != "Harmonic Minor":
        return ""
    return f"{notes[root_note % 12]} {name}"
