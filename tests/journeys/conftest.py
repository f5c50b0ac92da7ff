import contextlib

import pytest

from tests.fakes.screen import Screen


@pytest.fixture
def screen(program, tmp_path):
    for name in ("Xvfb", "openbox", "xdotool"):
        program(name, name.lower())
    with contextlib.ExitStack() as stack:
        yield Screen(stack, tmp_path)
