"""The colours of the window.

Both themes have the same order of contrast: ground, panel, raised, line, muted text, text.
"""

import dataclasses

TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 3.0


@dataclasses.dataclass(kw_only=True)
class Colours:
    """One theme; each colour is `#rrggbb`. All widgets share one instance when they paint.

    Attributes:
        ground: background of the window.
        panel: strips and cards.
        raised: controls, and the selected row.
        line: hairlines.
        text: normal text.
        muted: captions and units.
        accent: main actions and playback; `on_accent` is for text on it.
        good: success and readiness; `bad` is for errors.
        roles: colour of each role, for waveforms, pads and badges.
    """

    ground: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    bad: str
    roles: dict[str, str]

    def copy(self) -> "Colours":
        """Return a copy that can be changed with `become`."""
        return dataclasses.replace(self)

    def become(self, other: "Colours") -> None:
        """Take over the colours of another theme."""
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(other, field.name))

    def of_role(self, role: str | None) -> str:
        """Return the colour of a role; `muted` if the role is unknown."""
        return self.roles.get(role or "", self.muted)

    def pad_ground(self, role: str | None) -> str:
        """Return the background of a pad whose clip has a role; `text` is legible on it."""
        return blended(self.of_role(role), self.ground, 0.24)


DARK = Colours(
    ground="#17191d",
    panel="#1e2126",
    raised="#252930",
    line="#31363f",
    text="#e6e8eb",
    muted="#8d95a1",
    accent="#f2a65a",
    on_accent="#17191d",
    good="#7fbf8c",
    bad="#ec8878",
    roles={
        "drums": "#f2a65a",
        "bass": "#7fb685",
        "chords": "#6fa3d8",
        "pad": "#a58ad6",
        "lead": "#dd7a90",
        "texture": "#6fb5b5",
    },
)
LIGHT = Colours(
    ground="#e9eaec",
    panel="#f3f4f5",
    raised="#ffffff",
    line="#cfd2d7",
    text="#1d2025",
    muted="#585f6a",
    accent="#a3530a",
    on_accent="#ffffff",
    good="#1f6331",
    bad="#ad3526",
    roles={
        "drums": "#b05a0e",
        "bass": "#3a7a45",
        "chords": "#2f69a8",
        "pad": "#6f4fae",
        "lead": "#b13f5b",
        "texture": "#257474",
    },
)


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast of two colours, 1 (none) to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def blended(over: str, under: str, share: float) -> str:
    """Blend `over` onto `under`; `share` is the opacity of `over`, 0..1."""
    pairs = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round(255 * (a * share + b * (1 - share))):02x}" for a, b in pairs)


def _channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
