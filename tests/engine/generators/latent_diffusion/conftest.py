import pytest
import torch

from engine.generators.latent_diffusion.pipeline import Pipeline
from tests.fakes.tiny_checkpoints import write_audioldm2, write_musicldm


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Tiny checkpoints by name."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {
        "musicldm": write_musicldm(root / "musicldm"),
        "audioldm2": write_audioldm2(root / "audioldm2"),
        "speech": write_audioldm2(root / "speech", speech=True),
    }


@pytest.fixture(scope="session")
def pipelines(folders):
    """Our pipelines by name, in float32 on the CPU."""
    return {
        name: Pipeline.load(folder, torch.device("cpu"), torch.float32)
        for name, folder in folders.items()
    }
