"""The names of a pack: `Vendor_Pack/Drums/VP_128_drums_dusty_03.wav`.

A file name has the initials of vendor and pack, the tempo, the role, what the prompt says beside
that, the key, and a number; vendors and their customers sort and search by such names.
"""

import re

from engine.loops.clip import in_ascii, slug
from engine.loops.key import parse_key
from engine.loops.recipe import Recipe
from engine.loops.tempo import format_bpm

_FOLDERS = {
    "drums": "Drums", "percussion": "Percussion", "bass": "Bass", "chords": "Chords",
    "pad": "Pads", "lead": "Leads", "texture": "Textures", "full mix": "Full Mixes",
}  # fmt: skip
_OTHER_LOOPS, _ONE_SHOTS = "Loops", "One Shots"
_MOST_WORDS = 2
_LITTLE_WORDS = frozenset({
    "a", "an", "and", "at", "bar", "bars", "bpm", "for", "from", "in", "key", "like", "loop",
    "loops", "major", "minor", "of", "on", "one", "shot", "the", "to", "very", "with", "without",
})  # fmt: skip


def pack_name(vendor: str, name: str) -> str:
    """Return the name of the pack's folder: `Vendor_Pack`."""
    return f"{_joined(vendor) or 'Vendor'}_{_joined(name) or 'Pack'}"


def folder_of(recipe: Recipe) -> str:
    """Return the folder of a loop, by its role."""
    if not recipe.grid.is_loop:
        return _ONE_SHOTS
    return _FOLDERS.get(recipe.role or "", _OTHER_LOOPS)


def checked_folder(text: str) -> str:
    """Return the name of a folder that a list gives, as it can be on any system."""
    return re.sub(r"[^A-Za-z0-9 &+-]+", "", in_ascii(text)).strip()[:40].strip()


def file_stem(vendor: str, name: str, recipe: Recipe, words: str) -> str:
    """Return a loop's file name without number and ending: `VP_128_drums_dusty`.

    `words` stand for what the prompt says, if they are not empty.
    """
    role = slug(recipe.role or ("loop" if recipe.grid.is_loop else "one-shot"))
    key = parse_key(recipe.pitched_key)
    parts = [
        initials(vendor, name),
        format_bpm(recipe.grid.bpm) if recipe.grid.is_loop else "",
        role,
        slug(words) if words else _described(recipe.request.prompt, role),
        "" if key is None else key.file_mark,
    ]
    return "_".join(part for part in parts if part)


def initials(vendor: str, name: str) -> str:
    """Return the first letters of a vendor's and a pack's words: `VP`."""
    words = re.findall(r"[A-Za-z0-9]+", in_ascii(f"{vendor} {name}"))
    return "".join(word[0].upper() for word in words)[:6]


def _described(prompt: str, role: str) -> str:
    """Return the first words of a prompt that say more than role, tempo and key."""
    words = re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", in_ascii(prompt).lower())
    known = _LITTLE_WORDS | {role, role.rstrip("s"), f"{role}s", *role.split("-")}
    telling = [word for word in words if word not in known and not word[0].isdigit()]
    return "-".join(word for word in telling[:_MOST_WORDS] if "bpm" not in word)[:40]


def _joined(text: str) -> str:
    """Return a name without spaces and signs, its words' first letters upper-case: `DustyDrums`."""
    words = re.findall(r"[A-Za-z0-9]+", in_ascii(text))
    return "".join(word[0].upper() + word[1:] for word in words)[:60]
