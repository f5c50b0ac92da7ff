"""What happens to memory that was freed, seen from outside: how often the system clears pages."""

import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys, threading
if sys.argv[1] == "keep":
    from engine.server.free_memory import keep_freed_blocks
    keep_freed_blocks()

def work():
    for _ in range(20):
        block = bytearray(b"x") * 12_000_000

before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(how: str) -> int:
    command = [sys.executable, "-c", _PROGRAM, how]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be told")
def test_what_is_freed_is_kept_for_later_blocks_of_any_thread():
    assert _page_faults("keep") < _page_faults("usual") / 3
