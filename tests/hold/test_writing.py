"""What the system sees when a file is written: new name, sync, final name, sync of the folder."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
from desktop.state.project_file import ProjectFile
from desktop.state.settings import Settings, save_settings
from engine.loops.project import Project
folder = Path(sys.argv[1])
project = Project.open(folder / "project")
project.write("a_4bars_abcd2345.wav", bytes(100_000))
project.write("a_4bars_abcd2345.npy", bytes(100), into="latents")
ProjectFile(folder / "project").change("clips", lambda marks: marks.update(a={}), what="marks")
(folder / "config").mkdir()
save_settings(folder / "config" / "settings.json", Settings())
"""
SYSTEM_CALLS = "trace=openat,fsync,fdatasync,rename,renameat,renameat2,link,linkat"
OPENED = re.compile(r'openat\((?:AT_FDCWD|\d+)(?:<[^>]*>)?, "([^"]*)", ([A-Z_|]+).*= (\d+)')
NAMED = re.compile(r'(?:renameat2?|linkat)\(\d+(?:<([^>]*)>)?, "([^"]*)", \d+<([^>]*)>, "([^"]*)"')
SYNCED = re.compile(r"f(?:data)?sync\(\d+<([^>]*)>\)")


@pytest.mark.hold(10)
@pytest.mark.skipif(sys.platform != "linux", reason="needs strace, which Linux has")
def test_files_are_synced_before_renaming_and_folders_afterwards(tmp_path, program, hold):
    trace = tmp_path / "trace"
    command = [program("strace", "strace"), "-f", "-y", "-o", trace, "-e", SYSTEM_CALLS]
    command += [sys.executable, "-c", WRITER, tmp_path]
    subprocess.run(command, cwd=ROOT, check=True)
    files = {}
    lines = [line for line in trace.read_text("utf-8").splitlines() if str(tmp_path) in line]
    for number, line in enumerate(lines):
        if (named := NAMED.search(line)) and "= 0" in line:
            old_folder, old, folder, new = named.groups()
            before = {found for each in lines[:number] for found in SYNCED.findall(each)}
            after = {found for each in lines[number:] for found in SYNCED.findall(each)}
            files[new] = (f"{old_folder}/{old}" in before, folder in after)
    made = {name for name, flags, _ in OPENED.findall("\n".join(lines)) if "O_CREAT" in flags}
    hold.figure(10, f"{len(files)} files written under strace: each synced, named, folder synced")
    assert files == dict.fromkeys(
        ("a_4bars_abcd2345.wav", "a_4bars_abcd2345.npy", "loopwright.json", "settings.json"),
        (True, True),
    )
    assert {name for name in made if not name.endswith(".part")} == {"lock"}
