"""Sends clips to a connected DAW, with the public OSC message.

The functions wait for answers, so call them on a thread.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bridge.daws.installation import DAWS, LIVE, REAPER
from bridge.osc.addresses import TABLE
from bridge.osc.client import OscClient, ends
from bridge.osc.messages import OscMessage

TARGETS = {LIVE.id: "live:selected", REAPER.id: "reaper:cursor"}
"""The default target of a clip in each DAW."""
_ANSWER_LIMIT_S = 2.0
_INSERT_LIMIT_S = 15.0  # longer than the bridge's own timeout
_MIDI_LIMIT_S = 120.0  # the engine writes the notes after the jobs that wait
NOBODY = (
    "No DAW is connected: open Live with the control surface 'Loopwright', or run the action "
    "'receive.lua' in REAPER; the DAW page (Ctrl+D) shows the connections."
)


class SendingFailed(Exception):
    """A clip could not be sent; the message is a sentence."""


class ClipToSend(NamedTuple):
    """A clip to send: its id, and its title for messages."""

    clip_id: str
    title: str


def send_clips(
    clips: Sequence[ClipToSend], port: int, preferred: str = "", *, as_midi: bool = False
) -> str:
    """Send clips to the connected DAW, one at a time, and return the result as a sentence.

    Args:
        clips: clips of the bridge's project.
        port: the bridge's port on this machine.
        preferred: id of the DAW to use if more than one is connected.
        as_midi: whether to send their notes instead of their audio.

    Raises:
        SendingFailed: no DAW is connected, or it rejected a clip; earlier clips have arrived.
    """
    daw_id = _listening(port, preferred)
    for clip in clips:
        _send(clip, port, daw_id, as_midi=as_midi)
    what = clips[0].title if len(clips) == 1 else f"{len(clips)} clips"
    return f"Sent {f'the MIDI of {what}' if as_midi else what} to {DAWS[daw_id].name}."


def receiver(names: Iterable[str], preferred: str) -> str:
    """Return the id of the registered DAW that receives clips; "" if there is none."""
    here = {name.strip().lower() for name in names} & set(TARGETS)
    return min(here, key=lambda daw_id: (daw_id != preferred, daw_id), default="")


def _listening(port: int, preferred: str) -> str:
    """Return the id of the DAW that receives clips."""
    answer = _ask(port, OscMessage("/lw/get", ("clients",)), _ANSWER_LIMIT_S)
    if answer is None:
        raise SendingFailed("The OSC bridge is off: start it on the DAW page.")
    found = receiver(str(answer.arguments[-1]).split(","), preferred)
    if not found:
        raise SendingFailed(NOBODY)
    return found


def _send(clip: ClipToSend, port: int, daw_id: str, *, as_midi: bool) -> None:
    insert_id = f"window-{secrets.token_hex(8)}"
    arguments = (insert_id, clip.clip_id, TARGETS[daw_id])
    address = "/lw/midi/insert" if as_midi else "/lw/clip/insert"
    limit_s = _MIDI_LIMIT_S if as_midi else _INSERT_LIMIT_S
    answer = _ask(port, OscMessage(address, arguments), limit_s)
    if answer is None:
        raise SendingFailed(
            f"{DAWS[daw_id].name} did not confirm {clip.title}: check that it is still open."
        )
    if answer.address == "/lw/fail":
        why = str(answer.arguments[3])
        raise SendingFailed(f"{DAWS[daw_id].name} did not accept {clip.title}. {why}")


def _ask(port: int, request: OscMessage, limit_s: float) -> OscMessage | None:
    """Return the final answer to a request; None on timeout."""
    address = TABLE[request.address]
    try:
        with OscClient("127.0.0.1", port) as client:
            client.send(request.address, request.arguments)
            answers = client.answers(limit_s)
            return next((each for each in answers if ends(address, request, each)), None)
    except OSError:
        return None
