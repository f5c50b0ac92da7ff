"""A generator that makes tones, and misbehaves when its prompt says so.

The words of the prompt decide: `slow` takes many small steps until it is cancelled, `loud`,
`silent` and `broken` make takes that are rejected, `fail` and `hungry` raise, `raw` makes a take
that is not exact, `early` previews its first take in five pieces, `missing` makes too few, `die`
kills its process in mid-job, `deaf` runs for long without ever reporting, and `unplug FOLDER` puts
a file in the place of a folder.
"""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from engine.generators.interface import OnPreview, Plan, ReportProgress
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid, Meter
from engine.models.catalogue import Catalogue
from engine.models.entry import ModelEntry
from engine.models.families.sketch import SKETCH
from engine.models.settings import Setting

_SETTINGS = (Setting("steps", "4"), Setting("keep_latents"))
FAKE_ENTRY = ModelEntry(
    id="fake",
    name="Fake",
    family="fake",
    licence="for tests",
    commercial_use=False,
    sample_rate=48_000,
    channels=2,
    size_bytes=0,
    good_for="tones",
    generator="tests.fakes.generators:FakeGenerator",
    settings=_SETTINGS,
)
BIG_ENTRY = ModelEntry(
    id="fake-big",
    name="Big Fake",
    family="fake",
    licence="for tests",
    commercial_use=False,
    sample_rate=48_000,
    channels=2,
    size_bytes=10**9,
    good_for="seeing that a model is loaded",
    generator="tests.fakes.generators:FakeGenerator",
    settings=_SETTINGS,
)
HEARING_ENTRY = msgspec.structs.replace(
    FAKE_ENTRY, id="fake-hearing", generator="tests.fakes.generators:HearingGenerator",
    modes=("redo", "accompany"),
)  # fmt: skip
PARTS_ENTRY = msgspec.structs.replace(
    FAKE_ENTRY, id="fake-parts", generator="tests.fakes.generators:PartsGenerator",
    modes=("stems",),
)  # fmt: skip
FAKES = Catalogue([FAKE_ENTRY, BIG_ENTRY, PARTS_ENTRY, SKETCH])
SLOW_STEPS = 100_000


class FakeGenerator:
    """Sine tones whose pitch follows the seed."""

    facts = ModelFacts(
        id="fake", name="Fake", revision="1", licence="for tests", commercial_use=False
    )
    settings = frozenset({"steps", "keep_latents"})
    preview_rate = 48_000
    on_preview: OnPreview | None = None

    def plan(self, request: LoopRequest) -> Plan:
        """Take the request as it is, at 120 BPM in 4/4 unless it says otherwise."""
        grid = LoopGrid(
            bpm=request.bpm or 120.0,
            meter=Meter.parse(request.meter or "4/4"),
            bars=0 if request.seconds is not None else request.bars or 1,
            rate=request.rate,
            seconds=request.seconds,
        ).checked()
        words = tuple(request.prompt.split())
        return Plan(grid=grid, key=request.key, role="lead", title=request.prompt, understood=words)

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield a tone per seed, or do what the prompt says."""
        words = request.prompt.split()
        for number, seed in enumerate(seeds):
            report(number / len(seeds), f"take {number + 1}")
            audio = _tone(grid, seed)
            if self.on_preview is not None and "early" in words:
                self._preview(audio, report)
            self.on_preview = None
            _misbehave(words, report)
            if "missing" in words and number == len(seeds) - 1:
                return
            if "silent" in words:
                audio *= np.float32(0)
            if "loud" in words:
                audio *= np.float32(4)
            if "broken" in words:
                audio[7] = np.nan
            yield Take(
                audio=audio, rate=grid.rate, seed=seed, closed=True, exact="raw" not in words,
                latents=np.zeros((2, 3, 4), np.float32) if request.keep_latents else None,
            )  # fmt: skip

    def _preview(self, audio: np.ndarray, report: ReportProgress) -> None:
        for piece in np.array_split(audio, 5):
            report(0.0, "playing")
            self.on_preview(piece, len(audio))


class HearingGenerator(FakeGenerator):
    """Redoes bars of a source, and accompanies it, as the same upside down."""

    facts = msgspec.structs.replace(FakeGenerator.facts, id="fake-hearing")
    modes = frozenset({"redo", "accompany"})

    def generate_from(
        self,
        _request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        sources: list[Audio],
        _lineage: tuple[LoopRequest, ...],
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield the whole source upside down for each seed."""
        for seed in seeds:
            report(0.0, "listening")
            yield Take(audio=-sources[0], rate=grid.rate, seed=seed, closed=True, exact=True)


class PartsGenerator(HearingGenerator):
    """Takes drums and bass out of a source: the same, and the same upside down."""

    facts = msgspec.structs.replace(FakeGenerator.facts, id="fake-parts")
    modes = frozenset({"stems"})

    def generate_from(
        self,
        _request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        sources: list[Audio],
        _lineage: tuple[LoopRequest, ...],
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield both parts."""
        for part, audio in (("drums", sources[0]), ("bass", -sources[0])):
            report(0.0, part)
            yield Take(
                audio=audio, rate=grid.rate, seed=seeds[0], closed=True, exact=True, part=part
            )


def _misbehave(words: list[str], report: ReportProgress) -> None:
    if "fail" in words:
        message = "the model has fallen over"
        raise ZeroDivisionError(message)
    if "hungry" in words:
        raise MemoryError
    if "exit" in words:
        raise SystemExit(3)
    if "print" in words:
        print("a model library prints to stdout")  # noqa: T201
        os.write(1, b"and to descriptor 1\n")
    if "unplug" in words:
        folder = Path(words[words.index("unplug") + 1])
        shutil.rmtree(folder)
        folder.touch()
    if "die" in words:
        os.kill(os.getpid(), signal.SIGKILL)
    never = threading.Event()
    if "deaf" in words:
        never.wait(600)
    if "slow" in words:
        for step in range(SLOW_STEPS):
            report(step / SLOW_STEPS, "stepping")
            never.wait(0.005)


def _tone(grid: LoopGrid, seed: int) -> np.ndarray:
    cycles = max(1, round(float(grid.length_s) * (110 + seed % 440)))
    phase = np.arange(grid.frames) * (2 * np.pi * cycles / grid.frames)
    tone = (0.3 * np.sin(phase)).astype(np.float32)
    return np.repeat(tone[:, None], 2, axis=1)
