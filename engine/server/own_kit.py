"""Reads a person's own sounds: a folder of one-shots as a drum kit, or a soundfont.

The folder is one that the person in front of the computer named, or a kit in the folder of kits; no
path comes from a recipe or from the wire.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.generators.interface import Generator, KitGenerator
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.cancel import Check
from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.files import reason_of
from engine.loops.kit import (
    DRUM_ROLES,
    NOTED_ROLES,
    PERCUSSION,
    SOUNDFONT,
    VOICES,
    KitSound,
    voice_named,
)
from engine.loops.kit_folder import kit_paths, kits_folder
from engine.loops.request import LoopRequest, SourceMode, cleaned_text
from engine.loops.soundfont import begins_as_soundfont, is_soundfont
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


class Kit(NamedTuple):
    """What plays instead of synthesis: sounds by drum, or a soundfont; nothing for synthesis."""

    sounds: Mapping[str, OwnSound] = MappingProxyType({})
    soundfont: Path | None = None
    recorded: tuple[KitSound, ...] = ()

    @property
    def licence(self) -> str:
        """What the licence of a loop says about it; empty for synthesis."""
        if self.soundfont is not None:
            return f"the soundfont {cleaned_text(self.soundfont.name)}"
        return "your own samples" if self.sounds else ""


SYNTHESISED = Kit()


def kit_for(
    generator: Generator, requests: Sequence[LoopRequest], lineage: Sequence[LoopRequest],
    folder: str, check: Check,
) -> Kit:  # fmt: skip
    """Return what some requests are played with.

    What is made from a loop keeps its drums: a folder is then only where their sounds are.

    Args:
        generator: the model that plays.
        requests: they differ in their prompts or parts alone, and name the sounds that they were
            played with, if they were.
        lineage: how their source was made, if they have one.
        folder: where the sounds are, as the person said; empty if nobody did.
        check: called between any two files.

    Raises:
        LoopError: the model plays no kit, or see `drawn_kit` and `kit_again`.
    """
    first = requests[0]
    is_new = first.mode in (None, SourceMode.ACCOMPANY)
    made_by = requests if is_new else lineage
    wanted = next((each.kit for each in (first, *reversed(made_by)) if each.kit), ())
    if not folder and not wanted:
        return SYNTHESISED
    if not isinstance(generator, KitGenerator):
        raise LoopError(
            f"Model {generator.facts.id!r} plays no drum kit: leave the kit out, or use sketch."
        )
    place = Path(folder) if folder else None
    is_font = wanted[0].voice == SOUNDFONT if wanted else place is not None and is_soundfont(place)
    if not _plays(generator, made_by if is_new else made_by[:1], is_font=is_font):
        return SYNTHESISED
    if wanted:
        return font_again(place, wanted[0], check) if is_font else kit_again(place, wanted, check)
    if place is None or not is_new:
        return SYNTHESISED
    return font_kit(place, check) if is_font else drawn_kit(place, first.seed or 0, check)


def _plays(generator: KitGenerator, requests: Sequence[LoopRequest], *, is_font: bool) -> bool:
    """Return whether requests have parts that a soundfont plays, or one-shots."""
    roles = {role for each in requests for role in generator.roles(each)}
    return bool(roles.intersection(NOTED_ROLES if is_font else DRUM_ROLES))


@contextlib.contextmanager
def played_with(generator: Generator, kit: Kit) -> Iterator[None]:
    """Let a generator play with a kit, for one job."""
    if isinstance(generator, KitGenerator):
        generator.kit = {voice: (each.audio, each.rate) for voice, each in kit.sounds.items()}
        generator.soundfont = kit.soundfont
    try:
        yield
    finally:
        if isinstance(generator, KitGenerator):
            generator.kit, generator.soundfont = {}, None


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
    return _kit_of(kit)


def _kit_of(sounds: Mapping[str, OwnSound]) -> Kit:
    return Kit(sounds=sounds, recorded=tuple(each.recorded for each in sounds.values()))


def _sorted(folder: Path, check: Check) -> dict[str, list[Path]]:
    """Return the files of a folder by their drums: by name, and those without a telling one by ear.

    What is only called percussion is dealt out to the drums of `PERCUSSION`.
    """
    from engine.craft.one_shots import voice_heard

    by_voice: dict[str, list[Path]] = {}
    unnamed: list[Path] = []
    for path in kit_files(folder):
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

    Without a folder they are looked for in the kits of the person's own.

    Raises:
        LoopError: some are not there; the sentence names them.
    """
    missing = {sound.sha256: sound for sound in wanted}
    kit: dict[str, OwnSound] = {}
    names = {sound.name for sound in wanted}
    paths = _files_in_kits() if folder is None else kit_files(folder)
    for path in sorted(paths, key=lambda path: cleaned_text(path.name) not in names):
        check()
        try:
            digest = sha256_of(path)
        except OSError:  # a file that cannot be read is none of the sounds
            continue
        sounds = [each for each in wanted if each.sha256 == digest]
        found = _sound(path) if sounds else None
        if found is not None:
            kit |= {each.voice: OwnSound(each, *found) for each in sounds}
            missing.pop(digest, None)
        if not missing:
            return _kit_of({each.voice: kit[each.voice] for each in wanted})
    lacking = [cleaned_text(sound.name)[:60] for sound in missing.values()]
    more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
    where = (
        f"choose the folder that has them (--kit), or put it into {kits_folder()}"
        if folder is None
        else f"they are not in {folder}"
    )
    raise LoopError(
        f"The loop is played with your own sounds, of which these are missing: "
        f"{', '.join(lacking[:_MOST_NAMED])}{more}: {where}."
    )


def font_kit(path: Path, check: Check) -> Kit:
    """Return a soundfont as a kit; it may be so large that reading it takes seconds.

    Raises:
        LoopError: the file cannot be read, or is none.
    """
    try:
        if not begins_as_soundfont(path):
            raise LoopError(f"{path} is not a soundfont: choose an SF2 or SF3 file.")
        sha256 = sha256_of(path, lambda _: check())
    except OSError as error:
        reason = reason_of(error)
        raise LoopError(
            f"The soundfont {path} cannot be read ({reason}): choose another."
        ) from error
    return Kit(soundfont=path, recorded=(KitSound(SOUNDFONT, cleaned_text(path.name), sha256),))


def font_again(place: Path | None, wanted: KitSound, check: Check) -> Kit:
    """Return the soundfont of a recipe: the file, or one in a folder, or one among the kits.

    Raises:
        LoopError: it is not there; the sentence names it.
    """
    places = kit_paths() if place is None else [place]
    fonts = [font for each in places for font in (each, *each.glob("*")) if is_soundfont(font)]
    for font in sorted(fonts, key=lambda font: cleaned_text(font.name) != wanted.name):
        check()
        with contextlib.suppress(LoopError):
            found = font_kit(font, check)
            if found.recorded[0].sha256 == wanted.sha256:
                return found
    where = (
        f"choose it (--kit), or put it into {kits_folder()}"
        if place is None
        else f"{place} is not it, nor has it"
    )
    raise LoopError(
        f"The loop is played with the soundfont {wanted.name[:60]}, which is missing: {where}."
    )


def kit_files(folder: Path) -> Iterator[Path]:
    """Yield the audio files in a folder and in those inside it, by name; links are left out.

    Raises:
        LoopError: it is not a folder, or has too many files.
    """
    if not folder.is_dir():
        raise LoopError(f"The kit {folder} is neither a folder nor a soundfont: give one of them.")
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


def _files_in_kits() -> Iterator[Path]:
    """Yield the audio files of the kits that have names; what cannot be one is left out."""
    for kit in kit_paths():
        with contextlib.suppress(LoopError):
            yield from kit_files(kit)


def _sound(path: Path) -> tuple[Audio, int] | None:
    """Return the audio of a one-shot from its attack on, at a peak of 1; None if unreadable."""
    from engine.loops.audio_file import read_audio

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
