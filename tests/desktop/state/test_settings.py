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


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99}', b"\xff\xfe"])
def test_a_damaged_file_is_set_aside_and_the_defaults_serve(file, content, expect_log):
    expect_log("WARNING desktop.state.settings: settings are damaged")
    file.parent.mkdir()
    file.write_bytes(content)
    assert load_settings(file) == Settings()
    assert file.with_suffix(".damaged").read_bytes() == content


def test_a_setting_of_the_wrong_type_is_set_aside_too(file, expect_log):
    expect_log("WARNING desktop.state.settings: settings are damaged")
    assert load_settings(written(file, VERSION, {"takes": "many"})) == Settings()


def test_migration_to_2(file):
    old = load_settings(written(file, 1, {"dark": False, "bpm": 90.0}))
    assert old == Settings(theme="light", bpm=90.0)


def test_each_version_has_its_migration_and_each_migration_its_test():
    assert sorted(MIGRATIONS) == list(range(2, VERSION + 1))
    here = vars(sys.modules[__name__])
    assert all(f"test_migration_to_{version}" in here for version in MIGRATIONS)


def test_all_settings_have_a_default():
    assert msgspec.convert({}, Settings) == Settings()
