"""The published checkpoints of MusicGen that the catalogue offers, as data.

Sizes are computed from the shapes, four bytes a parameter; the exact size is known when the
download begins. Memory is the weights in float32 and what an eight-second loop needs in addition.
"""

from typing import NamedTuple

from engine.models.entry import ModelEntry
from engine.models.memory import USUAL_SECONDS, musicgen_work
from engine.models.settings import modes_of, settings_of

_LICENCE = "CC-BY-NC-4.0: not for commercial use"
_GENERATOR = "engine.generators.musicgen.generator:MusicGenGenerator"
_TEXT_ENCODER, _CODEC = 109_628_544, 56_884_674
_TEXT_WIDTH, _CHROMA, _CODES, _CODEBOOKS = 768, 12, 2048, 4


class DecoderShape(NamedTuple):
    """The widths of a decoder; its feed-forward layers are four times as wide."""

    hidden: int
    layers: int


SMALL, MEDIUM, LARGE = DecoderShape(1024, 24), DecoderShape(1536, 48), DecoderShape(2048, 48)


def decoder_parameters(shape: DecoderShape, *, melody: bool, channels: int) -> int:
    """Return the number of parameters of a decoder and its conditioning layers.

    Args:
        shape: the widths.
        melody: whether conditions are placed in front of the tokens, without cross-attention.
        channels: 1 or 2.
    """
    width = shape.hidden
    attentions = 1 if melody else 2
    layer = attentions * 4 * width**2 + 2 * width * (4 * width)
    layer += (attentions + 1) * 2 * width  # norms
    # One more embedding than there are codes: that of the pad token.
    tables = _CODEBOOKS * channels * ((_CODES + 1) + _CODES) * width
    conditions = (_TEXT_WIDTH + 1) * width
    if melody:
        conditions += (_CHROMA + 1) * width
    return shape.layers * layer + 2 * width + tables + conditions


def _entry(
    kind: str,
    shape: DecoderShape,
    good_for: str,
    *,
    melody: bool = False,
    channels: int = 1,
    pickled: bool = False,
) -> ModelEntry:
    decoder = decoder_parameters(shape, melody=melody, channels=channels)
    weights = 4 * (_TEXT_ENCODER + _CODEC + decoder)
    work = musicgen_work(shape.layers, shape.hidden)
    family = "musicgen-melody" if melody else "musicgen"
    return ModelEntry(
        id=f"musicgen-{kind}",
        name=f"MusicGen {kind.replace('-', ' ')}",
        family=family,
        licence=_LICENCE,
        commercial_use=False,
        sample_rate=32_000,
        channels=channels,
        size_bytes=weights,
        good_for=good_for,
        generator=_GENERATOR,
        hub=f"facebook/musicgen-{kind}",
        pickled=pickled,
        memory_bytes=weights + work.bytes_for(USUAL_SECONDS, 1),
        work=work,
        modes=modes_of(family),
        settings=settings_of(family),
    )


MUSICGEN = (
    _entry("small", SMALL, "music from a prompt; the smallest and fastest of its family"),
    _entry("medium", MEDIUM, "music from a prompt; between small and large", pickled=True),
    _entry("large", LARGE, "music from a prompt; the largest, slow without a GPU", pickled=True),
    _entry("melody", MEDIUM, "music from a prompt that follows a melody", melody=True),
    _entry("melody-large", LARGE, "like musicgen-melody, with the largest decoder", melody=True),
    _entry("stereo-small", SMALL, "like musicgen-small, in stereo", channels=2),
    _entry("stereo-medium", MEDIUM, "like musicgen-medium, in stereo", channels=2),
    _entry("stereo-large", LARGE, "like musicgen-large, in stereo", channels=2),
    _entry("stereo-melody", MEDIUM, "like musicgen-melody, in stereo", melody=True, channels=2),
    _entry(
        "stereo-melody-large",
        LARGE,
        "like musicgen-melody-large, in stereo",
        melody=True,
        channels=2,
    ),
)
