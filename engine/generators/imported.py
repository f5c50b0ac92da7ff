"""Imports the model libraries, the first time for seconds, without keeping a cancel waiting."""

import importlib
from functools import partial
from typing import Any

from engine.loops.cancel import Check, unless_cancelled


def imported(module: str, check: Check) -> Any:
    """Return a module; if `check` raises, its import goes on, and the next job has it ready."""
    return unless_cancelled(partial(importlib.import_module, module), check)
