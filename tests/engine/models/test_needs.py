"""What a model needs beside what the computer has, as sentences."""

from engine.models.catalogue import built_in_catalogue
from engine.models.needs import SPARE_DISK_BYTES, Capacity, capacity_at, disk_need, memory_need

GB = 10**9
MUSICLDM = built_in_catalogue().entry("musicldm")


def test_sufficient_capacity_is_stated_as_a_fact():
    room = Capacity(disk_free=20 * GB, memory=16 * GB)
    disk, memory = disk_need(MUSICLDM, room), memory_need(MUSICLDM, room)
    assert (disk.met, memory.met) == (True, True)
    assert disk.text == "Needs about 2.0 GB of disk space; 20.0 GB is free."
    assert memory.text == "Needs about 2.9 GB of memory for 8 seconds; this computer has 16.0 GB."


def test_insufficient_capacity_says_what_to_do():
    room = Capacity(disk_free=1 * GB, memory=2 * GB)
    disk, memory = disk_need(MUSICLDM, room), memory_need(MUSICLDM, room)
    assert (disk.met, memory.met) == (False, False)
    assert disk.text.endswith("1.0 GB is free: free some space first.")
    assert memory.text.endswith("this computer has 2.0 GB: it will probably not run here.")


def test_downloaded_files_are_not_counted_again():
    room = Capacity(disk_free=GB, memory=16 * GB)
    here = MUSICLDM.size_bytes - GB + SPARE_DISK_BYTES
    assert disk_need(MUSICLDM, room, here).met
    assert not disk_need(MUSICLDM, room, here - 1).met


def test_free_space_of_a_missing_store_is_that_of_its_future_disk(tmp_path):
    room = capacity_at(tmp_path / "not" / "yet")
    assert room.disk_free > 0
    assert room.memory > 0
    assert not (tmp_path / "not").exists()
