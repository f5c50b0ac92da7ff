import pytest

from engine.generators.musicgen.generator import MusicGenGenerator
from engine.loops.recipe import ModelFacts
from tests.fakes.tiny_checkpoints import write_musicgen

FACTS = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
KINDS = {
    "mono": {},
    "stereo": {"stereo": True},
    "melody": {"melody": True},
    "stereo melody": {"melody": True, "stereo": True},
}


@pytest.fixture(scope="session")
def musicgen_folders(tmp_path_factory):
    """Tiny checkpoints by kind."""
    root = tmp_path_factory.mktemp("musicgen")
    return {name: write_musicgen(root / name, **options) for name, options in KINDS.items()}


@pytest.fixture(scope="session")
def generators(musicgen_folders):
    """Our generators by kind, in float32 on the CPU."""
    return {
        name: MusicGenGenerator(folder, FACTS, device="cpu", dtype="float32")
        for name, folder in musicgen_folders.items()
    }
