"""A front end with short time limits; after a line on stdin it prints how many engines it lost."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if __name__ == "__main__":
    from engine.client import Limits
    from engine.protocol import Heartbeat, Pong
    from tests.fakes.front_end import FrontEnd

    with FrontEnd(Path(sys.argv[1]), limits=Limits(silence_s=2.5)) as front:
        front.first(Heartbeat)
        print(front.engine_pid(), flush=True)  # noqa: T201
        sys.stdin.readline()
        front.first(Pong, front.client.ping())
        beats = len([event for event in front.events if isinstance(event, Heartbeat)])
        front.wait(lambda: len([e for e in front.events if isinstance(e, Heartbeat)]) > beats + 1)
        print(len(front.exits), "exits", flush=True)  # noqa: T201
