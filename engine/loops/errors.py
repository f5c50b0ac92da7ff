"""The errors of `engine.loops`: each takes the facts and writes one sentence."""


class LoopError(ValueError):
    """A loop, request, clip or project folder is invalid."""


class OutOfRange(LoopError):
    """A number or a choice is outside the allowed range."""

    def __init__(self, what: str, value: object, allowed: str) -> None:
        shown = f"{value!r}"
        if len(shown) > 60:
            shown = f"{shown[:57]}..."
        super().__init__(f"{what} is {shown}, but must be {allowed}.")
        self.what = what
        self.value = value


class UnreadableClip(LoopError):
    """A file cannot be read as audio."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path} cannot be read as a clip: {reason}.")


class ProjectError(LoopError):
    """A project folder cannot be used, or a clip cannot be written to it."""

    def __init__(self, path: object, reason: str, advice: str) -> None:
        super().__init__(f"Project folder {path} {reason}: {advice}.")
