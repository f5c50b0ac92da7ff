"""The catalogue: what is in it, and what is said of what is not."""

import subprocess
import sys

import pytest

from engine.errors import UnknownModel
from engine.models.catalogue import built_in_catalogue
from tests.fakes.generators import FAKES


def test_the_default_model_of_a_request_is_in_the_catalogue():
    from engine.loops.request import LoopRequest

    assert built_in_catalogue().entry(LoopRequest().model).size_bytes == 0


@pytest.mark.parametrize("catalogue", [built_in_catalogue(), FAKES])
def test_every_entry_is_found_by_its_id_and_tells_what_it_is(catalogue):
    for entry in catalogue.entries:
        assert catalogue.entry(entry.id) is entry
        shown = entry.shown()
        assert "generator" not in shown
        assert all(shown[field] for field in ("id", "name", "family", "licence", "good_for"))


@pytest.mark.parametrize("catalogue", [built_in_catalogue(), FAKES])
def test_a_generator_says_the_same_of_its_licence_as_its_entry(catalogue):
    for entry in catalogue.entries:
        if entry.id == "fake-big":
            continue  # The same class as `fake`, there to see that it is loaded.
        facts = entry.load().facts
        assert (facts.id, facts.licence, facts.commercial_use) == (
            entry.id, entry.licence, entry.commercial_use,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("model_id", "sentence"),
    [
        ("sketsch", "No model is called 'sketsch'; did you mean 'sketch'?"),
        ("SKETCH", "No model is called 'SKETCH'; did you mean 'sketch'?"),
        ("zzz", "No model is called 'zzz'; known are sketch."),
        ("", "No model is called ''; known are sketch."),
        ("x" * 9_999, f"No model is called {'x' * 80!r}; known are sketch."),
    ],
)
def test_an_unknown_model_is_named_with_the_nearest_that_is_known(model_id, sentence):
    with pytest.raises(UnknownModel) as caught:
        built_in_catalogue().entry(model_id)
    assert str(caught.value) == sentence


def test_reading_the_catalogue_loads_no_model():
    code = (
        "import sys; from engine.models.catalogue import built_in_catalogue as c; c();"
        "print([m for m in sys.modules if 'generators' in m or m == 'numpy'])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
