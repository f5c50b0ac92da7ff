"""The settings of each model, as data: front ends show them without loading a model.

Its family states them (`engine.models.families`). They match those of its generator, which tests
check. The request checks the ranges.
"""

import msgspec

_NO_DEFAULT = ""


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One setting of a model.

    Attributes:
        name: its field in `engine.loops.request.LoopRequest`.
        default: the value if the request leaves it out; empty for none.
        choices: the possible values; empty if a number or text is typed.
    """

    name: str
    default: str = _NO_DEFAULT
    choices: tuple[str, ...] = ()
