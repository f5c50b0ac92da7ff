"""Where the session's time comes from: set here, from a DAW over OSC, or from Ableton Link.

What a host says is followed as it is; what it does not say, such as a key, stays as it was set.
"""

import dataclasses
from enum import StrEnum
from typing import NamedTuple

from bridge.daws.installation import DAWS
from bridge.osc.hosts import FRESH_S, HostView, LastSeen
from desktop.transport.session_time import SessionTime
from engine.loops.tempo import format_bpm


class TimeSource(StrEnum):
    """The three sources of time."""

    INTERNAL = "internal"
    DAW = "daw"
    LINK = "link"


class Segment(NamedTuple):
    """How a source is shown: its name, a dot (good, muted or none), and what the tooltip says."""

    text: str
    dot: str
    tip: str


def source_of(text: str) -> TimeSource:
    """Return the source of a name; an unknown one is internal."""
    return TimeSource(text) if text in list(TimeSource) else TimeSource.INTERNAL


def daw_name(name: str) -> str:
    """Return what people call a host that names itself."""
    known = DAWS.get(name.lower())
    return known.name if known else name[:1].upper() + name[1:24] or "DAW"


def time_text(seconds: float) -> str:
    """Return a time as one says it: `40 s`, `3 min`, `2 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.0f} h"


def segments(view: HostView, chosen: TimeSource, now_s: float, *, serving: bool) -> list[Segment]:
    """Return how the three sources are shown, in their order."""
    return [
        Segment("Internal", "", "Tempo, meter and key are what is set here"),
        _daw_segment(view, now_s, serving=serving),
        _link_segment(view, now_s, running=chosen is TimeSource.LINK, serving=serving),
    ]


def followed(view: HostView, time: SessionTime) -> SessionTime:
    """Return the session's time with what the host says of it."""
    return dataclasses.replace(
        time, bpm=view.tempo or time.bpm, meter=view.meter or time.meter, key=view.key or time.key
    )


def names_followed(view: HostView) -> set[str]:
    """Return which fields of the session's time the host decides."""
    said = {"bpm": view.tempo, "meter": view.meter, "key": view.key}
    return {name for name, value in said.items() if value}


def _daw_segment(view: HostView, now_s: float, *, serving: bool) -> Segment:
    if view.daw is None:
        why = "No DAW has been heard yet: see the DAW page (Ctrl+D)"
        return Segment("DAW · OSC", "", why if serving else _NO_BRIDGE)
    name = daw_name(view.daw.name)
    if _is_fresh(view.daw, now_s):
        return Segment(f"{name} · OSC", "good", f"{name} says {_said(view)}")
    silent = time_text(now_s - view.daw.at_s)
    tip = f"{name} has been silent for {silent}; what it said last stays: {_said(view)}"
    return Segment(f"{name} · silent", "muted", tip)


def _link_segment(view: HostView, now_s: float, *, running: bool, serving: bool) -> Segment:
    if not running:
        tip = "Follow the tempo and the beat of an Ableton Link session"
        return Segment("Link", "", tip if serving else _NO_BRIDGE)
    if view.link is not None and _is_fresh(view.link, now_s):
        return Segment("Link", "good", f"The Link session says {_said(view)}")
    return Segment("Link", "muted", "Nobody else is in the Link session")


_NO_BRIDGE = "The OSC bridge does not run in this window: see the DAW page (Ctrl+D)"


def _is_fresh(heard: LastSeen, now_s: float) -> bool:
    return now_s - heard.at_s < FRESH_S


def _said(view: HostView) -> str:
    """Return what the host said, in a few words."""
    bpm = f"{format_bpm(view.tempo)} BPM" if view.tempo else ""
    return ", ".join(part for part in (bpm, view.meter, view.key) if part) or "no tempo yet"
