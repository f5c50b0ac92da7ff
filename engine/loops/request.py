"""One request for loops, checked field by field.

A field that is None is open: the words of the prompt decide it, or else the model's default. Which
of the model settings a model has is defined in its catalogue entry.
"""

import enum
import re
import unicodedata
from typing import Any

import msgspec

from engine.loops.adapters import adapters_named
from engine.loops.errors import LoopError, OutOfRange
from engine.loops.guide import Guide, checked_guide
from engine.loops.key import parse_key
from engine.loops.kit import KitSound
from engine.loops.tempo import (
    HIGHEST_BARS,
    LONGEST_SECONDS,
    RATES,
    Meter,
    checked_bpm,
)

LONGEST_PROMPT = 4_000
LONGEST_SOURCE_S = 3_600
HIGHEST_SEED = 2**31 - 1
HIGHEST_TAKES = 16
BIT_DEPTHS = ("16", "24", "32f")
MODEL_SETTINGS = (
    "steps", "guidance", "scheduler", "eta", "temperature", "top_k", "top_p",
    "transcription", "language", "max_new_tokens", "draft", "verbatim", "toward", "toward_amount",
    "keep_latents", "adapters",
)  # fmt: skip
"""The fields that only some models have; see `engine.models.entry.ModelEntry`."""
SOURCE_FACTS = ("source_bpm", "source_meter", "source_key", "source_bars", "source_start")
"""The fields with what the user states about the source; a start is in seconds."""
SKETCH_VERSIONS = (1, 2)
"""The versions of sketch whose loops can be made again; the last is the newest."""
DEFAULT_AMOUNT = 0.5
"""How far a variation, blend or move toward another prompt goes by default."""


class SourceMode(enum.StrEnum):
    """What a request does with its source."""

    CONTINUE = "continue"
    MELODY = "melody"
    VARY = "vary"
    REDO = "redo"
    BLEND = "blend"
    RETEMPO = "retempo"
    REKEY = "rekey"
    STEMS = "stems"
    ACCOMPANY = "accompany"


MODES = tuple(mode.value for mode in SourceMode)
SONG_PARTS = ("intro", "verse", "build", "chorus", "drop", "break", "bridge", "outro")
"""The parts of a song that one idea can be played as."""
_CRAFT_MODES = (SourceMode.BLEND, SourceMode.RETEMPO, SourceMode.REKEY)
MOST_FITTED = 8
"""How many loops a part can fit: the source, and `fits`."""
BLENDED_IN = ("sound", "latents")
"""Where two sources are blended: in the audio, or in a model's latents."""


class LoopRequest(
    msgspec.Struct,
    frozen=True,
    gc=False,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """One request for a loop, or for a one-shot if `seconds` is given.

    `near_words` settles how words that sketch does not know are read: pairs of unknown words and
    the known words that they are read as. It is settled when a loop is made, so that the recipe
    makes the same loop again when a later version knows more words. `sketch_version` settles in the
    same way which version of sketch plays; None is the newest. `guide` is what a part that fits
    other loops follows; once it is settled, the loops are not needed.
    `kit` records the sounds of one's own that the drums were played with.
    """

    prompt: str = ""
    also: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    negative: str | None = None
    unconditional: bool = False
    model: str = "sketch"
    bars: int | None = None
    seconds: float | None = None
    bpm: float | None = None
    meter: str | None = None
    key: str | None = None
    seed: int | None = None
    takes: int = 1
    rate: int = 48_000
    bits: str = "24"
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    eta: float | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    transcription: str | None = None
    language: str | None = None
    max_new_tokens: int | None = None
    draft: bool = False
    verbatim: bool = False
    toward: str | None = None
    toward_amount: float | None = None
    keep_latents: bool = False
    adapters: str | None = None
    near_words: tuple[tuple[str, str], ...] | None = None
    sketch_version: int | None = None
    source: str | None = None
    mode: str | None = None
    amount: float | None = None
    with_source: str | None = None
    blend_in: str | None = None
    renoise: float | None = None
    redo_bars: str | None = None
    stem: str | None = None
    fits: tuple[str, ...] = ()
    guide: Guide | None = None
    kit: tuple[KitSound, ...] = ()
    source_bpm: float | None = None
    source_meter: str | None = None
    source_key: str | None = None
    source_bars: int | None = None
    source_start: float | None = None

    @property
    def needs_no_model(self) -> bool:
        """Whether craft alone can carry it out."""
        by_model = self.blend_in == "latents" or bool(self.renoise)
        return self.mode in _CRAFT_MODES and not by_model

    @property
    def set_model_settings(self) -> tuple[str, ...]:
        """The names of the `MODEL_SETTINGS` that this request sets."""
        # By identity: a guidance of 0 is a setting, though 0 == False.
        return tuple(
            name
            for name in MODEL_SETTINGS
            if getattr(self, name) is not None and getattr(self, name) is not False
        )

    def without_source(self) -> "LoopRequest":
        """Return its prompts, format and settings; no tempo, length, seed, kit or source."""
        return msgspec.structs.replace(
            self, also=(), seed=None, keep_latents=False, near_words=None, sketch_version=None,
            bpm=None, meter=None, key=None, bars=None, seconds=None,
            source=None, mode=None, amount=None, with_source=None, blend_in=None, renoise=None,
            redo_bars=None, stem=None, fits=(), guide=None, kit=(), parts=(),
            **dict.fromkeys(SOURCE_FACTS),
        )  # fmt: skip


def cleaned_text(text: str) -> str:
    """Return text without control, direction and surrogate characters, spaces collapsed.

    Zero-width joiners stay, since emoji need them. U+FFFE and U+FFFF are removed, since the tags
    of a clip contain the text, and XML does not allow them.
    """
    kept = (
        " " if character.isspace() or unicodedata.category(character) == "Cc" else character
        for character in text
        if unicodedata.category(character) not in ("Cs", "Cf") or character == "\u200d"
    )
    return re.sub(" +", " ", re.sub("[\ufffe\uffff]", "", "".join(kept))).strip()


def checked_request(request: LoopRequest) -> LoopRequest:
    """Return the request with cleaned text and canonical values.

    Raises:
        LoopError: the prompt is empty or too long, or fields contradict each other.
        OutOfRange: a field is outside its range.
    """
    _check_source(request)
    prompt = _checked_prompt(request, request.prompt)
    also = tuple(_checked_prompt(request, text) for text in request.also)
    _check_numbers(request)
    _check_prompts_together(request)
    if request.bars is not None and request.seconds is not None:
        raise LoopError("Both bars and seconds are given: a loop has bars, a one-shot seconds.")
    if request.rate not in RATES:
        raise OutOfRange("The sample rate", request.rate, ", ".join(map(str, RATES)))
    if request.bits not in BIT_DEPTHS:
        raise OutOfRange("The bit depth", request.bits, ", ".join(BIT_DEPTHS))
    key = parse_key(request.key)
    return msgspec.structs.replace(
        request,
        prompt=prompt,
        also=also,
        toward=None if request.toward is None else _checked_length(request.toward),
        negative=None if request.negative is None else _checked_length(request.negative),
        model=cleaned_text(request.model),
        scheduler=None if request.scheduler is None else cleaned_text(request.scheduler),
        transcription=(
            None if request.transcription is None else _checked_length(request.transcription)
        ),
        language=None if request.language is None else cleaned_text(request.language).lower(),
        bpm=None if request.bpm is None else checked_bpm(request.bpm),
        meter=None if not request.meter else str(Meter.parse(request.meter)),
        key=None if key is None else str(key),
        adapters=_checked_adapters(request.adapters),
        **_checked_source_fields(request),
    )


def _checked_adapters(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    return ", ".join(f"{name}:{share:g}" for name, share in adapters_named(cleaned_text(text)))


def _checked_source_fields(request: LoopRequest) -> dict[str, Any]:
    """Return the fields about sources with canonical values."""
    key = parse_key(request.source_key)
    return {
        "stem": None if request.stem is None else cleaned_text(request.stem),
        "fits": tuple(cleaned_text(label) for label in request.fits),
        "guide": None if request.guide is None else checked_guide(request.guide),
        "source_bpm": None if request.source_bpm is None else checked_bpm(request.source_bpm),
        "source_meter": str(Meter.parse(request.source_meter)) if request.source_meter else None,
        "source_key": None if key is None else str(key),
    }


def _checked_prompt(request: LoopRequest, text: str) -> str:
    prompt = _checked_length(text)
    if not prompt and not request.unconditional and not request.source:
        raise LoopError(
            "The prompt is empty: say what to play, for example 'dusty lo-fi drums with swing'."
        )
    return prompt


def _check_prompts_together(request: LoopRequest) -> None:
    """Check the prompts of a request against each other and the other fields.

    Raises:
        LoopError: there are too many takes in all, several prompts for one source, or half a blend.
    """
    prompts, parts = 1 + len(request.also), max(1, len(request.parts))
    if prompts * parts * request.takes > HIGHEST_TAKES:
        of_parts = f" in {parts} parts" if request.parts else ""
        raise LoopError(
            f"{prompts} prompts{of_parts} of {request.takes} takes each are "
            f"{prompts * parts * request.takes} takes: ask for {HIGHEST_TAKES} or fewer in all."
        )
    for part in request.parts:
        if part not in SONG_PARTS:
            raise OutOfRange("The part of a song", part, ", ".join(SONG_PARTS))
    if request.parts and (request.source is not None or request.model != "sketch"):
        raise LoopError(
            "Only sketch plays one idea as the parts of a song, and from a prompt: leave the parts "
            "out, or the source and the model."
        )
    if request.also and request.source is not None:
        raise LoopError("There are several prompts and a source: give the source one prompt.")
    if request.toward_amount is not None and request.toward is None:
        raise LoopError(
            "There is an amount but no prompt to go toward: give both, or the prompt alone."
        )
    if request.toward is not None and not cleaned_text(request.toward):
        raise LoopError("The prompt to go toward is empty: say what to go toward, or leave it out.")


def _check_source(request: LoopRequest) -> None:
    """Check that the fields about a source are consistent.

    Raises:
        LoopError: there is a mode without a source, or a field that the mode needs is missing.
        OutOfRange: the mode does not exist.
    """
    if request.mode is not None and request.mode not in MODES:
        raise OutOfRange("The mode", request.mode, ", ".join(MODES))
    if (request.source is None) != (request.mode is None):
        given, missing = ("mode", "source") if request.source is None else ("source", "mode")
        raise LoopError(f"There is a {given} but no {missing}: give both, or neither.")
    needs = {"blend": "with_source", "redo": "redo_bars"}
    for mode, field in needs.items():
        if (request.mode == mode) != (getattr(request, field) is not None):
            name = {"with_source": "a second source", "redo_bars": "a list of bars"}[field]
            raise LoopError(f"The mode {mode!r} and {name} go together: give both, or neither.")
    if request.stem is not None and request.mode != "stems":
        raise LoopError(
            "There is a stem without the mode 'stems': make stems of a loop, or leave it out."
        )
    if (request.fits or request.guide) and request.mode != "accompany":
        raise LoopError(
            "There are loops to fit without the mode 'accompany': give the mode, or leave them out."
        )
    if len(request.fits) >= MOST_FITTED:
        raise OutOfRange("The number of loops to fit", len(request.fits) + 1, f"1 to {MOST_FITTED}")
    stated = next((name for name in SOURCE_FACTS if getattr(request, name) is not None), None)
    if stated is not None and request.source is None:
        raise LoopError(f"There is {stated!r} but no source: give both, or neither.")
    _check_blend(request)


def _check_blend(request: LoopRequest) -> None:
    """Check the fields about blending two sources.

    Raises:
        LoopError: such a field is given for another mode.
        OutOfRange: the place to blend in does not exist.
    """
    if request.blend_in is not None and request.blend_in not in BLENDED_IN:
        raise OutOfRange("The place to blend in", request.blend_in, ", ".join(BLENDED_IN))
    for field in ("blend_in", "renoise"):
        if getattr(request, field) is not None and request.mode != "blend":
            raise LoopError(
                f"There is {field!r} without the mode 'blend': blend two sources, or leave it out."
            )


def _checked_length(text: str) -> str:
    if len(text) > LONGEST_PROMPT:
        raise LoopError(
            f"The prompt has {len(text):,} characters: shorten it to {LONGEST_PROMPT:,} or fewer."
        )
    return cleaned_text(text)


_RANGES: tuple[tuple[str, str, float, float], ...] = (
    ("bars", "The number of bars", 1, HIGHEST_BARS),
    ("seconds", "The length in seconds", 0.01, LONGEST_SECONDS),
    ("seed", "The seed", 0, HIGHEST_SEED),
    ("takes", "The number of takes", 1, HIGHEST_TAKES),
    ("steps", "The number of steps", 1, 1000),
    ("guidance", "The guidance scale", 0, 100),
    ("eta", "eta", 0, 1),
    ("amount", "The amount", 0, 1),
    ("renoise", "The share to generate again", 0, 1),
    ("temperature", "The temperature", 0.01, 10),
    ("top_k", "top-k", 0, 1_000_000),
    ("top_p", "top-p", 0, 1),
    ("max_new_tokens", "The number of new tokens", 1, 4096),
    ("source_bars", "The number of bars of the source", 1, HIGHEST_BARS),
    ("source_start", "The start of the source in seconds", 0, LONGEST_SOURCE_S),
    ("toward_amount", "The amount toward the other prompt", 0, 1),
    ("sketch_version", "The version of sketch", SKETCH_VERSIONS[0], SKETCH_VERSIONS[-1]),
)


def _check_numbers(request: LoopRequest) -> None:
    for field, what, low, high in _RANGES:
        value = getattr(request, field)
        # The comparison also rejects NaN, infinities and integers too large for a float.
        if value is not None and not low <= value <= high:
            raise OutOfRange(what, value, f"{low:,} to {high:,}")
