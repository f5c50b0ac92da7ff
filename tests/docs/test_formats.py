"""The pages name the audio formats that are read, all of them."""

from pathlib import Path

import pytest

from engine.loops.audio_formats import described_formats

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["craft.md", "manual.md", "protocol.md"])
def test_documented_source_formats_match_the_readable_ones(page):
    assert described_formats() in (DOCS / page).read_text("utf-8")
