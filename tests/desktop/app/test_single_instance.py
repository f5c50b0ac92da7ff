import subprocess
import sys
from pathlib import Path

import pytest

from desktop.app.single_instance import SingleInstance, instance_name, wake_other

ROOT = Path(__file__).resolve().parents[3]
SECOND_START = """
import sys
from desktop.app.single_instance import wake_other
print(wake_other(*sys.argv[1:]))
"""


@pytest.fixture
def name(tmp_path, qapp):
    assert qapp
    return instance_name(str(tmp_path))


@pytest.mark.parametrize("more", ([], ["/tapes/späti/warm-bass_128bpm_4bars_abcd2345.wav"]))
def test_a_second_start_wakes_the_first_and_learns_of_it(qtbot, name, more):
    woken = []
    first = SingleInstance(name, woken.append)
    second = subprocess.Popen(
        [sys.executable, "-c", SECOND_START, name, *more],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    qtbot.waitUntil(lambda: woken == (more or [""]), timeout=20_000)
    assert second.communicate(timeout=20)[0].strip() == "True"
    first.close()


def test_the_first_start_finds_nobody(name):
    assert not wake_other(name)


def test_windows_with_other_settings_are_left_alone(tmp_path):
    assert instance_name(str(tmp_path)) != instance_name(str(tmp_path / "other"))


def test_after_the_first_has_closed_the_next_one_is_the_first(name):
    first = SingleInstance(name, lambda _file: None)
    assert wake_other(name)
    first.close()
    assert not wake_other(name)
