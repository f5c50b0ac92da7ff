"""A small soundfont: a tone that decays, for every note of program 0 and of the standard kit."""

import struct

import numpy as np

RATE = 48_000
ROOT = 60
_RELEASE = 38  # the time of the release after a note's end, in timecents
_SAMPLE, _INSTRUMENT = 53, 41
_PERCUSSION_BANK = 128


def soundfont_bytes(length_s=1.0, release_s=0.5, name="Test") -> bytes:
    """Return an SF2 file whose tone begins at its peak and decays over `length_s`."""
    time = np.arange(int(length_s * RATE)) / RATE
    tone = np.cos(2 * np.pi * 261.63 * time) * np.exp(-4 * time / length_s)
    pcm = np.round(30_000 * tone).astype("<i2").tobytes()
    frames = len(time)
    release = round(1200 * np.log2(release_s))
    presets = [_preset("Tone", 0, 0), _preset("Kit", _PERCUSSION_BANK, 1), _preset("EOP", 0, 2)]
    chunks = {
        b"phdr": b"".join(presets),
        b"pbag": struct.pack("<6H", 0, 0, 1, 0, 2, 0),
        b"pmod": bytes(10),
        b"pgen": struct.pack("<6H", _INSTRUMENT, 0, _INSTRUMENT, 0, 0, 0),
        b"inst": struct.pack("<20sH20sH", b"Tone", 0, b"EOI", 1),
        b"ibag": struct.pack("<4H", 0, 0, 2, 0),
        b"imod": bytes(10),
        b"igen": struct.pack("<HhHHHH", _RELEASE, release, _SAMPLE, 0, 0, 0),
        b"shdr": _sample(b"Tone", frames) + struct.pack("<20s5IBbHH", b"EOS", *[0] * 9),
    }
    info = _chunk(b"ifil", struct.pack("<HH", 2, 1)) + _chunk(b"INAM", name.encode() + b"\0\0")
    body = b"sfbk" + _list(b"INFO", info) + _list(b"sdta", _chunk(b"smpl", pcm + bytes(92)))
    body += _list(b"pdta", b"".join(_chunk(kind, data) for kind, data in chunks.items()))
    return _chunk(b"RIFF", body)


def _preset(name: str, bank: int, bag: int) -> bytes:
    return struct.pack("<20s3H3I", name.encode(), 0, bank, bag, 0, 0, 0)


def _sample(name: bytes, frames: int) -> bytes:
    return struct.pack("<20s5IBbHH", name, 0, frames, 0, frames, RATE, ROOT, 0, 0, 1)


def _list(kind: bytes, body: bytes) -> bytes:
    return _chunk(b"LIST", kind + body)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
