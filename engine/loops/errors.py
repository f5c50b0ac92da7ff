"""The errors of `engine.loops`: each takes the facts and writes one sentence."""


class LoopError(ValueError):
    """Something about a loop, a request, a clip or a project folder that cannot be."""


class OutOfRange(LoopError):
    """A number, or a choice, outside what is allowed."""

    def __init__(self, what: str, value: object, allowed: str) -> None:
        shown = f"{value!r}"
        if len(shown) > 60:
            shown = f"{shown[:57]}..."
        super().__init__(f"{what} is {shown}, but must be {allowed}.")
        self.what = what
        self.value = value


class UnreadableClip(LoopError):
    """A file that is not a WAV file that can be read."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path} cannot be read as a clip: {reason}.")


class ProjectError(LoopError):
    """A project folder that cannot be used, or a clip that cannot be written into it."""

    def __init__(self, path: object, reason: str, advice: str) -> None:
        super().__init__(f"Project folder {path} {reason}: {advice}.")
