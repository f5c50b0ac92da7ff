"""Same weights, same conditions: our tokens and our sound are those of the library's generate()."""

import pytest
import torch

from engine.generators.musicgen.checkpoint import load_checkpoint
from engine.generators.musicgen.codec import Codec
from engine.generators.musicgen.conditions import Condition, ConditionEncoder
from engine.generators.musicgen.sampling import Sampling
from engine.generators.musicgen.tokens import TokenDecoder, TokenRequest
from engine.generators.musicgen.transformer import Transformer
from engine.generators.quiet_libraries import quiet_libraries

TOLERANCE = 1e-4
FRAMES = 20
PROMPT = "melodic techno, 128 bpm"
GREEDY = Sampling(top_k=1)
MELODY = torch.eye(12)[torch.tensor([0, 4, 7, 11, 7, 4, 2, 9, 5])]


class Ours:
    """The parts of one of our generators, without what makes a request of it."""

    def __init__(self, folder):
        checkpoint = load_checkpoint(folder)
        decoder = checkpoint.model.decoder
        self.channels = decoder.config.audio_channels
        self.transformer = Transformer(decoder, torch.device("cpu"), torch.float32)
        self.codec = Codec(checkpoint.model.audio_encoder)
        self.encoder = ConditionEncoder(
            checkpoint.model, checkpoint.tokenizer, takes_melody=checkpoint.takes_melody
        )
        self.decoder = TokenDecoder(self.transformer, self.channels, self.codec.frames_per_second)

    def codes(self, condition, frames=FRAMES, guidance=3.0, seeds=(1,), **more):
        order = TokenRequest(
            conditions=lambda _begin: condition,
            seeds=list(seeds),
            frames=frames,
            guidance=guidance,
            **{"sampling": GREEDY} | more,
        )
        return self.decoder.codes(order, lambda _codes, _frames: None)


@pytest.fixture(scope="module")
def ours(musicgen_folders):
    return {name: Ours(folder) for name, folder in musicgen_folders.items()}


@pytest.fixture(scope="module")
def upstream(musicgen_folders):
    found = {name: load_checkpoint(folder) for name, folder in musicgen_folders.items()}
    for each in found.values():
        each.model.generation_config.max_length = None
    return found


@torch.no_grad()
def generated(upstream, frames=FRAMES, guidance=3.0, **more):
    tokens = upstream.tokenizer([PROMPT], return_tensors="pt")
    with quiet_libraries():
        return upstream.model.generate(
            **tokens, do_sample=False, guidance_scale=guidance, max_new_tokens=frames + 3, **more
        )


def assert_same(found, wanted):
    assert found.shape == wanted.shape
    assert wanted.abs().max() > 0.05  # Silence would equal silence.
    assert (found - wanted).abs().max() < TOLERANCE


@pytest.mark.parametrize("guidance", [1.0, 3.0])
@pytest.mark.parametrize("kind", ["mono", "stereo", "melody", "stereo melody"])
def test_greedy_audio_from_text_matches_generate(ours, upstream, kind, guidance):
    mine = ours[kind]
    codes = mine.codes(mine.encoder.encode(PROMPT), guidance=guidance)
    assert len(codes.unique()) > 20  # A model that repeats itself would prove little.
    found = mine.codec.decode(codes, mine.channels)
    assert_same(found, generated(upstream[kind], guidance=guidance))


@pytest.mark.parametrize("kind", ["melody", "stereo melody"])
def test_greedy_audio_from_a_melody_matches_generate(ours, upstream, kind):
    mine = ours[kind]
    codes = mine.codes(mine.encoder.encode(PROMPT, MELODY))
    wanted = generated(upstream[kind], input_features=MELODY[None])
    assert_same(mine.codec.decode(codes, mine.channels), wanted)
    other = mine.codes(mine.encoder.encode(PROMPT, MELODY.roll(3, dims=1)))
    assert not torch.equal(codes, other)


@pytest.mark.parametrize("kind", ["mono", "stereo"])
@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_greedy_continuation_matches_generate(ours, upstream, kind, guidance):
    mine = ours[kind]
    noise = torch.Generator().manual_seed(3)
    sound = 0.3 * torch.randn(mine.channels, 640 * 7, generator=noise)
    codes = mine.codes(
        mine.encoder.encode(PROMPT), guidance=guidance, before=mine.codec.encode(sound)
    )
    wanted = generated(
        upstream[kind], frames=FRAMES - 7, guidance=guidance, input_values=sound[None]
    )
    assert_same(mine.codec.decode(codes, mine.channels), wanted)


def test_tokens_without_a_prompt_match_generate(ours, upstream):
    mine, model = ours["mono"], upstream["mono"].model
    codes = mine.codes(Condition(), guidance=1.0)
    with torch.no_grad(), quiet_libraries():
        wanted = model.generate(
            **model.get_unconditional_inputs(1), do_sample=False, max_new_tokens=FRAMES + 3
        )
    assert_same(mine.codec.decode(codes, 1), wanted)


def test_logits_match_the_library(ours, upstream):
    mine, theirs = ours["mono"], upstream["mono"]
    codes = mine.codes(mine.encoder.encode(PROMPT))
    columns = mine.decoder.pattern.columns(codes, FRAMES)
    tokens = theirs.tokenizer([PROMPT], return_tensors="pt")
    with torch.no_grad():
        wanted = theirs.model(**tokens, decoder_input_ids=columns[0]).logits
        text = mine.encoder.encode(PROMPT).text.expand(2, -1, -1)
        inputs = mine.transformer.embed(columns.expand(2, -1, -1))
        cache = mine.transformer.new_cache(2, FRAMES, text)
        found = mine.transformer.advance(inputs, cache, whole=True)[0]
    assert (found - wanted).abs().max() < TOLERANCE


@pytest.mark.parametrize("kind", ["mono", "stereo melody"])
def test_a_take_has_the_same_tokens_alone_and_in_a_batch(ours, kind):
    mine = ours[kind]
    condition = mine.encoder.encode(PROMPT)
    batch = mine.codes(condition, seeds=[5, 6, 7, 8], sampling=Sampling(), frames=60)
    for number, seed in enumerate([5, 6, 7, 8]):
        alone = mine.codes(condition, seeds=[seed], sampling=Sampling(), frames=60)
        assert torch.equal(alone[0], batch[number])
    assert not torch.equal(batch[0], batch[1])


def test_audio_decoded_in_chunks_matches_the_whole(ours):
    mine = ours["stereo"]
    codes = mine.codes(mine.encoder.encode(PROMPT), sampling=Sampling(), frames=90)
    whole = mine.codec.decode(codes, 2)
    stream = mine.codec.stream(1, 2)
    pieces = [stream.feed(codes[:, :, :end]) for end in (3, 8, 30, 31, 77)]
    pieces.append(stream.feed(codes, last=True))
    assert pieces[2].shape[2] > 0
    joined = torch.cat(pieces, dim=2)
    assert joined.shape == whole.shape
    assert (joined - whole).abs().max() < 1e-5


@pytest.mark.slow
def test_beyond_the_window_generation_continues_from_the_last_twelve_seconds(ours):
    mine = ours["mono"]
    begins = []
    condition = mine.encoder.encode(PROMPT)

    def conditions_at(begin):
        begins.append(begin)
        return condition

    order = TokenRequest(conditions=conditions_at, seeds=[1], frames=1700, guidance=1.0)
    codes = mine.decoder.codes(order, lambda _codes, _frames: None)
    assert begins == [0, 900]
    short = mine.codes(condition, frames=1500, guidance=1.0, sampling=Sampling())
    # The last places of a window know that nothing follows; all before are the same.
    assert torch.equal(codes[:, :, :1490], short[:, :, :1490])
    assert len(codes[0, 0, 1500:].unique()) > 20


def test_a_join_the_model_would_play_itself_is_less_surprising(ours):
    mine = ours["mono"]
    condition = mine.encoder.encode(PROMPT)
    codes = mine.codes(condition, frames=60, guidance=1.0)
    left, right = codes[:, :, :40], codes[:, :, 40:60]
    other = mine.codes(condition, frames=20, guidance=1.0, seeds=[9], sampling=Sampling(top_k=0))
    own, foreign = mine.decoder.surprisal(
        condition, left.expand(2, -1, -1), torch.cat([right, other])
    )
    assert own < 0.5 * foreign
