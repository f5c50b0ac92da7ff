"""Drum kits as data: which voice sounds how in which kit."""

from collections.abc import Mapping
from dataclasses import replace

from engine.generators.sketch.version1.drums import (
    Clap,
    DrumVoice,
    Kick,
    Metal,
    Shake,
    Skin,
    Snare,
    Wood,
)

Kit = Mapping[str, DrumVoice]

_BASE: dict[str, DrumVoice] = {
    "kick": Kick(),
    "snare": Snare(),
    "clap": Clap(),
    "rim": Wood(1750, (1.0, 1.48, 3.1), 0.018, 0.5),
    "hat": Metal(0.045),
    "openhat": Metal(0.28),
    "pedal": Metal(0.03, 5000, 0.7),
    "ride": Metal(0.7, 4200, 0.25, 1.13, ping_hz=3150),
    "crash": Metal(1.1, 3200, 0.65, 0.94, attack_s=0.004),
    "tom_low": Skin(82, 0.5, 0.32),
    "tom_mid": Skin(118, 0.5, 0.26),
    "tom_high": Skin(165, 0.5, 0.2),
    "conga_low": Skin(175, 0.12, 0.16, 0.45, 3200),
    "conga_high": Skin(235, 0.12, 0.12, 0.55, 3800),
    "bongo": Skin(390, 0.1, 0.08, 0.5, 4500),
    "shaker": Shake(),
    "tambourine": Shake(6500, 17_000, 0.004, 0.07, 0.8),
    "cowbell": Metal(0.11, 500, 0.0, 1.0, (540.0, 800.0)),
    "clave": Wood(2450, (1.0,), 0.028, 0.3),
    "block": Wood(1050, (1.0, 2.2), 0.03, 0.35),
    "triangle": Wood(2900, (1.0, 1.63, 2.37, 3.4), 0.9, 0.1),
    "snap": Clap(1500, 5200, 0.035, 2),
    "brush": Shake(1800, 9000, 0.03, 0.09),
    "metal": Metal(0.14, 1500, 0.2, 1.7, (311.0, 453.0, 617.0)),
    "taiko": Skin(62, 0.35, 0.7, 0.5, 1400),
    "log": Skin(92, 0.9, 0.3, 0.15, 900),
    "bell": Metal(0.3, 400, 0.0, 1.0, (662.0, 991.0)),
}


def _kit(**voices: DrumVoice) -> Kit:
    return {**_BASE, **voices}


KITS: dict[str, Kit] = {
    "808": _kit(
        kick=Kick(125, 46, 0.045, 0.42, 0.15, 0.25),
        snare=Snare(205, 0.6, 0.06, 0.55, 0.1, 1500, 11_000),
        clap=Clap(850, 2600, 0.12, 4),
        hat=Metal(0.032, 7500, 0.1),
        openhat=Metal(0.24, 7000, 0.1),
        tom_low=Skin(72, 0.25, 0.4, 0.05),
        tom_mid=Skin(105, 0.25, 0.33, 0.05),
        tom_high=Skin(150, 0.25, 0.26, 0.05),
        conga_low=Skin(165, 0.1, 0.2, 0.0),
        conga_high=Skin(250, 0.1, 0.16, 0.0),
    ),
    "909": _kit(
        kick=Kick(230, 52, 0.026, 0.19, 0.6, 0.35),
        snare=Snare(182, 0.65, 0.06, 0.75, 0.14, 1300, 10_000),
        clap=Clap(950, 3600, 0.1, 4),
        hat=Metal(0.042, 7000, 0.55),
        openhat=Metal(0.3, 6500, 0.6),
    ),
    "techno": _kit(
        kick=Kick(260, 47, 0.03, 0.26, 0.45, 0.65),
        clap=Clap(1100, 4200, 0.07, 3),
        hat=Metal(0.03, 8200, 0.7),
        openhat=Metal(0.2, 7600, 0.7),
        ride=Metal(0.45, 5200, 0.5, 1.3),
    ),
    "linn": _kit(
        kick=Kick(160, 62, 0.02, 0.13, 0.5, 0.1),
        snare=Snare(170, 0.5, 0.08, 0.95, 0.26, 900, 7500),
        hat=Metal(0.05, 6000, 0.8),
        clap=Clap(800, 2900, 0.16, 5),
    ),
    "acoustic": _kit(
        kick=Kick(135, 58, 0.016, 0.15, 0.7, 0.05),
        snare=Snare(195, 0.7, 0.1, 0.85, 0.17, 900, 8500),
        hat=Metal(0.055, 5200, 0.75, 0.92),
        openhat=Metal(0.4, 4800, 0.75, 0.92),
    ),
    "metal": _kit(
        kick=Kick(210, 60, 0.012, 0.11, 1.2, 0.3),
        snare=Snare(215, 0.6, 0.09, 1.1, 0.2, 1100, 10_000),
        hat=Metal(0.07, 5200, 0.75, 0.9),
        ride=Metal(0.9, 3600, 0.5, 1.0, ping_hz=2700),
    ),
    "funk": _kit(
        kick=Kick(150, 66, 0.014, 0.09, 0.6, 0.05),
        snare=Snare(235, 0.8, 0.08, 0.7, 0.11, 1500, 9500),
        hat=Metal(0.035, 6200, 0.7),
        openhat=Metal(0.22, 5600, 0.7),
    ),
    "disco": _kit(
        kick=Kick(150, 60, 0.015, 0.11, 0.5, 0.1),
        snare=Snare(175, 0.6, 0.1, 0.7, 0.14, 900, 8000),
        openhat=Metal(0.2, 5800, 0.7),
        tambourine=Shake(6000, 17_000, 0.004, 0.05, 1.0),
    ),
    "hiphop": _kit(
        kick=Kick(140, 55, 0.02, 0.17, 0.55, 0.3),
        snare=Snare(182, 0.75, 0.07, 0.75, 0.13, 700, 7000),
        hat=Metal(0.038, 5500, 0.65, 0.95),
        openhat=Metal(0.2, 5200, 0.65),
    ),
    "lofi": _kit(
        kick=Kick(120, 52, 0.022, 0.15, 0.25, 0.25),
        snare=Snare(168, 0.7, 0.08, 0.5, 0.11, 500, 4200),
        rim=Wood(1250, (1.0, 1.6), 0.022, 0.4),
        hat=Metal(0.034, 4200, 0.75, 0.85),
        openhat=Metal(0.16, 4200, 0.75),
    ),
    "break": _kit(
        kick=Kick(145, 68, 0.014, 0.1, 0.7, 0.2),
        snare=Snare(225, 0.85, 0.07, 0.9, 0.12, 1000, 8500),
        hat=Metal(0.05, 4800, 0.7, 1.05),
        ride=Metal(0.35, 3600, 0.55, 1.1, ping_hz=3600),
        crash=Metal(0.9, 3000, 0.7, 1.0, attack_s=0.003),
    ),
    "dnb": _kit(
        kick=Kick(200, 58, 0.016, 0.11, 0.9, 0.4),
        snare=Snare(212, 0.95, 0.09, 0.95, 0.13, 1400, 12_000),
        hat=Metal(0.03, 7800, 0.6),
        ride=Metal(0.3, 6000, 0.5, 1.2),
    ),
    "trap": _kit(
        kick=Kick(150, 43, 0.035, 0.34, 0.5, 0.55),
        snare=Snare(220, 0.55, 0.05, 0.85, 0.12, 1800, 13_000),
        clap=Clap(1100, 4500, 0.08, 3),
        hat=Metal(0.024, 8600, 0.25, 1.2),
        openhat=Metal(0.18, 8000, 0.25, 1.2),
    ),
    "dubstep": _kit(
        kick=Kick(240, 50, 0.02, 0.17, 1.0, 0.7),
        snare=Snare(200, 1.0, 0.12, 1.0, 0.22, 1000, 10_000),
        hat=Metal(0.03, 7500, 0.7),
    ),
    "garage": _kit(
        kick=Kick(170, 58, 0.02, 0.1, 0.6, 0.15),
        snare=Snare(260, 0.6, 0.045, 0.65, 0.07, 2200, 12_000),
        rim=Wood(2100, (1.0, 1.7), 0.014, 0.7),
        hat=Metal(0.022, 8500, 0.5),
        openhat=Metal(0.13, 8000, 0.5),
    ),
    "dub": _kit(
        kick=Kick(110, 52, 0.02, 0.2, 0.25, 0.1),
        snare=Snare(290, 0.9, 0.06, 0.45, 0.08, 1500, 6500),
        rim=Wood(1500, (1.0, 1.5), 0.022, 0.5),
        hat=Metal(0.04, 5600, 0.7, 0.9),
    ),
    "jazz": _kit(
        kick=Kick(105, 64, 0.012, 0.14, 0.25, 0.0),
        snare=Snare(210, 0.5, 0.09, 0.4, 0.12, 1200, 8000),
        ride=Metal(0.75, 3300, 0.35, 1.05, ping_hz=2850),
        pedal=Metal(0.035, 4200, 0.75, 0.95),
    ),
    "taiko": _kit(
        kick=Skin(48, 0.4, 0.8, 0.6, 1100),
        snare=Skin(95, 0.3, 0.4, 0.9, 2600),
        tom_low=Skin(56, 0.3, 0.7, 0.6, 1200),
        tom_mid=Skin(78, 0.3, 0.55, 0.7, 1500),
        tom_high=Skin(112, 0.3, 0.4, 0.8, 2000),
        crash=Metal(2.0, 2200, 0.6, 0.8, attack_s=0.12),
    ),
    "electro": _kit(
        kick=Kick(165, 49, 0.03, 0.24, 0.5, 0.3),
        snare=Snare(240, 0.5, 0.05, 0.8, 0.11, 1900, 12_000),
        clap=Clap(1000, 3000, 0.13, 4),
        hat=Metal(0.028, 7800, 0.05),
        openhat=Metal(0.22, 7200, 0.05),
    ),
    "latin": _kit(
        kick=Kick(115, 62, 0.015, 0.12, 0.3, 0.0),
        rim=Wood(1900, (1.0, 1.5), 0.02, 0.35),
    ),
    "amapiano": _kit(
        kick=Kick(120, 54, 0.02, 0.14, 0.3, 0.1),
        log=replace(Skin(), hz=78, drop=1.2, decay_s=0.34, slap=0.25, slap_hz=1000),
        rim=Wood(1850, (1.0, 1.6), 0.016, 0.5),
    ),
}
"""The kits by name; each has every voice."""
