"""The words that sketch knows, and their meanings."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Meaning:
    """The meaning of one word or phrase of a prompt.

    Attributes:
        shown: how it is shown to the user, such as `Rhodes`.
        style: a name of `styles.STYLES`.
        role: a part to play, see `ROLES`; `mix` for all parts of the style.
        sound: a sound of `patches.PATCHES`, played by `sound_role` if no other role is named.
        kit: a kit of `kits.KITS`.
        voices: drum voices that are named individually.
        axes: how adjectives move the axes of `brief.Brief`, -1..1 each.
        texture: a texture of `parts.texture`.
    """

    shown: str
    style: str | None = None
    role: str | None = None
    sound: str | None = None
    sound_role: str | None = None
    kit: str | None = None
    voices: tuple[str, ...] = ()
    axes: tuple[tuple[str, float], ...] = ()
    texture: str | None = None


ROLES = ("drums", "percussion", "bass", "chords", "pad", "lead", "texture", "mix")

AXES = {
    "bright": "brighter (+) or darker (-)",
    "warm": "more low, less high (+), or thinner (-)",
    "drive": "distorted (+) or clean (-)",
    "dust": "worn by tape and vinyl (+)",
    "hard": "harder (+) or softer (-) attacks",
    "dense": "busier (+) or sparser (-)",
    "wide": "wider (+) or narrower (-)",
    "wet": "more reverb and echo (+) or drier (-)",
    "long": "longer (+) or shorter (-) notes",
    "low": "lower (+) or higher (-) register",
    "pace": "faster (+) or slower (-)",
    "swing": "more swing (+) or straight (-)",
    "loose": "looser (+) or tighter (-) timing",
    "late": "lazier, behind the beat (+), or pushing (-)",
    "half": "half-time (+) or double-time (-)",
    "triplet": "triplets (+)",
    "happy": "major (+) or minor (-)",
    "arpeggio": "chords as arpeggios (+)",
}
"""The axes that adjectives can move."""

_STYLE_WORDS: dict[str, str] = {
    "house": "house, deep house, tech house, acid house, garage house",
    "techno": "techno, detroit techno, minimal techno, berlin techno",
    "trance": "trance, psytrance, eurodance",
    "drum and bass": "drum and bass, drum n bass, drum & bass, dnb, d&b, d n b, liquid, neurofunk",
    "jungle": "jungle, amen, ragga jungle",
    "hip-hop": "hip hop, hiphop, boom bap, rap, old school",
    "lo-fi": "lo fi, lofi, chillhop, lo fi hip hop, study beats, chill",
    "trap": "trap, drill, phonk",
    "dubstep": "dubstep, brostep, riddim",
    "uk garage": "uk garage, ukg, garage, 2 step, two step, speed garage",
    "ambient": "ambient, new age, meditation, downtempo ambient",
    "synthwave": "synthwave, retrowave, outrun, 80s, eighties, vaporwave",
    "rock": "rock, indie, punk, grunge, pop rock",
    "metal": "metal, heavy metal, thrash, djent",
    "funk": "funk, funky",
    "disco": "disco, nu disco, french house",
    "dub": "dub, dub techno",
    "reggae": "reggae, ska, roots reggae, dancehall",
    "afrobeat": "afrobeat, afrobeats, afro, highlife",
    "jazz": "jazz, bebop, jazzy, big band",
    "cinematic": "cinematic, film score, orchestral, trailer, soundtrack, epic",
    "bossa nova": "bossa nova, bossa, samba, latin jazz",
    "electro": "electro, miami bass, electro funk, freestyle",
    "breakbeat": "breakbeat, big beat, breaks",
    "r&b": "r&b, rnb, r n b, neo soul, soul, trap soul, slow jam",
    "amapiano": "amapiano, gqom, kwaito",
}
"""The words for each style."""


_SUBGENRES = {
    "house": "bass house, future house, lo fi house, tropical house, progressive house, "
    "electro house, tribal house, melodic house, organic house, slap house, big room, afro house",
    "techno": "melodic techno, hard techno, industrial techno, dark techno, schranz",
    "trance": "hard trance, uplifting trance, progressive trance, goa, goa trance, hardstyle, "
    "happy hardcore, gabber",
    "dubstep": "future bass, melodic dubstep, bass music, wave",
    "hip-hop": "glitch hop, jazz hop, trip hop, jazz rap, cloud rap, g funk, lo fi rap",
    "trap": "future trap, uk drill, plugg, rage beat, memphis rap",
    "uk garage": "future garage, bassline house, jersey club, baltimore club",
    "ambient": "dark ambient, space ambient, drone ambient",
    "synthwave": "synth pop, synthpop, darkwave, chillwave, new wave",
    "rock": "post rock, indie rock, surf rock, garage rock, alt rock, pop punk, shoegaze",
    "metal": "nu metal, metalcore, doom metal, black metal, death metal",
    "funk": "jazz funk, p funk, synth funk",
    "disco": "italo disco, space disco, cosmic disco, indie dance",
    "jazz": "acid jazz, jazz fusion, smooth jazz, gypsy jazz",
    "electro": "electro swing, electroclash",
    "breakbeat": "idm, nu skool breaks, glitch breaks",
    "drum and bass": "liquid dnb, liquid drum and bass, jump up, neuro dnb, drill and bass",
    "r&b": "alt r&b, alternative r&b, gospel soul",
    "cinematic": "epic orchestral, hybrid trailer",
}
"""Genres of two words, whose words by themselves mean something else: the genre is the genre."""


def _styles() -> dict[str, Meaning]:
    found = {}
    for name, words in _STYLE_WORDS.items():
        for word in words.split(", "):
            found[word] = Meaning(name, style=name)
    for name, words in _SUBGENRES.items():
        for word in words.split(", "):
            found[word] = Meaning(word, style=name)
    found["acid techno"] = Meaning(
        "acid techno", style="techno", sound="acid bass", sound_role="bass"
    )
    found["acid house"] = Meaning("acid house", style="house", sound="acid bass", sound_role="bass")
    found["deep house"] = Meaning("deep house", style="house", axes=(("warm", 0.5),))
    found["minimal techno"] = Meaning("minimal techno", style="techno", axes=(("dense", -0.6),))
    found["liquid"] = Meaning("liquid drum and bass", style="drum and bass", axes=(("warm", 0.4),))
    return found


def _roles() -> dict[str, Meaning]:
    words = {
        "drums": "drums, drum, drum loop, drum beat, drum break, beat, beats, groove, drumming, "
        "drum kit, break, kit",
        "percussion": "percussion, perc, percs, hand drums, percussive",
        "bass": "bass, bassline, bass line, basslines",
        "chords": "chords, chord, chord progression, comping, stabs, stab, harmony",
        "pad": "pad, pads, bed",
        "lead": "lead, leads, melody, melodies, riff, hook, topline, solo, motif, synth line",
        "texture": "texture, textures, atmosphere, atmo, soundscape, noise, background, foley",
        "mix": "full mix, full loop, full band, full track, whole band, band, track, song, "
        "arrangement, everything, ensemble, instrumental, full arrangement, mix",
    }
    found = {}
    for role, listed in words.items():
        for word in listed.split(", "):
            found[word] = Meaning(role if role != "mix" else "full mix", role=role)
    for word in ("chops", "chop", "chopped chords"):
        found[word] = Meaning("chops", role="chords", axes=(("dense", 0.5), ("long", -0.4)))
    for word in ("arpeggio", "arpeggios", "arp", "arps", "arpeggiated", "arpeggiator"):
        found[word] = Meaning("arpeggio", role="lead", axes=(("arpeggio", 1.0),))
    return found


def _kits() -> dict[str, Meaning]:
    kits = {
        "808": "808, tr 808", "909": "909, tr 909", "linn": "linndrum, linn, 707, gated drums",
        "acoustic": "acoustic drums, live drums, drummer, acoustic kit, drum set",
        "jazz": "brushes, brush kit, brushed, jazz kit", "taiko": "taiko, taikos, epic drums",
        "latin": "latin", "break": "amen break, breakbeats",
    }  # fmt: skip
    return {
        word: Meaning(
            f"{name} drums",
            kit=name,
            role="drums" if name not in ("808", "909", "latin") else None,
        )
        for name, listed in kits.items()
        for word in listed.split(", ")
    }


def _voices() -> dict[str, Meaning]:
    voices = {
        "kick": ("kick, kicks, bass drum, kick drum, four on the floor", ("kick",)),
        "snare": ("snare, snares, snare drum", ("snare",)),
        "claps": ("clap, claps, handclap, handclaps", ("clap",)),
        "rim": ("rim, rimshot, rimshots, sidestick, rim shot", ("rim",)),
        "hi-hats": ("hat, hats, hi hat, hi hats, hihat, hihats, closed hats", ("hat", "openhat")),
        "open hats": ("open hat, open hats, open hi hats", ("openhat",)),
        "offbeat hats": ("offbeat hats, off beat hats, offbeat hi hats, offbeat hat", ("openhat",)),
        "ride": ("ride, ride cymbal", ("ride",)),
        "cymbals": ("cymbal, cymbals, crash", ("crash", "ride")),
        "toms": ("tom, toms, tom toms", ("tom_low", "tom_mid", "tom_high")),
        "shaker": ("shaker, shakers, maracas, cabasa", ("shaker",)),
        "tambourine": ("tambourine", ("tambourine",)),
        "cowbell": ("cowbell, cowbells", ("cowbell",)),
        "congas": ("conga, congas", ("conga_low", "conga_high")),
        "bongos": ("bongo, bongos", ("bongo",)),
        "claves": ("clave, claves", ("clave",)),
        "woodblock": ("woodblock, wood block, woodblocks, temple blocks", ("block",)),
        "triangle": ("triangle", ("triangle",)),
        "snaps": ("snap, snaps, finger snaps", ("snap",)),
    }
    return {
        word: Meaning(shown, voices=names)
        for shown, (listed, names) in voices.items()
        for word in listed.split(", ")
    }


_SOUND_WORDS: dict[tuple[str, str], str] = {
    ("bass", "sub"): "sub, sub bass, deep sub", ("bass", "808 bass"): "808 bass, 808s, long 808",
    ("bass", "acid bass"): "acid, 303, tb 303, acid bass, acid bassline, acid line",
    ("bass", "reese"): "reese, reese bass", ("bass", "wobble bass"): "wobble, wobble bass, growl",
    ("bass", "finger bass"): "bass guitar, electric bass, finger bass, fingered bass",
    ("bass", "slap bass"): "slap bass, slap", ("bass", "log bass"): "log drum, log drums",
    ("bass", "upright bass"): "upright bass, double bass, contrabass, upright, acoustic bass",
    ("bass", "synth bass"): "synth bass, moog, moog bass",
    ("bass", "organ bass"): "organ bass", ("bass", "rumble bass"): "rumble",
    ("chords", "rhodes"): "rhodes, electric piano, fender rhodes, wurlitzer, wurli, ep, keys, "
    "e piano, dx7",
    ("chords", "piano"): "piano, grand piano, pianos", ("chords", "felt piano"): "felt piano, "
    "upright piano, soft piano",
    ("chords", "organ"): "organ, hammond, b3", ("chords", "clavinet"): "clavinet, clav",
    ("chords", "clean guitar"): "guitar, electric guitar, clean guitar, guitars",
    ("chords", "muted guitar"): "muted guitar, palm mute, palm muted guitar, muted guitars",
    ("chords", "nylon guitar"): "nylon guitar, acoustic guitar, spanish guitar, classical guitar",
    ("chords", "jazz guitar"): "jazz guitar",
    ("chords", "drive guitar"): "distorted guitar, crunch guitar, rock guitar, power chords",
    ("chords", "supersaw"): "supersaw, supersaws, super saw, hoover",
    ("chords", "poly synth"): "synth, synths, poly synth, juno, polysynth, analog synth, "
    "analogue synth, synth chords, analog, analogue, synthesizer",
    ("chords", "dub chord"): "dub chord, dub chords, dub stab, dub stabs",
    ("chords", "house piano"): "house piano, m1 piano, piano stabs",
    ("chords", "accordion"): "accordion, harmonium, concertina",
    ("pad", "strings"): "strings, string, violins, violin, cello, orchestra, string section",
    ("pad", "choir"): "choir, choir like, vocal pad, voices, vox, choral, vocal, vocals, choirs",
    ("pad", "warm pad"): "warm pad, analog pad, analogue pad, synth pad",
    ("pad", "glass pad"): "glass, glass pad, glassy, crystal, shimmer",
    ("pad", "dark pad"): "dark pad", ("pad", "supersaw pad"): "supersaw pad",
    ("pad", "organ pad"): "organ pad, church organ, pipe organ",
    ("lead", "pluck lead"): "pluck, plucks, plucked, plucky", ("lead", "bell"): "bell, bells, "
    "chime, chimes, fm bell, tubular bells, music box, celesta",
    ("lead", "acid lead"): "acid lead", ("lead", "saw lead"): "saw, saw lead, sawtooth, synth lead",
    ("lead", "square lead"): "square, square lead, chiptune, 8 bit, chip, pulse",
    ("lead", "flute"): "flute, flutes, pan flute, recorder, woodwind",
    ("lead", "brass"): "brass, horns, horn, trumpet, trumpets, trombone, horn section, sax, "
    "saxophone",
    ("lead", "vibes"): "vibes, vibraphone, glockenspiel", ("lead", "marimba"): "marimba, xylophone, "
    "balafon",
    ("lead", "kalimba"): "kalimba, mbira, thumb piano", ("lead", "harp"): "harp, harps, koto, "
    "sitar, banjo, pizzicato",
    ("lead", "melodica"): "melodica, harmonica", ("lead", "supersaw lead"): "supersaw lead",
    ("lead", "whistle"): "whistle, theremin, sine lead, sine",
    ("lead", "fm pluck"): "fm, fm synth, fm pluck, digital",
}  # fmt: skip
"""The words for each sound, by the role that plays it."""

_TEXTURE_WORDS: dict[str, str] = {
    "vinyl": "vinyl, vinyl crackle, crackle, crackles, record noise",
    "tape": "tape hiss, hiss, cassette", "rain": "rain, rainy, storm, water, ocean, waves, sea",
    "wind": "wind, windy, breeze, air", "drone": "drone, drones, droning",
    "machine": "machine, machines, industrial, factory, mechanical, glitch, glitches",
    "riser": "riser, rise, sweep, uplifter, swell", "grains": "granular, grains, sparkle, fairy dust",
}  # fmt: skip
"""The words for each texture."""


def _sounds() -> dict[str, Meaning]:
    found = {}
    for (role, sound), listed in _SOUND_WORDS.items():
        for word in listed.split(", "):
            explicit = role if role in word.split() else None
            found[word] = Meaning(sound, sound=sound, sound_role=role, role=explicit)
    for texture, listed in _TEXTURE_WORDS.items():
        for word in listed.split(", "):
            found[word] = Meaning(texture, texture=texture)
    return found


_AXIS_WORDS: dict[str, str] = {
    "bright": "bright 1, brilliant 1, crisp .8, sparkling .9, shiny .9, brighter 1, airy .6, "
    "sharp .7, dark -1, darker -1, dull -1, muffled -1, murky -.9, gloomy -.7, mellow -.6, "
    "muted -.7, filtered -.8, underwater -1, lowpassed -1",
    "warm": "warm 1, warmer 1, round .8, rounded .8, fat .9, phat .9, thick .8, full .4, "
    "rich .5, smooth .5, thin -1, tinny -1, cold -.8, icy -.8, hollow -.5",
    "drive": "distorted 1, distortion 1, dirty .7, gritty .7, crunchy .8, saturated .7, "
    "overdriven .9, fuzzy .9, fuzz .9, aggressive .7, angry .7, harsh .8, lo bit .6, raw .5, "
    "clean -1, pure -.8, pristine -1",
    "dust": "dusty 1, dust 1, worn .9, vintage .6, old .6, retro .4, tape .6, grainy .8, "
    "nostalgic .5, degraded .9, crackly 1",
    "hard": "hard 1, hard hitting 1, punchy .9, snappy .8, heavy .7, powerful .7, tough .8, "
    "big .5, banging .9, percussive attack .8, soft -1, gentle -1, delicate -.9, "
    "tender -.8, quiet -.6, light -.5, subtle -.6, calm -.6, softly -1, relaxed -.4",
    "dense": "busy 1, dense 1, complex .8, fast paced .6, energetic .7, driving .6, "
    "intricate .9, rolling .5, frantic 1, intense .6, active .7, layered .5, sparse -1, "
    "minimal -.9, simple -.7, empty -.8, spacious -.4, minimalist -.9, stripped -.8, "
    "stripped down -.9, spare -.9",
    "wide": "wide 1, stereo .8, huge .7, massive .7, expansive .8, panoramic 1, lush .7, "
    "narrow -1, mono -1, centered -.8, centred -.8",
    "wet": "wet 1, reverb .8, reverby 1, echo .8, echoing .9, echoey .9, spacey .7, ethereal .8, "
    "dreamy .7, washed 1, washed out 1, cavernous 1, distant .7, hazy .6, delay .6, "
    "floating .6, atmospheric .6, roomy .5, dry -1, close -.6, intimate -.5, upfront -.6",
    "long": "long 1, sustained .8, legato .8, ringing .7, boomy .7, slow attack .3, flowing .4, "
    "short -1, staccato -1, tight notes -.8, choppy -.8, clipped -.7, stabby -.7, bouncy -.3",
    "low": "deep 1, low .8, subby .9, bottom .6, high -1, high pitched -1",
    "pace": "slow -1, slower -1, sluggish -.8, laid back -.3, downtempo -.8, fast 1, faster 1, "
    "uptempo .8, quick .7, up tempo .8",
    "swing": "swing .7, swung .7, swinging .8, shuffle .9, shuffled .9, shuffling .9, "
    "heavy swing 1, lazy swing .8, light swing .35, groovy .3, straight -1, quantised -.8, "
    "quantized -.8, robotic -.9, no swing -1",
    "loose": "loose 1, human .8, humanised .8, drunk 1, sloppy 1, wonky 1, organic .5, live .5, "
    "tight -1, precise -1",
    "late": "lazy .9, laid-back .8, behind the beat 1, dragging 1, chilled .4, pushing -.8, "
    "urgent -.6, rushing -.8",
    "half": "half time 1, halftime 1, half tempo 1, double time -1, doubletime -1",
    "triplet": "triplet 1, triplets 1, triplet feel 1, ternary 1",
    "happy": "happy 1, uplifting .8, joyful 1, cheerful 1, euphoric .8, sunny .8, hopeful .7, "
    "sad -1, melancholic -1, melancholy -1, moody -.7, sombre -1, somber -1, mournful -1, "
    "emotional -.5, tense -.8, ominous -1, sinister -1, mysterious -.7, evil -1, haunting -.8, "
    "eerie -.8",
}  # fmt: skip
"""The adjectives that move each axis, and how far."""

_SECOND_AXES = {
    "dreamy": ("hard", -0.4), "lush": ("wet", 0.4), "deep": ("bright", -0.35),
    "aggressive": ("hard", 0.6), "vintage": ("warm", 0.3), "laid back": ("late", 0.7),
    "heavy": ("drive", 0.3), "ethereal": ("hard", -0.4), "mellow": ("hard", -0.4),
    "dark": ("happy", -0.4), "warm": ("bright", -0.25), "dusty": ("bright", -0.2),
    "ominous": ("bright", -0.4), "airy": ("wet", 0.3), "lazy": ("loose", 0.3),
}  # fmt: skip
"""Adjectives that also move a second axis."""


def _adjectives() -> dict[str, Meaning]:
    found = {}
    for axis, listed in _AXIS_WORDS.items():
        for entry in listed.split(", "):
            word, _, amount = entry.rpartition(" ")
            word = word.replace("-", " ")
            found[word] = Meaning(word, axes=((axis, float(amount)),))
    for word, extra in _SECOND_AXES.items():
        found[word] = dataclasses.replace(found[word], axes=(*found[word].axes, extra))
    return found


LEXICON: dict[str, Meaning] = {
    **_adjectives(), **_roles(), **_kits(), **_voices(), **_sounds(), **_styles(),
}  # fmt: skip
"""Every word and phrase that sketch knows, lower case, with spaces for hyphens."""

LONGEST_PHRASE_WORDS = max(len(phrase.split()) for phrase in LEXICON)

FILLER = frozenset(
    [
        "a",
        "note",
        "notes",
        "an",
        "and",
        "the",
        "with",
        "of",
        "in",
        "on",
        "at",
        "for",
        "to",
        "from",
        "by",
        "some",
        "my",
        "your",
        "very",
        "really",
        "quite",
        "bit",
        "little",
        "more",
        "less",
        "but",
        "or",
        "as",
        "like",
        "style",
        "type",
        "kind",
        "feel",
        "vibe",
        "vibes",
        "sound",
        "sounds",
        "sounding",
        "loop",
        "loops",
        "sample",
        "samples",
        "music",
        "musical",
        "tempo",
        "bpm",
        "key",
        "bar",
        "bars",
        "beat",
        "beats",
        "make",
        "me",
        "give",
        "please",
        "just",
        "it",
        "its",
        "that",
        "this",
        "which",
        "is",
        "are",
        "be",
        "play",
        "playing",
        "played",
        "using",
        "use",
        "used",
        "featuring",
        "feat",
        "ft",
        "mood",
        "flavour",
        "flavor",
        "section",
        "part",
        "parts",
        "line",
        "lines",
        "over",
        "under",
        "into",
    ]
)
"""Words without a meaning of their own, which are not reported as ignored."""
