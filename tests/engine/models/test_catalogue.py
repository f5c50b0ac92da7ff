"""The catalogue: what is in it, and what is said of what is not."""

import subprocess
import sys

import pytest

from engine.errors import UnknownModel
from engine.models.catalogue import built_in_catalogue
from engine.models.families import families
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
    "stable-audio-3-small-music",
    "stable-audio-3-small-sfx",
    "stable-audio-3-medium",
    "stable-audio-3-small-music-base",
    "stable-audio-3-small-sfx-base",
    "stable-audio-3-medium-base",
    "stable-audio-open",
    "ace-step-turbo",
    "ace-step-base",
    "ace-step-xl-turbo",
    "ace-step-xl-base",
]
MUSICGEN = [entry for entry in built_in_catalogue().entries if "musicgen" in entry.id]


def test_the_catalogue_is_in_display_order():
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
def test_built_in_generators_and_entries_agree_on_the_licence(catalogue):
    for entry in catalogue.entries:
        if entry.id == "fake-big" or entry.hub:
            continue  # The same class as `fake`, there to see that it is loaded.
        facts = entry.load().facts
        assert (facts.id, facts.licence, facts.commercial_use) == (
            entry.id, entry.licence, entry.commercial_use,
        )  # fmt: skip


def test_an_entry_lists_its_generators_modes():
    for entry in (*built_in_catalogue().entries, *FAKES.entries):
        if "musicgen" in entry.family:  # which of the two it is, only its checkpoint says
            melody = {"melody"} if "melody" in entry.family else set()
            assert set(entry.modes) == {"continue"} | melody
        elif not entry.hub or "ldm" in entry.family:
            assert set(entry.modes) == set(getattr(entry.generator_class(), "modes", ()))


def test_an_entry_lists_its_built_in_generators_settings():
    for entry in (*built_in_catalogue().entries, *FAKES.entries):
        if not entry.hub:  # checkpoints are compared with the real models in their own tests
            assert {each.name for each in entry.settings} == entry.generator_class().settings


def test_downloadable_entries_state_size_memory_licence_and_family():
    known = {family.id: family.generator for family in families()}
    for entry in built_in_catalogue().entries:
        if entry.hub:
            assert 1e9 < entry.size_bytes < entry.memory_bytes < 30e9
            assert entry.commercial_use == ("not for commercial use" not in entry.licence)
            assert entry.generator == known[entry.family]
            facts = entry.facts("abc")
            assert (facts.id, facts.revision, facts.licence) == (entry.id, "abc", entry.licence)


def test_format_and_licence_of_each_family_match_its_publisher():
    for entry in built_in_catalogue().entries:
        if entry in MUSICGEN:
            assert entry.licence == "CC-BY-NC-4.0: not for commercial use"
            channels = 2 if "stereo" in entry.id else 1
            assert (entry.sample_rate, entry.channels) == (32_000, channels)
            assert entry.hub == f"facebook/{entry.id}"
        elif entry.family in ("musicldm", "audioldm2"):
            assert entry.licence.startswith("CC-BY-NC-SA-4.0: ")
            assert (entry.sample_rate, entry.channels) == (16_000, 1)


@pytest.mark.parametrize("entry", MUSICGEN, ids=lambda entry: entry.id)
def test_musicgen_sizes_match_the_librarys_own_classes(entry):
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
def test_an_unknown_model_error_names_the_nearest_known_one(model_id, sentence):
    with pytest.raises(UnknownModel) as caught:
        built_in_catalogue().entry(model_id)
    assert str(caught.value) == sentence


def test_reading_catalogue_and_store_loads_no_model_and_no_hub_client():
    code = (
        "import sys, engine.models.store; from engine.models.catalogue import built_in_catalogue;"
        "built_in_catalogue();"
        "heavy = ('generators', 'numpy', 'torch', 'huggingface_hub', 'psutil');"
        "print([m for m in sys.modules if any(word in m for word in heavy)])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
