"""The relay to a studio: what a front end starts in place of the engine, for `ray://HEAD`."""

from typing import NoReturn

from engine.remote.place import StudioPlace
from engine.remote.relay import relay_to
from engine.studio.connection import StudioConnection

RECONNECT_S = 45.0
"""How long a lost studio is tried again while something is open."""


def main() -> NoReturn:
    """Relay to a studio."""
    relay_to(StudioPlace.parse, StudioConnection, RECONNECT_S)


if __name__ == "__main__":
    main()
