"""Receives the output of ALSA's `file` device: writes what is played, at playback speed.

Usage: paced_sink.py FILE, with stereo float32 at 48 kHz on standard input.
"""

import sys
import time

BYTES_PER_S = 48_000 * 2 * 4
STEP_S = 0.01


def main() -> None:
    begun, done = time.monotonic(), 0
    with open(sys.argv[1], "wb", buffering=0) as capture:  # noqa: PTH123 - as plain as a device
        while data := sys.stdin.buffer.read(round(BYTES_PER_S * STEP_S)):
            capture.write(data)
            done += len(data)
            time.sleep(max(done / BYTES_PER_S - (time.monotonic() - begun), 0))


if __name__ == "__main__":
    main()
