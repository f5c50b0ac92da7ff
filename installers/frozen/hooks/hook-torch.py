"""torch for the engine: its libraries; contents.py lists the rest."""

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs

binaries = collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])
# torch expects its libraries in one folder: links to them elsewhere confuse it.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
# Some of its modules read their own source.
module_collection_mode = "pyz+py"
