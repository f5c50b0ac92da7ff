"""The worked example of docs/adding-a-model.md: its code is taken from the page and run."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.loops.request import LoopRequest
from engine.models.catalogue import Catalogue
from engine.protocol import Done, Render, TakeReady
from tests.engine.generators import test_contract as contract
from tests.fakes.worker import events_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adding-a-model.md"


@pytest.fixture(scope="module")
def entry(tmp_path_factory):
    """The entry of the page; its generator is the module of the page."""
    module, entry = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    folder = tmp_path_factory.mktemp("example")
    (folder / "click_generator.py").write_text(module, "utf-8")
    sys.path.insert(0, str(folder))
    names = {}
    exec(entry, names)
    yield names["CLICK"]
    sys.path.remove(str(folder))
    sys.modules.pop("click_generator", None)


@pytest.fixture(scope="module")
def load(entry):
    return entry.load


@pytest.fixture(scope="module")
def generator(load):
    return load()


# The contract, as it is for every generator.
for _name, _test in vars(contract).items():
    if _name.startswith("test_"):
        globals()[_name] = _test


def test_the_example_model_makes_a_clip_that_clicks_on_the_beat(entry, tmp_path):
    request = LoopRequest(prompt="four to the bar", model="click", bars=2, bpm=120.0, takes=2)
    job = Render("a", request, str(tmp_path / "project"))
    events = events_of(job, models=Catalogue([entry]))
    assert isinstance(events[-1], Done)
    clip = next(event.clip for event in events if isinstance(event, TakeReady))
    audio, rate = soundfile.read(clip.path)
    assert audio.shape == (192_000, 2)
    loud = np.abs(audio[:, 0]) > 0.01
    for beat in range(8):
        begin = beat * rate // 2
        assert loud[begin : begin + 400].any()
        assert not loud[begin + 2_000 : begin + rate // 2 - 10].any()
