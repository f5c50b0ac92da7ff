"""Brings a take into the pack: at its loudness, under its name, unless one like it is there."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.craft.finish import levels
from engine.craft.level import TARGET_LUFS, Levelled, levelled
from engine.loops.audio_file import read_audio
from engine.loops.clip import Clip
from engine.loops.files import Folder, read
from engine.loops.project import REJECTED_FOLDER
from engine.loops.recipe import Recipe, Repairs
from engine.loops.tags import tag_facts_of
from engine.loops.take import Audio
from engine.loops.wav import clip_bytes
from engine.packs.journal import Delivered, Journal, files_of
from engine.packs.likeness import NEAR_DUPLICATE, Fingerprint, fingerprint, likeness
from engine.packs.names import checked_folder, file_stem, folder_of
from engine.packs.pack_list import Entry

_NEAR_LU = 0.3
_MOST_CLIP_BYTES = 2**30


class _Made(NamedTuple):
    """The contents of a file, before it has a name."""

    data: bytes
    recipe: Recipe
    lufs: float
    audio: Audio


class Delivery:
    """Delivers the takes of a pack, one after the other, in the order of its list."""

    def __init__(
        self,
        pack: Folder,
        journal: Journal,
        delivered: Mapping[str, Delivered],
        *,
        vendor: str,
        name: str,
    ) -> None:
        """Go on after what is delivered already.

        Args:
            pack: the folder of the pack, which must stay open.
            journal: where each is noted.
            delivered: what the journal says.
            vendor: for the names of the files.
            name: of the pack, for the names of the files.
        """
        self._pack = pack
        self._journal = journal
        self._delivered = dict(delivered)
        self._vendor, self._name = vendor, name
        self._prints: dict[str, Fingerprint] = {}

    @property
    def delivered(self) -> Mapping[str, Delivered]:
        """What is delivered, by entry."""
        return self._delivered

    def deliver(self, entry: Entry, clip: Clip) -> Delivered:
        """Deliver the best take of an entry, and note it.

        Raises:
            LoopError: the take cannot be read.
            OSError: the file cannot be written.
        """
        result = self._result(entry, clip)
        self._delivered[entry.id] = result
        return result

    def _result(self, entry: Entry, clip: Clip) -> Delivered:
        if clip.file.startswith(f"{REJECTED_FOLDER}/"):
            reason = ", ".join(clip.recipe.badges) or "rejected"
            return self._left_out(entry, clip.recipe, reason)
        made = self._made(Path(clip.path), clip.recipe)
        rate = made.recipe.grid.rate
        print_ = fingerprint(made.audio, rate)
        twin = self._twin(print_, made.recipe)
        if twin is not None:
            return self._left_out(entry, made.recipe, f"a near-duplicate of {twin}")
        folder = checked_folder(entry.folder) or folder_of(made.recipe)
        with self._pack.inside(folder, make=True) as inside:
            name = self._free_name(inside, file_stem(self._vendor, self._name, made.recipe,
                                                     entry.words))  # fmt: skip
            result = Delivered(
                id=entry.id, file=f"{folder}/{name}", recipe=made.recipe, lufs=made.lufs,
                sha256=hashlib.sha256(made.data).hexdigest(),
            )  # fmt: skip
            self._journal.add(result)
            inside.create(name, made.data)
        self._prints[result.file] = print_
        return result

    def _left_out(self, entry: Entry, recipe: Recipe, reason: str) -> Delivered:
        result = Delivered(id=entry.id, left_out=reason, recipe=recipe)
        self._journal.add(result)
        return result

    def _made(self, path: Path, recipe: Recipe) -> _Made:
        """Return a take as it is, or at the pack's loudness if it has another."""
        audio, lufs = read_audio(path).audio, recipe.scores.loudness_lufs
        if lufs is not None and abs(lufs - TARGET_LUFS) <= _NEAR_LU:
            return _Made(read(path, _MOST_CLIP_BYTES), recipe, round(lufs, 1), audio)
        grid = recipe.grid
        level = levelled(audio, grid.rate, TARGET_LUFS, closed=grid.is_loop)
        recipe = _with_gain(recipe, level)
        data = clip_bytes(level.audio, recipe.request.bits, tag_facts_of(recipe), recipe)
        return _Made(data, recipe, round(recipe.scores.loudness_lufs or 0.0, 1), level.audio)

    def _twin(self, print_: Fingerprint, recipe: Recipe) -> str | None:
        """Return a delivered file of the same tempo and length that sounds nearly the same."""
        files = [
            each.file for each in files_of(self._delivered.values())
            if each.recipe.grid == recipe.grid
        ]  # fmt: skip
        if not files:
            return None
        alike = likeness(print_, np.stack([self._print_of(file) for file in files]))
        nearest = int(np.argmax(alike))
        return files[nearest] if alike[nearest] >= NEAR_DUPLICATE else None

    def _print_of(self, file: str) -> Fingerprint:
        if file not in self._prints:
            found = read_audio(self._pack.path / file)
            self._prints[file] = fingerprint(found.audio, found.rate)
        return self._prints[file]

    @staticmethod
    def _free_name(folder: Folder, stem: str) -> str:
        """Return the stem with the first number that no file of the folder has."""
        taken = {name.lower() for name in folder.names()}
        number = 1
        while (name := f"{stem}_{number:02}.wav").lower() in taken:
            number += 1
        return name


def _with_gain(recipe: Recipe, level: Levelled) -> Recipe:
    """Return the recipe of a take that was made louder, with its levels measured again."""
    repairs, scores = recipe.repairs or Repairs(), recipe.scores
    measured = levels(level.audio, recipe.grid, scores.text_match)
    return msgspec.structs.replace(
        recipe,
        scores=msgspec.structs.replace(
            scores,
            loudness_db=measured.loudness_db,
            peak_db=measured.peak_db,
            loudness_lufs=measured.loudness_lufs,
            true_peak_db=measured.true_peak_db,
        ),
        repairs=msgspec.structs.replace(
            repairs,
            gain_db=round(repairs.gain_db + level.gain_db, 1),
            limited_db=round(repairs.limited_db + level.limited_db, 2),
        ),
    )
