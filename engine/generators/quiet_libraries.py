"""Keeps the load reports and progress bars of the model libraries out of the log."""

import contextlib
import logging
from collections.abc import Iterator

from engine.generators.imported import imported
from engine.loops.cancel import Check, no_check


@contextlib.contextmanager
def quiet_libraries(check: Check = no_check) -> Iterator[None]:
    """Load with transformers without its reports; the caller checks for missing weights."""
    transformers_logging = imported("transformers.utils.logging", check)
    logger = logging.getLogger("transformers")
    level = logger.level
    transformers_logging.disable_progress_bar()
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
        transformers_logging.enable_progress_bar()
