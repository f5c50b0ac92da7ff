"""An engine and a player for tests of the bridge: they record their calls."""

from pathlib import Path

from engine.errors import EngineDied
from engine.loops.errors import LoopError


class FakeEngine:
    """Takes requests and does nothing; a test sends the bridge the events."""

    def __init__(self) -> None:
        self.requests = []
        self.folders = []
        self.sources = []
        self.cancelled = []
        self.midi = []
        self.analysed = []
        self.fits = []
        self.kits = []
        self.starts = 0
        self.lives_left = 1

    def start(self) -> None:
        self.starts += 1

    def render(
        self,
        request,
        project: Path,
        *sources: Path | None,
        preview=False,  # noqa: ARG002 - as the interface has it
        create_project=True,
        fits=(),
        kit=None,
    ) -> str:
        self.may_create = create_project
        if self.lives_left <= 0:
            raise EngineDied("The engine is not running: start it again.")
        self.requests.append(request)
        self.folders.append(project)
        self.sources.append(sources)
        self.fits.append(fits)
        self.kits.append(kit)
        return f"job-{len(self.requests)}"

    def write_midi(self, clip: Path, folder: Path) -> str:
        self.midi.append((clip, folder))
        return f"midi-{len(self.midi)}"

    def analyse(self, path: Path) -> str:
        self.analysed.append(path)
        return f"analysis-{len(self.analysed)}"

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)


class FakePlayer:
    """Plays nothing, and reports that it does."""

    def __init__(self) -> None:
        self.device = ""
        self.playing = None
        self.calls = []
        self.closed = False

    def choose_device(self, name: str) -> None:
        if name == "missing":
            raise LoopError("Nothing can be heard: there is no such device.")
        self.device = name

    def play(self, path, *, loop, on_bar=False, at_monotonic_s=None) -> None:
        self.calls.append((path, loop, on_bar, at_monotonic_s))
        self.playing = path

    def stop(self) -> None:
        self.playing = None

    def close(self) -> None:
        self.closed = True
