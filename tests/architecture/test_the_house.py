"""Rules of the house that no other tool holds."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSES = ("benchmarks", "bridge", "cli", "desktop", "engine", "playback", "tools")
DRAWERS = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}
LONGEST_MODULE_LINES = 500
MODULES = sorted(path for house in HOUSES for path in (ROOT / house).rglob("*.py"))
TEST_MODULES = sorted((ROOT / "tests").rglob("*.py"))


def test_no_module_has_a_catch_all_name():
    assert len(MODULES) > 20
    parts = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert parts.isdisjoint(DRAWERS)


def test_the_engine_package_is_empty_to_keep_imports_light():
    assert (ROOT / "engine" / "__init__.py").read_text("utf-8") == ""


@pytest.mark.parametrize(
    "path", MODULES + TEST_MODULES, ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_modules_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_MODULE_LINES


def test_functions_are_short():
    """Forty lines and more are split, or are tables at module level."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 >= 40
    ]
    assert long == []


def test_ci_runs_exactly_the_command_of_the_readme():
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    (command,) = [line.removeprefix("exec ") for line in lines if line.startswith("exec ")]
    assert command == "installers/from-source check"
    assert f"\n{command}\n" in (ROOT / "README.md").read_text("utf-8")


def test_minimum_versions_exclude_known_security_holes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    bounds = dict(line.split(">=") for line in project["optional-dependencies"]["models"])
    as_numbers = {name: tuple(map(int, low.split("."))) for name, low in bounds.items()}
    assert as_numbers["torch"] >= (2, 10)
    assert as_numbers["transformers"] >= (5, 23)
    assert as_numbers["diffusers"] >= (0, 42, 1)


def test_every_dependency_is_locked_to_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    locked = {line.split("==")[0].lower() for line in lines if "==" in line}
    assert {line.split(">=")[0].lower() for line in wanted} <= locked


def test_every_part_of_the_engine_is_public_or_protected():
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (face,) = [each for each in linter["contracts"] if each["type"] == "protected"]
    public = {"client", "entry_points", "errors", "log", "loops", "models", "protocol"}
    public |= {"packs", "remote", "spawn", "studio", "task_thread", "version"}
    parts = {
        path.stem
        for path in (ROOT / "engine").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__"}
    protected = {name.removeprefix("engine.") for name in face["protected_modules"]}
    assert parts == public | {name for name in protected if "." not in name}
