"""A job for which the memory does not suffice, in a real engine with a real model."""

import re
import sys
from pathlib import Path

import psutil
import pytest

from engine.protocol import Done
from tests.fakes.front_end import FrontEnd
from tests.fakes.tiny_checkpoints import write_musicldm

HUNGRY_ENGINE = Path(__file__).parents[2] / "fakes" / "hungry_engine.py"


@pytest.mark.slow
@pytest.mark.hold(15)
def test_out_of_memory_suggests_smaller_settings_and_later_jobs_work(tmp_path, monkeypatch, hold):
    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "models"))
    folder = write_musicldm(tmp_path / "tiny")
    command = [sys.executable, "-P", str(HUNGRY_ENGINE), str(folder)]
    tiny = {"model": "tiny", "steps": 2, "seed": 1, "bars": 1}
    with FrontEnd(tmp_path / "project", command) as front:
        assert isinstance(front.end_of(front.render(**tiny)), Done)
        engine = psutil.Process(front.engine_pid())
        memory = []
        count = hold.count(3, 100)
        for _ in range(count):
            failed = front.end_of(front.render("hungry", **tiny | {"bars": 4}))
            assert (failed.code, failed.message) == (500, (
                "This computer ran out of memory: ask for fewer bars or fewer takes, "
                "or choose a smaller model."
            ))  # fmt: skip
            # What torch's own allocator raises, not a stand-in.
            assert re.search(r"RuntimeError: .*DefaultCPUAllocator: ", failed.detail)
            assert isinstance(front.end_of(front.render(**tiny)), Done)
            memory.append(engine.memory_info().rss)
        assert front.exits == []
        grown = (memory[-1] - memory[0]) / 1e6
        hold.figure(15, f"torch out of memory {count} times: next job done, memory {grown:+.1f} MB")
        # The first time, libraries keep what they prepared for a new length; after that, nothing.
        assert memory[-1] < memory[0] + 30_000_000
