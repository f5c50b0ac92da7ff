"""The catalogue: what is in it, and what is said of what is not."""

import subprocess
import sys

import pytest

from engine.errors import UnknownModel
from engine.models.catalogue import built_in_catalogue
from engine.models.layout import FAMILIES
from tests.fakes.generators import FAKES

IDS = [
    "sketch",
    "musicldm",
    "audioldm2",
    "audioldm2-large",
    "audioldm2-music",
    "audioldm2-gigaspeech",
    "audioldm2-ljspeech",
    "musicgen-small",
    "musicgen-medium",
    "musicgen-large",
    "musicgen-melody",
    "musicgen-melody-large",
    "musicgen-stereo-small",
    "musicgen-stereo-medium",
    "musicgen-stereo-large",
    "musicgen-stereo-melody",
    "musicgen-stereo-melody-large",
]
MUSICGEN = [entry for entry in built_in_catalogue().entries if "musicgen" in entry.id]


def test_the_catalogue_holds_the_models_in_the_order_in_which_they_are_shown():
    assert [entry.id for entry in built_in_catalogue().entries] == IDS


def test_the_default_model_of_a_request_is_in_the_catalogue():
    from engine.loops.request import LoopRequest

    assert built_in_catalogue().entry(LoopRequest().model).size_bytes == 0


@pytest.mark.parametrize("catalogue", [built_in_catalogue(), FAKES])
def test_every_entry_is_found_by_its_id_and_describes_itself(catalogue):
    for entry in catalogue.entries:
        assert catalogue.entry(entry.id) is entry
        shown = entry.shown()
        assert "generator" not in shown
        assert all(shown[field] for field in ("id", "name", "family", "licence", "good_for"))


@pytest.mark.parametrize("catalogue", [built_in_catalogue(), FAKES])
def test_a_built_in_generator_says_the_same_of_its_licence_as_its_entry(catalogue):
    for entry in catalogue.entries:
        if entry.id == "fake-big" or entry.hub:
            continue  # The same class as `fake`, there to see that it is loaded.
        facts = entry.load().facts
        assert (facts.id, facts.licence, facts.commercial_use) == (
            entry.id, entry.licence, entry.commercial_use,
        )  # fmt: skip


def test_an_entry_names_the_modes_that_its_generator_has():
    for entry in (*built_in_catalogue().entries, *FAKES.entries):
        if "musicgen" in entry.family:  # which of the two it is, only its checkpoint says
            melody = {"melody"} if "melody" in entry.family else set()
            assert set(entry.modes) == {"continue"} | melody
        else:
            assert set(entry.modes) == set(getattr(entry.generator_class(), "modes", ()))


def test_an_entry_names_the_settings_that_its_built_in_generator_has():
    for entry in (*built_in_catalogue().entries, *FAKES.entries):
        if not entry.hub:  # those of checkpoints are asked of the real models, where these are
            assert {each.name for each in entry.settings} == entry.generator_class().settings


def test_what_is_downloaded_says_its_size_memory_licence_and_a_family_that_is_known():
    known = {family.id: family.generator for family in FAMILIES.values()}
    for entry in built_in_catalogue().entries:
        if entry.hub:
            assert 1e9 < entry.size_bytes < entry.memory_bytes < 20e9
            assert not entry.commercial_use
            assert "not for commercial use" in entry.licence
            assert entry.generator == known[entry.family]
            facts = entry.facts("abc")
            assert (facts.id, facts.revision, facts.licence) == (entry.id, "abc", entry.licence)


def test_the_sound_and_the_licence_of_each_family_are_those_that_its_makers_state():
    for entry in built_in_catalogue().entries:
        if entry in MUSICGEN:
            assert entry.licence == "CC-BY-NC-4.0: not for commercial use"
            channels = 2 if "stereo" in entry.id else 1
            assert (entry.sample_rate, entry.channels) == (32_000, channels)
            assert entry.hub == f"facebook/{entry.id}"
        elif entry.hub:
            assert entry.licence.startswith("CC-BY-NC-SA-4.0: ")
            assert (entry.sample_rate, entry.channels) == (16_000, 1)


@pytest.mark.parametrize("entry", MUSICGEN, ids=lambda entry: entry.id)
def test_the_size_of_a_musicgen_is_that_of_the_libraries_own_classes(entry):
    assert entry.size_bytes == 4 * parameters_of_a_musicgen(entry)


def parameters_of_a_musicgen(entry):
    """Count by making the model without memory for its weights."""
    import torch
    from transformers.models.encodec.modeling_encodec import EncodecModel
    from transformers.models.t5.modeling_t5 import T5EncoderModel

    from tests.fakes import random_musicgen

    shape = random_musicgen.SMALL
    if "large" in entry.id:
        shape = random_musicgen.LARGE
    elif "small" not in entry.id:
        shape = random_musicgen.MEDIUM
    melody = entry.family == "musicgen-melody"
    with torch.device("meta"):
        model = random_musicgen.musicgen_model(shape, melody=melody, channels=entry.channels)
    assert isinstance(model.text_encoder, T5EncoderModel)
    assert isinstance(model.audio_encoder, EncodecModel)
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("model_id", "sentence"),
    [
        ("sketsch", "There is no model 'sketsch'; did you mean 'sketch'?"),
        ("SKETCH", "There is no model 'SKETCH'; did you mean 'sketch'?"),
        ("audioldm-2", "There is no model 'audioldm-2'; did you mean 'audioldm2'?"),
        ("zzz", f"There is no model 'zzz'; known models: {', '.join(IDS)}."),
        ("", f"There is no model ''; known models: {', '.join(IDS)}."),
        ("x" * 9_999, f"There is no model {'x' * 80!r}; known models: {', '.join(IDS)}."),
    ],
)
def test_an_unknown_model_is_named_with_the_nearest_that_is_known(model_id, sentence):
    with pytest.raises(UnknownModel) as caught:
        built_in_catalogue().entry(model_id)
    assert str(caught.value) == sentence


def test_reading_the_catalogue_and_the_store_loads_no_model_and_no_client_of_the_hub():
    code = (
        "import sys, engine.models.store; from engine.models.catalogue import built_in_catalogue;"
        "built_in_catalogue();"
        "heavy = ('generators', 'numpy', 'torch', 'huggingface_hub', 'psutil');"
        "print([m for m in sys.modules if any(word in m for word in heavy)])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
