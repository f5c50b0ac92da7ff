import pytest

from tests.cli.program import WITH_FAKES, Program


@pytest.fixture
def loopwright(tmp_path):
    """The real program; its engine also has the model `fake`, which does what the prompt says."""
    with Program(tmp_path, WITH_FAKES) as program:
        yield program
