import importlib.util

import pytest

from engine.generators.latent_diffusion.schedulers import (
    DEFAULT_SCHEDULER,
    SCHEDULERS,
    TorchsdeMissing,
    make_scheduler,
    scheduler_name,
)
from engine.loops.errors import OutOfRange

CONFIG = {"beta_start": 0.0015, "beta_end": 0.0195, "beta_schedule": "scaled_linear"}


@pytest.mark.parametrize("name", sorted(set(SCHEDULERS) - {"dpm++-sde"}))
def test_every_scheduler_uses_the_checkpoints_noise_levels(name):
    config = make_scheduler(name, CONFIG, [1]).config
    assert {key: config[key] for key in CONFIG} == CONFIG


def test_names_are_read_as_musicians_type_them():
    assert scheduler_name(None) == DEFAULT_SCHEDULER == "dpm++-2m"
    assert scheduler_name("DDIM") == "ddim"
    assert scheduler_name("Euler ancestral") == "euler-ancestral"
    assert scheduler_name("dpm++_2m_sde") == "dpm++-2m-sde"
    assert scheduler_name("DPM++") == "dpm++-2m"


def test_an_unknown_name_error_lists_the_known_ones():
    with pytest.raises(OutOfRange, match="The scheduler is 'ddpm', but must be one of ddim, pndm"):
        scheduler_name("ddpm")


@pytest.mark.skipif(importlib.util.find_spec("torchsde") is not None, reason="torchsde is there")
def test_a_scheduler_that_needs_torchsde_says_so():
    with pytest.raises(TorchsdeMissing, match="install it, or choose 'dpm\\+\\+-2m-sde'"):
        scheduler_name("dpm++-sde")
