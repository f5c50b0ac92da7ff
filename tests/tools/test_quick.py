"""`poe quick`: which files count as changed, and which tests belong to them."""

import subprocess
import tomllib

import pytest

from tools.quick import ALWAYS, ON_ALL_CORES, ROOT, TYPED, changed_files, commands, related_tests


@pytest.fixture
def git(program, tmp_path):
    """Call it with the arguments of git; it runs in a new repository with one commit on main."""
    path = program("git", "git")

    def run(*arguments):
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
        command = [path, *identity, *arguments]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    run("init", "-b", "main")
    for name in ("kept.py", "edited.py", "deleted.py"):
        (tmp_path / name).write_text("1\n", "utf-8")
    run("add", ".")
    run("commit", "-m", "One")
    return run


def test_branch_commits_edits_and_new_files_count_as_changed(git, tmp_path):
    git("switch", "-c", "mine")
    (tmp_path / "committed.py").touch()
    git("add", ".")
    git("commit", "-m", "Two")
    (tmp_path / "edited.py").write_text("2\n", "utf-8")
    (tmp_path / "deleted.py").unlink()
    (tmp_path / "Schlüssel.py").touch()
    assert changed_files(tmp_path, "main") == ["Schlüssel.py", "committed.py", "edited.py"]


def test_later_commits_on_main_do_not_count(git, tmp_path):
    git("switch", "-c", "mine")
    git("switch", "main")
    (tmp_path / "theirs.py").touch()
    git("add", ".")
    git("commit", "-m", "Theirs")
    git("switch", "mine")
    assert changed_files(tmp_path, "main") == []


def test_ignored_files_do_not_count(git, tmp_path):
    git("status")
    (tmp_path / ".gitignore").write_text("made/\n", "utf-8")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "it.py").touch()
    assert changed_files(tmp_path, "main") == [".gitignore"]


def in_folder(folder: str) -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob("test_*.py"))


@pytest.mark.parametrize(
    ("changed", "folder"),
    [
        ("engine/loops/tempo.py", "tests/engine/loops"),
        ("engine/protocol.py", "tests/engine"),
        ("engine/generators/sketch/synth/drums.py", "tests/engine/generators/sketch"),
        ("bridge/daws/live/session.py", "tests/bridge/daws/live"),
        ("cli/main.py", "tests/cli"),
        ("playback/player.py", "tests/playback"),
        ("docs/osc.md", "tests/docs"),
    ],
)
def test_a_file_selects_the_tests_of_its_room(changed, folder):
    assert in_folder(folder)
    assert related_tests(ROOT, [changed]) == [ALWAYS, *in_folder(folder)]


def test_a_changed_test_runs_alone():
    name = "tests/engine/loops/test_tempo.py"
    assert related_tests(ROOT, [name]) == [ALWAYS, name]


def test_shared_test_code_selects_the_tests_that_name_it():
    by_import = related_tests(ROOT, ["tests/fakes/hub.py"])
    assert "tests/engine/models/test_download.py" in by_import
    assert "tests/engine/loops/test_tempo.py" not in by_import
    assert "tests/cli/test_models.py" in related_tests(ROOT, ["tests/cli/conftest.py"])


@pytest.mark.parametrize("changed", ["README.md", "pyproject.toml", "tests/conftest.py"])
def test_a_file_without_a_room_selects_the_architecture_tests(changed):
    assert related_tests(ROOT, [changed]) == [ALWAYS]


def test_lint_gets_the_changed_python_and_mypy_the_typed_part():
    changed = ["README.md", "engine/loops/tempo.py", "tests/engine/loops/test_tempo.py"]
    *checks, tests = commands(ROOT, changed)
    assert checks == [
        ["ruff", "format", "--check", *changed[1:]],
        ["ruff", "check", *changed[1:]],
        ["mypy", changed[1]],
    ]
    assert tests[0] == "pytest"
    assert tests[-len(in_folder("tests/engine/loops")) :] == in_folder("tests/engine/loops")
    assert [command[0] for command in commands(ROOT, ["README.md"])] == ["pytest"]


def test_it_checks_the_same_folders_and_runs_tests_like_poe_check():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert list(TYPED) == tools["mypy"]["files"]
    assert tools["poe"]["tasks"]["test"]["cmd"] == " ".join(("pytest", *ON_ALL_CORES))
