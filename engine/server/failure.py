"""Turns an error into an event for the front end: a code, a sentence and the details."""

import logging
import traceback

from engine.errors import EngineError, SettingNotInModel, TakesNotWritten, UnknownModel
from engine.loops.errors import LoopError, ProjectError
from engine.loops.files import advice_on, reason_of
from engine.models.errors import UntrustedFolder
from engine.protocol import Analyse, Failed
from engine.server.queue import Job

LONGEST_MESSAGE = 2_000
LONGEST_DETAIL = 20_000
_log = logging.getLogger(__name__)

_OUT_OF_MEMORY = (
    "This computer ran out of memory: ask for fewer bars or fewer takes, or choose a smaller model."
)


def failed_event(job: Job, error: BaseException) -> Failed:
    """Return the event for a failed job; its details are the traceback."""
    detail = "".join(traceback.format_exception(error))[-LONGEST_DETAIL:]
    code = _code(error)
    _log_failure(job, error, code)
    kept = error.kept if isinstance(error, TakesNotWritten) else 0
    return Failed(job.id, code, _sentence(job, error)[:LONGEST_MESSAGE], detail, kept)


def _log_failure(job: Job, error: BaseException, code: int) -> None:
    """Log a failure without private text: some errors name files, others the prompt."""
    if isinstance(error, LoopError | TakesNotWritten) or code < 500:
        _log.info("job %s fails with code %d: %s", job.id, code, type(error).__name__)
        _log.debug("%s", error, exc_info=error)
    elif isinstance(error, EngineError | MemoryError):
        _log.warning("job %s fails with code %d: %s", job.id, code, error)
    else:
        private = {"private": job.private_texts}
        _log.error("job %s fails with code %d", job.id, code, exc_info=error, extra=private)


def _code(error: BaseException) -> int:
    if isinstance(error, UnknownModel | UntrustedFolder):
        return 404
    if isinstance(error, LoopError | SettingNotInModel) and not isinstance(error, ProjectError):
        return 400
    return 500


def _sentence(job: Job, error: BaseException) -> str:
    if isinstance(error, LoopError | EngineError):
        return str(error)
    if isinstance(error, MemoryError):
        return _OUT_OF_MEMORY
    if isinstance(error, OSError):  # another model would not help
        name = f" {error.filename}" if error.filename else ""
        return f"Cannot read or write the file{name} ({reason_of(error)}): {advice_on(error)}."
    if isinstance(job.command, Analyse):
        return f"The analysis failed with {type(error).__name__}: report it with the details."
    return (
        f"Model {job.model[:80]!r} failed with {type(error).__name__}: try another seed or prompt, "
        "and report it with the details if it happens again."
    )
