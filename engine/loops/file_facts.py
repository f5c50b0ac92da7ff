"""What an audio file says about itself: format, tags and recipe, without its audio."""

import dataclasses
from pathlib import Path

from engine.loops.chunks import ChunkedFile, read_chunks
from engine.loops.decoding import opened, wav_format
from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.file_tags import FileTags, tags_in
from engine.loops.files import reading, reason_of
from engine.loops.flac import comments_in
from engine.loops.recipe import Recipe, decode_recipe
from engine.loops.text_tags import UnreadableTag, text_tags
from engine.loops.wav import RECIPE_CHUNK

RECIPE_COMMENT = "LOOPWRIGHT_RECIPE"
"""The comment of a FLAC file that holds the recipe, as the chunk `lwrc` of a WAV file does."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileFacts:
    """Format, tags and recipe of an audio file from any program; see `read_facts`.

    Attributes:
        path: of the file.
        format: its name, such as `WAV` or `MP3`.
        rate: in Hz.
        channels: how many it has.
        bits: `8` to `32`, `32f` or `64f`; empty if samples are compressed with loss.
        frames: how many it has; of some MP3 files only an estimate.
        tags: what its tags say.
        recipe: how Loopwright made it; None if it did not, or if the recipe cannot be read.
        recipe_problem: a sentence that says why the recipe cannot be read; empty if it can.
        problems: what else could not be read, in words such as "its audio is cut short".
    """

    path: Path
    format: str
    rate: int
    channels: int
    bits: str
    frames: int
    tags: FileTags
    recipe: Recipe | None = None
    recipe_problem: str = ""
    problems: tuple[str, ...] = ()


def read_facts(path: Path) -> FileFacts:
    """Read format, tags and recipe of an audio file, without its audio.

    Raises:
        UnreadableClip: the file is missing, or not in a format that can be read.
    """
    try:
        with reading(path) as stream:
            file = read_chunks(stream)
            if file is not None:
                return _chunked_facts(path, file)
            stream.seek(0)
            facts = _decoded_facts(path)
            stream.seek(0)
            try:
                texts = text_tags(stream)
            except UnreadableTag:
                return dataclasses.replace(facts, problems=("its text tags are damaged",))
            recipe = comments_in(stream).get(RECIPE_COMMENT) if facts.format == "FLAC" else None
    except OSError as error:
        raise UnreadableClip(path, reason_of(error)) from error
    if facts.format == "MP3":
        return dataclasses.replace(facts, tags=FileTags(id3=texts))
    facts = dataclasses.replace(facts, tags=FileTags(vorbis=texts))
    return _with_recipe(facts, None if recipe is None else recipe.encode())


def _chunked_facts(path: Path, file: ChunkedFile) -> FileFacts:
    """Return the facts of a file of chunks; only those of plain WAV files need no decoder."""
    facts = _plain_wav_facts(path, file) or _decoded_facts(path)
    tags, problems = tags_in(file)
    facts = dataclasses.replace(facts, tags=tags, problems=(*file.problems, *problems))
    return _with_recipe(facts, file.chunks.get(RECIPE_CHUNK))


def _with_recipe(facts: FileFacts, recipe: bytes | None) -> FileFacts:
    if recipe is None:
        return facts
    try:
        return dataclasses.replace(facts, recipe=decode_recipe(recipe))
    except LoopError as error:
        return dataclasses.replace(facts, recipe_problem=str(error))


def _plain_wav_facts(path: Path, file: ChunkedFile) -> FileFacts | None:
    """Return format and length of a WAV file from its header; None if it has to be opened."""
    if file.format in ("AIFF", "AIFC", "CAF"):
        return None
    form = wav_format(file, path)
    if not form.bits or file.audio is None:
        return None
    return FileFacts(
        path=path,
        format=file.format,
        rate=form.rate,
        channels=form.channels,
        bits=form.bits,
        frames=file.audio[1] // form.frame_bytes,
        tags=FileTags(),
    )


def _decoded_facts(path: Path) -> FileFacts:
    with opened(path) as sound:
        return FileFacts(
            path=path,
            format=sound.format,
            rate=sound.rate,
            channels=sound.channels,
            bits=sound.bits,
            frames=sound.frames,
            tags=FileTags(),
        )


def read_recipe(path: Path) -> Recipe:
    """Read the recipe of a clip.

    Raises:
        UnreadableClip: the file cannot be read, or has no recipe.
        LoopError: the recipe is damaged or too new.
    """
    facts = read_facts(path)
    if facts.recipe_problem:
        raise LoopError(facts.recipe_problem)
    if facts.recipe is None:
        raise UnreadableClip(path, "it has no recipe, so Loopwright did not make it")
    return facts.recipe
