"""Which drum a file is, by its name."""

import pytest

from engine.loops.kit import VOICES, voice_named

NAMES = {
    "kick.wav": "kick", "KICK_01.wav": "kick", "TR808BD02.aif": "kick", "bd 3.flac": "kick",
    "sd.wav": "snare", "Snare-Tight.ogg": "snare", "MySnr2.wav": "snare",
    "hat_open.wav": "openhat", "OpenHat_02.wav": "openhat", "OH.wav": "openhat",
    "HHO1.wav": "openhat",
    "hat.wav": "hat", "closed hat 2.wav": "hat", "CH.wav": "hat", "HiHat.wav": "hat",
    "pedal hat.wav": "pedal", "clap.wav": "clap", "CP02.wav": "clap", "rim-shot.wav": "rim",
    "ride.wav": "ride", "Crash A.wav": "crash", "floor tom.wav": "tom_low", "HiTom.wav": "tom_high",
    "tom2.wav": "tom_mid", "conga lo.wav": "conga_low", "conga.wav": "conga_high",
    "shk.wav": "shaker", "Tambourine.wav": "tambourine", "cowbell.wav": "cowbell",
    "woodblock.wav": "block", "perc 3.wav": "percussion", "FX hit.wav": "percussion",
    "Kicks/01.wav": "kick", "Drums/Snares/Tight/a.wav": "snare", "Hats/Open/003.wav": "openhat",
    "Snares/kick layer.wav": "kick", "01.wav": None, "chorus.wav": None, "sadness.wav": None,
    "Größe.wav": None, "kickass/01.wav": None,
}  # fmt: skip


@pytest.mark.parametrize("path", NAMES)
def test_a_file_is_sorted_by_its_name_or_the_folders_around_it(path):
    assert voice_named(path) == NAMES[path]


def test_every_drum_has_words():
    assert {voice for voice in NAMES.values() if voice} - {"percussion"} <= set(VOICES)
