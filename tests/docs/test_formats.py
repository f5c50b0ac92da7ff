"""The pages name the audio formats that are read, all of them."""

from pathlib import Path

import pytest

from engine.loops.audio_formats import described_formats

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["craft.md", "manual.md", "protocol.md"])
def test_the_formats_of_sources_are_those_that_are_read(page):
    assert described_formats() in (DOCS / page).read_text("utf-8")
