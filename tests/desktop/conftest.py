import os

import pytest

from tests.fakes.silent_player import SilentPlayer

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # no test opens a window on a real screen


@pytest.fixture
def kept():
    """The settings that windows have kept when they closed."""
    return []


@pytest.fixture
def player():
    return SilentPlayer()


@pytest.fixture
def open_desktop(qapp, tmp_path, kept, player, monkeypatch):
    """Call it to open the window on a project, with the real engine unless another is given."""
    from tests.desktop.window import windows

    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "models"))
    with windows(qapp, tmp_path / "late-tape-ep", player, kept) as open_:
        yield open_


@pytest.fixture
def make_engine():
    """What makes the engine of `desktop`."""
    from desktop.app.parts import real_engine

    return real_engine


@pytest.fixture
def desktop(open_desktop, make_engine):
    return open_desktop(make_engine=make_engine)


@pytest.fixture
def writer():
    """A writer of project files, for tests that use `qapp`."""
    from desktop.widgets.main_thread import MainThread
    from desktop.widgets.project_writer import ProjectWriter

    main_thread = MainThread()
    writer = ProjectWriter(main_thread)
    yield writer
    main_thread.close()
    writer.close()
