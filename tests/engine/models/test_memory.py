"""The estimate of memory, and the sentence where it does not suffice."""

import pytest

from engine.models.catalogue import built_in_catalogue
from engine.models.errors import NotEnoughMemory
from engine.models.families.latent_diffusion import WORK
from engine.models.families.musicgen import musicgen_work
from engine.models.memory import Work, free_bytes, require_memory, weight_bytes

GB = 10**9


def test_more_or_longer_takes_and_wider_types_need_more_memory():
    assert WORK.bytes_for(8, 1) < WORK.bytes_for(8, 4)
    assert WORK.bytes_for(8, 1) < WORK.bytes_for(30, 1)
    assert WORK.bytes_for(8, 1, "bfloat16") * 2 == pytest.approx(WORK.bytes_for(8, 1))
    assert weight_bytes(10**9) == 2 * weight_bytes(10**9, "float16") == 4 * GB


def test_a_request_that_fits_passes():
    require_memory("musicldm", 2 * GB, 8, 1, work=WORK, free=8 * GB)
    require_memory("musicldm", 0, 8, 1, work=WORK, free=2 * GB)
    assert free_bytes() > 0


@pytest.mark.parametrize(
    ("weights", "seconds", "takes", "free", "advice"),
    [
        (2 * GB, 8, 8, 3_200_000_000, "ask for 1 take, or "),
        (2 * GB, 8, 8, 3_900_000_000, "ask for 3 takes, or "),
        (2 * GB, 60, 1, 4 * GB, "ask for fewer bars and one take, or "),
        (2 * GB, 60, 4, 4 * GB, "ask for fewer bars and one take, or "),
        (6 * GB, 8, 1, 4 * GB, "use the model 'small', or "),
        (6 * GB, 8, 1, 1 * GB, ": close other programs."),
    ],
)
def test_a_request_that_does_not_fit_suggests_one_that_does(weights, seconds, takes, free, advice):
    smaller = {"small": 3 * GB, "tiny": 2 * GB, "large": 7 * GB}
    with pytest.raises(NotEnoughMemory) as caught:
        require_memory("large", weights, seconds, takes, work=WORK, free=free, smaller=smaller)
    sentence = str(caught.value)
    assert sentence.startswith("Model 'large' needs about ")
    assert advice in sentence
    assert sentence.endswith("close other programs.")


def test_the_suggested_settings_fit():
    needed = 2 * GB + WORK.bytes_for(8, 3)
    with pytest.raises(NotEnoughMemory, match="ask for 3 takes"):
        require_memory("m", 2 * GB, 8, 8, work=WORK, free=needed + 250_000_000)
    require_memory("m", 2 * GB, 8, 3, work=WORK, free=needed + 250_000_000)


def test_the_catalogues_memory_is_that_of_a_typical_loop():
    for entry in built_in_catalogue().entries:
        if entry.hub:
            weights = entry.memory_bytes - entry.work.bytes_for(8, 1)
            in_32_bits, in_16_bits = entry.size_bytes, 2 * entry.size_bytes
            # Not all that is downloaded is weights: Stable Audio 3's vocabulary is 55 MB.
            assert any(0.98 * size <= weights <= size for size in (in_32_bits, in_16_bits))


def test_musicgen_memory_includes_the_kv_cache_of_both_passes():
    small, large = musicgen_work(24, 1024), musicgen_work(48, 2048)
    kept = (48 * 2048 - 24 * 1024) * 2 * 4 * 2 * 50
    assert large.per_second - small.per_second == kept
    assert small.base == large.base


def test_the_limit_depends_on_what_the_model_needs():
    with pytest.raises(NotEnoughMemory):
        require_memory("m", 2 * GB, 60, 1, work=WORK, free=4 * GB)
    require_memory("m", 2 * GB, 60, 1, work=Work(600_000_000, 1_000_000), free=4 * GB)
