import pytest
import torch

from engine.generators.embedding_cache import CACHE_SIZE, EmbeddingCache
from engine.generators.latent_diffusion.audioldm2 import PhonemizerMissing, continued
from engine.generators.latent_diffusion.family import Speech
from tests.engine.generators.latent_diffusion.upstream import musicldm_embeds

PROMPT = "dusty lo-fi drums with swing"


@torch.inference_mode()
def test_a_prompt_without_padding_has_the_same_vector_as_with(pipelines):
    pipeline = pipelines["musicldm"]
    theirs = musicldm_embeds(pipeline.parts, [PROMPT, ""])
    ours = torch.cat([pipeline.family.clap.vector(text) for text in (PROMPT, "")])
    assert (ours - theirs).abs().max() < 1e-5
    assert (theirs[0] - theirs[1]).abs().max() > 1e-3


@torch.inference_mode()
def test_a_prompt_beyond_512_tokens_is_cut_as_upstream(pipelines):
    pipeline = pipelines["musicldm"]
    long = "many words " * 100
    theirs = musicldm_embeds(pipeline.parts, [long])
    assert (pipeline.family.clap.vector(long) - theirs).abs().max() < 1e-5


@torch.inference_mode()
def test_a_negative_prompt_longer_than_the_prompt_is_used_completely(pipelines):
    family = pipelines["audioldm2"].family
    long = "low quality, average quality"
    positive, negative = family.embed(["a"], [long], Speech())
    states, mask = "encoder_hidden_states_1", "encoder_attention_mask_1"
    assert negative[mask].sum() == negative[mask].shape[1] > 20
    alone, _ = family.embed(["a"], [""], Speech())
    assert positive[states].shape == negative[states].shape
    assert positive[mask].sum() == alone[mask].sum() == 3
    assert torch.equal(positive[states][:, :3], alone[states])
    # The language model counts padding: a long negative must not change the prompt's vectors.
    assert torch.equal(positive["encoder_hidden_states"], alone["encoder_hidden_states"])


@torch.inference_mode()
def test_the_language_model_continues_from_its_own_states(pipelines):
    model = pipelines["audioldm2"].parts.language_model
    states = torch.randn(1, 5, model.config.n_embd, generator=torch.Generator().manual_seed(2))
    mask = torch.tensor([[1, 1, 0, 1, 1]])
    made = continued(model, states, mask, 4)
    whole, seen = states, mask
    for _ in range(4):
        found = model(inputs_embeds=whole, attention_mask=seen, use_cache=False).last_hidden_state
        whole = torch.cat([whole, found[:, -1:]], dim=1)
        seen = torch.cat([seen, seen.new_ones(1, 1)], dim=1)
    assert (made - whole[:, -4:]).abs().max() < 1e-5


def test_only_checkpoints_that_say_so_need_phonemes(pipelines, monkeypatch):
    pipeline = pipelines["speech"]
    monkeypatch.setattr(pipeline.parts.tokenizer_2, "phonemize", True)
    with pytest.raises(PhonemizerMissing, match=r"phonemizer .* are not installed: install both"):
        pipeline.family.embed(["a voice"], [""], Speech("hello"))


@pytest.mark.parametrize("name", ["musicldm", "audioldm2", "speech"])
def test_a_tokenizer_that_was_saved_without_a_limit_has_one(pipelines, monkeypatch, name):
    pipeline = pipelines[name]
    for part in ("tokenizer", "tokenizer_2"):
        if part in pipeline.parts.parts:
            monkeypatch.setattr(pipeline.parts.parts[part], "model_max_length", int(1e30))
    text = f"no limit {name}"
    pipeline.family.embed([text], [""], Speech(text if name == "speech" else None))


def test_a_repeated_encoding_comes_from_the_cache():
    cache, made = EmbeddingCache(), []
    for key in ("a", "b", "a"):
        cache.get(key, lambda key=key: made.append(key) or key.upper())
    assert made == ["a", "b"]


def test_the_cache_evicts_the_least_recently_used():
    cache, made = EmbeddingCache(), []

    def ask(key):
        return cache.get(key, lambda: made.append(key) or key)

    for number in range(CACHE_SIZE):
        ask(number)
    ask(0)
    ask("one more")
    made.clear()
    ask(0)
    assert made == []
    ask(1)
    assert made == [1]
