"""The named sounds as data: the instrument that plays each, and its settings.

Those that sketch 1 had, and that nothing has replaced, are taken from there.
"""

import dataclasses
from typing import Any, cast

from engine.generators.sketch.synth.analogue import Analogue
from engine.generators.sketch.synth.blown import Blown
from engine.generators.sketch.synth.envelopes import Adsr
from engine.generators.sketch.synth.padsynth import MovingPad, Pad
from engine.generators.sketch.synth.strings import Strings
from engine.generators.sketch.synth.subtractive import Subtractive
from engine.generators.sketch.synth.voice import Instrument
from engine.generators.sketch.version1 import patches as version1


def _subtractive(name: str, **changes: Any) -> Subtractive:
    """Return a voice of sketch 1, changed."""
    return dataclasses.replace(cast("Subtractive", version1.PATCHES[name]), **changes)


_PIANO_BODY = ((92.0, 0.05, 0.035), (180.0, 0.04, 0.03), (410.0, 0.025, 0.015),
               (2100.0, 0.01, 0.004))  # fmt: skip
_GUITAR_BODY = ((102.0, 0.07, 0.06), (204.0, 0.05, 0.04), (390.0, 0.03, 0.02),
                (2900.0, 0.02, 0.003))  # fmt: skip
_PICK = ((750.0, 0.03, 0.006), (3300.0, 0.03, 0.002))
_FINGER = ((130.0, 0.06, 0.02), (900.0, 0.02, 0.006))
_RELEASED = Adsr(0.001, 1.0, 1.0, 0.06)
_SOFT = Adsr(0.005, 1.0, 1.0, 0.08)

_STRINGS: dict[str, Instrument] = {
    "finger bass": Strings(0.22, 1.0, 0.05, 1.5, 2e-4, 0.6, _FINGER, amp=Adsr(0.002, 1, 1, 0.05)),
    "round bass": Strings(0.4, 1.0, 0.12, 2.1, 1e-4, 0.5, _FINGER, amp=_SOFT),
    "pick bass": Strings(0.1, 1.1, 0.014, 1.1, 3e-4, 0.8, _PICK, amp=Adsr(0.001, 1, 1, 0.03)),
    "slap bass": Strings(0.06, 1.6, 0.022, 0.75, 4e-4, 0.8, _PICK, amp=Adsr(0.001, 1, 1, 0.02)),
    "upright bass": Strings(0.3, 2.0, 0.1, 1.7, 2e-4, 1.5, ((88.0, 0.12, 0.05), *_FINGER),
                            amp=Adsr(0.005, 1, 1, 0.07)),
    "piano": Strings(0.12, 0.7, 0.014, 1.15, 7e-4, 1.4, _PIANO_BODY, amp=_RELEASED),
    "felt piano": Strings(0.16, 0.9, 0.06, 1.8, 7e-4, 1.8, _PIANO_BODY, 0.5, _SOFT),
    "house piano": Strings(0.11, 1.1, 0.009, 0.8, 8e-4, 2.2, _PIANO_BODY, amp=_RELEASED),
    "clean guitar": Strings(0.14, 1.2, 0.02, 1.0, 2e-4, 1.2, _PICK, amp=_RELEASED),
    "muted guitar": Strings(0.12, 7.0, 0.06, 1.0, 2e-4, 0.0, _PICK, amp=Adsr(0.001, 1, 1, 0.02)),
    "nylon guitar": Strings(0.27, 1.4, 0.05, 1.35, 1e-4, 1.5, _GUITAR_BODY, amp=_RELEASED),
    "jazz guitar": Strings(0.33, 1.4, 0.09, 1.7, 1e-4, 1.0, _FINGER, amp=_SOFT),
    "harp": Strings(0.35, 0.9, 0.022, 1.1, 1e-4, 1.6, _GUITAR_BODY, amp=Adsr(0.001, 1, 1, 0.25)),
}  # fmt: skip

_PADS: dict[str, Instrument] = {
    "warm pad": MovingPad(Pad(1.4, 44, 900)),
    "dark pad": MovingPad(Pad(1.5, 60, 400, amp=Adsr(0.4, 2.0, 0.9, 0.45)), 1.4),
    "glass pad": MovingPad(Pad(1.2, 16, 2300, even=0.35, air=0.05, amp=Adsr(0.25, 2.0, 0.8, 0.6)),
                           2.2, 0.5),
    "tape pad": MovingPad(Pad(1.4, 64, 700, amp=Adsr(0.2, 2.0, 0.85, 0.3)), 1.5, 0.5),
    "supersaw pad": MovingPad(Pad(1.1, 66, 2200, amp=Adsr(0.12, 2.0, 0.9, 0.25)), 2.0, 0.5),
    "organ pad": MovingPad(Pad(0.9, 9, 2200, amp=Adsr(0.1, 2.0, 0.95, 0.18)), 1.2, 0.5, 0.4),
    "strings": MovingPad(Pad(1.15, 40, 1900, amp=Adsr(0.12, 2.0, 0.9, 0.22)), 1.2, 0.5, 0.4),
    "low strings": MovingPad(Pad(1.3, 22, 1100, amp=Adsr(0.09, 2.0, 0.9, 0.2)), 0.9, 0.5, 0.3),
    "choir": MovingPad(Pad(0.95, 50, 2300, vowel=True, air=0.06, amp=Adsr(0.2, 2.0, 0.9, 0.3)),
                       1.0, 0.5, 0.4),
}  # fmt: skip

_BLOWN: dict[str, Instrument] = {
    "brass": Blown(),
    "flute": Blown(1.6, 900, 2600, 900, 0.3, 1, 0.0, 0.0, 4, 25, 0.12, 12,
                   Adsr(0.05, 1.0, 0.85, 0.07)),
    "melodica": Blown(0.5, 1200, 3000, 1800, 0.5, 1, 0.0, 0.0, 3, 12, 0.03, 10,
                      Adsr(0.03, 0.5, 0.85, 0.06)),
}  # fmt: skip

_ANALOGUE: dict[str, Instrument] = {
    "synth bass": Analogue(_subtractive("synth bass", cutoff_hz=400, drive=0.15), free=0.0),
    "acid bass": Analogue(_subtractive("acid bass"), cutoff_octaves=0.25),
    "rumble bass": Analogue(_subtractive("rumble bass"), 2.0, free=0.0),
    "sub": Analogue(_subtractive("sub"), 1.5, 0.2, free=0.0),
    "808 bass": Analogue(_subtractive("808 bass"), 1.5, 0.2, free=0.0),
    "reese": Analogue(_subtractive("reese", cutoff_hz=560, drive=0.2)),
    "wobble bass": Analogue(_subtractive("wobble bass"), free=0.0),
    "organ bass": Analogue(_subtractive("organ bass", cutoff_hz=560), free=0.0),
    "supersaw": Analogue(_subtractive("supersaw"), 2.0),
    "poly synth": Analogue(_subtractive("poly synth"), 4.0, 0.25, glide_cents=6, side=0.6),
    "dub chord": Analogue(_subtractive("dub chord"), 4.0, 0.25),
    "saw lead": Analogue(_subtractive("saw lead", env_s=0.35), glide_cents=25, side=0.4),
    "square lead": Analogue(_subtractive("square lead"), glide_cents=20),
    "supersaw lead": Analogue(_subtractive("supersaw lead"), 2.0, glide_cents=12, side=0.5),
    "acid lead": Analogue(_subtractive("acid lead"), cutoff_octaves=0.25),
    "pluck lead": Analogue(_subtractive("pluck lead"), 2.0, 0.2),
}  # fmt: skip

PATCHES: dict[str, Instrument] = {
    **version1.PATCHES, **_STRINGS, **_PADS, **_BLOWN, **_ANALOGUE,
}  # fmt: skip
"""The sounds by name."""
