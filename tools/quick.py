"""Checks what was changed: layout, lint, types and the tests of the changed packages.

    poe quick            compared with the branch main
    poe quick COMMIT     compared with another commit

Uncommitted changes and new files count. Slow tests run only in `poe check`.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TYPED = ("benchmarks", "bridge", "cli", "desktop", "engine", "playback", "tools")
ALWAYS = "tests/architecture"
ON_ALL_CORES = ("-n", "3", "--dist", "worksteal")


def changed_files(root: Path, base: str) -> list[str]:
    """Return the files that changed since this branch left `base`, without deleted ones."""
    fork = _git(root, "merge-base", base, "HEAD")[0]
    differing = _git(root, "diff", "--name-only", "--relative", fork)
    new = _git(root, "ls-files", "--others", "--exclude-standard")
    return sorted(name for name in {*differing, *new} if (root / name).is_file())


def _git(root: Path, *arguments: str) -> list[str]:
    result = subprocess.run(
        ["git", "-c", "core.quotepath=off", *arguments],
        cwd=root, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return result.stdout.splitlines()


def related_tests(root: Path, changed: list[str]) -> list[str]:
    """Return the tests of the packages of the changed files, and the architecture tests."""
    found: set[Path] = set()
    for name in changed:
        found |= _tests_of_one(root, Path(name))
    return [ALWAYS, *sorted(each.as_posix() for each in found if not each.is_relative_to(ALWAYS))]


def _tests_of_one(root: Path, changed: Path) -> set[Path]:
    if changed.parts[0] != "tests":
        return _package_tests(root, Path("tests", *changed.parts[:-1]))
    if changed.name.startswith("test_"):
        return {changed}
    if changed.name == "conftest.py":
        return _test_files(root, changed.parent, "**/test_*.py") if changed.parts[1:-1] else set()
    return _users(root, changed)


def _package_tests(root: Path, folder: Path) -> set[Path]:
    """Return the tests in a folder, or in the nearest one above it that has any."""
    while len(folder.parts) > 1:
        if tests := _test_files(root, folder, "test_*.py"):
            return tests
        folder = folder.parent
    return set()


def _users(root: Path, changed: Path) -> set[Path]:
    """Return the tests that use a shared file, by import or by path."""
    names = (".".join(changed.with_suffix("").parts), f'"{changed.name}"')
    return {
        test
        for test in _test_files(root, Path("tests"), "**/test_*.py")
        if any(name in (root / test).read_text("utf-8") for name in names)
    }


def _test_files(root: Path, folder: Path, pattern: str) -> set[Path]:
    return {path.relative_to(root) for path in (root / folder).glob(pattern)}


def commands(root: Path, changed: list[str]) -> list[list[str]]:
    """Return the commands that check the changed files, fastest first."""
    python = [name for name in changed if name.endswith(".py")]
    typed = [name for name in python if name.split("/")[0] in TYPED]
    steps = []
    if python:
        steps += [["ruff", "format", "--check", *python], ["ruff", "check", *python]]
    if typed:
        steps.append(["mypy", *typed])
    tests = related_tests(root, changed)
    return [*steps, ["pytest", *ON_ALL_CORES, "-m", "not slow", *tests]]


def main(arguments: list[str]) -> int:
    """Run the commands until one fails; return its exit code."""
    base = arguments[0] if arguments else "main"
    for command in commands(ROOT, changed_files(ROOT, base)):
        print(f"quick: {' '.join(command)}", flush=True)
        if code := subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, check=False
        ).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
