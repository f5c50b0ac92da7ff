"""Two checkpoints that have everything in common but the UNet."""

import json
import shutil
import weakref

import pytest

from engine.generators.interface import SharesModules
from engine.generators.latent_diffusion.generator import LatentDiffusionGenerator
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.models.manifest import sha256_of
from tests.fakes.tiny_checkpoints import write_audioldm2

FACTS = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
SHARED = {"vae", "text_encoder", "text_encoder_2", "vocoder", "language_model", "projection_model"}
REQUEST = LoopRequest(prompt="dusty drums", bars=1, bpm=400.0, steps=2)


def hashes_of(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def load(folder, reusable=None, dtype="float32"):
    return LatentDiffusionGenerator(
        folder, FACTS, device="cpu", dtype=dtype, hashes=hashes_of(folder), reusable=reusable or {}
    )


def sound(generator):
    grid = generator.plan(REQUEST).grid
    (take,) = generator.generate(REQUEST, grid, [1], lambda *_: None)
    return take.audio.tobytes()


@pytest.fixture
def two(folders, tmp_path):
    other = shutil.copytree(folders["audioldm2"], tmp_path / "other")
    shutil.rmtree(other / "unet")
    shutil.copytree(write_audioldm2(tmp_path / "seed", seed=5) / "unet", other / "unet")
    return folders["audioldm2"], other


def test_shared_parts_are_handed_over_and_sound_as_if_freshly_loaded(two):
    first, second = two
    old = load(first)
    assert isinstance(old, SharesModules)
    before = sound(old)
    reusable = old.release_modules(second, hashes_of(second))
    assert reusable.keys() == SHARED
    new = load(second, reusable)
    after = sound(new)
    back = new.release_modules(first, hashes_of(first))
    assert all(back[name].module is reusable[name].module for name in SHARED)
    assert after == sound(load(second)) != before
    assert sound(load(first, back)) == before


def test_unshared_parts_are_released_before_the_new_model_is_loaded(two):
    first, second = two
    old = load(first)
    unet = weakref.ref(old.release_modules(first, hashes_of(first))["unet"].module)
    reusable = old.release_modules(second, hashes_of(second))
    del old
    assert reusable
    assert unet() is None


def test_a_part_with_another_hash_or_none_is_loaded_separately(two):
    first, second = two
    old = load(first)
    damaged = {
        name: "0" * 64 if name.startswith("vae/") else digest
        for name, digest in hashes_of(second).items()
    }
    assert old.release_modules(second, damaged).keys() == SHARED - {"vae"}
    assert old.release_modules(second, {}) == {}
    assert old.release_modules(second, dict.fromkeys(damaged, "0" * 64)) == {}


def test_a_part_with_another_configuration_is_loaded_separately(two):
    first, second = two
    config = second / "vae" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"scaling_factor": 0.5}))
    reusable = load(first).release_modules(second, hashes_of(second))
    assert reusable.keys() == SHARED - {"vae"}


def test_parts_of_another_precision_are_not_shared(two):
    first, second = two
    reusable = load(first).release_modules(second, hashes_of(second))
    new = load(second, reusable, dtype="bfloat16")
    assert sound(new) == sound(load(second, dtype="bfloat16"))
