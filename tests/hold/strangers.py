"""Project folders as a stranger may prepare them, and all that the program does with a project."""

import contextlib
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path

CLIP = "warm_128bpm_4bars_abcd2345.wav"
SECRET = "SECRET"
NAMES = (
    "loopwright.json", ".loopwright", ".loopwright/lock", ".loopwright/peaks",
    ".loopwright/peaks/abcd2345.npy", "latents", "latents/warm_128bpm_4bars_abcd2345.npy",
    "rejected", "rejected/bad_128bpm_4bars_bcde2345.wav", CLIP, "loopwright.damaged-1.json",
    ".loopwright.json.{pid}.part", ".lw-{pid}-abcdefgh.part", "new_4bars_cdef2345.wav",
    "line\nbreak_4bars_defg2345.wav", "\u202egnp_4bars_efgh2345.wav",
    "x" * 239 + "_4b_fghi2345.wav",
    "con_4bars_ghij2345.wav", "..._hijk2345.wav", "<img src=x>_ijkl2345.wav",
)  # fmt: skip
"""What a project has, or what its writers use for a moment; the last ones are clips."""


def _link(to: str) -> Callable[[Path, Path], None]:
    return lambda place, outside: place.symlink_to(to.format(outside=outside))


def _of_bytes(data: bytes) -> Callable[[Path, Path], None]:
    return lambda place, _outside: place.write_bytes(data)


def _socket(place: Path, _outside: Path) -> None:
    here = Path.cwd()
    os.chdir(place.parent)  # the path of a socket has at most 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name[:90])
    finally:
        os.chdir(here)


def _closed(place: Path, _outside: Path) -> None:
    place.touch(mode=0)


def _huge(place: Path, _outside: Path) -> None:
    with place.open("wb") as stream:
        stream.truncate(2**32)


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "link to a file": _link("{outside}/victim"),
    "link to a folder": _link("{outside}"),
    "link to a project file": _link("{outside}/loopwright.json"),
    "link to a clip": _link("{outside}/secret_4bars_zzzz2345.wav"),
    "link to nothing": _link("{outside}/made"),
    "link to itself": lambda place, _outside: place.symlink_to(place.name),
    "link to zeros": _link("/dev/zero"),
    "link to a full disk": _link("/dev/full"),
    "link to a terminal": _link("/dev/tty"),
    "link to a process": _link("/proc/self/mem"),
    "pipe": lambda place, _outside: os.mkfifo(place),
    "socket": _socket,
    "folder": lambda place, _outside: place.mkdir(),
    "closed file": _closed,
    "huge file": _huge,
    "empty file": _of_bytes(b""),
    "brackets": _of_bytes(b'{"clips":' + b"[" * 100_000),
    "wrong types": _of_bytes(b'{"clips": [1], "pads": {"A": 3, "quantise": {}}}'),
    "paths": _of_bytes(b'{"pads": {"A": {"1": {"clip": "../../outside/victim"}}}}'),
    "not text": _of_bytes(b"\xff\x00" * 99),
}


def prepare(folder: Path, outside: Path, dice: random.Random) -> dict[str, str]:
    """Make a hostile project folder; return what stands in the place of what."""
    folder.mkdir()
    found = {}
    for name in NAMES:
        place = folder / name.format(pid=os.getpid())
        kind = dice.choice(list(KINDS))
        is_inside = Path(os.path.realpath(place.parent)).is_relative_to(os.path.realpath(folder))
        if is_inside and dice.random() < 0.4:
            with contextlib.suppress(OSError):  # something else is in its way
                place.parent.mkdir(parents=True, exist_ok=True)
                KINDS[kind](place, outside)
                found[name] = kind
    return found
