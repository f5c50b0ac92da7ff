"""Words of other languages that stand in many prompts, and the English ones that they mean.

The table is small on purpose: parts, sounds and adjectives, and the words that join them.
"""

import functools
import unicodedata

FILLER_WORD = "and"
"""What a word means that only joins others."""

TRANSLATED: dict[str, str] = {
    "no": "sin, sem, sans, ohne, senza",
    FILLER_WORD: "con, y, el, las, los, del, una, muy, para, com, da, uma, muito, avec, et, du, "
    "des, le, les, une, tres, pour, mit, und, oder, ein, eine, der, das, sehr, di, della, il, "
    "gli, molto, e, de, la, un, en",
    "drums": "bateria, batterie, batteria, schlagzeug, trommeln",
    "percussion": "percusion, percussao, percussions, percussioni, perkussion, schlagwerk",
    "bass": "bajo, baixo, basse, basso",
    "chords": "acordes, accords, accordi, akkorde",
    "melody": "melodia, melodie",
    "arpeggio": "arpegio, arpejo, arpege",
    "vocals": "voz, voces, vozes, voix, voce, voci, stimme, stimmen, gesang",
    "choir": "coro, choeur, chor",
    "guitar": "guitarra, guitare, chitarra, gitarre",
    "acoustic guitar": "violao",
    "piano": "pianoforte, klavier",
    "organ": "organo, orgao, orgue, orgel",
    "strings": "cuerdas, cordas, cordes, archi, streicher",
    "violin": "violino, violon, geige",
    "trumpet": "trompeta, trompete, trompette, tromba",
    "flute": "flauta, flauto, flote, querflote",
    "kick": "bombo, bumbo, grosse caisse, grancassa",
    "snare": "caja, caixa, caisse claire, rullante",
    "claps": "palmas, klatschen",
    "sine": "sin wave",
    "noise": "ruido, bruit, rumore, rauschen",
    "rain": "lluvia, chuva, pluie, pioggia, regen",
    "dancehall": "reggaeton",
    "slow": "lento, lenta, lent, lente, langsam, langsame, langsamer, langsames",
    "fast": "rapido, rapida, rapide, veloce, schnell, schnelle, schneller, schnelles",
    "dark": "oscuro, oscura, escuro, escura, sombre, scuro, scura, oscuri, dunkel, dunkle, "
    "dunkler, dunkles",
    "bright": "brillante, brilhante, brillant, helle, heller, helles",
    "warm": "calido, calida, quente, chaud, chaude, caldo, calda, warme, warmer, warmes",
    "cold": "frio, fria, froid, froide, freddo, fredda, kalt, kalte, kaltes",
    "sad": "triste, tristes, traurig, traurige, trauriges",
    "happy": "alegre, feliz, joyeux, joyeuse, allegro, allegra, felice, frohlich, frohliche",
    "soft": "suave, doux, douce, dolce, sanft, sanfte, sanftes, weich, weiche, weiches",
    "hard": "duro, dura, forte, fuerte, harte, harter, hartes",
    "dirty": "sucio, sucia, sujo, suja, sporco, sporca, schmutzig, schmutzige, schmutziges",
    "clean": "limpio, limpia, limpo, limpa, pulito, pulita, propre, sauber, saubere",
    "distorted": "distorsionado, distorsionada, distorcido, distorcida, distorto, distorta, "
    "verzerrt, verzerrte",
}  # fmt: skip
"""English words, and those of Spanish, Portuguese, French, Italian and German, without accents.

Words that mean something else in English are left out, such as `sale`; `sin` means `no`, since
prompts have it far more often in Spanish. Musicians use some, like `forte`, in any language.
"""


@functools.cache
def _english() -> dict[str, str]:
    return {word: english for english, words in TRANSLATED.items() for word in words.split(", ")}


def in_english(phrase: str) -> str:
    """Return what a word or phrase in lower case means in English; itself if it is not listed.

    Accents may be there or be left out: `batería`, `bateria`.
    """
    letters = unicodedata.normalize("NFKD", phrase)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _english().get(plain.replace("œ", "oe"), phrase)
