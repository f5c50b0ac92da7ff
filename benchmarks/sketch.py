"""How much faster than real time sketch is, role by role, compared with FluidSynth.

Both make 48 kHz stereo on one core. FluidSynth plays a MIDI loop of the same length with a General
MIDI soundfont. Loading that is not counted: its figure is the difference between a long piece and a
short one. Sketch also has to compose.
"""

import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import printed_figures, python, run_s
from benchmarks.midi import midi_file
from benchmarks.runner import CannotMeasure, Case, Side

BARS = 8
BPM = 120.0
PROMPTS = {
    "drums": "house drums",
    "percussion": "house percussion",
    "bass": "house bass line",
    "chords": "house chords",
    "pad": "warm house pad",
    "lead": "house lead",
    "texture": "dark texture",
    "mix": "house full mix",
}
_LONGER = 8
_RATE = 48_000
_SOUNDFONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
)


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark."""
    soundfont = next((path for path in _SOUNDFONTS if path.exists()), None)
    can_play = soundfont is not None and shutil.which("fluidsynth") is not None
    note = (
        "No peer: FluidSynth or a General MIDI soundfont is missing "
        "(on Debian: apt install fluidsynth fluid-soundfont-gm)."
    )
    for role in PROMPTS:
        play = functools.partial(_peer, role, soundfont or Path())
        yield Case(
            "sketch",
            f"times real time, {role}, {BARS} bars",
            "x",
            more_is_better=True,
            ours=Side("sketch", functools.partial(_ours, role)),
            peer=Side("fluidsynth", play) if can_play else None,
            note="" if can_play else note,
        )


def _ours(role: str) -> float:
    command = python("-P", "-m", "benchmarks.sketch_child", PROMPTS[role], str(BARS), str(BPM))
    return float(printed_figures(command)["times_real_time"])


def _peer(role: str, soundfont: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        short_s = _fluidsynth_s(Path(folder), role, soundfont, BARS)
        long_s = _fluidsynth_s(Path(folder), role, soundfont, BARS * _LONGER)
    audio_s = BARS * (_LONGER - 1) * 4 * 60 / BPM
    if long_s <= short_s:
        raise CannotMeasure("FluidSynth took no longer for a longer piece.")
    return audio_s / (long_s - short_s)


def _fluidsynth_s(folder: Path, role: str, soundfont: Path, bars: int) -> float:
    midi = folder / f"{role}-{bars}.mid"
    midi.write_bytes(midi_file(role, bars, BPM))
    output = str(folder / "out.wav")
    return run_s(
        ["fluidsynth", "-ni", "-q", "-F", output, "-r", str(_RATE), str(soundfont), str(midi)]
    )
