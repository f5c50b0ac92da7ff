"""The styles as data: tempo, feel, harmony, drums, sounds and space of each.

A groove maps a drum voice to sixteen steps of one bar of 4/4 (other meters are derived from it in
`rhythm`). The marks: `X` accent, `x` stroke, `o` ghost, `?` stroke or not, `,` ghost or not,
`.` rest. Progressions are scale degrees from 1; `7` and `9` after a degree colour the chord.
"""

import dataclasses
from collections.abc import Mapping

Groove = Mapping[str, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Style:
    """One style.

    Attributes:
        bpm: lowest and highest usual tempo, quarter notes per minute.
        swing: where the second of two sixteenths (or eighths, see `swing_eighths`) falls, 0.5
            straight to 0.667 triplet.
        modes: its usual modes, most common first.
        progressions: chords, one per bar, repeated as needed.
        colour: 3 triads, 4 sevenths, 5 ninths.
        half_time: the backbeat falls once a bar.
        late_ms: how far the backbeat lies behind the beat; `loose_ms` scatters every stroke.
        duck: how strongly the kick ducks the other parts, 0..1.
        layers: the parts of a full mix.
    """

    name: str
    bpm: tuple[int, int]
    swing: float = 0.5
    swing_eighths: bool = False
    modes: tuple[str, ...] = ("minor",)
    progressions: tuple[str, ...] = ("1 6 7 1",)
    colour: int = 3
    half_time: bool = False
    late_ms: float = 0.0
    loose_ms: float = 2.0
    kit: str = "909"
    grooves: tuple[Groove, ...]
    bass: tuple[str, ...] = ("roots",)
    bass_sounds: tuple[str, ...] = ("synth bass",)
    chords: tuple[str, ...] = ("sustained",)
    chord_sounds: tuple[str, ...] = ("rhodes",)
    pad_sounds: tuple[str, ...] = ("warm pad",)
    lead: tuple[str, ...] = ("phrase",)
    lead_sounds: tuple[str, ...] = ("saw lead",)
    texture: str = "air"
    reverb: float = 0.2
    reverb_s: float = 1.4
    delay: float = 0.1
    drive: float = 0.0
    dust: float = 0.0
    bright: float = 0.0
    duck: float = 0.0
    layers: tuple[str, ...] = ("drums", "bass", "chords", "lead")


_STYLES = (
    Style(
        name="house", bpm=(121, 126), swing=0.54, modes=("minor", "dorian"), colour=5,
        progressions=("1 4 1 4", "1 6 4 1", "1 1 4 5"), kit="909", duck=0.45,
        grooves=(
            {"kick": "X...X...X...X...", "clap": "....x.......x...", "openhat": "..x...x...x...x.",
             "hat": "o.,oo.,oo.,oo.,?", "shaker": "ooxoooxoooxoooxo"},
            {"kick": "X...X...X...X..,", "clap": "....x..,....x...", "openhat": "..X...X...X...X.",
             "rim": "?..?..?...?..?..", "hat": "o?.oo.?oo?.oo.?o"},
        ),
        bass=("offbeat", "syncopated"), bass_sounds=("organ bass", "synth bass"),
        chords=("stabs",), chord_sounds=("organ", "house piano", "rhodes"),
        lead=("riff",), lead_sounds=("pluck lead", "bell"), delay=0.15, reverb=0.18,
    ),
    Style(
        name="techno", bpm=(129, 136), modes=("phrygian", "minor"), colour=3,
        progressions=("1 1 1 1", "1 1 2 1"), kit="techno", duck=0.5, drive=0.15, bright=-0.1,
        grooves=(
            {"kick": "X...X...X...X...", "hat": "..x...x...x...x.", "ride": "?.x.?.x.?.x.?.x.",
             "clap": "............?...", "tom_low": "...?..o...?..o.,", "metal": "...o..?....o..?."},
            {"kick": "X...X...X...X...", "openhat": "..x...x...x...x.", "hat": "oooooooooooooooo",
             "rim": "...x..x....x..x.", "tom_mid": "?.....o..?....o.", "clap": "....?.......?..."},
        ),
        bass=("rumble", "sixteenths"), bass_sounds=("rumble bass", "acid bass"),
        chords=("stabs",), chord_sounds=("dub chord",), pad_sounds=("dark pad",),
        lead=("sequence",), lead_sounds=("acid lead", "fm pluck"), texture="machine",
        reverb=0.25, reverb_s=2.2, delay=0.2, layers=("drums", "bass", "lead"),
    ),
    Style(
        name="trance", bpm=(137, 141), modes=("minor",), colour=3,
        progressions=("1 6 7 1", "1 1 6 7", "1 4 6 1"), kit="909", duck=0.6, bright=0.25,
        grooves=(
            {"kick": "X...X...X...X...", "openhat": "..X...X...X...X.", "clap": "....x.......x...",
             "hat": "xoxoxoxoxoxoxoxo", "ride": "....?.......?..."},
            {"kick": "X...X...X...X...", "openhat": "..X...X...X...X.", "clap": "....x.......x...",
             "shaker": "xooxxooxxooxxoox", "crash": "?..............."},
        ),
        bass=("gallop",), bass_sounds=("synth bass",), chords=("gated",),
        chord_sounds=("supersaw",), pad_sounds=("supersaw pad",), lead=("arpeggio",),
        lead_sounds=("supersaw lead",), reverb=0.35, reverb_s=2.8, delay=0.3,
    ),
    Style(
        name="drum and bass", bpm=(172, 176), modes=("minor", "dorian"), colour=5,
        progressions=("1 6 7 1", "1 1 6 7"), kit="dnb", drive=0.1, bright=0.1,
        grooves=(
            {"kick": "X.........X.....", "snare": "....X..,.,..X..,", "hat": "x.x.x.x.x.x.x.x.",
             "ride": "?...?...?...?...", "shaker": ".o.o.o.o.o.o.o.o"},
            {"kick": "X.....,...X..?..", "snare": "....X.......X.,,", "hat": "xox.xoxoxox.xoxo",
             "rim": ".......?.?......"},
        ),
        bass=("long", "syncopated"), bass_sounds=("reese", "sub"), chords=("sustained",),
        chord_sounds=("rhodes", "dub chord"), lead=("phrase",), lead_sounds=("bell", "saw lead"),
        reverb=0.25, delay=0.2,
    ),
    Style(
        name="jungle", bpm=(160, 167), modes=("minor",), colour=4, swing=0.53,
        progressions=("1 1 6 7", "1 4 1 4"), kit="break", drive=0.2, loose_ms=4.0,
        grooves=(
            {"kick": "X.X.......XX....", "snare": "....X..o.o..X..o", "ride": "x.x.x.x.x.x.x.x.",
             "hat": ".,.,.,.,.,.,.,.,"},
            {"kick": "X.X.....,.X..?..", "snare": "....X..o?o..,.Xo", "hat": "x.xox.x.x.xox.x.",
             "crash": "?..............."},
            {"kick": "X..X..X...X.....", "snare": "....X..X.o..X.oX", "ride": "x.x.x.x.x.x.x.x.",
             "hat": ".,.,.,.,.,.,.,.,"},
        ),
        bass=("dub line", "long"), bass_sounds=("sub", "reese"), chords=("stabs",),
        chord_sounds=("dub chord", "strings"), pad_sounds=("strings",), lead=("riff",),
        lead_sounds=("flute", "bell"), reverb=0.25, reverb_s=1.8, delay=0.25,
    ),
    Style(
        name="hip-hop", bpm=(86, 95), swing=0.58, modes=("minor", "dorian"), colour=4,
        progressions=("1 4 1 5", "1 6 1 5", "1 1 2 5"), kit="hiphop", late_ms=8, loose_ms=4,
        drive=0.15, bright=-0.15,
        grooves=(
            {"kick": "X.....,x..X..,..", "snare": "....X.......X..,", "hat": "x.x.x.x.x.x.x.x.",
             "openhat": "..............?."},
            {"kick": "X..x......x..?..", "snare": "....X.......X...", "hat": "x.xox.x.x.xox.x.",
             "shaker": "..?...?...?...?."},
        ),
        bass=("roots", "syncopated"), bass_sounds=("finger bass", "sub"), chords=("chops",),
        chord_sounds=("piano", "rhodes", "muted guitar"), lead=("riff",),
        lead_sounds=("flute", "vibes", "brass"), reverb=0.12, delay=0.05,
    ),
    Style(
        name="lo-fi", bpm=(72, 84), swing=0.62, modes=("major", "dorian", "minor"), colour=5,
        progressions=("2 5 1 1", "1 4 2 1", "1 6 2 1"), kit="lofi", late_ms=16, loose_ms=6,
        dust=0.55, bright=-0.55,
        grooves=(
            {"kick": "X......,x.x.....", "rim": "....x.......x...", "hat": "x.x.x.x,x.x.x.x,",
             "shaker": "..,...,...,...,."},
            {"kick": "X..,...x..X.....", "snare": "....x.......x..,", "hat": "x.o.x.o.x.o.x.oo",
             "openhat": "......?........."},
        ),
        bass=("roots",), bass_sounds=("round bass", "finger bass"), chords=("lazy", "sustained"),
        chord_sounds=("rhodes", "felt piano", "nylon guitar"), pad_sounds=("tape pad",),
        lead=("phrase",), lead_sounds=("vibes", "nylon guitar", "felt piano"),
        texture="vinyl", reverb=0.2, reverb_s=1.1, delay=0.08,
    ),
    Style(
        name="trap", bpm=(136, 146), half_time=True, modes=("minor", "phrygian"), colour=3,
        progressions=("1 1 6 7", "1 2 1 7", "1 6 1 5"), kit="trap", bright=0.1,
        grooves=(
            {"kick": "X.....x...X...?.", "clap": "........X.......", "snare": "........o.....,,",
             "hat": "xoxoxoxoxxxoxoxx", "openhat": "......?........."},
            {"kick": "X..x......x..?..", "clap": "........X.......", "hat": "x.xxx.x.x.xxx.xx",
             "rim": "...?.......?....", "tom_low": "............,.,."},
        ),
        bass=("808",), bass_sounds=("808 bass",), chords=("sustained",),
        chord_sounds=("bell", "piano"), pad_sounds=("choir",), lead=("riff",),
        lead_sounds=("bell", "flute", "pluck lead"), reverb=0.25, reverb_s=2.0, delay=0.15,
    ),
    Style(
        name="dubstep", bpm=(139, 141), half_time=True, modes=("minor", "phrygian"), colour=3,
        progressions=("1 1 1 6", "1 1 6 7"), kit="dubstep", drive=0.35,
        grooves=(
            {"kick": "X.....?...?.....", "snare": "........X.......", "hat": "..x...x...x...x.",
             "rim": ".....?.......?.."},
            {"kick": "X..x.........x..", "snare": "........X.......", "hat": "x.,.x.,.x.,.x.,.",
             "openhat": "..............x."},
        ),
        bass=("wobble",), bass_sounds=("wobble bass",), chords=("stabs",),
        chord_sounds=("supersaw",), pad_sounds=("dark pad",), lead=("riff",),
        lead_sounds=("square lead",), texture="machine", reverb=0.22, reverb_s=2.2, delay=0.2,
        layers=("drums", "bass", "lead"),
    ),
    Style(
        name="uk garage", bpm=(131, 134), swing=0.61, modes=("minor", "dorian"), colour=5,
        progressions=("1 4 1 5", "1 6 4 1"), kit="garage", bright=0.2,
        grooves=(
            {"kick": "X.........x..,..", "snare": "....X.......X...", "hat": "..x..ox...x..ox.",
             "rim": ".......x.x.....,", "openhat": "......?.......x."},
            {"kick": "X......?..x.....", "snare": "....X.......X...", "hat": ".ox.ox..ox.ox.ox",
             "shaker": "xoxoxoxoxoxoxoxo", "clap": "....x.......x..."},
        ),
        bass=("skip",), bass_sounds=("organ bass", "sub"), chords=("stabs",),
        chord_sounds=("organ", "house piano"), lead=("riff",), lead_sounds=("vibes", "pluck lead"),
        reverb=0.16, delay=0.18,
    ),
    Style(
        name="ambient", bpm=(62, 80), modes=("lydian", "major", "dorian"), colour=5,
        progressions=("1 1 4 1", "1 2 1 1", "1 6 4 1"), kit="808", bright=-0.35,
        grooves=(
            {"kick": "o...............", "triangle": "........?.......", "shaker": "..,...,...,...,."},
            {"conga_low": "o.......,.......", "block": "......?.......,.", "triangle": "............?..."},
        ),
        bass=("drone",), bass_sounds=("sub",), chords=("swell",), chord_sounds=("glass pad",),
        pad_sounds=("glass pad", "choir", "warm pad"), lead=("sparse",),
        lead_sounds=("bell", "glass pad", "felt piano"), texture="air", reverb=0.75,
        reverb_s=4.5, delay=0.4, layers=("pad", "chords", "lead", "texture"),
    ),
    Style(
        name="synthwave", bpm=(96, 112), modes=("minor",), colour=3,
        progressions=("1 6 7 1", "1 1 6 7", "1 4 7 1"), kit="linn", bright=0.05, duck=0.15,
        grooves=(
            {"kick": "X...X...X...X...", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x.",
             "tom_mid": "..............,?", "clap": "....x.......x..."},
            {"kick": "X.....x.X.....?.", "snare": "....X.......X...", "hat": "xoxoxoxoxoxoxoxo",
             "tom_high": ".............,?.", "crash": "?..............."},
        ),
        bass=("eighths", "octaves"), bass_sounds=("synth bass",), chords=("sustained",),
        chord_sounds=("poly synth",), pad_sounds=("poly synth", "strings"), lead=("phrase",),
        lead_sounds=("square lead", "saw lead"), reverb=0.32, reverb_s=2.2, delay=0.25,
    ),
    Style(
        name="rock", bpm=(112, 130), modes=("major", "mixolydian", "minor"), colour=3,
        progressions=("1 4 5 1", "1 5 4 1", "1 7 4 1"), kit="acoustic", loose_ms=4, drive=0.2,
        grooves=(
            {"kick": "X.....x.X.?.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x.",
             "crash": "?..............."},
            {"kick": "X.x.....X.x...?.", "snare": "....X.......X.,.", "ride": "x.x.x.x.x.x.x.x.",
             "openhat": "..............?."},
        ),
        bass=("eighths", "roots"), bass_sounds=("pick bass",), chords=("strum", "power"),
        chord_sounds=("drive guitar",), pad_sounds=("organ pad",), lead=("phrase",),
        lead_sounds=("drive guitar",), reverb=0.12, reverb_s=0.9, delay=0.04,
    ),
    Style(
        name="metal", bpm=(148, 170), modes=("phrygian", "minor"), colour=3,
        progressions=("1 2 1 7", "1 6 7 1"), kit="metal", drive=0.55, bright=0.1,
        grooves=(
            {"kick": "xxxxxxxxxxxxxxxx", "snare": "....X.......X...", "ride": "X...X...X...X...",
             "crash": "x..............."},
            {"kick": "XxxXxx.XxxXxx.x.", "snare": "....X.......X...", "crash": "X.......x.......",
             "hat": "X...X...X...X..."},
        ),
        bass=("chug",), bass_sounds=("pick bass",), chords=("power",),
        chord_sounds=("high gain guitar",), pad_sounds=("choir",), lead=("sequence",),
        lead_sounds=("high gain guitar",), reverb=0.1, reverb_s=1.0, delay=0.05,
    ),
    Style(
        name="funk", bpm=(98, 112), swing=0.54, modes=("dorian", "mixolydian"), colour=5,
        progressions=("1 1 4 1", "1 4 1 4", "1 1 1 4"), kit="funk", loose_ms=3,
        grooves=(
            {"kick": "X.X...?...x..x..", "snare": "....X..o.o..X..o", "hat": "xoxoxoxoxoxoxoxo",
             "openhat": "..........,....."},
            {"kick": "X..x..x...x.....", "snare": "....X..o.o.,X..,", "hat": "x.xxx.xxx.xxx.xx",
             "conga_high": "..?..?....?..?..", "tambourine": "....?.......?..."},
        ),
        bass=("slap",), bass_sounds=("slap bass",), chords=("chank",),
        chord_sounds=("muted guitar", "clavinet"), lead=("riff",), lead_sounds=("brass",),
        reverb=0.08, reverb_s=0.8, delay=0.02,
    ),
    Style(
        name="disco", bpm=(115, 120), modes=("minor", "dorian"), colour=4,
        progressions=("1 4 1 5", "1 6 4 1", "1 7 6 1"), kit="disco", bright=0.15,
        grooves=(
            {"kick": "X...X...X...X...", "snare": "....X.......X...", "openhat": "..X...X...X...X.",
             "hat": "xo.ox.o.xo.ox.o.", "tambourine": "o.xoo.xoo.xoo.xo"},
            {"kick": "X...X...X...X...", "snare": "....X.......X..,", "openhat": "..X...X...X...X.",
             "hat": "xxoxxxoxxxoxxxox", "conga_high": "?..?..?.?..?..?.", "clap": "....x.......x..."},
        ),
        bass=("octaves",), bass_sounds=("finger bass",), chords=("chank",),
        chord_sounds=("clean guitar", "strings"), pad_sounds=("strings",), lead=("riff",),
        lead_sounds=("strings", "brass"), reverb=0.18, reverb_s=1.2, delay=0.04,
    ),
    Style(
        name="dub", bpm=(68, 76), swing=0.58, swing_eighths=False, modes=("minor",), colour=3,
        progressions=("1 4 1 4", "1 1 4 1", "1 7 1 7"), kit="dub", bright=-0.3, loose_ms=4,
        grooves=(
            {"kick": "........X.......", "rim": "........x......,", "hat": "x.x.x.x.x.x.x.x.",
             "conga_low": "......?.......?."},
            {"kick": "?.......X.......", "snare": "........X....,..", "hat": "o.x.o.x.o.x.o.x.",
             "block": "...?......?....."},
        ),
        bass=("dub line",), bass_sounds=("sub", "round bass"), chords=("skank",),
        chord_sounds=("dub chord", "organ"), lead=("sparse",), lead_sounds=("melodica",),
        texture="tape", reverb=0.5, reverb_s=3.2, delay=0.6,
    ),
    Style(
        name="reggae", bpm=(74, 86), swing=0.6, modes=("major", "minor"), colour=3,
        progressions=("1 4 1 5", "1 2 1 1", "1 5 4 1"), kit="acoustic", loose_ms=4,
        grooves=(
            {"kick": "........X.......", "rim": "........X.......", "hat": "x.x.x.xox.x.x.x.",
             "openhat": "..............?."},
            {"kick": "X.......X.......", "snare": "........x..,....", "hat": "x.oxx.oxx.oxx.ox",
             "block": "......?.....?..."},
        ),
        bass=("dub line",), bass_sounds=("round bass",), chords=("skank",),
        chord_sounds=("clean guitar", "organ"), lead=("riff",), lead_sounds=("organ", "brass"),
        reverb=0.2, reverb_s=1.4, delay=0.12,
    ),
    Style(
        name="afrobeat", bpm=(104, 114), swing=0.53, modes=("dorian", "minor"), colour=4,
        progressions=("1 1 4 1", "1 4 1 1", "1 1 1 4"), kit="latin", loose_ms=3,
        grooves=(
            {"kick": "X..x..x...x..x..", "rim": "....x..o....x..o", "shaker": "xoxoxoxoxoxoxoxo",
             "conga_low": "..x...?...x..,..", "conga_high": "....xx....?.xx..", "bell": "x..x..x...x.x..."},
            {"kick": "X.....x.X.....x.", "snare": "...o..o....o..o.", "hat": "x.xxx.xxx.xxx.xx",
             "conga_low": "x..x..x.x..x..x.", "bell": "x.x.xx.x.xx.x.x."},
        ),
        bass=("ostinato",), bass_sounds=("finger bass",), chords=("chank",),
        chord_sounds=("clean guitar", "clavinet"), lead=("riff",), lead_sounds=("brass",),
        reverb=0.14, reverb_s=1.0, delay=0.04,
    ),
    Style(
        name="jazz", bpm=(112, 150), swing=0.66, swing_eighths=True, modes=("major", "dorian"),
        colour=5, progressions=("2 5 1 1", "1 6 2 1", "1 1 2 5"), kit="jazz", loose_ms=5,
        bright=-0.1,
        grooves=(
            {"ride": "x...x.x.x...x.x.", "pedal": "....x.......x...", "kick": "o.......?.......",
             "snare": "......,....,..,."},
            {"ride": "x...x.x.x...x.x.", "pedal": "....x.......x...", "brush": "x..ox..ox..ox..o",
             "kick": "o.......,......."},
        ),
        bass=("walking",), bass_sounds=("upright bass",), chords=("comp",),
        chord_sounds=("piano", "rhodes", "jazz guitar"), lead=("phrase",),
        lead_sounds=("vibes", "jazz guitar", "flute"), texture="vinyl", reverb=0.2, reverb_s=1.3,
        delay=0.0,
    ),
    Style(
        name="cinematic", bpm=(82, 100), modes=("minor", "harmonic minor"), colour=3,
        progressions=("1 6 7 1", "1 4 6 1", "1 6 4 1"), kit="taiko", loose_ms=5,
        grooves=(
            {"kick": "X.....x.X..x....", "tom_low": "..x.x...?.x.x.x.", "tom_mid": "....o..o....o.oo",
             "crash": "?..............."},
            {"kick": "X..x..X..x..X...", "tom_mid": ".oo.oo.oo.oo.ooo", "snare": "............x.x.",
             "tom_low": "x.....x.....x..."},
        ),
        bass=("drone", "pulse"), bass_sounds=("low strings",), chords=("swell",),
        chord_sounds=("strings",), pad_sounds=("strings", "choir"), lead=("arpeggio", "phrase"),
        lead_sounds=("low strings", "bell"), reverb=0.5, reverb_s=3.5, delay=0.05,
    ),
    Style(
        name="bossa nova", bpm=(122, 136), modes=("major", "dorian"), colour=5,
        progressions=("1 2 5 1", "1 6 5 1", "2 5 1 1"), kit="latin", loose_ms=4, bright=-0.1,
        grooves=(
            {"kick": "x..xx..xx..xx..x", "rim": "x..x..x...x..x..", "shaker": "xooxxooxxooxxoox"},
            {"kick": "x..xx..xx..xx..x", "rim": "..x..x..x..x..x.", "brush": "x.o.x.o.x.o.x.o.",
             "triangle": "?..............."},
        ),
        bass=("bossa",), bass_sounds=("upright bass",), chords=("bossa",),
        chord_sounds=("nylon guitar",), lead=("phrase",), lead_sounds=("flute", "vibes"),
        reverb=0.18, reverb_s=1.2, delay=0.0,
    ),
    Style(
        name="electro", bpm=(118, 128), modes=("minor", "phrygian"), colour=3,
        progressions=("1 1 7 1", "1 1 6 7"), kit="electro", bright=0.15,
        grooves=(
            {"kick": "X..x..x...x.....", "snare": "....X.......X...", "hat": "xoxoxoxoxoxoxoxo",
             "cowbell": "..?..x..?..x..x.", "clap": "....x.......x..."},
            {"kick": "X.....x.x.x..?..", "snare": "....X.......X..,", "hat": "x.xxx.x.x.xxx.x.",
             "cowbell": "x..x..?...x..?..", "tom_high": ".........?...?.."},
        ),
        bass=("sixteenths", "syncopated"), bass_sounds=("synth bass", "acid bass"),
        chords=("stabs",), chord_sounds=("poly synth",), lead=("sequence",),
        lead_sounds=("square lead", "fm pluck"), texture="machine", reverb=0.15, delay=0.2,
    ),
    Style(
        name="breakbeat", bpm=(127, 135), modes=("minor", "dorian"), colour=4,
        progressions=("1 1 7 1", "1 6 7 1"), kit="break", drive=0.25, loose_ms=3, bright=0.1,
        grooves=(
            {"kick": "X..x......X..?..", "snare": "....X..o....X..o", "hat": "x.x.x.x.x.x.x.x.",
             "openhat": "..............?."},
            {"kick": "X.X....x..X.....", "snare": "....X.......X.,.", "hat": "xoxoxoxoxoxoxoxo",
             "ride": "?...?...?...?..."},
        ),
        bass=("syncopated",), bass_sounds=("acid bass", "synth bass"), chords=("stabs",),
        chord_sounds=("poly synth", "organ"), lead=("riff",), lead_sounds=("acid lead",),
        reverb=0.14, delay=0.12,
    ),
    Style(
        name="r&b", bpm=(66, 78), swing=0.56, modes=("minor", "major"), colour=5,
        progressions=("1 4 2 1", "1 6 4 1", "1 4 1 5"), kit="808", late_ms=10, loose_ms=4,
        grooves=(
            {"kick": "X..x......x.....", "snap": "....x.......x...", "hat": "x.xxx.x.x.xxx.x,",
             "snare": ".......,......,."},
            {"kick": "X.....x..x......", "clap": "....x.......x...", "hat": "xoxoxoxoxox,xoxx",
             "shaker": "..o...o...o...o."},
        ),
        bass=("808", "roots"), bass_sounds=("808 bass", "round bass"), chords=("lazy",),
        chord_sounds=("rhodes",), pad_sounds=("warm pad",), lead=("phrase",),
        lead_sounds=("bell", "clean guitar"), reverb=0.28, reverb_s=1.8, delay=0.12,
    ),
    Style(
        name="amapiano", bpm=(111, 114), swing=0.54, modes=("minor", "dorian"), colour=5,
        progressions=("1 4 1 5", "1 6 4 1"), kit="amapiano",
        grooves=(
            {"kick": "o...o...o...o...", "shaker": "xoxxxoxxxoxxxoxx", "rim": "...x..x....x..x.",
             "log": "..x..x.x..x..x..", "clap": "............?..."},
            {"kick": "o...o...o...o...", "shaker": "xxoxxxoxxxoxxxox", "snare": "...o..x....o..x.",
             "log": "...x..x..x.x..x.", "conga_high": "?..?......?..?.."},
        ),
        bass=("log",), bass_sounds=("log bass",), chords=("stabs",),
        chord_sounds=("house piano", "rhodes"), lead=("sparse",), lead_sounds=("flute", "bell"),
        reverb=0.25, reverb_s=1.6, delay=0.12,
    ),
)  # fmt: skip

STYLES: dict[str, Style] = {style.name: style for style in _STYLES}
"""The styles by name."""

DEFAULT_STYLE = Style(
    name="", bpm=(96, 124), modes=("minor", "major"), progressions=("1 6 4 1", "1 4 5 1", "1 4 1 5"),
    colour=4, kit="acoustic", chords=("sustained", "lazy"), chord_sounds=("rhodes", "piano"),
    grooves=(
        {"kick": "X.....x.X..?....", "snare": "....X.......X..,", "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X..x....X.x.....", "snare": "....X.......X...", "hat": "xoxoxoxoxoxoxoxo"},
    ),
)  # fmt: skip
"""What is played where a prompt names no style."""
