"""A front end that starts an endless job, prints its engine's process id, and waits."""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if __name__ == "__main__":
    from engine.protocol import Progress
    from tests.fakes.front_end import FrontEnd

    with FrontEnd(Path(sys.argv[1])) as front:
        front.first(Progress, front.render("slow"))
        print(front.engine_pid(), flush=True)  # noqa: T201
        threading.Event().wait()
