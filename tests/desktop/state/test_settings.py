import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from desktop.state.settings import MIGRATIONS, VERSION, Settings, load_settings, save_settings
from tests.fakes.waiting import until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config" / "settings.json"


def written(file, version, settings):
    file.parent.mkdir()
    file.write_text(json.dumps({"version": version, "settings": settings}), "utf-8")
    return file


def test_a_missing_file_gives_the_defaults(file):
    assert load_settings(file) == Settings()


def test_settings_are_read_back_as_written(file):
    settings = Settings(project="/music/späti", theme="light", prompts=["a", "b"], bpm=93.5)
    save_settings(file, settings)
    assert load_settings(file) == settings
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b'{"version": 99}', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000,
        b'{"version": [], "settings": {}}', b'{"version": 1e999, "settings": {}}',
        b'{"version": 2, "settings": []}', b'{"version": 1, "settings": 5}', b"null", b"NaN",
        b'{"version": -' + b"9" * 400 + b', "settings": {}}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_set_aside_and_the_defaults_apply(file, content, expect_log):
    expect_log("WARNING desktop.state.settings: settings cannot be used: all of them")
    file.parent.mkdir()
    problems = []
    for number in (1, 2):
        file.write_bytes(content)
        assert load_settings(file, problems.append) == Settings()
        assert (file.parent / f"settings.damaged-{number}.json").read_bytes() == content
    assert "all of them" in problems[0]
    assert load_settings(file) == Settings()


UNUSABLE = {
    "takes": ['"many"', "0", "1e9", "9" * 400, "null", "{}"],
    "volume": ["NaN", "1e999", "-Infinity", "1.5", '"loud"', "9" * 5_000],
    "bpm": ["0", "NaN", "9" * 400],
    "meter": ['"0/0"', '"four"', "4"],
    "key": ['"H sharp"', '"\\u0000"'],
    "bars": ["0", "-1", "1.5"],
    "theme": ['"pink"', "[]"],
    "geometry": ['"xyz"', '"' + "00" * 1_000 + '"'],
    "project": ['"/music\\u0000"', "7", '"\\ud800"'],
    "prompts": ["[1]", '["\\ud800"]', '"a"'],
    "model_settings": ["[]", '{"sketch": 1}', '{"sketch": {"steps": NaN}}'],
    "pad_keys": ["1", '"yes"'],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in UNUSABLE.items() for value in values]
)
def test_an_invalid_setting_affects_only_itself(file, name, value, expect_log):
    expect_log(f"WARNING desktop.state.settings: settings cannot be used: {name}$")
    file.parent.mkdir()
    ours = "" if name == "daws_not_offered" else ', "daws_not_offered": ["live"]'
    content = f'{{"version": {VERSION}, "settings": {{"{name}": {value}{ours}}}}}'
    file.write_text(content, "utf-8")
    problems = []
    assert load_settings(file, problems.append) == Settings(daws_not_offered=["live"])
    aside = file.parent / "settings.damaged-1.json"
    assert aside.read_text("utf-8") == content
    (sentence,) = problems
    assert f"defaults: {name}. The old file is kept as {aside}." in sentence
    assert load_settings(file, pytest.fail) == Settings(daws_not_offered=["live"])


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on open files")
def test_a_temporarily_unreadable_file_is_left_alone(file):
    save_settings(file, Settings(bpm=93.5))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = os.open(file, os.O_RDONLY)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (taken, hard))
        with pytest.raises(OSError, match="Too many open files"):
            load_settings(file)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        os.close(taken)
    assert load_settings(file) == Settings(bpm=93.5)
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]


KILLED_WHILE_SAVING = """
import sys
from pathlib import Path
from desktop.state.settings import Settings, save_settings
settings = Settings(prompts=["loops"] * 100_000)
while True:
    save_settings(Path(sys.argv[1]), settings)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_leftovers_of_a_killed_window_are_removed_at_the_next_start(file):
    def parts():
        return list(file.parent.glob(".lw-*.part"))

    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED_WHILE_SAVING, file], cwd=ROOT
        ) as window:
            until(parts)
            window.kill()
        if parts():
            break
    assert parts(), "no kill ever hit a write: the test has shown nothing"
    load_settings(file)
    assert parts() == []


def test_migration_to_2(file):
    old = load_settings(written(file, 1, {"dark": False, "bpm": 90.0}))
    assert old == Settings(theme="light", bpm=90.0)


def test_migration_to_3(file):
    old = load_settings(written(file, 2, {"columns": "000000ff0000", "theme": "light"}))
    assert old == Settings(theme="light")


def test_migration_to_4(file):
    old = load_settings(written(file, 3, {"columns": [300, 800, 300], "theme": "light"}))
    assert old == Settings(theme="light")


def test_each_version_has_a_tested_migration():
    assert sorted(MIGRATIONS) == list(range(2, VERSION + 1))
    here = vars(sys.modules[__name__])
    assert all(f"test_migration_to_{version}" in here for version in MIGRATIONS)


def test_all_settings_have_a_default():
    assert msgspec.convert({}, Settings) == Settings()
