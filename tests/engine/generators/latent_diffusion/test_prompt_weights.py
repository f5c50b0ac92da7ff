import pytest
import torch

from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.prompt_weights import Span, read_weights
from engine.loops.errors import OutOfRange

STATES, MASK = "encoder_hidden_states_1", "encoder_attention_mask_1"


def test_the_notation_is_removed_and_the_words_stay():
    read = read_weights("a (warm, soft:1.4) pad and (hiss : 0)")
    assert read.text == "a warm, soft pad and hiss"
    assert read.spans == (Span(2, 12, 1.4), Span(21, 25, 0.0))
    assert read.without(read.spans[0]) == "a pad and hiss"
    assert read_weights("(pad:1.2)").without(Span(0, 3, 1.2)) == ""


@pytest.mark.parametrize(
    "text",
    ["a (warm) pad", "(warm:)", "(:1.4)", "(warm:1.4", "warm:1.4)", "(a:b)", "(a:nan)", "()"],
)
def test_text_that_is_not_a_weight_stays_text(text):
    assert (read_weights(text).text, read_weights(text).spans) == (text, ())


@pytest.mark.parametrize("weight", ["2.1", "-0.5", "100"])
def test_a_weight_out_of_range_is_refused(weight):
    with pytest.raises(OutOfRange) as caught:
        read_weights(f"a (warm:{weight}) pad")
    expected = f"The weight of 'warm' is {float(weight)}, but must be 0 to 2."
    assert str(caught.value) == expected


@torch.inference_mode()
def test_a_weight_moves_the_clap_vector_along_the_difference_of_the_words(pipelines):
    clap = pipelines["musicldm"].family.clap
    without, whole = clap.vector("a pad"), clap.vector("a warm pad")
    for weight in (0.0, 0.5, 1.7):
        expected = torch.nn.functional.normalize(without + weight * (whole - without), dim=-1)
        found = clap.vector(f"a (warm:{weight}) pad")
        assert (found - expected).abs().max() < 1e-6
        assert (found - whole).abs().max() > 1e-4
    empty = clap.vector("")
    assert (clap.vector("(warm:0)") - empty).abs().max() < 1e-6


@torch.inference_mode()
@pytest.mark.parametrize("family", ["musicldm", "audioldm2"])
def test_a_weight_of_1_changes_no_bit(pipelines, family):
    family = pipelines[family].family
    plain = family.embed(["a warm pad"], ["hiss"], Speech())
    weighted = family.embed(["a (warm:1) pad"], ["(hiss:1.0)"], Speech())
    for ours, theirs in zip(weighted, plain, strict=True):
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@torch.inference_mode()
def test_only_the_token_states_of_weighted_words_are_multiplied(pipelines):
    family = pipelines["audioldm2"].family
    plain, _ = family.embed(["a warm pad"], [""], Speech())
    weighted, _ = family.embed(["a (warm:1.5) pad"], [""], Speech())
    assert torch.equal(weighted[MASK], plain[MASK])
    share = (weighted[STATES] / plain[STATES])[0].median(dim=-1).values
    # A token per letter and per space: "a", " warm", " pad" and the end.
    heavy = (share - 1.5).abs() < 1e-4
    light = (share - 1).abs() < 1e-4
    assert (heavy | light).all()
    assert heavy.sum() in (4, 5)  # Some tokenizers count the space before a word to it.
    assert not heavy[-4:].any()
