"""The error of a checkpoint that cannot be used."""

from pathlib import Path

from engine.errors import EngineError


class UnusableCheckpoint(EngineError):
    """A folder that is no checkpoint of these families, or one that is not trusted."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(f"{path} {reason}: {advice}.")
