"""The real engine with a real model, which allocates more memory than there is.

The checkpoint is the folder that a request names. A prompt with the word `hungry` asks torch,
midway through the steps, for a tensor larger than any address space: torch's own allocator refuses
it, on every system. (Under a limit on the whole process, other native libraries crash, each time
elsewhere.)
"""

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.generators.interface import ReportProgress
from engine.generators.latent_diffusion.generator import LatentDiffusionGenerator
from engine.loops.request import LoopRequest
from engine.loops.take import Take
from engine.loops.tempo import LoopGrid
from engine.models.catalogue import Catalogue
from engine.models.entry import ModelEntry
from engine.models.families.latent_diffusion import MUSICLDM

TOO_MANY_BYTES = 1 << 60


def _report_greedily(report: ReportProgress, fraction: float, stage: str) -> None:
    report(fraction, stage)
    if fraction > 0.5:
        import torch

        torch.empty(TOO_MANY_BYTES, dtype=torch.uint8)


class HungryGenerator(LatentDiffusionGenerator):
    """The real generator, which also allocates memory."""

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Make the takes."""
        if "hungry" in request.prompt:
            report = functools.partial(_report_greedily, report)
        yield from super().generate(request, grid, seeds, report)


class TinyEntry(ModelEntry, frozen=True, kw_only=True):
    """A model whose checkpoint is the folder in `hub`."""

    def load(self, folder: Path | None = None, revision: str = "") -> HungryGenerator:
        """Load it."""
        assert folder is None
        return HungryGenerator(Path(self.hub_folder), self.facts(revision), dtype="float32")

    hub_folder: str


if __name__ == "__main__":
    from engine.server.main import serve

    entry = TinyEntry(
        id="tiny", name="Tiny", family="musicldm", licence="for tests", commercial_use=False,
        sample_rate=16_000, channels=1, size_bytes=1, good_for="tests",
        generator="engine.generators.latent_diffusion.generator:LatentDiffusionGenerator",
        settings=MUSICLDM.settings({}), hub_folder=sys.argv[1],
    )  # fmt: skip
    serve(Catalogue([entry]))
