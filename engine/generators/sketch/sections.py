"""The parts of a song: how one idea is thinned out or filled up for each of them.

All parts of a song have the same seed, and so the same chords, groove, kit and sounds.
"""

import dataclasses
from collections.abc import Mapping

_BACKBONE = frozenset({"kick", "snare", "clap", "rim", "tom_low", "taiko", "log"})
"""The drums that a song without its weight does not have."""


@dataclasses.dataclass(frozen=True)
class Section:
    """One part of a song.

    Attributes:
        roles: which of the idea's parts play, if it has any of them.
        dense: what is added to the density, -1..1.
        without: the drums that are silent.
        level_db: how loud it is, relative to the idea itself.
    """

    roles: frozenset[str]
    dense: float = 0.0
    without: frozenset[str] = frozenset()
    level_db: float = 0.0


_ALL = frozenset({"drums", "percussion", "bass", "chords", "pad", "lead", "texture"})

SECTIONS: Mapping[str, Section] = {
    "intro": Section(_ALL - {"bass", "lead"}, -0.5, _BACKBONE, -5.0),
    "verse": Section(_ALL - {"lead"}, -0.25, level_db=-2.0),
    "build": Section(_ALL - {"bass"}, 0.2, frozenset({"kick", "taiko"}), -2.5),
    "chorus": Section(_ALL, 0.3),
    "drop": Section(_ALL, 0.45),
    "break": Section(frozenset({"chords", "pad", "lead", "texture"}), -0.4, level_db=-4.0),
    "bridge": Section(_ALL - {"drums"}, -0.1, level_db=-3.0),
    "outro": Section(_ALL - {"lead", "chords"}, -0.4, level_db=-4.0),
}
"""The parts by the names of `engine.loops.request.SONG_PARTS`."""


def roles_in(section: Section, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return which roles play in a part; an idea that has none of them keeps all its roles."""
    return tuple(role for role in roles if role in section.roles) or roles
