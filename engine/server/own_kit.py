"""Reads a folder of one-shots as a drum kit: sorts its files, and finds those of a recipe again.

The folder is one that the person in front of the computer named; no path of it comes from a recipe
or from the wire.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.craft.one_shots import voice_heard
from engine.generators.interface import Generator, KitGenerator
from engine.loops.audio_file import read_audio
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.cancel import Check
from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.kit import PERCUSSION, VOICES, KitSound, voice_named
from engine.loops.request import LoopRequest, cleaned_text
from engine.loops.take import Audio
from engine.models.manifest import sha256_of

MOST_FILES = 2_000
LONGEST_S = 8.0
"""How much of a sound is used."""
MOST_HEARD = 64
"""How many sounds without a telling name are sorted by ear."""
_DEEPEST = 4
_SILENT, _ATTACK, _LEAD_S = 1e-4, 0.02, 0.0005
_MOST_NAMED = 8


class OwnSound(NamedTuple):
    """One sound of a kit: how a recipe records it, and its audio, (frames, 1 or 2), at `rate`."""

    recorded: KitSound
    audio: Audio
    rate: int


Kit = Mapping[str, OwnSound]
"""Sounds by drum."""
OWN_SAMPLES = "your own samples"
"""The licence of a kit."""


def kit_for(
    generator: Generator, request: LoopRequest, lineage: Sequence[LoopRequest], folder: str,
    check: Check,
) -> Kit:  # fmt: skip
    """Return the kit that the drums of a request are played with; empty for synthesised drums.

    Args:
        generator: the model that plays.
        request: it names the sounds that it was played with, if it was.
        lineage: how its source was made, whose kit it keeps.
        folder: where the sounds are, as the person said; empty if nobody did.
        check: called between any two files.

    Raises:
        LoopError: the model plays no kit, or see `drawn_kit` and `kit_again`.
    """
    wanted = next((each.kit for each in (request, *reversed(lineage)) if each.kit), ())
    if not folder and not wanted:
        return {}
    if not isinstance(generator, KitGenerator):
        raise LoopError(
            f"Model {generator.facts.id!r} plays no drum kit: leave the kit out, or use sketch."
        )
    if wanted:
        return kit_again(Path(folder) if folder else None, wanted, check)
    return drawn_kit(Path(folder), request.seed or 0, check)


@contextlib.contextmanager
def played_with(generator: Generator, kit: Kit) -> Iterator[None]:
    """Let a generator play its drums with a kit, for one job."""
    if isinstance(generator, KitGenerator):
        generator.kit = {voice: (sound.audio, sound.rate) for voice, sound in kit.items()}
    try:
        yield
    finally:
        if isinstance(generator, KitGenerator):
            generator.kit = {}


def drawn_kit(folder: Path, seed: int, check: Check) -> Kit:
    """Return a sound for each drum that a folder has sounds for; the seed draws among several.

    Raises:
        LoopError: the folder has no sounds that can be read, or too many files.
    """
    by_voice = _sorted(folder, check)
    rng = np.random.default_rng((seed, len(VOICES)))
    kit: dict[str, OwnSound] = {}
    for voice in VOICES:
        choices = by_voice.get(voice, [])
        for place in rng.permutation(len(choices)):
            check()
            found = _sound(choices[place])
            if found is not None:
                kit[voice] = _own(voice, choices[place], *found)
                break
    if not kit:
        raise LoopError(
            f"The folder {folder} has no sounds that can be read: choose one with one-shots such "
            "as kick.wav and snare.wav."
        )
    return kit


def _sorted(folder: Path, check: Check) -> dict[str, list[Path]]:
    """Return the files of a folder by their drums: by name, and those without a telling one by ear.

    What is only called percussion is dealt out to the drums of `PERCUSSION`.
    """
    by_voice: dict[str, list[Path]] = {}
    unnamed: list[Path] = []
    for path in _files(folder):
        voice = voice_named(path.relative_to(folder).as_posix())
        (unnamed if voice is None else by_voice.setdefault(voice, [])).append(path)
    for path in unnamed[:MOST_HEARD]:
        check()
        if (sound := _sound(path)) is not None:
            by_voice.setdefault(voice_heard(*sound), []).append(path)
    for number, path in enumerate(by_voice.pop("percussion", [])):
        by_voice.setdefault(PERCUSSION[number % len(PERCUSSION)], []).append(path)
    return by_voice


def kit_again(folder: Path | None, wanted: tuple[KitSound, ...], check: Check) -> Kit:
    """Return the sounds of a recipe from a folder, whatever their files are called there.

    Raises:
        LoopError: some are not in the folder, or no folder is given; the sentence names them.
    """
    missing = {sound.sha256: sound for sound in wanted}
    kit: dict[str, OwnSound] = {}
    for path in () if folder is None else _files(folder):
        check()
        digest = sha256_of(path)
        sounds = [each for each in wanted if each.sha256 == digest]
        found = _sound(path) if sounds else None
        if found is not None:
            kit |= {each.voice: OwnSound(each, *found) for each in sounds}
            missing.pop(digest, None)
        if not missing:
            return {each.voice: kit[each.voice] for each in wanted}
    names = [cleaned_text(sound.name)[:60] for sound in missing.values()]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    where = (
        "give the folder that has them with --kit"
        if folder is None
        else f"they are not in {folder}"
    )
    raise LoopError(
        f"The loop is played with your own sounds, of which these are missing: "
        f"{', '.join(names[:_MOST_NAMED])}{more}: {where}."
    )


def _files(folder: Path) -> Iterator[Path]:
    """Yield the audio files in a folder and in those inside it, by name; links are left out.

    Raises:
        LoopError: it is not a folder, or has too many files.
    """
    if not folder.is_dir():
        raise LoopError(f"The kit {folder} is not a folder: give one with one-shots.")
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(each for each in folders if depth < _DEEPEST and each[0] != ".")
        for name in names:
            path = Path(place, name)
            if path.suffix.lower() in AUDIO_SUFFIXES and name[0] != "." and not path.is_symlink():
                found.append(path)
        if len(found) > MOST_FILES:
            raise LoopError(
                f"The kit {folder} has more than {MOST_FILES:,} sounds: choose a smaller folder."
            )
    yield from sorted(found)


def _sound(path: Path) -> tuple[Audio, int] | None:
    """Return the audio of a one-shot from its attack on, at a peak of 1; None if unreadable."""
    try:
        file = read_audio(path)
    except UnreadableClip:
        return None
    audio = file.audio[: round(LONGEST_S * file.rate)]
    peak = float(np.abs(audio).max())
    if peak < _SILENT:
        return None
    first = int(np.argmax(np.abs(audio).max(axis=1) > _ATTACK * peak))
    lead = min(first, round(_LEAD_S * file.rate))
    return audio[first - lead :] / np.float32(peak), file.rate


def _own(voice: str, path: Path, audio: Audio, rate: int) -> OwnSound:
    return OwnSound(KitSound(voice, cleaned_text(path.name), sha256_of(path)), audio, rate)
