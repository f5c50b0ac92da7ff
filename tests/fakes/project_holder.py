"""Projects that cannot be written; and a second program that holds the lock of one.

The program prints a line as soon as it holds it, and lets go when its stdin ends; or after a while
by itself, so that a test that waits for the lock fails instead of hanging.
"""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from desktop.state.project_file import ProjectFile

LONGEST_S = 40


@contextlib.contextmanager
def project_held(project):
    """Hold a project's lock in another process until the end of the block."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "tests.fakes.project_holder", str(project)]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline().strip() == b"held"
        yield holder
        holder.stdin.close()


def block_project(project):
    """Put a file where the hidden folder is, so that nothing can be written; returns the file."""
    hidden = project / ".loopwright"
    if hidden.exists():
        hidden.rename(project / "moved")
    hidden.write_text("a file where the folder should be", "utf-8")
    return hidden


def main():
    def wait(_section):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        sys.stdin.read()

    timer = threading.Timer(LONGEST_S, os._exit, (1,))
    timer.daemon = True
    timer.start()
    ProjectFile(Path(sys.argv[1])).change("clips", wait, what="marks")


if __name__ == "__main__":
    main()
