"""The audio formats that Loopwright reads: the one list for help texts, drops and errors.

What libsndfile decodes is read; other formats are recognised by their first bytes, so that an
error can name them.
"""

AUDIO_FORMATS = {
    "WAV": (".wav", ".wave", ".bwf", ".rf64", ".bw64", ".w64"),
    "AIFF": (".aif", ".aiff", ".aifc"),
    "CAF": (".caf",),
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "Ogg Vorbis": (".ogg", ".oga"),
    "Opus": (".opus",),
}
"""The formats by name, with the suffixes of their files."""

AUDIO_SUFFIXES = frozenset(suffix for suffixes in AUDIO_FORMATS.values() for suffix in suffixes)
_SIGNATURES = (
    (0, b"OggS", "Ogg"),
    (0, b"fLaC", "FLAC"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"TTA1", "True Audio"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"DSD ", "DSD"),
    (0, b"FRM8", "DSD"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media Audio"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"#!AMR", "AMR"),
    (0, b"ADIF", "AAC"),
    (0, b"\x0b\x77", "Dolby Digital (AC-3)"),
    (0, b"MThd", "a MIDI file"),
    (0, b"CAT ", "a REX loop"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"GIF8", "a picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive"),
    (4, b"ftyp", "AAC or Apple Lossless in MP4"),
    (8, b"AVI ", "a video"),
    (8, b"sfbk", "a SoundFont"),
    (8, b"WAVE", "WAV"),
    (8, b"AIFF", "AIFF"),
    (8, b"AIFC", "AIFC"),
    (0, b"caff", "CAF"),
    (0, b"riff\x2e\x91\xcf\x11", "Wave64"),
)
_WAV_CODECS = {
    0x0002: "Microsoft ADPCM", 0x0006: "A-law", 0x0007: "mu-law", 0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10", 0x0040: "G.721 ADPCM", 0x0050: "MPEG audio", 0x0055: "MP3",
    0x0092: "Dolby AC-3", 0x0160: "Windows Media Audio", 0x0161: "Windows Media Audio",
    0x0162: "Windows Media Audio", 0x0270: "ATRAC3", 0x00FF: "AAC", 0x1610: "AAC",
    0x2000: "Dolby AC-3", 0x2001: "DTS", 0x674F: "Ogg Vorbis", 0x6750: "Ogg Vorbis",
    0x6751: "Ogg Vorbis", 0xF1AC: "FLAC", 0x704F: "Opus", 0x5756: "WavPack",
}  # fmt: skip
_PLAIN_APPLE_CODECS = (
    b"",
    b"NONE",
    b"lpcm",
    b"twos",
    b"sowt",
    b"fl32",
    b"FL32",
    b"fl64",
    b"FL64",
    b"in24",
    b"in32",
    b"raw ",
)
_APPLE_CODECS = {
    b"aac ": "AAC", b"alac": "Apple Lossless", b"ima4": "IMA ADPCM", b"MAC3": "MACE",
    b"MAC6": "MACE", b"QDM2": "QDesign Music", b".mp3": "MP3", b"opus": "Opus",
}  # fmt: skip


def described_formats() -> str:
    """Return the formats in words: `WAV, AIFF, ... or Opus`."""
    *names, last = AUDIO_FORMATS
    return f"{', '.join(names)} or {last}"


def format_in(head: bytes) -> str:
    """Return the name of the format that a file has by its first 12 bytes or more; '' if unknown.

    Formats with a marker in every frame, such as MP3, are distinguished by its bits.
    """
    for at, signature, name in _SIGNATURES:
        if head[at : at + len(signature)] == signature:
            return name
    if len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "AAC" if head[1] & 0x06 == 0 else "MP3"
    return "MP3" if head[:3] == b"ID3" else ""


def wav_codec(tag: int) -> str:
    """Return the name of the codec with this number in the format of a WAV file."""
    return _WAV_CODECS.get(tag, f"the codec 0x{tag:04X}")


def apple_codec(code: bytes) -> str:
    """Return the name of the codec of an AIFC or CAF file; empty if its samples are plain."""
    if code in _PLAIN_APPLE_CODECS:
        return ""
    return _APPLE_CODECS.get(code, f"the codec {code.decode('latin-1')!r}")
