import pytest
import torch

from engine.generators.ace_step.generator import AceStepGenerator
from engine.generators.ace_step.pipeline import Pipeline
from engine.loops.recipe import ModelFacts
from tests.fakes.tiny_checkpoints import write_ace_step

FACTS = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")


@pytest.fixture(scope="session")
def turbo_folder(tmp_path_factory):
    """A tiny turbo checkpoint, as the library writes it."""
    return write_ace_step(tmp_path_factory.mktemp("ace_step") / "turbo")


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory):
    """A tiny base checkpoint."""
    return write_ace_step(tmp_path_factory.mktemp("ace_step") / "base", kind="base")


@pytest.fixture(scope="session")
def turbo(turbo_folder):
    """Our generator of a turbo checkpoint, in float32 on the CPU."""
    return AceStepGenerator(turbo_folder, FACTS, device="cpu", dtype="float32")


@pytest.fixture(scope="session")
def base(base_folder):
    """Our generator of a base checkpoint."""
    return AceStepGenerator(base_folder, FACTS, device="cpu", dtype="float32")


@pytest.fixture(scope="session")
def pipeline(base_folder):
    """Our pipeline of a base checkpoint, in float32 on the CPU."""
    return Pipeline.load(base_folder, torch.device("cpu"), torch.float32)
