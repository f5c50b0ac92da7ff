"""The program that people install: one executable, with a face for each of its processes.

Without a first argument of the two below it is `loopwright`, window and command line. As the
engine and as a download it is started by `engine.entry_points` alone. Only the engine loads
torch.
"""

import os
import sys


def main() -> int:
    """Be what the first argument says, and return the exit code."""
    _give_back_library_path()
    face = sys.argv[1] if len(sys.argv) == 2 else ""
    if face == "--engine":
        from engine.models.catalogue import built_in_catalogue
        from engine.server.main import serve

        serve(built_in_catalogue())
    if face == "--download":
        from engine.models import fetch

        return fetch.main()
    from cli.main import main as loopwright

    return loopwright()


def _give_back_library_path() -> None:
    """Let other programs that we start, such as a file manager, load their own libraries.

    What this process loads has been decided when it started, and where we start ourselves again,
    the executable sees to it again.
    """
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    elif sys.platform == "linux":
        os.environ.pop("LD_LIBRARY_PATH", None)


if __name__ == "__main__":
    sys.exit(main())
