"""OpenVINO for the engine: its libraries and plug-ins; contents.py lists what is left out."""

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs

binaries = collect_dynamic_libs("openvino", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])
# It looks for its plug-ins beside its library: a link to that elsewhere leads it astray.
bindepend_symlink_suppression = ["**/openvino/libs/*.so*"]
