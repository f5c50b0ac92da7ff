"""Keeps the load reports and progress bars of the model libraries out of the log."""

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Load with transformers without its reports; the caller checks for missing weights."""
    from transformers.utils import logging as transformers_logging

    logger = logging.getLogger("transformers")
    level = logger.level
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
        transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
