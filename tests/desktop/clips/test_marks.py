import json
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from engine.loops.edits import Edits
from engine.loops.errors import ProjectError

STARRED = Mark(title="Späti", starred=True, tags=("dusty", "b-side"))
WRITER = """
import sys
from pathlib import Path
from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
for number in range(25):
    Marks(Path(sys.argv[1])).write({f"{sys.argv[2]}{number}": Mark(starred=True)})
"""


def test_a_mark_is_restored(tmp_path):
    Marks(tmp_path).write({"abcd2345": STARRED})
    assert Marks(tmp_path).read() == {"abcd2345": STARRED}


def test_an_empty_mark_is_not_kept(tmp_path):
    marks = Marks(tmp_path)
    marks.write({"abcd2345": STARRED})
    marks.write({"abcd2345": Mark()})
    assert marks.read() == {}


def test_foreign_sections_of_the_file_are_preserved(tmp_path):
    (tmp_path / "loopwright.json").write_text('{"pads": [1, 2]}', "utf-8")
    Marks(tmp_path).write({"abcd2345": STARRED})
    assert json.loads((tmp_path / "loopwright.json").read_text("utf-8"))["pads"] == [1, 2]


def test_a_damaged_file_is_set_aside_not_overwritten(tmp_path, expect_log):
    expect_log("WARNING desktop.state.project_file: loopwright.json is damaged")
    (tmp_path / "loopwright.json").write_text("{half", "utf-8")
    Marks(tmp_path).write({"abcd2345": STARRED})
    assert (tmp_path / "loopwright.damaged-1.json").read_text("utf-8") == "{half"


def test_a_failure_to_store_marks_is_reported(tmp_path):
    (tmp_path / ".loopwright").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(ProjectError, match="cannot store marks"):
        Marks(tmp_path).write({"abcd2345": STARRED})


def test_concurrent_writers_lose_nothing(tmp_path):
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name], cwd=root) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(Marks(tmp_path).read()) == 50


def test_edits_are_restored_and_a_bad_value_costs_nothing_else(tmp_path):
    mark = Mark(title="Dusty", edits=Edits(gain_db=-3.0, bars=(1, 2)))
    Marks(tmp_path).write({"abcd2345": mark})
    assert Marks(tmp_path).read() == {"abcd2345": mark}
    file = tmp_path / "loopwright.json"
    stored = json.loads(file.read_text("utf-8"))
    stored["clips"]["abcd2345"] |= {"starred": "yes", "edits": {"gain_db": 1e9, "bars": [1, 2]}}
    file.write_text(json.dumps(stored), "utf-8")
    assert Marks(tmp_path).read() == {"abcd2345": Mark(title="Dusty", edits=Edits(bars=(1, 2)))}
