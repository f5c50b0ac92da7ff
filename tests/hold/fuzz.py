"""Runs one parser under atheris, which looks for inputs that reach code that no other one reached.

Usage: fuzz.py TARGET FOLDER [options of libFuzzer]; FOLDER holds examples, and gets those found.
It ends with 0 if nothing but the parser's own error was raised.
"""

import contextlib
import logging
import os
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["bridge", "engine", "desktop.state"]):
    from bridge.osc.errors import MalformedPacket
    from bridge.osc.messages import parse
    from desktop.state.settings import load_settings
    from engine.errors import ProtocolError
    from engine.loops.errors import LoopError
    from engine.loops.file_facts import read_facts
    from engine.loops.prompt_reader import read_prompt
    from engine.loops.recipe import decode_recipe
    from engine.protocol import decode_command


def of_file(read):
    """Return a parser of bytes from one of a file; the file is in memory where the system can."""
    descriptor = os.memfd_create("fuzz")
    path = Path(f"/proc/self/fd/{descriptor}")

    def parse_bytes(data):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, data, 0)
        read(path)

    return parse_bytes


TARGETS = {
    "osc": (parse, MalformedPacket),
    "command": (decode_command, ProtocolError),
    "recipe": (decode_recipe, LoopError),
    "facts": (of_file(read_facts), LoopError),
    "settings": (of_file(load_settings), LoopError),
    "prompt": (lambda data: read_prompt(data.decode("utf-8", "ignore")), LoopError),
}

if __name__ == "__main__":
    read, own_error = TARGETS[sys.argv[1]]
    logging.disable()

    def one_input(data):
        with contextlib.suppress(own_error):
            read(data)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one_input)
    atheris.Fuzz()
