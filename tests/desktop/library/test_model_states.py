from pathlib import Path

import pytest

from desktop.library import rows as model_rows
from desktop.library.model_states import ModelStates
from desktop.library.rows import (
    BUILT_IN,
    CHECKING,
    DAMAGED,
    DOWNLOADING,
    MISSING,
    READY,
    SCANNING,
    WAITING,
    ModelRow,
    group_of,
)
from engine import protocol
from engine.models import store
from engine.models.catalogue import built_in_catalogue
from engine.models.needs import Capacity

CATALOGUE = built_in_catalogue()
SKETCH, MUSICLDM = CATALOGUE.entry("sketch"), CATALOGUE.entry("musicldm")


@pytest.fixture
def states():
    states = ModelStates([SKETCH, MUSICLDM])
    states.reported = []
    states.on_change = states.reported.append
    return states


def found(**changes):
    return [
        ModelRow(entry=SKETCH, state=BUILT_IN),
        ModelRow(entry=MUSICLDM, **{"state": MISSING, **changes}),
    ]


def state(states):
    return states.row("musicldm").state


def test_disk_states_are_named_as_in_the_store():
    assert (READY, MISSING, DAMAGED) == (store.READY, store.MISSING, store.DAMAGED)


def test_states_are_unknown_before_the_first_scan(states):
    assert {row.state for row in states.rows} == {SCANNING}
    assert not any(row.usable for row in states.rows)


def test_the_result_of_a_scan_is_shown_and_reported_once(states):
    states.update_rows(found())
    states.update_rows(found())
    assert [row.state for row in states.rows] == [BUILT_IN, MISSING]
    assert states.reported == [None]


def test_a_download_goes_from_waiting_to_its_end_and_the_disk_state_decides(states):
    states.update_rows(found())
    states.begin_download("job", "musicldm")
    assert (state(states), states.downloads) == (WAITING, 1)
    assert states.on_event(protocol.Progress("job", 0.43, "downloading unet")) is None
    assert states.row("musicldm").state_text == "downloading 43 %"
    states.update_rows(found())
    assert state(states) == DOWNLOADING
    assert states.on_event(protocol.Done("job", ())) == "musicldm"
    assert (state(states), states.downloads) == (SCANNING, 0)
    states.update_rows(found(state=READY))
    assert states.row("musicldm").usable


def test_a_download_error_stays_until_the_next_attempt(states):
    states.begin_download("job", "musicldm")
    assert states.on_event(protocol.Failed("job", 500, "No network.")) == "musicldm"
    states.update_rows(found())
    assert (state(states), states.row("musicldm").problem) == (MISSING, "No network.")
    states.begin_download("next", "musicldm")
    assert states.row("musicldm").problem == ""


def test_events_of_other_jobs_are_ignored(states):
    states.begin_download("job", "musicldm")
    assert not states.is_download("other")
    assert states.on_event(protocol.Progress("other", 0.5, "step 1")) is None
    assert states.on_event(protocol.Done("other", ())) is None
    assert state(states) == WAITING


def test_the_result_of_a_check_outlasts_a_scan_of_file_sizes(states):
    states.change("musicldm", state=CHECKING)
    states.settle("musicldm", "unet has changed.", state=DAMAGED)
    states.update_rows(found(state=READY))
    assert (state(states), states.row("musicldm").problem) == (DAMAGED, "unet has changed.")
    states.settle("musicldm")
    states.update_rows(found(state=READY))
    assert (state(states), states.row("musicldm").problem) == (READY, "")


def test_a_row_describes_its_state_in_words():
    ready = ModelRow(entry=MUSICLDM, state=READY, of_bytes=1_960_000_000)
    assert ready.facts_text == "musicldm · 2.0 GB on disk · 2.9 GB of memory · 16 kHz mono"
    missing = ModelRow(entry=MUSICLDM, state=MISSING)
    assert "about 2.0 GB on disk" in missing.facts_text
    begun = ModelRow(entry=MUSICLDM, state=MISSING, here_bytes=10**9, of_bytes=2 * 10**9)
    assert begun.resumable
    assert begun.state_text == "1.0 GB of 2.0 GB downloaded"
    assert begun.spoken == "MusicLDM, 1.0 GB of 2.0 GB downloaded"


def test_every_model_of_the_catalogue_is_under_a_heading():
    rows = [ModelRow(entry=entry, state=MISSING) for entry in CATALOGUE.entries]
    room = Capacity(disk_free=10**12, memory=8 * 10**9)
    assert {group_of(row, None) for row in rows} == {"Can be added"}
    assert {group_of(row, room) for row in rows} == {"Can be added", "Too large here"}
    own = model_rows.ModelRow(entry=MUSICLDM, state=READY, folder=Path("/mine"))
    assert group_of(own, room) == "On this computer"
    coming = ModelRow(entry=MUSICLDM, state=DOWNLOADING)
    assert group_of(coming, room) == "Arriving"


def test_a_model_shows_that_it_is_loading_until_it_plays(states):
    states.update_rows(found(state=READY))
    states.on_event(protocol.Loading("render", "musicldm"))
    assert states.row("musicldm").state_text == "loading"
    assert states.row("musicldm").usable
    states.update_rows(found(state=READY))
    assert states.row("musicldm").loading
    states.on_event(protocol.Progress("render", 0.1, "step 1 of 20"))
    assert states.row("musicldm").state_text == "ready"


@pytest.mark.parametrize(
    "end", [protocol.Failed("render", 500, "No memory."), protocol.Cancelled("render")]
)
def test_a_model_that_failed_to_load_stops_loading(states, end):
    states.update_rows(found(state=READY))
    states.on_event(protocol.Loading("render", "musicldm"))
    states.on_event(end)
    assert states.row("musicldm").state_text == "ready"
