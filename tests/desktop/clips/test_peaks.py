import io
import os

import numpy as np
import pytest
import soundfile

from desktop.clips.peaks import BIN_FRAMES, Peaks, PeakStore, compute_peaks


def wav(path, audio):
    soundfile.write(path, audio.astype(np.float32), 48_000, subtype="FLOAT")
    return path


def test_each_bin_holds_the_lowest_and_the_highest_sample_of_all_channels(tmp_path):
    audio = np.zeros((BIN_FRAMES * 3, 2))
    audio[5, 0], audio[BIN_FRAMES + 1, 1] = 1.0, -0.5
    peaks = compute_peaks(wav(tmp_path / "a.wav", audio))
    assert peaks.finest[:, :2].tolist() == [[0, 127], [-64, 0], [0, 0]]


def test_loudness_is_the_rms_of_all_channels_at_every_resolution(tmp_path):
    time = np.arange(BIN_FRAMES * 128) / 48_000
    tone = 0.8 * np.sin(2 * np.pi * 3_000 * time)  # 8 whole turns in a bin
    peaks = compute_peaks(wav(tmp_path / "a.wav", np.stack([tone, tone], axis=1)))
    for columns in (128, 40, 3):
        assert set(peaks.at(columns)[:, 2]) == {round(0.8 / 2**0.5 * 127)}


def test_a_part_is_drawn_as_it_is_in_the_whole(tmp_path):
    audio = np.random.default_rng(1).uniform(-0.9, 0.9, (BIN_FRAMES * 1_000, 1))
    peaks = compute_peaks(wav(tmp_path / "a.wav", audio))
    whole = peaks.at(1_000)
    assert (peaks.at(250, 0.5, 0.75) == whole[500:750]).all()
    assert len(peaks.at(250, 0.999, 1.0)) == 250


def test_a_waveform_does_not_depend_on_how_the_file_is_split(tmp_path):
    audio = np.random.default_rng(1).uniform(-0.9, 0.9, (90_001, 3))
    soundfile.write(tmp_path / "a.flac", audio, 48_000)
    finest = compute_peaks(tmp_path / "a.flac").finest
    padded = np.concatenate([audio, audio[-1:].repeat(-len(audio) % BIN_FRAMES, axis=0)])
    low = padded.reshape(-1, BIN_FRAMES * 3).min(axis=1)
    assert np.abs(finest[:, 0] - low * 127).max() <= 1


def test_formats_that_are_refused_elsewhere_are_not_drawn(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(1_000), 48_000, subtype="IMA_ADPCM")
    with pytest.raises(OSError, match="IMA ADPCM"):
        compute_peaks(tmp_path / "a.wav")


def test_no_peak_is_lost_at_any_size(tmp_path):
    audio = np.random.default_rng(1).uniform(-0.3, 0.3, (50_001, 1))
    audio[33_333] = 0.9
    peaks = compute_peaks(wav(tmp_path / "a.wav", audio))
    for columns in (1, 7, 32, 100, 391, 2_000):
        bins = peaks.at(columns)
        assert bins.shape == (columns, 3)
        assert bins[:, 1].max() == round(0.9 * 127)
        assert (bins[:, 0] <= bins[:, 1]).all()


def test_a_peak_is_drawn_where_it_sounds():
    finest = np.zeros((1_000, 3), np.int8)
    finest[250] = (-100, 100, 50)
    for columns in (10, 100, 333):
        assert (
            abs(
                Peaks(finest, np.zeros((125, 3), np.int8)).at(columns)[:, 1].argmax() / columns
                - 0.25
            )
            <= 1 / columns
        )


def test_a_waveform_is_computed_once_and_then_cached(tmp_path):
    path = wav(tmp_path / "a.wav", np.full((1_000, 2), 0.5))
    first = PeakStore(tmp_path).of("abcd2345", path)
    (kept,) = (tmp_path / ".loopwright" / "peaks").iterdir()
    np.save(kept, np.concatenate([first.finest - 1, first.shares]))
    assert (PeakStore(tmp_path).of("abcd2345", path).finest == first.finest - 1).all()


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def zipped():
    stream = io.BytesIO()
    np.savez(stream, np.zeros((4, 3), np.int8))
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no array", b"\x93NUMPY", b"PK", b"PK\x03\x04" + bytes(200), zipped(),
        npy(np.zeros((4, 2), np.float64)), npy(np.zeros((0, 2), np.int8)),
        npy(np.zeros(8, np.int8)),
        npy(np.zeros((4, 3), np.int8))[:-1], npy(np.zeros((4, 3), np.int8)) + b"x",
        npy(np.zeros((4, 3), np.int8)).replace(b"(4, 3)", b"(4" + b"9" * 2 + b"3)"),
    ],
    ids=lambda content: repr(content[:6]),
)  # fmt: skip
def test_a_damaged_cache_is_recomputed(tmp_path, content):
    path = wav(tmp_path / "a.wav", np.full((1_000, 2), 0.5))
    first = PeakStore(tmp_path).of("abcd2345", path)
    (kept,) = (tmp_path / ".loopwright" / "peaks").iterdir()
    kept.write_bytes(content)
    assert (PeakStore(tmp_path).of("abcd2345", path).finest == first.finest).all()


def test_a_file_without_audio_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="has no audio"):
        compute_peaks(wav(tmp_path / "a.wav", np.zeros((0, 1))))
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    with pytest.raises(OSError, match=r"b\.wav|[Ff]ormat|[Ee]rror"):
        compute_peaks(tmp_path / "b.wav")


def test_a_cache_behind_a_link_is_neither_read_nor_written(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    path = wav(tmp_path / "a.wav", np.full((1_000, 2), 0.5))
    (tmp_path / ".loopwright").symlink_to(outside)
    assert len(PeakStore(tmp_path).of("abcd2345", path).finest) == 8
    assert list(outside.iterdir()) == []


def test_a_cache_does_not_recreate_a_renamed_project(tmp_path):
    path = wav(tmp_path / "a.wav", np.full((1_000, 2), 0.5))
    PeakStore(tmp_path / "renamed").of("abcd2345", path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_a_pipe_instead_of_a_clip_or_cache_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(OSError, match="it is a named pipe, not a file"):
        PeakStore(tmp_path).of("abcd2345", tmp_path / "pipe.wav")
    path = wav(tmp_path / "a.wav", np.full((1_000, 2), 0.5))
    first = PeakStore(tmp_path).of("abcd2345", path)
    (kept,) = (tmp_path / ".loopwright" / "peaks").iterdir()
    kept.unlink()
    os.mkfifo(kept)
    assert (PeakStore(tmp_path).of("abcd2345", path).finest == first.finest).all()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_nan_samples_are_silence_and_are_reported(tmp_path, odd):
    path = tmp_path / "clip.wav"
    audio = np.full((4_096, 2), 0.5, np.float32)
    audio[1_000, 1] = odd
    soundfile.write(path, audio, 48_000, subtype="FLOAT")
    store = PeakStore(tmp_path)
    for _ in ("computed", "cached"):
        peaks = store.of("abcd2345", path)
        assert peaks.damaged
        assert peaks.at(32)[7].tolist() == [0, 0, 0]
        assert peaks.at(32)[8].tolist() == [64, 64, 64]
    audio[1_000, 1] = 0.5
    soundfile.write(path, audio, 48_000, subtype="FLOAT")
    assert not store.of("abcd2345", path).damaged
