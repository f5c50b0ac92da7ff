import json
import sys

import msgspec
import pytest

from desktop.state.settings import MIGRATIONS, VERSION, Settings, load_settings, save_settings


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config" / "settings.json"


def written(file, version, settings):
    file.parent.mkdir()
    file.write_text(json.dumps({"version": version, "settings": settings}), "utf-8")
    return file


def test_without_a_file_there_are_the_defaults(file):
    assert load_settings(file) == Settings()


def test_settings_come_back_as_they_were_kept(file):
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
def test_a_damaged_file_is_kept_aside_and_the_defaults_serve(file, content, expect_log):
    expect_log("WARNING desktop.state.settings: settings cannot be used: all of them")
    file.parent.mkdir()
    file.write_bytes(content)
    told = []
    assert load_settings(file, told.append) == Settings()
    assert file.with_suffix(".damaged").read_bytes() == content
    assert "all of them" in told[0]


UNUSABLE = {
    "takes": ['"many"', "0", "1e9", "9" * 400, "null", "{}"],
    "volume": ["NaN", "1e999", "-Infinity", "1.5", '"loud"', "9" * 5_000],
    "bpm": ["0", "NaN", "9" * 400],
    "meter": ['"0/0"', '"four"', "4"],
    "key": ['"H sharp"', '"\\u0000"'],
    "bars": ["0", "-1", "1.5"],
    "theme": ['"pink"', "[]"],
    "geometry": ['"xyz"', '"' + "00" * 1_000 + '"'],
    "columns": ['"00ff"', "[-5]", "[1,2,3,4]", "[9e9]"],
    "project": ['"/music\\u0000"', "7", '"\\ud800"'],
    "prompts": ["[1]", '["\\ud800"]', '"a"'],
    "model_settings": ["[]", '{"sketch": 1}', '{"sketch": {"steps": NaN}}'],
    "pad_keys": ["1", '"yes"'],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in UNUSABLE.items() for value in values]
)
def test_a_setting_that_cannot_be_used_costs_that_setting_alone(file, name, value, expect_log):
    expect_log(f"WARNING desktop.state.settings: settings cannot be used: {name}$")
    file.parent.mkdir()
    ours = "" if name == "daws_not_offered" else ', "daws_not_offered": ["live"]'
    content = f'{{"version": {VERSION}, "settings": {{"{name}": {value}{ours}}}}}'
    file.write_text(content, "utf-8")
    told = []
    assert load_settings(file, told.append) == Settings(daws_not_offered=["live"])
    assert file.with_suffix(".damaged").read_text("utf-8") == content
    (sentence,) = told
    assert f"defaults: {name}. The old file is kept as {file.with_suffix('.damaged')}." in sentence


def test_a_file_that_cannot_be_read_is_left_alone(file, expect_log):
    expect_log("settings cannot be read")
    file.mkdir(parents=True)
    told = []
    assert load_settings(file, told.append) == Settings()
    assert "cannot be read" in told[0]
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]


def test_migration_to_2(file):
    old = load_settings(written(file, 1, {"dark": False, "bpm": 90.0}))
    assert old == Settings(theme="light", bpm=90.0)


def test_migration_to_3(file):
    old = load_settings(written(file, 2, {"columns": "000000ff0000", "theme": "light"}))
    assert old == Settings(theme="light")


def test_each_version_has_its_migration_and_each_migration_its_test():
    assert sorted(MIGRATIONS) == list(range(2, VERSION + 1))
    here = vars(sys.modules[__name__])
    assert all(f"test_migration_to_{version}" in here for version in MIGRATIONS)


def test_all_settings_have_a_default():
    assert msgspec.convert({}, Settings) == Settings()
