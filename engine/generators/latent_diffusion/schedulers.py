"""The noise schedulers by the names that musicians type."""

import contextlib
import importlib
import importlib.util
import warnings
from collections.abc import Iterator
from typing import Any

from engine.errors import EngineError
from engine.loops.errors import OutOfRange

DEFAULT_SCHEDULER = "dpm++-2m"
DEFAULT_STEPS = 20
_HOME = "diffusers.schedulers.scheduling_"
SCHEDULERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ddim": ("ddim", "DDIMScheduler", {}),
    "pndm": ("pndm", "PNDMScheduler", {}),
    "lms": ("lms_discrete", "LMSDiscreteScheduler", {}),
    "euler": ("euler_discrete", "EulerDiscreteScheduler", {}),
    "euler-ancestral": ("euler_ancestral_discrete", "EulerAncestralDiscreteScheduler", {}),
    "heun": ("heun_discrete", "HeunDiscreteScheduler", {}),
    "dpm++-2m": ("dpmsolver_multistep", "DPMSolverMultistepScheduler", {}),
    "dpm++-2m-sde": (
        "dpmsolver_multistep",
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "sde-dpmsolver++"},
    ),
    "dpm++-sde": ("dpmsolver_sde", "DPMSolverSDEScheduler", {}),
    "unipc": ("unipc_multistep", "UniPCMultistepScheduler", {}),
    "deis": ("deis_multistep", "DEISMultistepScheduler", {}),
}
_SHORT = {
    "dpm++": "dpm++-2m",
    "dpmpp-2m": "dpm++-2m",
    "dpmpp-sde": "dpm++-sde",
    "euler-a": "euler-ancestral",
}


class TorchsdeMissing(EngineError):
    """The scheduler that needs a library that is not installed by default."""

    def __init__(self) -> None:
        super().__init__(
            "Scheduler 'dpm++-sde' needs the package torchsde, which is not installed: install "
            "it, or choose 'dpm++-2m-sde'."
        )


def scheduler_name(name: str | None) -> str:
    """Return the name as in `SCHEDULERS`; None gives the default.

    Raises:
        OutOfRange: there is no such scheduler.
        TorchsdeMissing: it needs torchsde.
    """
    typed = (name or DEFAULT_SCHEDULER).lower().replace(" ", "-").replace("_", "-")
    known = _SHORT.get(typed, typed)
    if known not in SCHEDULERS:
        raise OutOfRange("The scheduler", name, "one of " + ", ".join(SCHEDULERS))
    if known == "dpm++-sde" and importlib.util.find_spec("torchsde") is None:
        raise TorchsdeMissing
    return known


def make_scheduler(name: str | None, config: dict[str, Any], seeds: list[int]) -> Any:
    """Return a fresh scheduler for one run, with the noise levels of a checkpoint's own config.

    `seeds` are those of the takes of the run; only dpm++-sde draws its noise from them.
    """
    module, class_name, extra = SCHEDULERS[scheduler_name(name)]
    if class_name == "DPMSolverSDEScheduler":
        extra = {"noise_sampler_seed": seeds}
    cls = getattr(importlib.import_module(_HOME + module), class_name)
    with quiet_schedulers():
        return cls.from_config(config, **extra)


@contextlib.contextmanager
def quiet_schedulers() -> Iterator[None]:
    """Run schedulers without warnings that do not concern the user.

    WORKAROUND: diffusers 0.42 mixes tensors into numpy arithmetic, which makes numpy 2 warn.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation doesn't accept a copy")
        warnings.filterwarnings("ignore", "__array_wrap__ must accept context")
        yield
