"""`loopwright doctor`: check what works on this machine, and how to fix the rest."""

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from cli.daw import status_lines
from cli.engine_session import EngineSession
from cli.output import print_json, print_result, print_status
from cli.parser import Parser, absolute_path
from cli.usage import EXIT_DONE, EXIT_FAILED
from engine.entry_points import engine_elsewhere
from engine.loops.errors import ProjectError
from engine.loops.project import Project, default_project_folder
from engine.loops.soundfont import player, system_font
from engine.models.catalogue import built_in_catalogue
from engine.models.store import DAMAGED, READY, ModelStore
from engine.protocol import Diagnosis
from engine.version import VERSION

_ENGINE_LIMIT_S = 30.0
_LITTLE_DISK_BYTES = 1_000_000_000
_NO_DISK_BYTES = 50_000_000
_LITTLE_MEMORY_BYTES = 500_000_000
_BUILDS = {"cpu": "the CPU", "cuda": "CUDA", "rocm": "ROCm", "metal": "Metal"}


class CheckState(StrEnum):
    """How a check ended; only a problem makes the command fail."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Check(NamedTuple):
    """The result of one check, with advice if something can be done."""

    name: str
    state: CheckState
    found: str
    advice: str = ""


def run(arguments: list[str], *, debug: bool) -> int:
    """Print the checks, and return 0 unless one of them is a problem."""
    parser = Parser("doctor", "Check what works on this machine, and how to fix the rest.")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    parser.add_argument(
        "--bundle", metavar="FILE.zip", help="collect versions, settings and logs for a bug report"
    )
    options = parser.read(arguments)
    if options.bundle is not None:
        path = absolute_path(options.bundle, "The bundle")
        return _write_bundle(path, as_json=options.json, debug=debug)
    ok = True
    for check in _checks(debug=debug):
        ok = ok and check.state is not CheckState.PROBLEM
        if options.json:
            print_json({"type": "check", **check._asdict()})
        else:
            _print(check)
    if options.json:
        print_json({"type": "summary", "ok": ok})
    return EXIT_DONE if ok else EXIT_FAILED


def _write_bundle(path: Path, *, as_json: bool, debug: bool) -> int:
    """Write the zip file for a bug report, and print what it contains."""
    from cli import bundle

    bundle.check_place(path)
    files = bundle.files_of([check._asdict() for check in _checks(debug=debug)])
    try:
        bundle.write_bundle(path, files)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        print_status(f"Cannot write {path} ({reason}): choose another path.")
        return EXIT_FAILED
    for file in files:
        size_bytes = len(file.text.encode())
        if as_json:
            facts = {"name": file.name, "bytes": size_bytes, "about": file.about}
            print_json({"type": "file", **facts})
        else:
            print_result(f"{file.name:<24} {size_bytes:>9,} bytes  {file.about}")
    if as_json:
        print_json({"type": "bundle", "path": str(path)})
    else:
        print_result(f"Wrote these files to {path}. Check them before you send it.")
    return EXIT_DONE


def _print(check: Check) -> None:
    print_result(f"{check.state:<8} {check.name:<9} {check.found}")
    if check.advice:
        print_result(f"{'':<18} {check.advice}")


def _checks(*, debug: bool) -> Iterator[Check]:
    yield Check("program", CheckState.OK, f"Loopwright {VERSION}")
    yield from _engine_checks(debug=debug)
    yield from _model_checks()
    folder = default_project_folder()
    yield _folder_check(folder)
    yield _disk_check(folder)
    yield _sound_check()
    yield _soundfont_check()
    for line in status_lines():
        yield Check(line.name, CheckState.OK if line.works else CheckState.NOTE, line.text)


def _sound_check() -> Check:
    """Check whether there is a sound device; everything else works without one."""
    from playback.player import default_device_name
    from playback.sound_library import NoSound

    try:
        return Check("sound", CheckState.OK, f"plays on {default_device_name()}")
    except NoSound as error:
        return Check("sound", CheckState.NOTE, str(error))


def _soundfont_check() -> Check:
    """Check whether soundfonts can be played, and whether the system has one."""
    if player() is None:
        found = "FluidSynth is not installed; everything else works without it"
        return Check("soundfont", CheckState.NOTE, found, "to play soundfonts, install FluidSynth")
    font = system_font()
    own = "the system has no General MIDI font" if font is None else f"--kit gm is {font}"
    return Check("soundfont", CheckState.OK, f"FluidSynth plays soundfonts; {own}")


def _model_checks() -> Iterator[Check]:
    """Check the downloaded models; those that are not downloaded are not mentioned."""
    store = ModelStore(built_in_catalogue())
    for entry in store.catalogue.entries:
        state = store.state(entry)
        if not entry.hub:
            yield Check("model", CheckState.OK, f"{entry.id} is built in")
        elif state == READY:
            yield Check("model", CheckState.OK, f"{entry.id} is ready")
        elif state == DAMAGED:
            advice = f"to repair it, run 'loopwright models download {entry.id}'"
            yield Check("model", CheckState.PROBLEM, f"{entry.id} is damaged", advice)


def _engine_checks(*, debug: bool) -> Iterator[Check]:
    """Start an engine and check its diagnosis."""
    started_s = time.monotonic()
    with EngineSession() as session:
        answer = session.diagnose(_ENGINE_LIMIT_S)
        answered_s = time.monotonic() - started_s
    if isinstance(answer, Diagnosis):
        yield Check("engine", CheckState.OK, f"started in {answered_s:.2f} s")
        yield from _fact_checks(answer.facts)
    elif answer is None:
        found = f"did not answer within {_ENGINE_LIMIT_S:.0f} s"
        yield Check("engine", CheckState.PROBLEM, found, "close other programs and try again")
    else:
        if debug and answer.detail:
            print_status(answer.detail.rstrip())
        advice = "reinstall Loopwright; 'loopwright doctor --debug' shows more"
        is_here = engine_elsewhere() is None
        yield Check("engine", CheckState.PROBLEM, answer.message, advice if is_here else "")


def _fact_checks(facts: dict[str, Any]) -> Iterator[Check]:
    """Check the engine's facts; missing facts are not shown."""
    yield Check("system", CheckState.OK, f"{facts.get('platform')}, Python {facts.get('python')}")
    libraries = ("numpy", "scipy", "torch", "transformers", "diffusers", "openvino")
    installed = [f"{name} {facts[name]}" for name in libraries if facts.get(name)]
    fault = str(facts.get("library_fault") or "")
    state = CheckState.PROBLEM if fault else CheckState.OK
    yield Check("libraries", state, ", ".join(installed), fault)
    yield device_check(facts)
    if isinstance(free := facts.get("memory_free_bytes"), int):
        little = free < _LITTLE_MEMORY_BYTES
        yield Check(
            "memory",
            CheckState.NOTE if little else CheckState.OK,
            f"{free / 1e9:.1f} GB free",
            "close other programs before a long render" if little else "",
        )


def device_check(facts: Mapping[str, Any]) -> Check:
    """Check which devices models can run on, which torch build is installed, and how to switch."""
    cards = ", ".join(map(str, facts.get("nvidia_cards") or ()))
    devices = cards or ("Apple GPU" if facts.get("apple_gpu") else "CPU only")
    build = facts.get("torch_build")
    if build is None:
        advice = f"for downloaded models: {_how_to_get_torch('cuda' if cards else 'cpu')}"
        found = f"{devices}; torch is not installed, and 'sketch' does not need it"
        return Check("device", CheckState.OK, found, advice)
    if cards and build == "cpu":
        found = f"{devices}; torch is built for the CPU and cannot use it"
        return Check("device", CheckState.NOTE, found, f"to switch: {_how_to_get_torch('cuda')}")
    if not cards and build == "cuda":
        found = f"{devices}; torch is built for CUDA, but there is no working NVIDIA driver"
        advice = f"install the driver, or switch: {_how_to_get_torch('cpu')}"
        return Check("device", CheckState.NOTE, found, advice)
    return Check(
        "device", CheckState.OK, f"{devices}; torch is built for {_BUILDS.get(build, build)}"
    )


def _how_to_get_torch(build: str) -> str:
    """Return the command that replaces the installed torch by another build."""
    script = Path(__file__).parents[1] / "installers" / "from-source"
    frozen = getattr(sys, "frozen", False)
    if sys.platform == "win32" or not (frozen or script.is_file()):
        how = "'pip install \"loopwright[models]\"' with the torch build from pytorch.org"
    elif frozen:
        how = f"run 'installers/from-source --torch {build} loopwright' in a copy of the source"
    else:
        how = f"run '{script} --torch {build} loopwright'"
    return f"this program includes its own torch; to set up another, {how}" if frozen else how


def _folder_check(folder: Path) -> Check:
    """Check whether clips can be written, without creating the folder."""
    if folder.exists():
        try:
            Project.open(folder)
        except ProjectError as error:
            return Check(
                "project", CheckState.PROBLEM, str(error), "or use --project with each render"
            )
        return Check("project", CheckState.OK, f"{folder} is writable")
    parent = _nearest(folder)
    if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
        return Check("project", CheckState.OK, f"{folder} will be created with the first clip")
    return Check(
        "project",
        CheckState.PROBLEM,
        f"{folder} cannot be created: {parent} is not a writable folder",
        "make that folder writable, or use --project with each render",
    )


def _nearest(path: Path) -> Path:
    """Return the path itself, or its nearest parent that exists."""
    return next((each for each in (path, *path.parents) if each.exists()), Path(path.anchor))


def _disk_check(folder: Path) -> Check:
    existing = _nearest(folder)
    free = shutil.disk_usage(existing).free
    found = f"{free / 1e9:.1f} GB free at {existing}"
    if free < _NO_DISK_BYTES:
        return Check("disk", CheckState.PROBLEM, found, "free some space: a clip may not fit")
    if free < _LITTLE_DISK_BYTES:
        return Check("disk", CheckState.NOTE, found, "free some space before a long session")
    return Check("disk", CheckState.OK, found)
