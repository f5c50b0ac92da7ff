"""The errors of the engine's public face; messages are sentences that can be shown as they are."""


class EngineError(RuntimeError):
    """The engine could not do what was requested."""


class UnknownModel(EngineError, LookupError):
    """A model id that is neither in the catalogue nor a folder."""

    def __init__(self, model_id: str, known_ids: list[str], nearest: str | None) -> None:
        hint = f"did you mean {nearest!r}?" if nearest else f"known models: {', '.join(known_ids)}."
        super().__init__(f"There is no model {model_id[:80]!r}; {hint}")


class SettingNotInModel(EngineError, ValueError):
    """A model setting that the chosen model does not have."""

    def __init__(self, setting: str, model_id: str) -> None:
        name = setting.replace("_", "-")
        super().__init__(
            f"Model {model_id!r} has no setting {name!r}: leave it out, or choose another model."
        )


class TakesNotWritten(EngineError):
    """Takes are ready, but cannot be written; `kept` of them are in memory for another folder."""

    def __init__(self, reason: str, missing: int, kept: int, folder: str, seed: int) -> None:
        takes = "1 take was" if missing == 1 else f"{missing} takes were"
        instead = f"saved in {folder} instead" if folder else "not written"
        super().__init__(f"{reason} {takes} {instead}; seed {seed} makes them again.")
        self.kept = kept


class ProtocolError(EngineError):
    """A line that is not a message of the protocol."""


class EngineDied(EngineError):
    """The engine process ended, or stopped answering, while it was needed."""


class DuplicateJob(EngineError, ValueError):
    """A job id that is already taken."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is already a job {job_id[:80]!r}: choose another id.")
