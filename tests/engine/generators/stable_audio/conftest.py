import pytest
import torch

from engine.generators.stable_audio.generator import StableAudioGenerator
from engine.generators.stable_audio.pipeline import Pipeline
from engine.loops.recipe import ModelFacts
from tests.fakes.tiny_checkpoints import write_stable_audio_3, write_stable_audio_open


@pytest.fixture(scope="session")
def stable_audio_folder(tmp_path_factory):
    """A tiny checkpoint, as the library writes it."""
    return write_stable_audio_3(tmp_path_factory.mktemp("stable_audio") / "tiny")


@pytest.fixture(scope="session")
def open_folder(tmp_path_factory):
    """A tiny checkpoint of Stable Audio Open."""
    return write_stable_audio_open(tmp_path_factory.mktemp("stable_audio") / "open")


@pytest.fixture(scope="session")
def open_pipeline(open_folder):
    """Our pipeline for Stable Audio Open, in float32 on the CPU."""
    return Pipeline.load(open_folder, torch.device("cpu"), torch.float32)


@pytest.fixture(scope="session")
def open_generator(open_folder):
    """Our generator of Stable Audio Open, in float32 on the CPU."""
    facts = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
    return StableAudioGenerator(open_folder, facts, device="cpu", dtype="float32")


@pytest.fixture(scope="session")
def pipeline(stable_audio_folder):
    """Our pipeline, in float32 on the CPU."""
    return Pipeline.load(stable_audio_folder, torch.device("cpu"), torch.float32)


@pytest.fixture(scope="session")
def generator(stable_audio_folder):
    """Our generator, in float32 on the CPU."""
    facts = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
    return StableAudioGenerator(stable_audio_folder, facts, device="cpu", dtype="float32")
