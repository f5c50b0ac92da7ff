import pytest

from tests.fakes.front_end import FrontEnd


@pytest.fixture
def front(tmp_path):
    with FrontEnd(tmp_path / "project") as front:
        yield front
