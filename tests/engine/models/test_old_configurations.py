"""Configurations saved by transformers 4.28 to 5.23 themselves are accepted, all keys of them.

They were stored by `python -m tools.old_configurations`.
"""

import json
from pathlib import Path

import pytest

from engine.models.allowed import GENERATION
from engine.models.families import families
from engine.models.values import BadValue, check_values

CLASSES = {each.name: each for family in families() for each in (*family.classes, GENERATION)}
INNER = {kind: each for family in families() for kind, each in family.inner.values()}
STORED = sorted((Path(__file__).parents[2] / "cases" / "configurations").glob("*.json"))
CASES = {
    f"{path.stem.removeprefix('transformers-')}-{name}": (name, config)
    for path in STORED
    for name, config in json.loads(path.read_text("utf-8")).items()
}


def test_the_versions_of_many_years_are_there():
    versions = [path.stem.removeprefix("transformers-") for path in STORED]
    assert versions == ["4.28.1", "4.31.0", "4.33.3", "4.40.2", "4.48.3", "5.0.0", "5.23.0"]
    assert any("_commit_hash" in config for _, config in CASES.values())


@pytest.mark.parametrize("case", CASES)
def test_every_key_that_a_library_has_written_is_known(case):
    name, config = CASES[case]
    inner = {
        part: config.pop(part)
        for part in ("text_encoder", "audio_encoder", "decoder")
        if isinstance(config.get(part), dict)
    }
    check_values(config, CLASSES[name], None)
    for part in inner.values():
        check_values(part, INNER[part["model_type"]], None)


@pytest.mark.parametrize("value", ["main", "8fa0f1c6", "8" * 41, "Z" * 40, f"{'a' * 40}\n"])
def test_a_commit_is_forty_hexadecimal_digits_and_nothing_else(value):
    check_values({"_commit_hash": "a" * 40}, CLASSES["ClapModel"], None)
    check_values({"_commit_hash": None}, CLASSES["ClapModel"], None)
    with pytest.raises(BadValue, match="as '_commit_hash', which is no commit"):
        check_values({"_commit_hash": value}, CLASSES["ClapModel"], None)


def test_a_vocabulary_may_be_large_but_not_huge():
    check_values({"vocab_size": 262_144}, CLASSES["T5EncoderModel"], None)
    with pytest.raises(BadValue, match="more than any model needs"):
        check_values({"vocab_size": 2_000_000}, CLASSES["T5EncoderModel"], None)
