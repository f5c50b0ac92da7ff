"""A fake generator that is made from a checkpoint folder, and the catalogue that holds it."""

import os
from pathlib import Path

from engine.loops.cancel import Check, no_check
from engine.loops.recipe import ModelFacts
from engine.models.catalogue import Catalogue
from engine.models.entry import ModelEntry
from tests.fakes.generators import FAKES, FakeGenerator

HUB = "someone/fake-model"


def entry(model_id: str, hub: str = HUB, family: str = "musicldm") -> ModelEntry:
    """Return an entry whose checkpoint is fetched from a repository."""
    return ModelEntry(
        id=model_id,
        name=f"Fetched {model_id}",
        family=family,
        licence="for tests alone",
        commercial_use=False,
        sample_rate=48_000,
        channels=2,
        size_bytes=1_000,
        good_for="tones from a folder",
        generator="tests.fakes.checkpoint_generator:CheckpointGenerator",
        hub=hub,
        memory_bytes=2_000,
    )


FETCHED = entry("fetched")
FLAT = entry("flat", "someone/flat-model", "musicgen")
WITH_CHECKPOINTS = Catalogue(
    [*FAKES.entries, FETCHED, entry("second", "someone/second-model"), FLAT]
)


class CheckpointGenerator(FakeGenerator):
    """Makes the tones of `FakeGenerator`; needs a folder, and a process that is offline."""

    def __init__(self, folder: Path, facts: ModelFacts, check: Check = no_check) -> None:
        """Look at the folder as a library would."""
        assert (folder / "model_index.json").is_file()
        assert os.environ["HF_HUB_OFFLINE"] == "1"
        check()
        self.facts = facts
