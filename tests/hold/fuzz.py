"""Runs one parser under atheris, which looks for inputs that reach code that no other one reached.

Usage: fuzz.py TARGET FOLDER [options of libFuzzer]; FOLDER holds examples, and gets those found.
It ends with 0 if nothing but the parser's own error was raised.
"""

import contextlib
import importlib
import logging
import os
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def of_file(read):
    """Return a parser of bytes from one of a file; the file is in memory where the system can."""
    descriptor = os.memfd_create("fuzz")
    path = Path(f"/proc/self/fd/{descriptor}")

    def parse_bytes(data):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, data, 0)
        read(path)

    return parse_bytes


def of_text(read):
    """Return a parser of bytes from one of text."""
    return lambda data: read(data.decode("utf-8", "ignore"))


TARGETS = {
    "osc": ("bridge.osc.messages:parse", "bridge.osc.errors:MalformedPacket", None),
    "command": ("engine.protocol:decode_command", "engine.errors:ProtocolError", None),
    "recipe": ("engine.loops.recipe:decode_recipe", "engine.loops.errors:LoopError", None),
    "facts": ("engine.loops.file_facts:read_facts", "engine.loops.errors:LoopError", of_file),
    "settings": ("desktop.state.settings:load_settings", "engine.loops.errors:LoopError", of_file),
    "prompt": ("engine.loops.prompt_reader:read_prompt", "engine.loops.errors:LoopError", of_text),
}
"""The parser and its own error, each as module:name, and what makes of it a parser of bytes.

Only the modules of the one that is fuzzed are imported, since preparing them takes seconds.
"""


def imported(place):
    """Return what module:name stands for."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    parser, error, bytes_to = TARGETS[sys.argv[1]]
    with atheris.instrument_imports(include=["bridge", "engine", "desktop.state"]):
        read, own_error = imported(parser), imported(error)
    if bytes_to is not None:
        read = bytes_to(read)
    logging.disable()

    def one_input(data):
        with contextlib.suppress(own_error):
            read(data)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one_input)
    atheris.Fuzz()
