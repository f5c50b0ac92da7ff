import contextlib

import pytest

from bridge.osc.engine_events import EngineEvents
from bridge.osc.projects import Projects
from bridge.osc.server import BridgeServer
from engine.loops.clip import Clip
from engine.loops.midi import midi_bytes
from engine.protocol import Done, MidiWritten, Progress, Queued, TakeReady, Understood
from tests.bridge.osc_client import TestClient
from tests.fakes.bridge import FakeEngine, FakePlayer
from tests.fakes.clips import CLIP_ID, clip_of, grid_of, recipe_of


class Bridge:
    """A bridge on a free port, with a fake engine, a fake player, and clients."""

    def __init__(self, folder, stack) -> None:
        self.folder = folder
        self.engine = FakeEngine()
        self.player = FakePlayer()
        self.events = EngineEvents()
        self._stack = stack
        self.server = stack.enter_context(
            BridgeServer(self.engine, self.player, Projects(folder), self.events, port=0)
        )
        self.port = self.server.port

    def client(self) -> TestClient:
        return self._stack.enter_context(TestClient(self.port))

    def write_clip(self, clip_id=CLIP_ID, **grid):
        """Write a real clip into the folder, and return its path."""
        path = self.folder / f"warm-bass_128bpm_4bars_{clip_id}.wav"
        path.write_bytes(clip_of(grid_of(bars=1, **grid)))
        return path

    def write_midi(self, *parts, number=1, clip_id=CLIP_ID, **grid):
        """Write the notes of a clip beside it, as an engine would; return the path."""
        path = self.folder / f"warm-bass_128bpm_4bars_{clip_id}.mid"
        path.write_bytes(midi_bytes("Warm bass", grid_of(bars=1, **grid), None, parts))
        job = f"midi-{number}"
        for event in (Queued(job, 0), MidiWritten(job, str(path)), Done(job, ())):
            self.events.on_event(event)
        return path

    def run_job(self, number=1, clip_id=CLIP_ID, **grid):
        """Send the bridge all events of a job, as an engine would."""
        job = f"job-{number}"
        made = grid_of(**grid)
        name = f"warm-bass_{clip_id}.wav"
        clip = Clip(
            id=clip_id, file=name, path=str(self.folder / name), title="Warm bass",
            frames=made.frames, recipe=recipe_of(made),
        )  # fmt: skip
        for event in (
            Queued(job, 0),
            Understood(job, made, made.frames, "Warm bass"),
            Progress(job, 0.5, "playing"),
            TakeReady(job, 1, clip),
            Done(job, (clip_id,)),
        ):
            self.events.on_event(event)


@pytest.fixture
def bridge(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Bridge(tmp_path, stack)


@pytest.fixture
def client(bridge):
    return bridge.client()
