"""The glossary names places that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
TERMS = [row for row in ROWS if row[0] not in ("term", "---")]


def places(where: str) -> list[str]:
    """Return the files and folders that a row names; a bare file is in the folder before it."""
    found, folder = [], ""
    for name in re.findall(r"`([^`]+)`", where):
        if name.endswith((".py", "/")):
            found.append(name if "/" in name else f"{folder}/{name}")
            folder = found[-1].rpartition("/")[0]
    return found


@pytest.mark.parametrize("row", TERMS, ids=lambda row: row[0])
def test_a_term_is_where_the_glossary_says(row):
    _term, meaning, where = row
    assert meaning.endswith(".")
    for place in places(where):
        assert list(ROOT.glob(place)), f"{place} is not there"


def test_the_glossary_has_enough_terms():
    assert len(TERMS) >= 60
