"""Random checkpoints are of use where tokens vary, prompts matter and sound comes out."""

import dataclasses

import pytest

from engine.generators.quiet_libraries import quiet_libraries
from tests.fakes.tiny_checkpoints import write_musicgen

KINDS = {
    "text": {},
    "stereo": {"stereo": True},
    "melody": {"melody": True},
    "stereo-melody": {"melody": True, "stereo": True},
}
SAMPLES_PER_FRAME = 640


@dataclasses.dataclass
class Made:
    """Two prompts' audio, (prompts, channels, samples), and what loading found."""

    channels: int
    report: dict
    audio: object


@pytest.fixture(scope="module", params=KINDS)
def made(request, tmp_path_factory):
    import torch
    from transformers.models.musicgen import modeling_musicgen
    from transformers.models.musicgen_melody import modeling_musicgen_melody
    from transformers.models.t5.tokenization_t5 import T5Tokenizer

    kind = KINDS[request.param]
    folder = write_musicgen(tmp_path_factory.mktemp("musicgen"), **kind)
    model_class = modeling_musicgen.MusicgenForConditionalGeneration
    if "melody" in kind:
        model_class = modeling_musicgen_melody.MusicgenMelodyForConditionalGeneration
    with quiet_libraries():
        model, report = model_class.from_pretrained(folder, output_loading_info=True)
    texts = ["a warm bass", "fast drums"]
    read = T5Tokenizer.from_pretrained(folder)(texts, return_tensors="pt", padding=True)
    with torch.inference_mode(), quiet_libraries():
        audio = model.generate(**read, do_sample=False, max_new_tokens=40)
    return Made(2 if "stereo" in kind else 1, report, audio.numpy())


def test_all_weights_are_assigned_and_the_channels_are_right(made):
    assert not made.report["missing_keys"]
    assert not made.report["unexpected_keys"]
    assert made.audio.shape[:2] == (2, made.channels)


def test_the_audio_has_a_reasonable_level(made):
    loudness = made.audio.std(axis=-1)
    assert loudness.min() > 0.02
    assert loudness.max() < 0.5


def test_two_prompts_sound_different(made):
    assert (made.audio[0] - made.audio[1]).std() > 0.5 * made.audio.std()


def test_the_audio_changes_from_frame_to_frame(made):
    frames = made.audio.reshape(2, made.channels, -1, SAMPLES_PER_FRAME)
    steps = (frames[:, :, 1:] - frames[:, :, :-1]).std(axis=-1)
    assert (steps > 0.3 * frames.std()).mean() > 0.5
