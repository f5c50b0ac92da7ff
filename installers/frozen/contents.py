"""What a build includes and excludes; loopwright.spec reads it.

Three rules: Python packages are included; libraries of the system, such as those for screen and
sound, are not. Of the model libraries, only the model families that we run are included. Everything
that is only needed for development is excluded.
"""

import importlib.metadata
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from engine.models.families import families

ROOT = Path(__file__).resolve().parents[2]

OURS = ("bridge", "cli", "desktop", "engine", "playback")
NOT_OURS = ("bridge.daws.link", "bridge.daws.live.Loopwright")
"""Parts that a build excludes: Link is GPL, and Live's script is data here."""

LIBRARIES = ("transformers.models", "diffusers.pipelines")
"""Where the model libraries have a package for each family."""
FAMILIES = frozenset(
    {
        *(module for family in families() for module in family.modules),
        "transformers.models.auto",
        "transformers.models.encoder_decoder",
        # Imported by diffusers together with its models.
        "transformers.models.dinov2_with_registers",
        "transformers.models.siglip",
        "transformers.models.vit_mae",
    }
)
"""The packages in there that are included."""

UNUSED = (
    # Imported inside functions that we never call.
    "IPython", "_pytest", "accelerate", "bitsandbytes", "boto3", "curses", "cv2", "flax",
    "fsspec.tests", "grpc", "hypothesis", "imageio", "jax", "joblib", "librosa", "llvmlite",
    "matplotlib", "mypy", "networkx", "numba", "onnx", "onnxruntime", "onnxscript",
    "openvino.tools", "openvino_telemetry", "optree", "pandas", "peft", "pip",
    "pkg_resources", "psycopg2", "pyarrow", "pygments", "pytest", "ray", "readline", "redis",
    "rich", "sklearn", "sentencepiece", "setuptools", "sqlite3", "tensorboard", "tensorflow",
    "tkinter", "torchaudio", "torchvision", "triton", "typer", "wheel", "xmlrpc",
    "PIL._avif", "PIL.AvifImagePlugin", "scipy.datasets",
    "torch.utils.tensorboard", "torch.utils.benchmark", "torch.utils.bottleneck",
    "torch._inductor.codegen.cuda",
    "torch.testing._internal.common_methods_invocations", "torch.testing._internal.generated",
    "torch.testing._internal.opinfo",
    "transformers.cli", "transformers.trainer", "transformers.testing_utils",
    *(f"PySide6.{name}" for name in ("QtQml", "QtQuick", "QtOpenGL", "QtSql", "QtTest", "QtXml",
                                     "QtDesigner", "QtHelp", "QtPrintSupport", "QtUiTools")),
)  # fmt: skip

METADATA = (
    "diffusers", "filelock", "huggingface-hub", "numpy", "openvino", "packaging", "pillow",
    "pyyaml", "regex", "requests", "safetensors", "scipy", "tokenizers", "torch", "tqdm",
    "transformers",
)  # fmt: skip
"""Packages whose version is looked up at run time."""

QT_PLUGINS = (
    "iconengines/*svg*", "imageformats/*ico*", "imageformats/*svg*", "imageformats/*jpeg*",
    "networkinformation/*", "platforminputcontexts/*compose*", "platforminputcontexts/*ibus*",
    "platforms/*cocoa*", "platforms/*offscreen*", "platforms/*wayland*", "platforms/*windows*",
    "platforms/*xcb*", "platformthemes/*portal*", "styles/*", "wayland-*client*/*",
    "xcbglintegrations/*",
)  # fmt: skip
QT_LEFT_OUT = ("*Qml*", "*Quick*", "*VirtualKeyboard*", "*qtvirtualkeyboard*", "*Qt6Pdf*")

OF_PYTHON = (ROOT, Path(sys.prefix), Path(sysconfig.get_path("stdlib")))
"""The folders that everything comes from on Linux, except the included system libraries."""
SYSTEM_INCLUDED = ("libpython3*", "libffi.so*", "libbz2.so*", "libxcb-cursor.so*",
                 "libxcb-icccm.so*", "libxcb-image.so*", "libxcb-keysyms.so*",
                 "libxcb-render-util.so*", "libxcb-util.so*")  # fmt: skip
"""System libraries that are included: not every desktop has them, or has the same version."""

TORCH_LEFT_OUT = ("*libtorchbind_test*", "*libjitbackend_test*", "*libbackend_with_compiler*",
                  "*libaoti_custom_ops*", "torch/test/*")  # fmt: skip

OPENVINO_LEFT_OUT = tuple(
    f"openvino/libs/*{part}*"
    for part in ("_frontend", "auto_plugin", "auto_batch_plugin", "hetero_plugin", "gpu_plugin",
                 "npu_plugin", "openvino_c.", "tbbmalloc_proxy")
)  # fmt: skip
"""What reads models of other libraries, and every plug-in but the one for CPUs."""

ENTITLEMENTS = ROOT / "installers" / "macos" / "entitlements.plist"
MACOS_FACTS = {
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": "Sound",
            "CFBundleTypeRole": "Viewer",
            "LSHandlerRank": "Alternate",
            "LSItemContentTypes": ["com.microsoft.waveform-audio"],
        }
    ],
    "LSApplicationCategoryType": "public.app-category.music",
    "LSMinimumSystemVersion": "13.0",
    "NSHighResolutionCapable": True,
}

Entry = tuple[str, str, str]
"""A file of the build as PyInstaller knows it: its path in the build, its source, its kind."""


def icon() -> str | None:
    """Return the icon for an executable of this system; None for Linux."""
    kind = {"darwin": "icns", "win32": "ico"}.get(sys.platform)
    return None if kind is None else str(ROOT / "build" / "icons" / f"loopwright.{kind}")


def version() -> str:
    """Return the version that is built."""
    return importlib.metadata.version("loopwright")


def hidden_imports() -> list[str]:
    """Return the modules that are imported by names computed at run time."""
    transformers = [name for name in sorted(FAMILIES) if name.startswith("transformers.")]
    named = [*OURS, *transformers, "diffusers.schedulers", "torch._dynamo.polyfills",
             "fontpkg_inter"]  # fmt: skip
    found = [name for package in named for name in _modules_of(package) if _is_for_running(name)]
    # Of a pipeline, the models that are defined beside it.
    pipelines = [name for name in sorted(FAMILIES) if name.startswith("diffusers.")]
    beside = [name for package in pipelines for name in _modules_of(package)
              if name.rpartition(".")[2].startswith("modeling_")]  # fmt: skip
    return [*found, *beside, "sounddevice", "torch.onnx.operators"]


def excluded() -> list[str]:
    """Return the modules that are excluded even if something imports them."""
    others = [name for package in LIBRARIES for name in _left_out(package)]
    return [*UNUSED, *NOT_OURS, *others]


def data_files() -> list[tuple[str, str]]:
    """Return the files that are not modules: their paths, and their folders in the build."""
    from PyInstaller.utils.hooks import copy_metadata

    files = [entry for name in METADATA for entry in copy_metadata(name)]
    for package in OURS:
        for path in (ROOT / package).rglob("*"):
            target = path.relative_to(ROOT)
            if path.is_file() and path.suffix != ".pyc" and _is_data(target):
                files.append((str(path), str(target.parent)))
    files += [
        (str(path), "fontpkg_inter/files")
        for path in _folder_of("fontpkg_inter").glob("files/Inter[[]*.ttf")
    ]
    # torch does not start without these.
    files += [(str(path), "torch/bin") for path in _folder_of("torch").glob("bin/torch_shm_*")]
    return files


def _is_data(path: Path) -> bool:
    """Return whether one of our files is data; Live's script is, although it is Python."""
    return path.suffix != ".py" or path.is_relative_to("bridge/daws/live/Loopwright")


def kept(entries: Iterable[Entry]) -> list[Entry]:
    """Return the files of the build without those that nothing needs."""
    return [entry for entry in entries if _is_kept(entry)]


def _is_kept(entry: Entry) -> bool:
    target, source, _kind = entry
    target = target.replace("\\", "/")
    if sys.platform == "linux" and _is_from_system(source):
        return any(fnmatch(Path(target).name, pattern) for pattern in SYSTEM_INCLUDED)
    if any(fnmatch(target, pattern) for pattern in (*TORCH_LEFT_OUT, *OPENVINO_LEFT_OUT)):
        return False
    if "PySide6" in target:
        plugin = target.partition("/plugins/")[2]
        if plugin and not any(fnmatch(plugin, pattern) for pattern in QT_PLUGINS):
            return False
        if "/translations/" in target or any(fnmatch(target, pattern) for pattern in QT_LEFT_OUT):
            return False
    return True


def _is_from_system(source: str) -> bool:
    path = Path(source)  # for a link, this is its target in the build
    return path.is_absolute() and not any(path.is_relative_to(folder) for folder in OF_PYTHON)


def _modules_of(package: str) -> Iterator[str]:
    """Yield a package and its modules at any depth, found by their files."""
    folder = _folder_of(package)
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        yield ".".join([package, *(part for part in parts if part != "__init__")])


def _is_for_running(name: str) -> bool:
    if any(name == part or name.startswith(f"{part}.") for part in NOT_OURS):
        return False
    return not name.rpartition(".")[2].startswith(("convert_", "modular_"))


def _left_out(package: str) -> list[str]:
    names = [path.parent.name for path in _folder_of(package).glob("*/__init__.py")]
    return [f"{package}.{name}" for name in names if f"{package}.{name}" not in FAMILIES]


def _folder_of(package: str) -> Path:
    """Return the folder of a package without importing it."""
    top, *below = package.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        raise SystemExit(
            f"{top} is not installed: run installers/from-source package, which installs it."
        )
    return Path(spec.origin).parent.joinpath(*below)
