"""Waveform overviews: extremes, loudness and bands per bin of a clip, at several resolutions.

They are computed once and cached in the project's hidden folder, which may be deleted at any time.
"""

import contextlib
import functools
import io
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop.clips.bands import BLOCK_FRAMES, WHOLE, Shares, shares_of
from engine.loops import files
from engine.loops.errors import LoopError
from engine.loops.project import HIDDEN_FOLDER, PEAKS_FOLDER
from engine.loops.take import Audio

BIN_FRAMES = 128
_BINS_PER_BLOCK = BLOCK_FRAMES // BIN_FRAMES
_FORMAT = 4
_NPY_HEADER_BYTES = 128
_DAMAGED = -128
"""The lowest value of a bin that has NaN or infinite samples."""

Bins = NDArray[np.int8]


class Peaks:
    """The waveform of one clip; each level has half as many bins as the previous one.

    A bin is (lowest, highest, RMS), each -127..127 for -1..1.

    Attributes:
        finest: the bins at the highest resolution, as they are cached.
        shares: how the energy is shared by low, middle and high, see `desktop.clips.bands`; a row
            for every eight of the finest bins.
        damaged: whether some samples are NaN or infinite; they are drawn and played as silence.
    """

    def __init__(self, finest: Bins, shares: Shares) -> None:
        """Build all levels from the finest one, shape (bins, 3)."""
        self.finest, self.shares = finest, shares
        silent = finest[:, :1] == _DAMAGED
        self.damaged = bool(silent.any())
        self._levels = [np.where(silent, np.int8(0), finest) if self.damaged else finest]
        while len(self._levels[-1]) > 32:
            self._levels.append(_halved(self._levels[-1]))

    def at(self, columns: int, begin: float = 0.0, end: float = 1.0) -> Bins:
        """Return a part of the clip, the whole by default, in `columns` bins: (columns, 3).

        `begin` and `end` are shares of the clip, 0..1.
        """
        wanted = columns / (end - begin)
        level = next(
            (each for each in reversed(self._levels) if len(each) >= wanted), self._levels[0]
        )
        starts = _starts(len(level), columns, begin, end)
        within = level[: min(math.ceil(end * len(level)), len(level))]
        low: Bins = np.minimum.reduceat(within[:, 0], starts)
        high: Bins = np.maximum.reduceat(within[:, 1], starts)
        return np.stack([low, high, np.maximum.reduceat(within[:, 2], starts)], axis=1)

    def shares_at(self, columns: int, begin: float = 0.0, end: float = 1.0) -> NDArray[np.floating]:
        """Return how the energy of a part of the clip is shared: (columns, 3), 0..1.

        The three add up to 1 wherever there is sound.
        """
        blocks = len(self.finest) / _BINS_PER_BLOCK
        share = blocks / len(self.shares)  # of the last block there may be less
        starts = _starts(len(self.shares), columns, begin * share, end * share)
        within = self.shares[: max(math.ceil(end * blocks), starts[-1] + 1)]
        sums = np.add.reduceat(within, starts, dtype=np.float64)
        counted: NDArray[np.floating] = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1)
        return counted


@functools.lru_cache(256)  # clips of the same length and width share the result
def _starts(bins: int, columns: int, begin: float, end: float) -> NDArray[np.intp]:
    """Return the first bin of each column."""
    edges = np.linspace(begin * bins, end * bins, columns + 1)
    last = min(math.ceil(end * bins), bins) - 1
    starts: NDArray[np.intp] = np.minimum(edges[:-1].astype(np.intp), last)
    return starts


def _halved(level: Bins) -> Bins:
    even = level if len(level) % 2 == 0 else np.concatenate([level, level[-1:]])
    pairs = even.reshape(-1, 2, 3)
    power = np.square(pairs[:, :, 2], dtype=np.float32).mean(axis=1)
    loud = np.rint(np.sqrt(power)).astype(np.int8)
    return np.stack([pairs[:, :, 0].min(axis=1), pairs[:, :, 1].max(axis=1), loud], axis=1)


class ReadingStopped(Exception):
    """The waveform is no longer needed."""


def compute_peaks(path: Path, is_stopped: Callable[[], bool] = lambda: False) -> Peaks:
    """Read a clip's audio, piece by piece, and return its waveform.

    Raises:
        ReadingStopped: `is_stopped` returned True after a piece.
        OSError: the file cannot be read.
        ValueError: it has no audio.
    """
    import soundfile

    from engine.loops.decoding import opened

    parts, shares = [], []
    try:
        with opened(path) as sound:
            for piece in _of_whole_blocks(sound.pieces()):
                parts.append(_bins_of(piece))
                shares.append(shares_of(piece, sound.rate))
                if is_stopped():
                    raise ReadingStopped
    except (LoopError, soundfile.SoundFileError) as error:
        raise OSError(str(error)) from error
    if not parts:
        raise ValueError(f"{path} has no audio.")
    return Peaks(np.concatenate(parts), np.concatenate(shares))


def _of_whole_blocks(pieces: Iterator[Audio]) -> Iterator[Audio]:
    """Yield audio in pieces of whole blocks; the last may end within one."""
    rest = None
    for piece in pieces:
        block = piece if rest is None else np.concatenate([rest, piece])
        whole = len(block) // BLOCK_FRAMES * BLOCK_FRAMES
        rest = block[whole:]
        if whole:
            yield block[:whole]
    if rest is not None and len(rest):
        yield rest


def _bins_of(block: NDArray[np.float32]) -> Bins:
    if missing := -len(block) % BIN_FRAMES:
        block = np.pad(block, ((0, missing), (0, 0)), mode="edge")
    parts = block.reshape(-1, BIN_FRAMES * block.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):
        rms = np.sqrt(np.einsum("bf,bf->b", parts, parts) / parts.shape[1])
    all_three = np.stack([parts.min(axis=1), parts.max(axis=1), rms], axis=1)
    sound = np.isfinite(all_three[:, :2]).all(axis=1)
    bounded = np.clip(np.where(sound[:, None], all_three, 0), -1, 1)
    bins: Bins = np.rint(bounded * 127).astype(np.int8)
    bins[~sound] = _DAMAGED
    return bins


class PeakStore:
    """The cached waveforms of one project."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def of(self, clip_id: str, path: Path, is_stopped: Callable[[], bool] = lambda: False) -> Peaks:
        """Return a clip's waveform, from the cache if the file has not changed.

        Raises:
            ReadingStopped: `is_stopped` returned True while the clip was read.
            OSError: the clip cannot be read.
            ValueError: the clip has no audio.
        """
        stat = path.stat()
        kept = f"{clip_id}-{_FORMAT}-{stat.st_size}-{stat.st_mtime_ns}.npy"
        # Whatever is wrong with the cache, computing the waveform again is only slower.
        with contextlib.suppress(OSError, ValueError), self._opened() as folder:
            return _decoded(folder.read(kept))
        peaks = compute_peaks(path, is_stopped)
        with contextlib.suppress(OSError), self._opened(make=True) as folder:
            folder.replace(kept, _encoded(np.concatenate([peaks.finest, peaks.shares])))
        return peaks

    @contextlib.contextmanager
    def _opened(self, *, make: bool = False) -> Iterator[files.Folder]:
        with (
            files.Folder.open(self._project) as project,
            project.inside(HIDDEN_FOLDER, make=make) as hidden,
            hidden.inside(PEAKS_FOLDER, make=make) as folder,
        ):
            yield folder


def _encoded(rows: Bins) -> bytes:
    """Return rows as a `.npy` file."""
    stream = io.BytesIO()
    np.save(stream, rows, allow_pickle=False)
    return stream.getvalue()


def _decoded(data: bytes) -> Peaks:
    """Return the waveform of a file with its bins and then its shares; trust no other file.

    Raises:
        ValueError: it is another file, or a damaged one.
    """
    rows: Bins = np.frombuffer(data, np.int8, offset=min(_NPY_HEADER_BYTES, len(data)))
    rows = rows.reshape(-1, 3)
    blocks = math.ceil(len(rows) / (_BINS_PER_BLOCK + 1))
    shares = rows[len(rows) - blocks :]
    is_ours = len(rows) > 1 and _encoded(rows) == data
    if not is_ours or shares.min() < 0 or shares.astype(int).sum(axis=1).max() > WHOLE + 1:
        raise ValueError("The file is not a waveform.")
    return Peaks(rows[: len(rows) - blocks], shares)
