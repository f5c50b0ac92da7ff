"""Which settings a model has, as data: front ends show them without loading a model.

They are those of its generator; tests compare the two. Ranges are the request's to check.
"""

import msgspec

_NO_DEFAULT = ""


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One setting of a model.

    Attributes:
        name: its field in `engine.loops.request.LoopRequest`.
        default: what it is where nothing is asked for; empty for nothing.
        choices: what can be chosen; empty where a number or a text is typed.
    """

    name: str
    default: str = _NO_DEFAULT
    choices: tuple[str, ...] = ()


SCHEDULERS = (
    "dpm++-2m", "unipc", "deis", "ddim", "pndm", "euler", "lms", "heun",
    "euler-ancestral", "dpm++-2m-sde", "dpm++-sde",
)  # fmt: skip
"""The noise schedulers by name, those that most people want first."""


def settings_of(family: str, *, speaks: bool = False) -> tuple[Setting, ...]:
    """Return the settings of a family of checkpoints.

    Args:
        family: its id, see `engine.models.layout.FAMILIES`.
        speaks: whether the checkpoint was trained on speech, and is told what to say.
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
    """Return what a family can make of a source, of `engine.loops.request.MODES`.

    Of `blend` it is what needs a model: mixing in latents, and making anew.
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
