"""The sources of the session's tempo: set here, a DAW over OSC, or Ableton Link.

Values from a host replace the session's; values that it does not send, such as a key, stay.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from bridge.daws.installation import DAWS
from bridge.osc.hosts import FRESH_S, HostView, LastSeen
from engine.loops.precedence import SessionTime
from engine.loops.tempo import format_bpm


class TimeSource(StrEnum):
    """The sources of tempo, meter and key."""

    INTERNAL = "internal"
    DAW = "daw"
    LINK = "link"


class Segment(NamedTuple):
    """How a source is shown: text, dot (`good`, `muted` or empty) and tooltip."""

    text: str
    dot: str
    tip: str


def source_of(text: str) -> TimeSource:
    """Return the source with a name; internal if the name is unknown."""
    return TimeSource(text) if text in list(TimeSource) else TimeSource.INTERNAL


def daw_name(name: str) -> str:
    """Return the display name of a host."""
    known = DAWS.get(name.lower())
    return known.name if known else name[:1].upper() + name[1:24] or "DAW"


def time_text(seconds: float) -> str:
    """Format a duration: `40 s`, `3 min`, `2 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.0f} h"


def segments(view: HostView, chosen: TimeSource, now_s: float, *, serving: bool) -> list[Segment]:
    """Return how the three sources are shown, in order."""
    return [
        Segment("Own tempo", "", "Use the tempo, meter and key set here"),
        _daw_segment(view, now_s, chosen=chosen is TimeSource.DAW, serving=serving),
        _link_segment(view, now_s, running=chosen is TimeSource.LINK, serving=serving),
    ]


def followed(view: HostView, time: SessionTime) -> SessionTime:
    """Return the session time with the values from the host."""
    return msgspec.structs.replace(
        time, bpm=view.tempo or time.bpm, meter=view.meter or time.meter, key=view.key or time.key
    )


def names_followed(view: HostView) -> set[str]:
    """Return the fields of the session time that the host sets."""
    values = {"bpm": view.tempo, "meter": view.meter, "key": view.key}
    return {name for name, value in values.items() if value}


def _daw_segment(view: HostView, now_s: float, *, chosen: bool, serving: bool) -> Segment:
    if view.daw is None:
        why = f"No DAW has connected yet, {_STAYS}: see the DAW page (Ctrl+D)"
        return Segment("DAW", "muted" if chosen else "", why if serving else _NO_BRIDGE)
    name = daw_name(view.daw.name)
    if _is_fresh(view.daw, now_s):
        return Segment(name, "good", f"{name}: {_host_values(view)}")
    silent = time_text(now_s - view.daw.at_s)
    tip = f"No message from {name} for {silent}; its last values stay: {_host_values(view)}"
    return Segment(name, "muted", tip)


def _link_segment(view: HostView, now_s: float, *, running: bool, serving: bool) -> Segment:
    if not running:
        tip = "Follow the tempo and the beat of an Ableton Link session"
        return Segment("Link", "", tip if serving else _NO_BRIDGE)
    if view.link is not None and _is_fresh(view.link, now_s):
        return Segment("Link", "good", f"Link session: {_host_values(view)}")
    why = f"Waiting for another program in the Link session, {_STAYS}"
    return Segment("Link", "muted", why if serving else _NO_BRIDGE)


_STAYS = "so the tempo stays as it is set here"
_NO_BRIDGE = "The OSC bridge of this window is off: see the DAW page (Ctrl+D)"


def _is_fresh(seen: LastSeen, now_s: float) -> bool:
    return now_s - seen.at_s < FRESH_S


def _host_values(view: HostView) -> str:
    """Return the host's tempo, meter and key in short."""
    bpm = f"{format_bpm(view.tempo)} BPM" if view.tempo else ""
    return ", ".join(part for part in (bpm, view.meter, view.key) if part) or "no tempo yet"
