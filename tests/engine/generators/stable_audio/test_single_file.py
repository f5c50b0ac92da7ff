"""The layout of Stability's own tools: one file of weights, and `model_config.json`."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaConfig
from transformers.models.t5gemma.modeling_t5gemma import T5GemmaForConditionalGeneration

from engine.generators.interface import UnusableCheckpoint
from engine.generators.stable_audio.chunked_same import see_chunks
from engine.generators.stable_audio.generator import StableAudioGenerator
from engine.generators.stable_audio.pipeline import Pipeline, PipelineRequest
from engine.generators.stable_audio.single_config import _OPEN, _THREE
from engine.generators.stable_audio.single_keys import UnknownKey, place_of
from engine.loops.cancel import RepeatableReport
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.models.catalogue import Catalogue, built_in_catalogue
from engine.models.child import ChildEvent
from engine.models.errors import UntrustedFolder
from engine.models.families.stable_audio import STABLE_AUDIO_3, STABLE_AUDIO_OPEN, WORK
from engine.models.folders import folder_entry
from engine.models.hub import needed_files
from engine.models.memory import USUAL_SECONDS
from engine.models.single_layout import SINGLE
from engine.models.store import ModelStore
from engine.models.trust import check_folder
from tests.engine.models.test_download import download
from tests.fakes.hub import Hub
from tests.fakes.random_stable_audio import (
    OPEN_TINY,
    SMALL,
    TINY,
    open_parts,
    stable_audio_parts,
    write_stable_audio,
)
from tests.fakes.single_layout import write_single

FACTS = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
KEYS = json.loads((Path(__file__).parent / "single_keys.json").read_text())
OPEN_SHAPE = dataclasses.replace(OPEN_TINY, text=64)  # As wide as a head: nothing projects it.
REPORT = RepeatableReport(lambda *_: None, "testing")
NORMS = ("pre_norm", "cross_attend_norm", "ff_norm")


def three_parts(*, chunked=False, distilled=True):
    parts = stable_audio_parts(TINY, distilled=distilled)
    torch.nn.init.normal_(parts["transformer"].prompt_padding_embedding)
    if chunked:
        see_chunks(parts["vae"], 2)
    return parts


@pytest.fixture(scope="module")
def open_folders(tmp_path_factory):
    """The same Stable Audio Open in both layouts."""
    root, parts = tmp_path_factory.mktemp("open"), open_parts(OPEN_SHAPE)
    return write_stable_audio(root / "parts", parts), write_single(root / "single", parts)


@pytest.fixture(scope="module")
def three_folders(tmp_path_factory):
    """The same Stable Audio 3 in both layouts."""
    root, parts = tmp_path_factory.mktemp("three"), three_parts()
    return write_stable_audio(root / "parts", parts), write_single(root / "single", parts)


@pytest.fixture(scope="module")
def chunked(tmp_path_factory):
    """The small kind of Stable Audio 3, which the library does not know."""
    return write_single(tmp_path_factory.mktemp("small"), three_parts(chunked=True))


def generator_of(folder):
    return StableAudioGenerator(folder, FACTS, device="cpu", dtype="float32")


def pipeline_of(folder):
    return Pipeline.load(folder, torch.device("cpu"), torch.float32)


def sound_of(pipeline):
    """Return what becomes of a source and a prompt: every part has its share in it."""
    coder, family = pipeline.autoencoder, pipeline.family
    source = 0.1 * torch.randn(2, 5 * coder.hop, generator=torch.Generator().manual_seed(1))
    asked = PipelineRequest(
        prompt="warm pad", seeds=(3,), latents=5, seconds=0.7, sampler=family.samplers[0], steps=2,
        guidance=family.guidance, source=pipeline.encode(source, REPORT), amount=0.8,
    )  # fmt: skip
    made = pipeline.latents(asked, REPORT)
    return pipeline.decode(made, closed=True, report=REPORT, on_piece=None)


@pytest.mark.parametrize("kind", ["open_folders", "three_folders"])
def test_both_layouts_sound_the_same(request, kind):
    parts, single = map(pipeline_of, request.getfixturevalue(kind))
    for block in parts.modules[0].transformer_blocks:
        for norm in NORMS:  # The library's own are finer than those of the tools.
            if hasattr(block, norm):
                getattr(block, norm).eps = 1e-5
    ours, theirs = sound_of(single), sound_of(parts)
    assert theirs.abs().max() > 0.01
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    folders = map(check_folder, request.getfixturevalue(kind))
    one, other = (folder_entry("mine", folder) for folder in folders)
    assert (one.modes, one.settings, one.sample_rate) == (
        other.modes, other.settings, other.sample_rate,
    )  # fmt: skip


def test_a_base_checkpoint_is_known_by_what_it_was_trained_for(tmp_path):
    folder = write_single(tmp_path / "base", three_parts(distilled=False))
    entry = folder_entry("mine", check_folder(folder))
    assert {each.name: each.default for each in entry.settings}["steps"] == "50"
    assert generator_of(folder).plan(LoopRequest(prompt="pad")).understood == ("50 steps of euler",)


def test_a_small_stable_audio_open_goes_a_straight_line_in_eight_steps(tmp_path):
    parts = open_parts(OPEN_SHAPE)
    config = {**parts["transformer"].config, "global_states_input_dim": OPEN_SHAPE.text}
    parts["transformer"] = type(parts["transformer"]).from_config(config)
    folder = write_single(tmp_path / "small", parts, small=True)
    entry, pipeline = folder_entry("mine", check_folder(folder)), pipeline_of(folder)
    shown = {each.name: each.default for each in entry.settings}
    assert (shown["steps"], shown["guidance"], shown["scheduler"]) == ("8", "1", "ping-pong")
    family = pipeline.family
    assert (family.samplers[0], family.steps["ping-pong"], family.guidance) == ("ping-pong", 8, 1)
    levels = family.levels(8, 1.0)
    assert (levels[0], levels[-1]) == (1.0, 0.0)
    assert levels[1] == pytest.approx(1 / (1 + np.exp(-5.0)), abs=1e-6)

    def other_norms(tensors):
        key = "model.model.transformer.layers.0.cross_attn.q_norm.weight"
        tensors[key] *= 3

    usual = clean_of(family)
    changed_weights(other_norms)(folder)
    assert not torch.equal(clean_of(pipeline_of(folder).family), usual)


def clean_of(family):
    latents = torch.randn(1, 4, 6, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return family.under(family.conditions("pad", 1.0, 1))(latents, 0.5)


OLDER_TEXT = {  # As transformers 4.53 wrote T5Gemma: both halves of it, and lists of ends.
    "config.json": {"is_encoder_decoder": True, "eos_token_id": [1, 107], "torch_dtype": "bfloat16",
                    "cache_implementation": "hybrid", "transformers_version": "4.53.0"},
    "tokenizer_config.json": {"add_eos_token": True, "model_max_length": 10**30, "legacy": None,
                              "spaces_between_special_tokens": False, "sp_model_kwargs": {},
                              "use_default_system_prompt": False, "clean_up_tokenization_spaces":
                              False, "additional_special_tokens": ["<start_of_turn>"]},
    "generation_config.json": {"_from_model_config": True, "eos_token_id": [1, 107]},
    "special_tokens_map.json": {"eos_token": {"content": "<eos>", "lstrip": False}},
}  # fmt: skip


def test_a_text_encoder_may_be_the_whole_t5gemma_as_it_is_published(tmp_path, three_folders):
    folder = shutil.copytree(three_folders[1], tmp_path / "mine")
    text = folder / "t5gemma-b-b-ul2"
    inner = json.loads((text / "config.json").read_text())["encoder"]
    halves = T5GemmaConfig(encoder=inner, decoder=inner, vocab_size=inner["vocab_size"])
    whole = T5GemmaForConditionalGeneration(halves)
    encoder = whole.model.encoder
    known = load_file(text / "model.safetensors")
    encoder.load_state_dict({key.removeprefix("encoder."): each for key, each in known.items()})
    whole.bfloat16().save_pretrained(text)
    for name, told in OLDER_TEXT.items():
        at = text / name
        before = json.loads(at.read_text()) if at.is_file() else {}
        at.write_text(json.dumps(before | told))
    (text / "tokenizer.model").write_bytes(b"not read")
    parts = check_folder(folder).parts
    assert parts["text_encoder"].parameters == sum(each.numel() for each in encoder.parameters())
    ours, theirs = (
        pipeline_of(each).family.conditions("pad", 1.0, 1)["encoder_hidden_states"]
        for each in (folder, three_folders[1])
    )
    torch.testing.assert_close(ours, theirs, atol=0.1, rtol=0)  # weights of 16 bits


def test_small_ones_see_chunks_that_move_by_half(chunked):
    """A plain loop over all chunks, instead of the folded one."""
    pipeline = pipeline_of(chunked)
    vae = pipeline.modules[1]
    latents = torch.randn(1, 16, 5, generator=torch.Generator().manual_seed(1))
    level = vae.decoder.blocks[0]
    with torch.inference_mode():
        known = vae.bottleneck.decode(latents)
        known = vae.decoder.proj(known.transpose(1, 2))[0]
        known = torch.cat([known, torch.zeros(1, known.shape[1])])  # to whole chunks
        new = level.new_tokens[0].expand(16, -1)
        tokens = [torch.cat([each[None], new]) for each in known]
        first, second = level.transformers[:1], level.transformers[1:]
        for at in range(0, len(tokens), 2):
            tokens[at], tokens[at + 1] = through(first, tokens[at], tokens[at + 1])
        moved = [tokens[0], *tokens, tokens[-1]]
        for at in range(0, len(moved), 2):
            moved[at], moved[at + 1] = through(second, moved[at], moved[at + 1])
        fine = torch.cat([each[1:] for each in moved[1:-1]])
        expected = vae.patch_embed.decode(level.mapping(fine.T[None]))[:, :, : 5 * 4096]
    found = pipeline.decode(latents, closed=False, report=REPORT, on_piece=None)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def through(layers, one, other):
    joined = torch.cat([one, other])[None]
    for layer in layers:
        joined = layer(joined)
    return joined[0, : len(one)], joined[0, len(one) :]


def test_loops_of_small_ones_close_and_are_made_of_whole_chunks(chunked):
    coder = pipeline_of(chunked).autoencoder
    latents = torch.randn(1, 16, 70, generator=torch.Generator().manual_seed(1))

    def decoded(each):
        with torch.inference_mode():
            return coder.decode(each, closed=True, on_piece=lambda *_: None)

    turned = decoded(latents).roll(2 * 4096, dims=2)
    torch.testing.assert_close(decoded(latents.roll(2, dims=2)), turned, atol=1e-5, rtol=0)
    generator = generator_of(chunked)
    request = LoopRequest(prompt="pad", bars=1, bpm=127.0, steps=1)  # 20.3 latents
    (take,) = generator.generate(request, generator.plan(request).grid, [1], lambda *_: None)
    assert len(take.audio) == 20 * 4096


def test_every_tensor_that_the_tools_write_has_a_place():
    for pipeline, keys in KEYS.items():
        for key in keys:
            place_of(key.replace("#", "3"), pipeline)
        for key in ("model_ema.model.model.preprocess_conv.weight", f"{keys[0]}.more"):
            with pytest.raises(UnknownKey):
                place_of(key, pipeline)


def test_what_is_read_of_a_configuration_is_on_the_list_of_what_may_be_in_one():
    for family, read in ((STABLE_AUDIO_OPEN, _OPEN), (STABLE_AUDIO_3, _THREE)):
        steps = {step for place in read for step in place.split(".")}
        assert steps - family.single.keys == {
            "model", "prompt", "seconds_start", "seconds_total",
        } & steps  # fmt: skip


def changed_weights(change):
    def apply(folder):
        tensors = load_file(folder / "model.safetensors")
        change(tensors)
        save_file(tensors, folder / "model.safetensors")

    return apply


def changed_config(*path, value):
    def apply(folder):
        file = folder / "model_config.json"
        config = at = json.loads(file.read_text())
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        file.write_text(json.dumps(config))

    return apply


def without_text(folder):
    shutil.rmtree(folder / "t5gemma-b-b-ul2")


PADDING = "conditioner.conditioners.prompt.padding_embedding"
DIT = ("model", "diffusion", "config")
REFUSED = {
    "copy of another kind": (
        changed_weights(lambda t: t.update({"ema.weight": torch.ones(2)})), "ema.weight",
    ),
    "unknown tensor": (
        changed_weights(lambda t: t.update({"model.model.x": torch.ones(2)})), "model.model.x",
    ),
    "tensor missing": (changed_weights(lambda t: t.pop(PADDING)), "prompt_padding_embedding"),
    "another shape": (
        changed_weights(lambda t: t.update({PADDING: torch.ones(7)})), r"\[7\], not \[24\]",
    ),
    "other configuration": (changed_config(*DIT, "depth", value=3), "lacks"),
    "widths beyond the weights": (changed_config(*DIT, "embed_dim", value=90_000), "embed_dim"),
    "unknown key": (changed_config(*DIT, "gated", value="yes"), "gated"),
    "unknown switch": (changed_config(*DIT, "gated", value=True), "gated"),
    "known key, other sound": (
        changed_config(*DIT, "global_cond_type", value="prepend"), "prepend",
    ),
    "prompts read otherwise": (
        changed_config("model", "conditioning", "configs", 0, "type", value="clap_text"),
        "read by t5gemma or t5",
    ),
    "code": (changed_config("auto_map", value={"x": "y"}), "auto_map"),
    "no text encoder": (without_text, "the file of weights has no text encoder"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_known_to_the_letter_is_refused_by_name(tmp_path, three_folders, case):
    folder = shutil.copytree(three_folders[1], tmp_path / "mine")
    change, named = REFUSED[case]
    change(folder)
    with pytest.raises((UntrustedFolder, UnusableCheckpoint), match=named):
        check_and_load(folder)


def check_and_load(folder):
    check_folder(folder)
    generator_of(folder)


def test_the_catalogue_fetches_the_file_and_the_text_encoder_and_nothing_else(
    tmp_path, three_folders
):
    entry = built_in_catalogue().entry("stable-audio-3-small-music-base")
    files = {
        path.relative_to(three_folders[1]).as_posix(): path.read_bytes()
        for path in three_folders[1].rglob("*")
        if path.is_file()
    }
    others = dict.fromkeys(("model.ckpt", "README.md", "run.py", "SAME/model.safetensors"), b"x")
    store = ModelStore(Catalogue([entry]), tmp_path / "store")
    with Hub() as hub:
        hub.repos[entry.hub] = files | others
        assert download(store, hub, entry) == ChildEvent(done=True)
        assert sorted(hub.fetched()) == sorted(files)
    assert store.find(entry.id).checkpoint.family == entry.family


def test_without_the_file_of_weights_nothing_is_fetched(tmp_path):
    names = {SINGLE, "model.ckpt", "t5gemma-b-b-ul2/model.safetensors"}
    assert needed_files(names) == names - {"model.ckpt"}
    entry = built_in_catalogue().entry("stable-audio-3-medium-base")
    with Hub() as hub:
        hub.repos[entry.hub] = dict.fromkeys(names, b"{}")
        failed = download(ModelStore(Catalogue([entry]), tmp_path / "store"), hub, entry).failed
        assert "the repository has no weights in safetensors" in failed
        assert not hub.fetched()


def test_the_catalogue_says_how_large_they_are():
    known = {entry.id: entry for entry in built_in_catalogue().entries}
    small, medium = (known[f"stable-audio-3-{name}"] for name in ("small-music", "medium"))
    with torch.device("meta"):  # full size, without memory for the weights
        parts = stable_audio_parts(SMALL)
        see_chunks(parts["vae"], 2)
        made = sum(
            weight.numel() for part in parts.values() if isinstance(part, torch.nn.Module)
            for weight in part.parameters()
        )  # fmt: skip
    assert small.memory_bytes - WORK.bytes_for(USUAL_SECONDS, 1) == pytest.approx(
        4 * made, rel=0.02
    )
    assert medium.size_bytes == 9_222_116_660 - 133_488 + 1_183_022_944
