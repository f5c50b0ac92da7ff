"""Plays a list of steps through the real sound library, into a file: a child process of tests.

Arguments: a JSON list of steps, `["play", path, options]`, `["wait_until_silent"]`,
`["wait_until_heard", path]`, `["volume", v]`, `["stop"]`; prints what went wrong, if anything did.
"""

import json
import sys
import time

from engine.loops.errors import LoopError
from engine.loops.player import Player

LIMIT_S = 60


def wait(condition) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain")
        time.sleep(0.001)  # nothing tells a program what a sound device has played


def main(steps) -> None:
    from pathlib import Path

    player = Player()
    for name, *rest in steps:
        match name:
            case "play":
                player.play(Path(rest[0]), **rest[1])
            case "wait_until_silent":
                wait(lambda: player.playing is None)
            case "wait_until_heard":
                wait(lambda wanted=rest[0]: str(player.heard) == wanted)
            case "volume":
                player.volume = rest[0]
            case "stop":
                player.stop()
    player.close()


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]))
    except LoopError as error:
        sys.stdout.write(f"{error}\n")
