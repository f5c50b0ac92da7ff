"""`loopwright doctor`: what works on this machine, and what to do about the rest."""

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cli.daw import status_lines
from cli.engine_session import Session
from cli.output import put, put_json, say
from cli.parser import Parser, absolute_path
from cli.usage import EXIT_DONE, EXIT_FAILED
from engine.loops.errors import ProjectError
from engine.loops.project import Project, default_project_folder
from engine.models.catalogue import built_in_catalogue
from engine.models.store import DAMAGED, READY, ModelStore
from engine.protocol import Diagnosis
from engine.version import VERSION

_ENGINE_LIMIT_S = 30.0
_LITTLE_DISK_BYTES = 1_000_000_000
_NO_DISK_BYTES = 50_000_000
_LITTLE_MEMORY_BYTES = 500_000_000
_BUILDS = {"cpu": "the CPU", "cuda": "CUDA", "rocm": "ROCm", "metal": "Metal"}


class Check(NamedTuple):
    """One thing that was looked at; `state` is `ok`, `note` or `problem`."""

    name: str
    state: str
    found: str
    advice: str = ""


def run(arguments: list[str], *, debug: bool) -> int:
    """Print what works and what does not, and return 0 if nothing is broken."""
    parser = Parser("doctor", "Looks at what Loopwright needs, and says what to do.")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    parser.add_argument(
        "--bundle", metavar="FILE.zip", help="collect versions, settings and logs for a bug report"
    )
    options = parser.read(arguments)
    if options.bundle is not None:
        path = absolute_path(options.bundle, "The bundle")
        return _write_bundle(path, as_json=options.json, debug=debug)
    well = True
    for check in _checks(debug=debug):
        well = well and check.state != "problem"
        if options.json:
            put_json({"type": "check", **check._asdict()})
        else:
            _print(check)
    if options.json:
        put_json({"type": "summary", "ok": well})
    return EXIT_DONE if well else EXIT_FAILED


def _write_bundle(path: Path, *, as_json: bool, debug: bool) -> int:
    """Write the zip for a bug report, and print what is in it."""
    from cli import bundle

    bundle.check_place(path)
    files = bundle.files_of([check._asdict() for check in _checks(debug=debug)])
    try:
        bundle.write_bundle(path, files)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        say(f"{path} cannot be written ({reason}): choose another place.")
        return EXIT_FAILED
    for file in files:
        size_bytes = len(file.text.encode())
        if as_json:
            facts = {"name": file.name, "bytes": size_bytes, "about": file.about}
            put_json({"type": "file", **facts})
        else:
            put(f"{file.name:<24} {size_bytes:>9,} bytes  {file.about}")
    if as_json:
        put_json({"type": "bundle", "path": str(path)})
    else:
        put(f"All that is in {path}; open it and look before you send it.")
    return EXIT_DONE


def _print(check: Check) -> None:
    put(f"{check.state:<8} {check.name:<9} {check.found}")
    if check.advice:
        put(f"{'':<18} {check.advice}")


def _checks(*, debug: bool) -> Iterator[Check]:
    yield Check("program", "ok", f"Loopwright {VERSION}")
    yield from _engine_checks(debug=debug)
    yield from _model_checks()
    folder = default_project_folder()
    yield _folder_check(folder)
    yield _disk_check(folder)
    yield _sound_check()
    for name, found in status_lines():
        yield Check(name, "ok", found)


def _sound_check() -> Check:
    """Look whether clips could be heard; everything else works without."""
    from playback.player import NoSound, default_device_name

    try:
        return Check("sound", "ok", f"plays on {default_device_name()}")
    except NoSound as error:
        return Check("sound", "note", str(error))


def _model_checks() -> Iterator[Check]:
    """Say which models are here; those that are not downloaded are no news."""
    store = ModelStore(built_in_catalogue())
    for entry in store.catalogue.entries:
        state = store.state(entry)
        if not entry.hub:
            yield Check("model", "ok", f"{entry.id} is built in")
        elif state == READY:
            yield Check("model", "ok", f"{entry.id} is ready")
        elif state == DAMAGED:
            advice = f"mend it with 'loopwright models download {entry.id}'"
            yield Check("model", "problem", f"{entry.id} is damaged", advice)


def _engine_checks(*, debug: bool) -> Iterator[Check]:
    """Start an engine and ask it."""
    begun = time.monotonic()
    with Session() as session:
        answer = session.diagnose(_ENGINE_LIMIT_S)
        answered_s = time.monotonic() - begun
    if isinstance(answer, Diagnosis):
        yield Check("engine", "ok", f"answered {answered_s:.2f} s after its start")
        yield from _fact_checks(answer.facts)
    elif answer is None:
        found = f"gave no answer in {_ENGINE_LIMIT_S:.0f} s"
        yield Check("engine", "problem", found, "close other programs and try again")
    else:
        if debug and answer.detail:
            say(answer.detail.rstrip())
        advice = "install Loopwright again; 'loopwright doctor --debug' shows more"
        yield Check("engine", "problem", answer.message, advice)


def _fact_checks(facts: dict[str, Any]) -> Iterator[Check]:
    """Read the engine's facts; one that is missing is not shown."""
    yield Check("system", "ok", f"{facts.get('platform')}, Python {facts.get('python')}")
    libraries = ("numpy", "scipy", "torch", "transformers", "diffusers")
    installed = [f"{name} {facts[name]}" for name in libraries if facts.get(name)]
    fault = str(facts.get("library_fault") or "")
    yield Check("libraries", "problem" if fault else "ok", ", ".join(installed), fault)
    yield device_check(facts)
    if isinstance(free := facts.get("memory_free_bytes"), int):
        little = free < _LITTLE_MEMORY_BYTES
        yield Check(
            "memory",
            "note" if little else "ok",
            f"{free / 1e9:.1f} GB free",
            "close other programs before long renders" if little else "",
        )


def device_check(facts: Mapping[str, Any]) -> Check:
    """Say what models can run on here, what torch was built for, and how to switch."""
    cards = ", ".join(map(str, facts.get("nvidia_cards") or ()))
    here = cards or ("Apple's GPU" if facts.get("apple_gpu") else "the CPU, and no other device")
    build = facts.get("torch_build")
    if build is None:
        advice = f"for downloaded models: {_how_to_get_torch('cuda' if cards else 'cpu')}"
        return Check("device", "ok", f"{here}; no torch, and 'sketch' needs none", advice)
    if cards and build == "cpu":
        found = f"{here}; torch is built for the CPU and cannot use it"
        return Check("device", "note", found, f"to switch: {_how_to_get_torch('cuda')}")
    if not cards and build == "cuda":
        found = f"{here}; torch is built for CUDA, but no NVIDIA driver answers"
        advice = f"install the driver, or switch: {_how_to_get_torch('cpu')}"
        return Check("device", "note", found, advice)
    return Check("device", "ok", f"{here}; torch is built for {_BUILDS.get(build, build)}")


def _how_to_get_torch(build: str) -> str:
    """Return what installs a build of torch in the place of what is there."""
    script = Path(__file__).parents[1] / "installers" / "from-source"
    frozen = getattr(sys, "frozen", False)
    if sys.platform == "win32" or not (frozen or script.is_file()):
        how = "'pip install \"loopwright[models]\"', with the build of torch that pytorch.org names"
    elif frozen:
        how = f"'installers/from-source --torch {build} loopwright' in a copy of the source"
    else:
        how = f"'{script} --torch {build} loopwright'"
    return f"this program brings its own torch; {how} sets up another" if frozen else how


def _folder_check(folder: Path) -> Check:
    """Look whether clips could be written, without making the folder."""
    if folder.exists():
        try:
            Project.open(folder)
        except ProjectError as error:
            return Check("project", "problem", str(error), "or give --project with each render")
        return Check("project", "ok", f"{folder} can be written to")
    parent = _nearest(folder)
    if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
        return Check("project", "ok", f"{folder} will be made with the first clip")
    return Check(
        "project",
        "problem",
        f"{folder} cannot be made: {parent} is no folder that can be written to",
        "give --project with each render, or make the folder writable",
    )


def _nearest(path: Path) -> Path:
    """Return what there is of a path: itself, or the nearest parent that exists."""
    return next((place for place in (path, *path.parents) if place.exists()), Path(path.anchor))


def _disk_check(folder: Path) -> Check:
    place = _nearest(folder)
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.1f} GB free at {place}"
    if free < _NO_DISK_BYTES:
        return Check("disk", "problem", found, "free some space: a clip may not fit")
    if free < _LITTLE_DISK_BYTES:
        return Check("disk", "note", found, "free some space before long sessions")
    return Check("disk", "ok", found)
