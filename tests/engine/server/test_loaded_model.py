"""The model in memory, from one checkpoint to the next."""

import shutil

import pytest

from engine.generators.interface import JobCancelled, SharesModules
from engine.models.catalogue import Catalogue
from engine.models.store import ModelStore
from engine.server.loaded_model import LoadedModel
from tests.fakes.tiny_checkpoints import write_musicgen, write_musicldm


def test_parts_shared_by_two_models_are_loaded_once(tmp_path):
    one = write_musicldm(tmp_path / "one")
    two = shutil.copytree(one, tmp_path / "two")
    shutil.rmtree(two / "unet")
    shutil.copytree(write_musicldm(tmp_path / "seed", seed=5) / "unet", two / "unet")
    store = ModelStore(Catalogue([]), tmp_path / "store")
    first, second = store.find(str(one)), store.find(str(two))
    loads = []
    model = LoadedModel(store)
    generator = model.generator(first, 1.0, lambda: loads.append(1))
    assert isinstance(generator, SharesModules)
    before = generator.release_modules(two, second.hashes)
    assert before.keys() == {"vae", "text_encoder", "vocoder"}
    after = model.generator(second, 1.0, lambda: loads.append(2)).release_modules(one, first.hashes)
    assert all(after[name].module is before[name].module for name in before)
    model.unload()
    fresh = model.generator(second, 1.0, lambda: loads.append(2)).release_modules(one, first.hashes)
    assert all(fresh[name].module is not before[name].module for name in before)
    assert loads == [1, 2, 2]


@pytest.mark.parametrize("write", [write_musicldm, write_musicgen])
def test_loading_can_be_given_up_between_any_two_parts_and_begun_again(tmp_path, write):
    store = ModelStore(Catalogue([]), tmp_path / "store")
    found, model, checks = store.find(str(write(tmp_path / "one"))), LoadedModel(store), []
    for last in (1, 2):

        def give_up(last=last):
            checks.append(1)
            if len(checks) == last:
                raise JobCancelled

        checks.clear()
        with pytest.raises(JobCancelled):
            model.generator(found, 1.0, lambda: None, give_up)
    checks.clear()
    assert model.generator(found, 1.0, lambda: None, lambda: checks.append(1)) is not None
    assert len(checks) >= 2


def test_hashing_a_model_can_be_given_up(tmp_path):
    folder, store = write_musicldm(tmp_path / "one"), ModelStore(Catalogue([]), tmp_path / "store")

    def give_up(_size):
        raise JobCancelled

    with pytest.raises(JobCancelled):
        store.find(str(folder), give_up)
    assert store.find(str(folder)).hashes
