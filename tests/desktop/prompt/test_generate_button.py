from pathlib import Path

import pytest

from desktop.prompt.form import Source
from desktop.prompt.generate_button import action_of
from engine.loops.request import MODES

BEAT = Path("/tapes/my-beat.wav")


@pytest.mark.parametrize(("takes", "text"), [(1, "Generate"), (3, "Generate 3 takes")])
def test_the_button_says_how_many_takes_it_makes(takes, text):
    assert action_of(None, takes) == text


@pytest.mark.parametrize(
    ("mode", "text"),
    [("retempo", "Retempo my-beat.wav"), ("vary", "Vary my-beat.wav"),
     ("melody", "Play the melody of my-beat.wav")],
)  # fmt: skip
def test_the_button_says_what_it_does_with_the_source(mode, text):
    assert action_of(Source(path=BEAT, mode=mode), 3) == text


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_words(mode):
    assert action_of(Source(path=BEAT, mode=mode), 1).endswith(BEAT.name)
