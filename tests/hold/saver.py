"""Saves settings and marks of a project again and again, as the window does, until it is killed.

After each save it prints its number, so that a test knows which one was the last to be whole.
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from desktop.state.project_file import ProjectFile
from desktop.state.settings import Settings, save_settings

CLIP = "abcd2345"

if __name__ == "__main__":
    folder, begin = Path(sys.argv[1]), int(sys.argv[2])
    project = ProjectFile(folder / "project")
    for number in itertools.count(begin):
        settings = Settings(project="x" * 20_000, prompts=[str(number)])
        save_settings(folder / "config" / "settings.json", settings)
        title = {"title": str(number), "tags": ["x" * 20_000]}
        project.change("clips", lambda marks, title=title: marks.update({CLIP: title}), what="")
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
