import subprocess
import sys
from pathlib import Path

import pytest

from desktop.single_instance import SingleInstance, instance_name, wake_other

ROOT = Path(__file__).resolve().parents[2]
SECOND_START = (
    "import sys; from desktop.single_instance import wake_other; print(wake_other(sys.argv[1]))"
)


@pytest.fixture
def name(tmp_path, qapp):
    assert qapp
    return instance_name(str(tmp_path))


def test_a_second_start_wakes_the_first_and_learns_of_it(qtbot, name):
    woken = []
    first = SingleInstance(name, lambda: woken.append(1))
    second = subprocess.Popen(
        [sys.executable, "-c", SECOND_START, name], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    qtbot.waitUntil(lambda: woken == [1], timeout=20_000)
    assert second.communicate(timeout=20)[0].strip() == "True"
    first.close()


def test_the_first_start_finds_nobody(name):
    assert not wake_other(name)


def test_windows_with_other_settings_are_left_alone(tmp_path):
    assert instance_name(str(tmp_path)) != instance_name(str(tmp_path / "other"))


def test_after_the_first_has_closed_the_next_one_is_the_first(name):
    first = SingleInstance(name, lambda: None)
    assert wake_other(name)
    first.close()
    assert not wake_other(name)
