"""The real engine with fake models, one of which has a checkpoint that the fake hub serves.

Its network calls are recorded, by the interpreter's audit events, in the file that
LOOPWRIGHT_TEST_SOCKETS names.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def _watch_sockets(file: str) -> None:
    def note(event: str, arguments: tuple) -> None:
        if event.startswith("socket."):
            with Path(file).open("a") as stream:
                stream.write(f"{event} {arguments!r}\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    if watched := os.environ.get("LOOPWRIGHT_TEST_SOCKETS"):
        _watch_sockets(watched)
    from engine.server.main import serve
    from tests.fakes.checkpoint_generator import WITH_CHECKPOINTS

    serve(WITH_CHECKPOINTS)
