"""The steps of a build: commands that are run, or only shown in a dry run."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
BUILD = ROOT / "build"


class Steps:
    """Runs the steps of a build, and prints each one first."""

    def __init__(self, *, dry: bool) -> None:
        """With `dry`, nothing is run or written."""
        self.dry = dry

    def say(self, text: str) -> None:
        """Print what comes next."""
        print(f"package: {text}", flush=True)

    def run(self, *command: str | Path, folder: Path | None = None) -> None:
        """Run a command to its end; exit if it fails."""
        words = list(map(str, command))
        print(f"  $ {shlex.join(words)}", flush=True)
        if not self.dry:
            try:
                subprocess.run(words, cwd=folder, check=True)
            except FileNotFoundError:
                sys.exit(f"package: {words[0]} is missing: install it, then try again.")
            except subprocess.CalledProcessError as error:
                sys.exit(f"package: {words[0]} failed with code {error.returncode}: see above.")

    def answer_of(self, *command: str | Path, folder: Path | None = None) -> str:
        """Run a command and return what it prints; empty in a dry run."""
        words = list(map(str, command))
        print(f"  $ {shlex.join(words[:12])}{' ...' * (len(words) > 12)}", flush=True)
        if self.dry:
            return ""
        done = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(
                f"package: {words[0]} failed with code {done.returncode}: {done.stderr[-3_000:]}"
            )
        return done.stdout

    def write(self, path: Path, data: str | bytes, mode: int = 0o644) -> None:
        """Write a file, and create its parent folders."""
        print(f"  > {path.relative_to(ROOT)}", flush=True)
        if not self.dry:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.encode() if isinstance(data, str) else data)
            path.chmod(mode)

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file or a whole folder; links stay links."""
        print(f"  > {target.relative_to(ROOT)} from {source.relative_to(ROOT)}", flush=True)
        if self.dry:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy(source, target)

    def clear(self, folder: Path) -> None:
        """Remove a folder of an earlier build, and create it again, empty."""
        print(f"  > {folder.relative_to(ROOT)}, empty", flush=True)
        if not self.dry:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
