import msgspec
import pytest

from engine.loops.errors import LoopError
from engine.loops.recipe import decode_recipe, encode_recipe
from engine.loops.request import LoopRequest
from tests.fakes.clips import grid_of, recipe_of


@pytest.mark.parametrize(
    "recipe",
    [
        recipe_of(grid_of()),
        recipe_of(grid_of("7/8", bars=3, bpm=93.3333), key="F# minor"),
        recipe_of(grid_of(seconds=2.5), title="Trömmel 🥁 טמבור"),
    ],
    ids=["loop", "odd meter", "one-shot"],
)
def test_a_recipe_is_read_back_as_written(recipe):
    assert decode_recipe(encode_recipe(recipe)) == recipe


def test_the_file_contains_the_recipe_format():
    assert msgspec.json.decode(encode_recipe(recipe_of(grid_of())))["format"] == 1


def changed(**fields) -> bytes:
    values = msgspec.json.decode(encode_recipe(recipe_of(grid_of())))
    return msgspec.json.encode({**values, **fields})


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"format": 1}',
        changed(grid={"bpm": 0}),
        changed(grid={"bpm": 120, "meter": {"numerator": 4, "denominator": 0}}),
        changed(grid={"bpm": 120, "bars": 10**9}),
        changed(rank="first"),
    ],
)  # fmt: skip
def test_a_damaged_recipe_is_refused_in_one_sentence(data):
    with pytest.raises(LoopError, match=r"^The recipe in the file is damaged: .*\.$"):
        decode_recipe(data)


@pytest.mark.parametrize("fields", [{}, {"grid": "one that only the newer version reads"}])
def test_a_recipe_of_a_newer_format_requires_a_newer_loopwright(fields):
    with pytest.raises(LoopError) as caught:
        decode_recipe(changed(format=2, **fields))
    assert str(caught.value) == (
        "The recipe has format 2, this version reads 1: use a newer Loopwright."
    )


def test_unknown_fields_of_later_versions_are_harmless():
    assert decode_recipe(changed(mood="blue")) == recipe_of(grid_of())


def test_a_recipe_contains_the_known_lineage_from_the_prompt():
    origin = recipe_of(grid_of())
    assert origin.lineage == (origin.request,)
    assert origin.is_all_of("sketch")
    vary = LoopRequest(
        prompt="bass", source="a", mode="vary", seed=3, near_words=(), sketch_version=1
    )
    varied = msgspec.structs.replace(origin, request=vary, made_from=origin.lineage)
    assert varied.lineage == (origin.request, vary)
    assert varied.is_all_of("sketch")
    assert decode_recipe(encode_recipe(varied)) == varied
    by_another = msgspec.structs.replace(varied, request=msgspec.structs.replace(vary, model="x"))
    assert not by_another.is_all_of("sketch")
    for unknown in (
        msgspec.structs.replace(varied, made_from=()),
        msgspec.structs.replace(
            varied, request=msgspec.structs.replace(vary, mode="redo", redo_bars="1")
        ),
    ):
        assert unknown.lineage == ()
        assert not unknown.is_all_of("sketch")
