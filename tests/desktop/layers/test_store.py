import json

from desktop.layers.lanes import EMPTY, Lane
from desktop.layers.store import LaneStore

LANE = Lane(clip="abcd2345", solo=True, level_db=-2.5)


def contents(project):
    return json.loads((project / "loopwright.json").read_text("utf-8"))


def test_lanes_are_restored_by_their_place(tmp_path):
    store = LaneStore(tmp_path)
    assert store.read() == {}  # as in a project of an older version
    store.write({0: LANE, 7: Lane(clip="bcde2345")})
    assert LaneStore(tmp_path).read() == {0: LANE, 7: Lane(clip="bcde2345")}
    store.write({0: EMPTY})
    assert contents(tmp_path)["layers"] == {"8": {"clip": "bcde2345"}}


def test_two_windows_change_different_fields_of_a_lane(tmp_path):
    LaneStore(tmp_path).write({0: LANE})
    first, second = LaneStore(tmp_path), LaneStore(tmp_path)
    assert first.read() == second.read()
    first.write({0: Lane(clip="abcd2345", solo=True, level_db=3.0)})
    second.write({0: Lane(clip="abcd2345", solo=False, level_db=-2.5)})
    assert LaneStore(tmp_path).read() == {0: Lane(clip="abcd2345", level_db=3.0)}


def test_what_cannot_be_a_lane_is_left_out_and_kept(tmp_path):
    odd = {"1": {"clip": "x", "level_db": 99}, "9": {"clip": "x"}, "two": {"clip": "x"}, "3": []}
    (tmp_path / "loopwright.json").write_text(json.dumps({"layers": odd, "more": 1}), "utf-8")
    store = LaneStore(tmp_path)
    assert store.read() == {}
    store.write({1: LANE})
    assert contents(tmp_path)["layers"] | odd == contents(tmp_path)["layers"]
    assert contents(tmp_path)["more"] == 1
