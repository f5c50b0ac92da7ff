import pytest

from tests.cli.program import REAL, WITH_FAKES, Program


@pytest.fixture
def loopwright(tmp_path):
    """The real program with the real engine."""
    program = Program(tmp_path, REAL)
    yield program
    assert not program.engines_left()


@pytest.fixture
def loopwright_with_fakes(tmp_path):
    """The real program; its engine has the model `fake`, which does what the prompt says."""
    program = Program(tmp_path, WITH_FAKES)
    yield program
    assert not program.engines_left()
