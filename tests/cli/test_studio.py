"""`loopwright studio`, where it needs no Ray; tests/engine/studio has a real studio."""

import pytest

from cli import program


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["join"], 2, "'loopwright studio join' needs the HEAD to join."),
        (["stop", "head"], 2, "'loopwright studio stop' does not take 'head'."),
        (["joim", "head"], 2, "'joim' is not an action of 'loopwright studio': did you mean"),
        (["status", "a b"], 1, "The engine 'ray://a b' is not like"),
    ],
)
def test_a_mistake_is_named_before_ray_is_loaded(capsys, words, code, sentence):
    assert program.run(["studio", *words]) == code
    assert sentence in capsys.readouterr().err
