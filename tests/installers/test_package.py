"""How packages are built: the steps for each system, and the files in them."""

import configparser
import importlib.util
import plistlib
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from cli.program import COMMANDS
from engine.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
INSTALLERS = ROOT / "installers"
STDLIB = sysconfig.get_path("stdlib")


def planned(system: str, tree: Path) -> str:
    """Return the steps for a system, made in a copy of the files that a build reads."""
    for name in ("installers", "engine", "cli", "desktop", "changes.d"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    command = [sys.executable, "-B", "installers/package.py", "--dry-run", "--system", system]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    ("system", "words"),
    (
        ("linux", ("dpkg-shlibdeps", f"loopwright_{VERSION}_", "loopwright.desktop", "man1")),
        ("macos", ("codesign --verify", f"hdiutil create -volname 'Loopwright {VERSION}'", ".dmg")),
        ("windows", ("ISCC", f"/DVersion={VERSION}", f"Loopwright-{VERSION}-windows-x64")),
    ),
)
def test_a_dry_run_shows_all_steps_and_writes_nothing(tmp_path, system, words):
    plan = planned(system, tmp_path)
    assert "-m PyInstaller" in plan
    assert [word for word in words if word not in plan] == []
    assert not (tmp_path / "dist").exists()
    assert not (tmp_path / "build").exists()


def test_every_fragment_of_news_is_in_the_changelog():
    command = (sys.executable, "-m", "towncrier", "build", "--draft", "--version", VERSION)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fragments = [path.name for path in (ROOT / "changes.d").glob("*.md")]
    assert done.stdout.count("\n- ") == len(fragments)


def test_signing_steps_are_planned_if_there_are_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOPWRIGHT_SIGN_IDENTITY", "Developer ID Application: Somebody")
    monkeypatch.setenv("LOOPWRIGHT_NOTARY_PROFILE", "somebody")
    plan = planned("macos", tmp_path)
    assert re.search(
        r"codesign --sign 'Developer ID Application: Somebody' --timestamp .*\.dmg", plan
    )
    assert plan.index("notarytool submit") < plan.index("stapler staple") < plan.index("spctl")


def test_the_menu_entry_starts_an_existing_command():
    entry = configparser.RawConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(INSTALLERS / "linux" / "loopwright.desktop", encoding="utf-8")
    program, command, file = entry["Desktop Entry"]["Exec"].split()
    assert (program, file) == ("@PROGRAM@", "%f")
    assert command in COMMANDS
    about = ET.parse(INSTALLERS / "linux" / "org.loopwright.Loopwright.metainfo.xml").getroot()
    assert about.findtext("summary") == entry["Desktop Entry"]["Comment"]
    assert about.findtext("launchable") == "loopwright.desktop"


def test_an_archive_adds_and_removes_its_menu_entry(tmp_path):
    home, place = tmp_path / "home", tmp_path / "späti tapes $1"
    for name in ("applications/loopwright.desktop", "icons/hicolor/48x48/apps/loopwright.png"):
        (place / "share" / name).parent.mkdir(parents=True)
        (place / "share" / name).write_text("[Desktop Entry]\nExec=@PROGRAM@ window %f\nIcon=x\n")
    shutil.copy(INSTALLERS / "linux" / "menu-entry", place)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home)}
    subprocess.run([place / "menu-entry"], env=environment, check=True, capture_output=True)
    entry = home / ".local/share/applications/loopwright.desktop"
    escaped = str(place / "loopwright").replace("$", "\\\\$")
    assert entry.read_text() == f'[Desktop Entry]\nExec="{escaped}" window %f\nIcon=x\n'
    subprocess.run([place / "menu-entry", "remove"], env=environment, check=True)
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_the_windows_setup_names_existing_files_and_commands():
    script = (INSTALLERS / "windows" / "loopwright.iss").read_text("utf-8")
    for path in re.findall(r"\{#SourcePath\}\\([^\";\n]+)", script):
        assert (INSTALLERS / "windows" / path.replace("\\", "/")).resolve().is_file()
    for command in re.findall(r'loopwright-window\.exe"" (\w+)', script):
        assert command in COMMANDS
    sections = re.findall(r"^\[(\w+)\]", script, re.MULTILINE)
    assert sections[0] == "Setup"
    assert len(set(sections)) == len(sections)


def test_the_entitlements_are_valid():
    entitlements = plistlib.loads((INSTALLERS / "macos" / "entitlements.plist").read_bytes())
    assert set(entitlements.values()) == {True}


def test_the_workflow_runs_existing_scripts():
    text = (ROOT / ".github" / "workflows" / "packages.yml").read_text("utf-8")
    assert set(yaml.safe_load(text)["jobs"]) == {"linux", "windows", "macos", "release"}
    scripts = set(re.findall(r"installers/[\w./-]*\w", text))
    assert {"installers/smoke", "installers/from-source", "installers/package.py"} <= scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


@pytest.fixture(scope="module")
def contents():
    spec = importlib.util.spec_from_file_location("contents", INSTALLERS / "frozen" / "contents.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_build_contains_all_our_code_but_the_excluded_parts(contents):
    names = set(contents.hidden_imports())
    assert {"engine.server.main", "bridge.daws.link_process", "desktop.app.launch"} <= names
    assert {"engine.generators.sketch.generator", "sounddevice"} <= names
    left_out = {"bridge.daws.link", "benchmarks.bridge_child", "benchmarks", "benchmarks.__main__"}
    assert names.isdisjoint(left_out)
    assert "transformers.models.musicgen.modeling_musicgen" in names
    assert {"transformers.models.bert", "pytest", "llvmlite"} <= set(contents.excluded())


def test_of_openvino_only_what_computes_on_a_cpu_is_included(contents):
    found = importlib.util.find_spec("openvino")
    if found is None:
        pytest.skip("the extra `fast` is not installed")
    libraries = [path.name for path in (Path(found.origin).parent / "libs").glob("*.so*")]
    entries = [(f"openvino/libs/{name}", f"{sys.prefix}/{name}", "BINARY") for name in libraries]
    kept = {place.rpartition("/")[2].partition(".")[0] for place, _, _ in contents.kept(entries)}
    assert kept - {"libhwloc", "libtbb", "libtbbbind_2_5", "libtbbmalloc"} == {
        "libopenvino", "libopenvino_intel_cpu_plugin",
    }  # fmt: skip
    assert "openvino_telemetry" in contents.excluded()


def test_what_a_build_includes_is_installed_for_it_and_its_licences_are_in(monkeypatch):
    monkeypatch.syspath_prepend(INSTALLERS)
    licences = importlib.import_module("licences")
    extras = ",".join([*licences.EXTRAS, "package"])
    for path in ("installers/from-source", ".github/workflows/packages.yml", "CONTRIBUTING.md"):
        assert extras in (ROOT / path).read_text("utf-8"), path
    text = licences.all_licences()
    assert re.search(r"^openvino \d", text, re.MULTILINE)
    assert "(oneTBB) Third Party Programs" in text
    assert "openvino-telemetry" not in text


@pytest.mark.skipif(sys.platform != "linux", reason="what is the system's is a matter of Linux")
def test_system_libraries_are_not_bundled(contents):
    entries = [
        ("libX11.so.6", "/usr/lib/x86_64-linux-gnu/libX11.so.6", "BINARY"),
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6", "BINARY"),
        ("libcudart.so", "/usr/local/cuda/lib/libcudart.so", "BINARY"),
        ("libxcb-cursor.so.0", "/lib/x86_64-linux-gnu/libxcb-cursor.so.0", "BINARY"),
        ("lib-dynload/_json.so", f"{STDLIB}/lib-dynload/_json.so", "EXTENSION"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("torch/lib/libtorch.so", f"{sys.prefix}/torch/lib/libtorch.so", "BINARY"),
        (
            "torch/lib/libtorchbind_test.so",
            f"{sys.prefix}/torch/lib/libtorchbind_test.so",
            "BINARY",
        ),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", f"{sys.prefix}/libqxcb.so", "BINARY"),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", f"{sys.prefix}/libqvnc.so", "BINARY"),
        ("PySide6/Qt/lib/libQt6Qml.so.6", f"{sys.prefix}/libQt6Qml.so.6", "BINARY"),
        ("PySide6/Qt/translations/qt_de.qm", f"{sys.prefix}/qt_de.qm", "DATA"),
    ]
    kept = [place for place, _source, _kind in contents.kept(entries)]
    assert kept == [
        "libxcb-cursor.so.0", "lib-dynload/_json.so", "libQt6Core.so.6", "torch/lib/libtorch.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
    ]  # fmt: skip
