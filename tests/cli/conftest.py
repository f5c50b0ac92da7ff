import pytest

from tests.cli.program import REAL, WITH_FAKES, Program


@pytest.fixture
def loopwright(tmp_path):
    """The real program with the real engine."""
    with Program(tmp_path, REAL) as program:
        yield program


@pytest.fixture
def loopwright_with_fakes(tmp_path):
    """The real program; its engine has the model `fake`, which does what the prompt says."""
    with Program(tmp_path, WITH_FAKES) as program:
        yield program
