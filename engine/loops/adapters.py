"""Adapters: small weights that change how a model sounds, named in a request with their share.

    lofi:0.8, tape

A name is that of a file in the folder of adapters, without its suffix; the share is 1 if it is left
out.
"""

import re
from typing import NamedTuple

from engine.loops.errors import OutOfRange

MOST_ADAPTERS = 8
_SHARES = -2.0, 2.0
_ONE = re.compile(r"\s*([\w][\w .-]{0,79}?)\s*(?::\s*(-?\d+(?:\.\d+)?)\s*)?")
_FORM = "names and shares from -2 to 2, such as 'lofi:0.8, tape'"


class AdapterShare(NamedTuple):
    """One adapter: its name, and by how much it counts."""

    name: str
    share: float = 1.0


def adapters_named(text: str) -> tuple[AdapterShare, ...]:
    """Parse the adapters of a request.

    Raises:
        OutOfRange: the text is of another form, or names too many.
    """
    found = []
    for part in text.split(","):
        match = _ONE.fullmatch(part)
        share = float(match[2] or 1.0) if match else 0.0
        if match is None or not _SHARES[0] <= share <= _SHARES[1]:
            raise OutOfRange("The list of adapters", text, _FORM)
        found.append(AdapterShare(match[1], share))
    if len(found) > MOST_ADAPTERS:
        raise OutOfRange("The number of adapters", len(found), f"1 to {MOST_ADAPTERS}")
    return tuple(found)
