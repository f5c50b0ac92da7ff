"""The settings of each model, as data: front ends show them without loading a model.

They match those of its generator, which tests check. The request checks the ranges.
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


SCHEDULERS = (
    "dpm++-2m", "unipc", "deis", "ddim", "pndm", "euler", "lms", "heun",
    "euler-ancestral", "dpm++-2m-sde", "dpm++-sde",
)  # fmt: skip
"""The noise schedulers by name, the most popular first."""


def settings_of(family: str, *, speaks: bool = False) -> tuple[Setting, ...]:
    """Return the settings of a family of checkpoints.

    Args:
        family: its id, see `engine.models.layout.FAMILIES`.
        speaks: whether the checkpoint was trained on speech and needs a transcription.
    """
    if family.startswith("musicgen"):
        return _MUSICGEN
    guidance = Setting("guidance", {"musicldm": "2"}.get(family, "3.5"))
    more: tuple[Setting, ...] = ()
    if family == "audioldm2":
        more = (Setting("max_new_tokens", "8"),)
    if speaks:
        more = (Setting("transcription"), *more)
    return (*_LATENT_DIFFUSION[:1], guidance, *_LATENT_DIFFUSION[1:], *more)


def modes_of(family: str) -> tuple[str, ...]:
    """Return the `engine.loops.request.MODES` that a family supports.

    For `blend`, this is what needs a model: mixing in latents, and re-noising.
    """
    by_family = {"musicgen": ("continue",), "musicgen-melody": ("continue", "melody")}
    return by_family.get(family, ("vary", "blend"))


_LATENT_DIFFUSION = (
    Setting("steps", "20"),
    Setting("scheduler", SCHEDULERS[0], SCHEDULERS),
    Setting("eta", "0"),
    Setting("draft"),
    Setting("toward"),
    Setting("toward_amount", "0.5"),
    Setting("keep_latents"),
)
_MUSICGEN = (
    Setting("guidance", "3"),
    Setting("temperature", "1"),
    Setting("top_k", "250"),
    Setting("top_p", "0"),
    Setting("draft"),
)
