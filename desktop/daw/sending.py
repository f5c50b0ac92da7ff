"""Sends clips to a DAW that listens, by the same message as anybody else would.

It waits for answers, so it is called on a thread.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bridge.daws.installation import DAWS, LIVE, REAPER
from bridge.osc.addresses import TABLE
from bridge.osc.client import OscClient, ends
from bridge.osc.messages import OscMessage

TARGETS = {LIVE.id: "live:selected", REAPER.id: "reaper:cursor"}
"""Where a clip goes in each DAW, where nothing else is said."""
_ANSWER_LIMIT_S = 2.0
_INSERT_LIMIT_S = 15.0  # the bridge gives up before
_NOBODY = (
    "No DAW listens: open Live with the control surface 'Loopwright', or run REAPER's action "
    "'receive.lua'; the DAW page (Ctrl+D) shows who is heard."
)


class SendingFailed(Exception):
    """A clip that did not arrive; the message is a sentence."""


class ClipToSend(NamedTuple):
    """A clip that shall be sent: its id, and what it is called in sentences."""

    clip_id: str
    title: str


def send_clips(parcels: Sequence[ClipToSend], port: int, preferred: str = "") -> str:
    """Send clips to the DAW that listens, one after the other, and return what became of it.

    Args:
        parcels: the clips, of the bridge's project.
        port: the bridge's, on this machine.
        preferred: the id of the DAW that gets them, where more than one listens.

    Raises:
        SendingFailed: nobody listens, or the DAW took a clip not; those before it are there.
    """
    daw_id = _listening(port, preferred)
    for parcel in parcels:
        _send(parcel, port, daw_id)
    what = f"{parcels[0].title} is" if len(parcels) == 1 else f"{len(parcels)} clips are"
    return f"{what} in {DAWS[daw_id].name}."


def receiver(names: Iterable[str], preferred: str) -> str:
    """Return the id of the DAW that gets clips, of those that are registered; "" for none."""
    here = {name.strip().lower() for name in names} & set(TARGETS)
    return min(here, key=lambda daw_id: (daw_id != preferred, daw_id), default="")


def _listening(port: int, preferred: str) -> str:
    """Return the id of the DAW that gets clips."""
    answer = _ask(port, OscMessage("/lw/get", ("clients",)), _ANSWER_LIMIT_S)
    if answer is None:
        raise SendingFailed("No bridge runs, so no DAW is heard: start it on the DAW page.")
    found = receiver(str(answer.arguments[-1]).split(","), preferred)
    if not found:
        raise SendingFailed(_NOBODY)
    return found


def _send(parcel: ClipToSend, port: int, daw_id: str) -> None:
    insert_id = f"window-{secrets.token_hex(8)}"
    arguments = (insert_id, parcel.clip_id, TARGETS[daw_id])
    answer = _ask(port, OscMessage("/lw/clip/insert", arguments), _INSERT_LIMIT_S)
    if answer is None:
        raise SendingFailed(
            f"{parcel.title} was sent, but {DAWS[daw_id].name} did not answer: is it still open?"
        )
    if answer.address == "/lw/fail":
        why = str(answer.arguments[3])
        raise SendingFailed(f"{parcel.title} is not in {DAWS[daw_id].name}. {why}")


def _ask(port: int, request: OscMessage, limit_s: float) -> OscMessage | None:
    """Return the last answer to a request; None where none came in time."""
    address = TABLE[request.address]
    try:
        with OscClient("127.0.0.1", port) as client:
            client.send(request.address, request.arguments)
            answers = client.answers(limit_s)
            return next((each for each in answers if ends(address, request, each)), None)
    except OSError:
        return None
