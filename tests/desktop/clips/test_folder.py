import queue

import pytest

from desktop.clips.folder import FolderWatcher
from tests.fakes.clips import clip_of, grid_of

LIMIT_S = 20
NAME = "warm-bass_128bpm_4bars_abcd2345.wav"


@pytest.fixture
def news():
    return queue.Queue()


@pytest.fixture
def folder(tmp_path, news):
    watched = FolderWatcher(tmp_path, news.put, news.put)
    watched.refresh()
    yield watched
    watched.close()


def written(folder, name=NAME):
    part = folder / ".part"
    part.write_bytes(clip_of(grid_of()))
    part.rename(folder / name)


def test_a_clip_from_another_program_appears_with_its_metadata(tmp_path, folder, news):
    written(tmp_path)
    folder.refresh()
    (row,) = news.get(timeout=LIMIT_S)
    assert row.title == "Warm bass"
    assert row.recipe is not None
    assert row.path == tmp_path / NAME


@pytest.mark.usefixtures("folder")
def test_a_deleted_clip_disappears(tmp_path, news):
    written(tmp_path)
    news.get(timeout=LIMIT_S)
    (tmp_path / NAME).unlink()
    assert news.get(timeout=LIMIT_S) == ["abcd2345"]


@pytest.mark.usefixtures("folder")
def test_an_unreadable_clip_is_a_row_from_its_name(tmp_path, news):
    (tmp_path / NAME).write_bytes(b"RIFF")
    (row,) = news.get(timeout=LIMIT_S)
    assert (row.title, row.bpm, row.recipe) == ("warm bass", 128.0, None)


@pytest.mark.usefixtures("folder")
def test_foreign_files_and_links_are_not_clips(tmp_path, news):
    (tmp_path / "kick.wav").write_bytes(b"RIFF")
    (tmp_path / "far_128bpm_4bars_bcde2345.wav").symlink_to(tmp_path / "kick.wav")
    written(tmp_path)
    assert [row.id for row in news.get(timeout=LIMIT_S)] == ["abcd2345"]


def test_many_clips_are_shown_at_once_and_read_later(tmp_path, news):
    count = 500
    for number in range(count):
        clip_id = "".join("abcdefghij"[int(digit)] for digit in f"{number:08}")
        (tmp_path / f"x_84bpm_4bars_{clip_id}.wav").write_bytes(b"RIFF")
    folder = FolderWatcher(tmp_path, news.put, news.put)
    folder.refresh()
    assert len(news.get(timeout=LIMIT_S)) == count
    folder.close()


def test_a_missing_folder_is_empty_until_it_exists(tmp_path, news):
    folder = FolderWatcher(tmp_path / "later", news.put, news.put)
    folder.refresh()
    (tmp_path / "later").mkdir()
    written(tmp_path / "later")
    assert [row.id for row in news.get(timeout=LIMIT_S)] == ["abcd2345"]
    folder.close()
