"""The colours of the window: one table of tokens for the dark and the light theme."""

import dataclasses
import functools

TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 3.0


@dataclasses.dataclass(kw_only=True)
class Colours:
    """One theme; each colour is `#rrggbb`. All widgets share one instance when they paint.

    Attributes:
        ground: background of the list; `panel` is that of columns, strips and cards.
        raised: buttons and the chosen row; `hover` is for what the pointer is over.
        over: menus, lists and notices that open over the window.
        well: fields that take text or numbers, and waveforms.
        line: hairlines; `edge` outlines, `field` outlines of what can be typed into.
        text: normal text; `muted` captions and units, `off` what is disabled.
        accent: what sounds or acts now; `on_accent` is text on it, `tint` the ground below it.
        good: readiness; `caution` warnings, `bad` failures.
        focus: the ring around what has the keyboard, and targets of a drag.
        roles: colour of each role, for waveforms, pads and signs.
        bands: colours of what is low, in the middle and high, in the spectrum of a waveform.
    """

    ground: str
    panel: str
    raised: str
    hover: str
    over: str
    well: str
    line: str
    edge: str
    field: str
    text: str
    muted: str
    off: str
    accent: str
    on_accent: str
    tint: str
    good: str
    caution: str
    bad: str
    focus: str
    roles: dict[str, str]
    bands: tuple[str, str, str]

    def copy(self) -> "Colours":
        """Return a copy that can be changed with `become`."""
        return dataclasses.replace(self)

    def become(self, other: "Colours") -> None:
        """Take over the colours of another theme."""
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(other, field.name))

    def of_role(self, role: str | None) -> str:
        """Return the colour of a role; that of imports if the role is unknown."""
        return self.roles.get(role or "", self.roles["import"])

    def of_bands(self, low: float, high: float) -> str:
        """Return the colour of what has these shares, 0..1, of its energy low and high."""
        low_end, middle, high_end = self.bands
        outer = low + high
        ends = blended(low_end, high_end, low / outer) if outer else middle
        return blended(ends, middle, outer)

    def pad_ground(self, role: str | None) -> str:
        """Return the background of a pad whose clip has a role; `text` is legible on it."""
        return blended(self.of_role(role), self.ground, 0.2)

    def wash(self, colour: str) -> str:
        """Return the background of a chip or a sign whose text has a colour of this theme."""
        return blended(colour, self.ground, 0.12)


DARK = Colours(
    ground="#121417",
    panel="#181b1f",
    raised="#262b31",
    hover="#30363e",
    over="#262b31",
    well="#0c0e10",
    line="#2a2f35",
    edge="#434b55",
    field="#67717d",
    text="#e9ebee",
    muted="#a4acb7",
    off="#727b87",
    accent="#f2a65a",
    on_accent="#1b1005",
    tint="#31261a",
    good="#7fcf97",
    caution="#ebc65b",
    bad="#ff8f85",
    focus="#8dbbff",
    roles={
        "drums": "#f47c62",
        "percussion": "#dccb55",
        "bass": "#6cc788",
        "chords": "#6fa8f5",
        "pad": "#ac90f2",
        "lead": "#ef82b7",
        "texture": "#52c2bf",
        "mix": "#d9c9a3",
        "recording": "#e1e6ec",
        "import": "#8fa4c0",
    },
    bands=("#f2708f", "#d8c95e", "#5fb8f2"),
)
LIGHT = Colours(
    ground="#eceef1",
    panel="#f6f7f9",
    raised="#e2e6eb",
    hover="#d6dbe2",
    over="#f6f7f9",
    well="#ffffff",
    line="#d5dae0",
    edge="#aeb6c1",
    field="#808994",
    text="#15181c",
    muted="#505966",
    off="#808996",
    accent="#a44e09",
    on_accent="#ffffff",
    tint="#fae7d4",
    good="#1b6b39",
    caution="#765300",
    bad="#ae2418",
    focus="#1c5fd0",
    roles={
        "drums": "#bf3d22",
        "percussion": "#7c6a00",
        "bass": "#217a40",
        "chords": "#1f61be",
        "pad": "#6b45c4",
        "lead": "#b32a72",
        "texture": "#0e7370",
        "mix": "#74623a",
        "recording": "#3d4753",
        "import": "#4c6485",
    },
    bands=("#b8285f", "#7a6800", "#0f6db0"),
)


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast of two colours, 1 (none) to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@functools.lru_cache(512)  # each row of a list asks for some
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
