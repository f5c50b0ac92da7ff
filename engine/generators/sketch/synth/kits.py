"""Families of kits as data: for each voice, the models to choose from, and what they range over.

A seed draws its kit from a family: which model plays each voice, every number within its range, the
balance of the voices, the room and the bus. So a family has as many kits as there are seeds.
"""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from engine.generators.sketch.synth.drum_models import (
    Draw,
    Setting,
    clap,
    cymbal,
    hat,
    kick,
    shaker,
    skin,
    snare,
    wood,
)
from engine.generators.sketch.synth.drums import Drum, Synthesised

Range = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Model:
    """A builder of a drum, and the ranges of its numbers."""

    build: Callable[..., Synthesised]
    ranges: Mapping[str, Range]

    def drawn(self, rng: np.random.Generator, setting: Setting) -> Drum:
        """Return one drum of this model."""
        numbers = {name: float(rng.uniform(*span)) for name, span in self.ranges.items()}
        return self.build(Draw(rng, setting), **numbers)


@dataclasses.dataclass(frozen=True)
class Sound:
    """How the drums of a family are recorded and mixed; each is a range to draw from.

    Attributes:
        room_s: the time to -60 dB of the room; `room_db` is its level below the drums.
        side_db: the level of the sides below the middle.
        squash: how much of a compressed and saturated copy is added, 0..1.
        drive: how hard that copy is driven, 0..1.
        low_cut_hz: below this frequency the drums have little.
        top_hz: above this frequency they have little.
        hiss_db: the noise of the room and the tape, below the drums.
    """

    room_s: Range = (0.1, 0.3)
    room_db: Range = (-18.0, -9.0)
    side_db: Range = (-31.0, -14.0)
    squash: Range = (0.2, 0.6)
    drive: Range = (0.1, 0.5)
    low_cut_hz: Range = (36.0, 52.0)
    top_hz: Range = (13_000.0, 19_000.0)
    hiss_db: Range = (-66.0, -48.0)


Models = tuple[Model, ...]


@dataclasses.dataclass(frozen=True)
class Family:
    """The models of each voice, and the sound of the whole."""

    voices: Mapping[str, Models]
    sound: Sound


def _kick(**ranges: Range) -> Model:
    base = {
        "hz": (50.0, 66.0), "ring_s": (0.04, 0.08), "drop": (0.6, 1.8), "drop_s": (0.012, 0.03),
        "beater": (0.5, 1.1), "thud": (0.4, 1.0), "shell_level": (0.5, 1.0), "push": (0.05, 0.25),
    }  # fmt: skip
    return Model(kick, {**base, **ranges})


def _live_kick(**ranges: Range) -> Model:
    base = {
        "hz": (58.0, 82.0), "ring_s": (0.025, 0.05), "drop": (0.15, 0.6), "drop_s": (0.01, 0.025),
        "beater": (0.5, 1.4), "thud": (0.7, 1.5), "shell_level": (0.8, 1.5), "buzz": (0.4, 1.3),
        "push": (0.05, 0.25),
    }  # fmt: skip
    return Model(kick, {**base, **ranges})


def _snare(**ranges: Range) -> Model:
    base = {
        "hz": (165.0, 225.0), "head": (0.4, 0.8), "ring_s": (0.03, 0.075), "wires": (0.7, 1.2),
        "wires_s": (0.04, 0.1), "wires_hz": (350.0, 700.0), "top_hz": (8000.0, 14_000.0),
        "tilt_db": (-1.5, 1.2), "crack": (0.15, 0.5), "stick": (0.2, 0.6), "push": (0.0, 0.25),
    }  # fmt: skip
    return Model(snare, {**base, **ranges})


def _hat(**ranges: Range) -> Model:
    base = {
        "life_s": (0.013, 0.034), "low_hz": (1800.0, 4200.0), "top_hz": (11_000.0, 18_000.0),
        "tilt_db": (0.5, 3.5), "metal": (0.45, 0.85), "body": (0.08, 0.35), "stick": (0.2, 0.6),
    }  # fmt: skip
    return Model(hat, {**base, **ranges})


def _open(**ranges: Range) -> Model:
    return _hat(**{"life_s": (0.09, 0.24), "stick": (0.1, 0.35), "hold": (0.1, 0.25), **ranges})


def _machine_hat(**ranges: Range) -> Model:
    return _hat(
        **{"machine": (0.6, 0.95), "low_hz": (3200.0, 6500.0), "body": (0.02, 0.15), **ranges}
    )


_BASE: Mapping[str, Models] = {
    "kick": (_kick(), _live_kick()),
    "snare": (_snare(), _snare(hz=(190.0, 260.0), wires_s=(0.035, 0.07), head=(0.5, 0.9))),
    "clap": (
        Model(clap, {"hz": (850.0, 1400.0), "tail_s": (0.05, 0.11), "hands": (3.0, 5.4)}),
        Model(clap, {"hz": (1300.0, 2000.0), "tail_s": (0.03, 0.07), "hands": (2.0, 4.0)}),
    ),
    "rim": (
        Model(wood, {"hz": (1300.0, 2000.0), "ring_s": (0.008, 0.02), "body": (0.3, 0.8)}),
        Model(wood, {"hz": (620.0, 1000.0), "ring_s": (0.01, 0.022), "body": (0.5, 1.0)}),
    ),
    "hat": (_hat(), _hat(life_s=(0.01, 0.024), low_hz=(3000.0, 5500.0))),
    "openhat": (_open(),),
    "pedal": (_hat(life_s=(0.012, 0.025), tilt_db=(-1.5, 1.0), stick=(0.0, 0.15)),),
    "ride": (
        Model(cymbal, {"life_s": (0.25, 0.55), "ping": (0.6, 1.1), "wash": (0.3, 0.7)}),
        Model(cymbal, {"life_s": (0.15, 0.3), "ping": (0.8, 1.3), "wash": (0.15, 0.4),
                       "hz": (500.0, 800.0)}),
    ),
    "crash": (
        Model(cymbal, {"life_s": (0.45, 0.9), "ping": (0.3, 0.6), "wash": (0.9, 1.3),
                       "low_hz": (450.0, 900.0), "rise_s": (0.004, 0.012)}),
    ),
    "tom_low": (Model(skin, {"hz": (72.0, 96.0), "ring_s": (0.14, 0.26), "wires": (0.2, 1.0)}),),
    "tom_mid": (Model(skin, {"hz": (100.0, 132.0), "ring_s": (0.12, 0.22), "wires": (0.2, 1.0)}),),
    "tom_high": (Model(skin, {"hz": (140.0, 185.0), "ring_s": (0.1, 0.18), "wires": (0.2, 1.0)}),),
    "conga_low": (
        Model(skin, {"hz": (160.0, 195.0), "ring_s": (0.09, 0.16), "drop": (0.03, 0.08),
                     "slap": (0.3, 0.6), "slap_hz": (900.0, 1800.0)}),
    ),
    "conga_high": (
        Model(skin, {"hz": (215.0, 270.0), "ring_s": (0.06, 0.12), "drop": (0.03, 0.08),
                     "slap": (0.4, 0.8), "slap_hz": (1200.0, 2400.0)}),
    ),
    "bongo": (
        Model(skin, {"hz": (330.0, 430.0), "ring_s": (0.03, 0.07), "drop": (0.02, 0.06),
                     "slap": (0.4, 0.8), "slap_hz": (1800.0, 3200.0)}),
    ),
    "shaker": (
        Model(shaker, {"low_hz": (3000.0, 5500.0), "top_hz": (9000.0, 15_000.0),
                       "life_s": (0.02, 0.045), "rise_s": (0.01, 0.024), "body": (0.05, 0.25)}),
    ),
    "tambourine": (
        Model(shaker, {"low_hz": (3800.0, 5500.0), "top_hz": (12_000.0, 16_000.0),
                       "life_s": (0.04, 0.08), "rise_s": (0.002, 0.006), "jingle": (0.6, 0.9)}),
    ),
    "brush": (
        Model(shaker, {"low_hz": (600.0, 1500.0), "top_hz": (6000.0, 9000.0),
                       "life_s": (0.05, 0.1), "rise_s": (0.02, 0.04), "body": (0.2, 0.6)}),
    ),
    "cowbell": (
        Model(wood, {"hz": (520.0, 600.0), "ring_s": (0.06, 0.12), "bright": (0.4, 0.8)}),
    ),
    "clave": (Model(wood, {"hz": (2200.0, 2700.0), "ring_s": (0.015, 0.03)}),),
    "block": (Model(wood, {"hz": (850.0, 1250.0), "ring_s": (0.015, 0.035)}),),
    "triangle": (
        Model(wood, {"hz": (2500.0, 3200.0), "ring_s": (0.4, 0.8), "bright": (0.2, 0.6),
                     "body": (0.0, 0.05)}),
    ),
    "snap": (Model(clap, {"hz": (1700.0, 2500.0), "tail_s": (0.015, 0.035), "hands": (1.0, 2.4)}),),
    "metal": (
        Model(wood, {"hz": (380.0, 700.0), "ring_s": (0.06, 0.16), "bright": (-0.2, 0.3)}),
    ),
    "taiko": (
        Model(skin, {"hz": (56.0, 70.0), "ring_s": (0.25, 0.45), "slap": (0.5, 0.9),
                     "slap_hz": (600.0, 1300.0), "shell_level": (0.6, 1.1)}),
    ),
    "log": (
        Model(skin, {"hz": (74.0, 96.0), "ring_s": (0.14, 0.26), "drop": (0.5, 1.1),
                     "slap": (0.1, 0.3), "slap_hz": (500.0, 900.0)}),
    ),
    "bell": (Model(wood, {"hz": (560.0, 760.0), "ring_s": (0.1, 0.25), "bright": (0.3, 0.8)}),),
}  # fmt: skip

_MACHINE = Sound(room_s=(0.08, 0.22), room_db=(-23.0, -12.0), hiss_db=(-74.0, -54.0),
                 low_cut_hz=(32.0, 46.0), squash=(0.1, 0.5), top_hz=(15_000, 20_000))  # fmt: skip
_LIVE = Sound(room_s=(0.15, 0.4), room_db=(-15.0, -7.0), side_db=(-29.0, -12.0), squash=(0.3, 0.8),
              drive=(0.2, 0.6), low_cut_hz=(48.0, 80.0), top_hz=(13_000.0, 19_000.0),
              hiss_db=(-62.0, -46.0))  # fmt: skip
_OLD = dataclasses.replace(_LIVE, room_s=(0.12, 0.35), drive=(0.3, 0.8), top_hz=(9000.0, 17_000.0),
                           hiss_db=(-58.0, -42.0))  # fmt: skip
_DUSTY = dataclasses.replace(_OLD, top_hz=(6000.0, 11_000.0), room_db=(-18.0, -10.0))


def _family(sound: Sound, **voices: Models) -> Family:
    return Family({**_BASE, **voices}, sound)


_LIVE_SNARES = (
    _snare(hz=(170.0, 215.0), wires=(0.9, 1.5), wires_s=(0.06, 0.12), wires_hz=(320.0, 520.0)),
    _snare(hz=(195.0, 250.0), head=(0.6, 1.0), ring_s=(0.045, 0.09), wires=(0.7, 1.1)),
)
_LIVE_HATS = (
    _hat(body=(0.2, 0.5), low_hz=(1400.0, 3200.0)),
    _hat(life_s=(0.025, 0.05), low_hz=(1400.0, 2600.0), tilt_db=(-0.5, 1.5), body=(0.15, 0.45)),
)
_LONG_KICK = _kick(hz=(44.0, 54.0), ring_s=(0.12, 0.26), drop=(1.2, 2.4), drop_s=(0.02, 0.045),
                   beater=(0.2, 0.6), thud=(0.2, 0.6), shell_level=(0.2, 0.6))  # fmt: skip
_CLUB_KICK = _kick(hz=(50.0, 62.0), ring_s=(0.07, 0.14), drop=(2.0, 4.0), drop_s=(0.012, 0.03),
                   beater=(0.6, 1.4), push=(0.2, 0.5))  # fmt: skip
_CRISP_SNARE = _snare(hz=(180.0, 240.0), wires=(0.8, 1.3), wires_s=(0.04, 0.09),
                      top_hz=(10_000.0, 15_000.0), tilt_db=(-1.5, 0.5))  # fmt: skip

FAMILIES: dict[str, Family] = {
    "808": _family(
        _MACHINE,
        kick=(_LONG_KICK, _kick(hz=(46.0, 54.0), ring_s=(0.09, 0.16), drop=(0.8, 1.6))),
        snare=(_snare(head=(0.6, 1.0), wires=(0.5, 0.9), wires_s=(0.04, 0.09)),),
        hat=(_machine_hat(life_s=(0.014, 0.032)),),
        openhat=(_machine_hat(life_s=(0.1, 0.22), hold=(0.1, 0.2)),),
    ),
    "909": _family(
        _MACHINE, kick=(_CLUB_KICK, _kick()), snare=(_snare(), _CRISP_SNARE),
        hat=(_machine_hat(), _hat()), openhat=(_open(), _machine_hat(life_s=(0.1, 0.22))),
    ),
    "techno": _family(
        dataclasses.replace(_MACHINE, squash=(0.3, 0.8), drive=(0.3, 0.8)),
        kick=(_CLUB_KICK, _kick(hz=(44.0, 54.0), ring_s=(0.08, 0.16), push=(0.3, 0.7))),
        hat=(_machine_hat(life_s=(0.012, 0.03)), _hat(life_s=(0.012, 0.03))),
        openhat=(_open(life_s=(0.07, 0.16)), _machine_hat(life_s=(0.08, 0.18))),
    ),
    "linn": _family(
        dataclasses.replace(_MACHINE, room_s=(0.15, 0.5), room_db=(-13.0, -6.0)),
        kick=(_kick(hz=(56.0, 68.0), drop=(0.4, 1.0)), _live_kick()),
        snare=(_snare(wires=(0.9, 1.4), wires_s=(0.08, 0.18), hz=(160.0, 200.0)),),
        hat=(_hat(tilt_db=(-0.5, 1.5)),),
    ),
    "acoustic": _family(_LIVE, kick=(_live_kick(),), snare=_LIVE_SNARES, hat=_LIVE_HATS),
    "metal": _family(
        dataclasses.replace(_LIVE, squash=(0.5, 1.0)),
        kick=(_live_kick(beater=(1.2, 2.4), ring_s=(0.05, 0.09)),),
        snare=(_snare(crack=(0.5, 1.0), stick=(0.4, 0.9), wires_s=(0.07, 0.14)), *_LIVE_SNARES),
        hat=_LIVE_HATS,
    ),
    "funk": _family(
        _OLD,
        kick=(_live_kick(hz=(60.0, 82.0), ring_s=(0.04, 0.08)),),
        snare=(_snare(hz=(210.0, 290.0), head=(0.6, 1.0), crack=(0.4, 0.8)), *_LIVE_SNARES),
        hat=_LIVE_HATS,
    ),
    "disco": _family(
        dataclasses.replace(_LIVE, room_s=(0.1, 0.25)),
        kick=(_live_kick(ring_s=(0.04, 0.07)), _kick(drop=(0.3, 0.8))),
        snare=(*_LIVE_SNARES,), hat=_LIVE_HATS, openhat=(_open(life_s=(0.08, 0.16)),),
    ),
    "hiphop": _family(
        _OLD,
        kick=(_live_kick(), _kick(ring_s=(0.05, 0.1), push=(0.2, 0.5))),
        snare=(_snare(tilt_db=(-2.5, 0.0), wires_hz=(300.0, 500.0)), *_LIVE_SNARES),
        hat=(_hat(top_hz=(7000.0, 12_000.0)), *_LIVE_HATS),
    ),
    "lofi": _family(
        _DUSTY,
        kick=(_live_kick(), _kick(beater=(0.2, 0.6))),
        snare=(_snare(tilt_db=(-4.0, -1.5), wires_hz=(280.0, 460.0), top_hz=(4500.0, 8000.0)),),
        hat=(_hat(top_hz=(5000.0, 9000.0), low_hz=(1400.0, 2800.0), body=(0.3, 0.8)),),
        openhat=(_open(top_hz=(5000.0, 9000.0), low_hz=(1400.0, 2800.0)),),
    ),
    "break": _family(
        _OLD,
        kick=(_live_kick(hz=(60.0, 86.0), ring_s=(0.04, 0.085)),),
        snare=(_snare(hz=(200.0, 270.0), head=(0.6, 1.0), crack=(0.4, 0.9)), *_LIVE_SNARES),
        hat=_LIVE_HATS,
    ),
    "dnb": _family(
        dataclasses.replace(_MACHINE, squash=(0.4, 0.9), drive=(0.2, 0.6), low_cut_hz=(36.0, 52.0)),
        kick=(_kick(hz=(54.0, 70.0), ring_s=(0.06, 0.11), beater=(0.8, 1.6)), _live_kick()),
        snare=(_snare(hz=(190.0, 240.0), head=(0.7, 1.1), wires_s=(0.05, 0.1)), _CRISP_SNARE),
        hat=(_hat(low_hz=(2500.0, 5000.0)), *_LIVE_HATS),
    ),
    "trap": _family(
        _MACHINE, kick=(_LONG_KICK, _CLUB_KICK), snare=(_CRISP_SNARE, _snare()),
        hat=(_machine_hat(life_s=(0.01, 0.024)), _hat(life_s=(0.01, 0.022))),
        openhat=(_machine_hat(life_s=(0.08, 0.18)),),
    ),
    "dubstep": _family(
        dataclasses.replace(_MACHINE, squash=(0.4, 0.9), room_s=(0.15, 0.4)),
        kick=(_CLUB_KICK, _kick(push=(0.3, 0.6))),
        snare=(_snare(hz=(180.0, 220.0), head=(0.8, 1.2), wires_s=(0.08, 0.16)), _CRISP_SNARE),
    ),
    "garage": _family(
        _MACHINE,
        kick=(_kick(ring_s=(0.07, 0.12), hz=(52.0, 64.0)),),
        snare=(_snare(hz=(220.0, 300.0), wires_s=(0.025, 0.06)), _CRISP_SNARE),
        hat=(_hat(life_s=(0.01, 0.024), low_hz=(3500.0, 6000.0)), _machine_hat()),
        openhat=(_open(life_s=(0.06, 0.13)),),
    ),
    "dub": _family(
        _OLD,
        kick=(_live_kick(beater=(0.2, 0.6), hz=(50.0, 62.0), ring_s=(0.09, 0.16)),),
        snare=(_snare(hz=(240.0, 330.0), head=(0.7, 1.1), wires=(0.4, 0.9)),),
        hat=_LIVE_HATS,
    ),
    "jazz": _family(
        dataclasses.replace(_LIVE, squash=(0.0, 0.3), room_s=(0.3, 0.7), drive=(0.0, 0.3)),
        kick=(_live_kick(beater=(0.2, 0.6), hz=(60.0, 80.0)),),
        snare=(_snare(wires=(0.5, 0.9), crack=(0.1, 0.4), head=(0.4, 0.8)),),
        hat=_LIVE_HATS,
    ),
    "taiko": _family(
        dataclasses.replace(_LIVE, room_s=(0.8, 1.6), side_db=(-17.0, -11.0)),
        kick=(Model(skin, {"hz": (44.0, 56.0), "ring_s": (0.3, 0.5), "slap": (0.5, 0.9),
                           "slap_hz": (500.0, 1100.0)}),),
        snare=(Model(skin, {"hz": (85.0, 120.0), "ring_s": (0.15, 0.3), "slap": (0.7, 1.2),
                            "slap_hz": (1200.0, 2600.0)}),),
        tom_low=(Model(skin, {"hz": (52.0, 64.0), "ring_s": (0.25, 0.45), "slap": (0.5, 0.9)}),),
        tom_mid=(Model(skin, {"hz": (70.0, 90.0), "ring_s": (0.2, 0.35), "slap": (0.5, 0.9)}),),
        tom_high=(Model(skin, {"hz": (100.0, 130.0), "ring_s": (0.15, 0.28), "slap": (0.6, 1.0)}),),
        crash=(Model(cymbal, {"life_s": (0.8, 1.4), "ping": (0.1, 0.3), "wash": (0.9, 1.3),
                              "low_hz": (300.0, 600.0), "rise_s": (0.06, 0.15)}),),
    ),
    "electro": _family(
        _MACHINE, kick=(_LONG_KICK, _CLUB_KICK), snare=(_CRISP_SNARE, _snare(head=(0.6, 1.0))),
        hat=(_machine_hat(life_s=(0.012, 0.03)),), openhat=(_machine_hat(life_s=(0.09, 0.2)),),
    ),
    "latin": _family(_LIVE, kick=(_live_kick(beater=(0.2, 0.6)),), snare=_LIVE_SNARES,
                     hat=_LIVE_HATS),
    "amapiano": _family(
        _MACHINE, kick=(_kick(ring_s=(0.08, 0.14), beater=(0.2, 0.7)),),
    ),
}  # fmt: skip
"""The families by the names that styles and prompts use; each has every voice."""


def drawn_drum(
    family: Family, voice: str, rng: np.random.Generator, setting: Setting
) -> tuple[Drum, float]:
    """Return one voice of a drawn kit, and how loud it stands in the kit, as a factor."""
    models = family.voices[voice]
    model = models[int(rng.integers(len(models)))]
    return model.drawn(rng, setting), float(10 ** (rng.uniform(-2.5, 2.5) / 20))
