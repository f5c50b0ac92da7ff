"""The estimate of memory, and the sentence where it does not suffice."""

import pytest

from engine.models.catalogue import built_in_catalogue
from engine.models.errors import NotEnoughMemory
from engine.models.memory import free_bytes, require_memory, weight_bytes, working_bytes

GB = 10**9


def test_more_takes_longer_takes_and_wider_numbers_need_more():
    assert working_bytes(8, 1) < working_bytes(8, 4)
    assert working_bytes(8, 1) < working_bytes(30, 1)
    assert working_bytes(8, 1, "bfloat16") * 2 == pytest.approx(working_bytes(8, 1))
    assert weight_bytes(10**9) == 2 * weight_bytes(10**9, "float16") == 4 * GB


def test_what_fits_passes():
    require_memory("musicldm", 2 * GB, 8, 1, free=8 * GB)
    require_memory("musicldm", 0, 8, 1, free=2 * GB)
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
def test_what_does_not_fit_is_one_sentence_naming_what_would(weights, seconds, takes, free, advice):
    smaller = {"small": 3 * GB, "tiny": 2 * GB, "large": 7 * GB}
    with pytest.raises(NotEnoughMemory) as caught:
        require_memory("large", weights, seconds, takes, free=free, smaller=smaller)
    sentence = str(caught.value)
    assert sentence.startswith("Model 'large' needs about ")
    assert advice in sentence
    assert sentence.endswith("close other programs.")


def test_the_advice_itself_fits():
    needed = 2 * GB + working_bytes(8, 3)
    with pytest.raises(NotEnoughMemory, match="ask for 3 takes"):
        require_memory("m", 2 * GB, 8, 8, free=needed + 250_000_000)
    require_memory("m", 2 * GB, 8, 3, free=needed + 250_000_000)


def test_the_memory_that_the_catalogue_names_is_that_of_a_usual_loop():
    for entry in built_in_catalogue().entries:
        if entry.hub:
            assert entry.memory_bytes == entry.size_bytes + working_bytes(8, 1)
