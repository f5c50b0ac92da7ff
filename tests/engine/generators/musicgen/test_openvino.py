"""OpenVINO computes what torch does; `test_parity.py` compares torch with the library."""

import sys

import pytest
import torch

from engine.generators.musicgen.checkpoint import load_checkpoint
from engine.generators.musicgen.conditions import Condition, ConditionEncoder
from engine.generators.musicgen.sampling import Sampling
from engine.generators.musicgen.tokens import TokenDecoder, TokenRequest
from engine.generators.musicgen.transformer import Transformer
from engine.generators.musicgen.transformer_choice import make_transformer
from engine.loops.cancel import no_check

pytest.importorskip("openvino", reason="the extra `fast` is not installed")

from engine.generators.musicgen.openvino_transformer import OpenVinoTransformer

CPU = torch.device("cpu")
GREEDY = Sampling(top_k=1)


class Side:
    """A decode loop on tiny weights, computed by torch or OpenVINO."""

    def __init__(self, folder, kind, *, int8=False):
        checkpoint = load_checkpoint(folder)
        decoder = checkpoint.model.decoder
        if kind is OpenVinoTransformer:
            self.transformer = OpenVinoTransformer(decoder, torch.float32, int8=int8)
        else:
            dtype = torch.bfloat16 if int8 else torch.float32
            self.transformer = Transformer(decoder, CPU, dtype, int8=int8)
        self.decoder = TokenDecoder(self.transformer, decoder.config.audio_channels, 50)
        self.encoder = ConditionEncoder(
            checkpoint.model, checkpoint.tokenizer, takes_melody=checkpoint.takes_melody
        )

    def codes(self, condition, *, guidance=3.0, seeds=(1,), sampling=GREEDY, before=None):
        request = TokenRequest(
            conditions=lambda _begin: condition, seeds=list(seeds), frames=30, guidance=guidance,
            sampling=sampling, before=before,
        )  # fmt: skip
        return self.decoder.codes(request, lambda _codes, _frames: None)

    def logits(self, tokens, text):
        cache = self.transformer.new_cache(len(tokens), tokens.shape[2], text)
        inputs = self.transformer.embed(tokens)
        return self.transformer.advance(inputs, cache, whole=True)


@pytest.fixture(scope="module", params=["mono", "stereo melody"])
def sides(request, musicgen_folders):
    folder = musicgen_folders[request.param]
    return Side(folder, Transformer), Side(folder, OpenVinoTransformer)


def test_greedy_tokens_in_float32_are_the_same(sides):
    exact = sides[0]
    condition = exact.encoder.encode("melodic techno, 128 bpm")
    guided = [side.codes(condition) for side in sides]
    assert torch.equal(*guided)
    assert len(guided[0].unique()) > 20
    before = guided[0][0, :, :12]
    assert torch.equal(*(side.codes(condition, before=before) for side in sides))
    if condition.text is not None:  # A melody's condition cannot be left out.
        assert torch.equal(*(side.codes(Condition(), guidance=1.0) for side in sides))
    left, right = guided[0][:, :, :20], guided[0][:, :, 20:]
    scores = [side.decoder.surprisal(condition, left, right) for side in sides]
    assert torch.allclose(*scores, atol=1e-4)


def test_a_take_has_the_same_tokens_alone_and_in_a_batch(sides):
    fast = sides[1]
    condition = fast.encoder.encode("melodic techno")
    batch = fast.codes(condition, seeds=[5, 6, 7, 8], sampling=Sampling())
    alone = fast.codes(condition, seeds=[7], sampling=Sampling())
    assert torch.equal(alone[0], batch[2])
    assert not torch.equal(batch[1], batch[2])


def test_the_plug_in_computes_attention_over_its_cache_in_one_operation(sides):
    layers = len(sides[0].transformer._layers)
    kinds = [
        node.get_rt_info()["layerType"].astype(str)
        for node in sides[1].transformer._step.get_runtime_model().get_ops()
    ]
    assert kinds.count("ScaledDotProductAttention") >= layers
    assert kinds.count("MemoryInput") == 2 * layers


def test_eight_bits_are_as_close_as_those_of_torch(musicgen_folders):
    folder = musicgen_folders["mono"]
    exact = Side(folder, Transformer)
    text = exact.encoder.encode("melodic techno").text
    tokens = exact.codes(exact.encoder.encode("melodic techno"))[:, :, :16].expand(2, -1, -1)
    wanted = exact.logits(tokens, text)
    distances = []
    for kind in (Transformer, OpenVinoTransformer):
        found = Side(folder, kind, int8=True).logits(tokens, text)
        distances.append(float(1 - torch.cosine_similarity(found, wanted, dim=-1).mean()))
    assert 0 < distances[1] < max(1.5 * distances[0], 2e-3)


def test_a_pass_of_many_positions_can_be_cancelled(sides):
    fast = sides[1].transformer
    calls = []

    def check():
        calls.append(1)
        raise KeyboardInterrupt

    inputs = fast.embed(torch.zeros(2, fast.codebooks, 20, dtype=torch.long))
    with pytest.raises(KeyboardInterrupt):
        fast.advance(inputs, fast.new_cache(2, 20, None), check=check)
    assert calls == [1]
    assert fast.advance(inputs, fast.new_cache(2, 20, None)).isfinite().all()


def test_a_damaged_installation_costs_only_the_speed(musicgen_folders, monkeypatch, expect_log):
    monkeypatch.setitem(sys.modules, "engine.generators.musicgen.openvino_transformer", None)
    expect_log("OpenVINO cannot be imported, so torch is used")
    decoder = load_checkpoint(musicgen_folders["mono"]).model.decoder
    made = make_transformer(decoder, CPU, torch.float32, no_check, int8=False)
    assert isinstance(made, Transformer)


def test_it_is_chosen_where_it_is_installed(musicgen_folders):
    decoder = load_checkpoint(musicgen_folders["mono"]).model.decoder
    made = make_transformer(decoder, CPU, torch.float32, no_check, int8=False)
    assert isinstance(made, OpenVinoTransformer)


def test_a_device_that_is_not_there_leaves_the_work_to_the_cpu(
    musicgen_folders, monkeypatch, expect_log
):
    monkeypatch.setenv("LOOPWRIGHT_OPENVINO_DEVICE", "NPU")
    expect_log("OpenVINO cannot use NPU, so it computes on the CPU")
    folder = musicgen_folders["mono"]
    without = Side(folder, OpenVinoTransformer)
    monkeypatch.delenv("LOOPWRIGHT_OPENVINO_DEVICE")
    with_cpu = Side(folder, OpenVinoTransformer)
    tokens = torch.zeros(1, without.transformer.codebooks, 3, dtype=torch.long)
    assert torch.equal(without.logits(tokens, None), with_cpu.logits(tokens, None))
