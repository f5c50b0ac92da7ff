"""The script itself: Live calls `update_display` about ten times a second, and all is done there.

What the song says is sent when it changes. What goes wrong is written to Live's log, and the set
goes on.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

from . import osc
from .placing import Refused, place
from .triggers import Triggers, audio_track_with_room

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
        self._asked: dict[str, int] = {}
        self._said: dict[str, Any] = {}
        self._register_at_s = 0.0
        self._count = 0
        c_instance.show_message("Loopwright is here")

    # What Live asks of a control surface.

    def update_display(self) -> None:
        """Do all there is to do; called about each 100 ms."""
        try:
            self._register()
            self._receive()
            self._tell_song()
            self._tell_triggers()
        except Exception as error:
            self._live.log_message(f"Loopwright: {error!r}")

    def disconnect(self) -> None:
        """Leave: the bridge forgets us when the lease ends."""
        self._socket.close()

    def build_midi_map(self, _midi_map: int) -> None:
        """Map nothing."""

    def receive_midi(self, _message: Any) -> None:
        """Take no MIDI."""

    def connect_script_instances(self, _instances: Any) -> None:
        """Know no other script."""

    def refresh_state(self) -> None:
        """Say everything again."""
        self._said = {}

    def can_lock_to_devices(self) -> bool:
        """Lock to no device."""
        return False

    def suggest_input_port(self) -> str:
        """Want no MIDI port."""
        return ""

    def suggest_output_port(self) -> str:
        """Want no MIDI port."""
        return ""

    def suggest_map_mode(self, _cc_no: int, _channel: int) -> int:
        """Map nothing."""
        return 0

    # To the bridge.

    def _send(self, address: str, *arguments: Any) -> None:
        try:
            self._socket.sendto(osc.build(address, *arguments), BRIDGE)
        except OSError:
            self._said = {}  # no bridge yet: say it all again later

    def _register(self) -> None:
        """Register again and again: the bridge may be started after Live, or anew."""
        now_s = time.monotonic()
        if now_s < self._register_at_s:
            return
        self._register_at_s = now_s + _REGISTER_EACH_S
        self._said = {}
        self._send("/lw/register", "live", 0)

    def _tell_song(self) -> None:
        song = self._song
        self._tell("/lw/host/tempo", float(song.tempo))
        self._tell("/lw/host/meter", song.signature_numerator, song.signature_denominator)
        self._tell("/lw/host/play", int(song.is_playing))
        if getattr(song, "scale_mode", False):
            self._tell("/lw/host/key", _key(song.root_note, song.scale_name))
        if song.is_playing:
            self._tell("/lw/host/beat", int(song.current_song_time))

    def _tell(self, address: str, *arguments: Any) -> None:
        """Say what has changed."""
        if self._said.get(address) != arguments:
            self._said[address] = arguments
            self._send(address, *arguments)

    def _tell_triggers(self) -> None:
        for trigger in self._triggers.new():
            self._count += 1
            request_id = f"live-{int(time.time() * 1000) % 10**9}-{self._count}"
            self._asked[request_id] = trigger.scene
            self._send("/lw/generate", request_id, trigger.prompt, 0.0, trigger.bars)
            self._live.show_message(f"Loopwright: making '{trigger.prompt}'")

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
            scene = self._asked.pop(arguments[1], None)
            if scene is not None:
                self._live.show_message(f"Loopwright: {arguments[3]}")

    def _on_done(self, request_id: str, clip: str) -> None:
        """A loop that the set asked for is there: put it beside what asked for it."""
        scene: int | None = self._asked.pop(request_id, None)
        if scene is not None:
            track = audio_track_with_room(self._song, scene)
            self._send("/lw/clip/insert", f"{request_id}-i", clip, f"live:{track},{scene}")

    def _insert(
        self, insert_id: str, _clip: str, path: str, track: int, scene: int, *length: Any
    ) -> None:
        bpm, bars, numerator, denominator = length
        quarters = bars * 4.0 * numerator / denominator
        try:
            clip = place(self._song, path, (track, scene), bpm, quarters)
        except Refused as refused:
            self._send("/lw/fail", "/lw/host/insert", insert_id, refused.code, refused.sentence)
            return
        clip.name = Path(path).stem
        if bars:
            clip.signature_numerator, clip.signature_denominator = numerator, denominator
        self._send("/lw/host/inserted", insert_id)


def _key(root_note: int, scale_name: str) -> str:
    """Return Live's scale as a key; scales that have no name with us are left out."""
    notes = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    known = ("Major", "Minor", "Dorian", "Mixolydian", "Lydian", "Phrygian", "Locrian")
    name = {"Harmonic Minor": "harmonic minor"}.get(scale_name, scale_name.lower())
    if scale_name not in known and scale_name != "Harmonic Minor":
        return ""
    return f"{notes[root_note % 12]} {name}"
