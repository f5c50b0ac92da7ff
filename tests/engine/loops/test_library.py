"""The clips of a folder by their ids: what is there, and what the files say."""

import os

import pytest

from engine.loops.errors import LoopError
from engine.loops.library import Library, UnknownClip
from tests.fakes.clips import clip_of, grid_of


def write(folder, clip_id, age_s=0, **grid):
    folder.mkdir(exist_ok=True)
    path = folder / f"warm-bass_128bpm_1bars_{clip_id}.wav"
    path.write_bytes(clip_of(grid_of(bars=1, **grid)))
    changed = path.stat().st_mtime - age_s
    os.utime(path, (changed, changed))
    return path


def test_a_missing_folder_has_no_clips(tmp_path):
    library = Library(tmp_path / "nothing")
    assert library.ids() == []
    with pytest.raises(UnknownClip, match=r"No clip in .*nothing has the id 'abcd2345'"):
        library.path("abcd2345")


def test_clips_are_listed_newest_first_without_rejected_ones(tmp_path):
    write(tmp_path, "aaaaaaaa", age_s=20)
    write(tmp_path, "bbbbbbbb", age_s=10)
    rejected = write(tmp_path / "rejected", "cccccccc")
    library = Library(tmp_path)
    assert library.ids() == ["bbbbbbbb", "aaaaaaaa"]
    assert library.path("cccccccc") == rejected
    assert library.clip("cccccccc").file == f"rejected/{rejected.name}"


def test_added_and_removed_clips_are_noticed_at_once(tmp_path):
    library = Library(tmp_path)
    assert library.ids() == []
    path = write(tmp_path, "aaaaaaaa")
    assert library.ids() == ["aaaaaaaa"]
    path.unlink()
    assert library.ids() == []


def test_a_changed_file_is_read_again(tmp_path):
    library = Library(tmp_path)
    write(tmp_path, "aaaaaaaa", age_s=10)
    assert library.clip("aaaaaaaa").recipe.grid.bpm == 128
    write(tmp_path, "aaaaaaaa", bpm=90.0)
    assert library.clip("aaaaaaaa").recipe.grid.bpm == 90


def test_a_link_out_of_the_folder_is_not_a_clip(tmp_path):
    outside = write(tmp_path / "outside", "aaaaaaaa")
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / outside.name).symlink_to(outside)
    assert Library(inside).ids() == []


def test_damaged_and_foreign_files_are_reported(tmp_path):
    (tmp_path / "x_aaaaaaaa.wav").write_bytes(b"RIFF")
    library = Library(tmp_path)
    with pytest.raises(LoopError, match=r"cannot be read as a clip"):
        library.clip("aaaaaaaa")


def test_the_newest_of_two_files_with_one_id_is_used(tmp_path):
    write(tmp_path, "aaaaaaaa", age_s=20)
    newest = tmp_path / "other_128bpm_1bars_aaaaaaaa.wav"
    newest.write_bytes(clip_of(grid_of(bars=1)))
    assert Library(tmp_path).path("aaaaaaaa") == newest


def test_rejected_clips_behind_a_link_are_not_clips(tmp_path):
    write(tmp_path / "outside", "aaaaaaaa")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "rejected").symlink_to(tmp_path / "outside")
    with pytest.raises(UnknownClip):
        Library(tmp_path / "project").path("aaaaaaaa")
