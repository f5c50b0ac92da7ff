"""How this program uses Ray: with its token, without reports to its makers, and if it is there."""

import importlib.util
import logging
import os

from engine.errors import EngineError

RAY_ENVIRONMENT = {
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CLIENT_RECONNECT_GRACE_PERIOD": "10",
    # A musician who waits for news asks once, and not every 2 s: each call passes three processes.
    "RAY_CLIENT_MAX_BLOCKING_OPERATION_TIME_S": "15",
}
"""What each process that uses Ray has in its environment; the token is in Ray's file."""


class NoRay(EngineError):
    """Ray is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "A studio needs Ray, which is not installed here: install Loopwright with the extra "
            "'studio', as docs/studio.md says."
        )


def require_ray() -> None:
    """Prepare the environment for Ray.

    Raises:
        NoRay: it is not installed.
    """
    if any(importlib.util.find_spec(name) is None for name in ("ray", "grpc")):
        raise NoRay
    os.environ.update(RAY_ENVIRONMENT)
    # What goes wrong is said in one sentence; Ray would say it in many lines on stderr, too.
    logging.getLogger("ray").setLevel(logging.CRITICAL)
