"""The model in memory, from one checkpoint to the next."""

import shutil

from engine.generators.interface import SharesModules
from engine.models.catalogue import Catalogue
from engine.models.store import ModelStore
from engine.server.loaded_model import LoadedModel
from tests.fakes.tiny_checkpoints import write_musicldm


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
