"""The real engine with a real model, whose memory is nearly all taken when the prompt says so.

The checkpoint is the folder that a request names. While a prompt has the word `hungry`, the process
may take only little more memory than it has.
"""

import contextlib
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.generators.interface import ReportProgress
from engine.generators.latent_diffusion.generator import LatentDiffusionGenerator
from engine.loops.request import LoopRequest
from engine.loops.take import Take
from engine.loops.tempo import LoopGrid
from engine.models.catalogue import Catalogue
from engine.models.entry import ModelEntry

LEFT_BYTES = 60_000_000


@contextlib.contextmanager
def _little_memory() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (taken + LEFT_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class HungryGenerator(LatentDiffusionGenerator):
    """The real generator, under a limit."""

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Make the takes."""
        limit = _little_memory() if "hungry" in request.prompt else contextlib.nullcontext()
        with limit:
            yield from super().generate(request, grid, seeds, report)


class TinyEntry(ModelEntry, frozen=True, kw_only=True):
    """A model whose checkpoint is the folder in `hub`."""

    def load(self, folder: Path | None = None, revision: str = "") -> HungryGenerator:
        """Load it."""
        assert folder is None
        return HungryGenerator(Path(self.hub_folder), self.facts(revision), dtype="float32")

    hub_folder: str


if __name__ == "__main__":
    from engine.server import serve

    entry = TinyEntry(
        id="tiny", name="Tiny", family="musicldm", licence="for tests", commercial_use=False,
        sample_rate=16_000, channels=1, size_bytes=1, good_for="tests", generator="",
        hub_folder=sys.argv[1],
    )  # fmt: skip
    serve(Catalogue([entry]))
