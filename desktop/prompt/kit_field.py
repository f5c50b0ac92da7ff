"""What sketch plays with: its own sounds, or a kit of one-shots or a soundfont of the user."""

import itertools
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from desktop.widgets.basics import Choice, LabelledField
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.kit_folder import kit_names, kits_folder, named_kit
from engine.loops.soundfont import SUFFIXES, SYSTEM_NAME, is_soundfont

_TIP = (
    "What Sketch plays with: synthesis, one-shots of your own for the drums, or a soundfont for all"
    " parts; drop a folder or a soundfont anywhere on the window"
)
_MOST_LOOKED_AT = 5_000
_FOLDER, _FONT = "Folder of one-shots…", "Soundfont…"


class KitField(LabelledField):
    """Holds the kit as `kit`: a name in the folder of kits, a path, or "" for synthesis."""

    changed = Signal()

    def __init__(self) -> None:
        choice = Choice(right=True)
        super().__init__("Sounds", choice, _TIP)
        self._choice = choice
        self._kit = ""
        self._fill()
        choice.activated.connect(self._choose)

    @property
    def kit(self) -> str:
        """The kit as it is stored."""
        return self._kit

    @property
    def path(self) -> Path | None:
        """Where the kit is; None for synthesis.

        Raises:
            LoopError: the kit had a name and is gone.
        """
        if not self._kit:
            return None
        return Path(self._kit) if Path(self._kit).is_absolute() else named_kit(self._kit)

    def set_kit(self, kit: str) -> None:
        """Set the kit by its name or absolute path, or clear it."""
        self._kit = kit
        self._fill()
        self.changed.emit()

    def _fill(self) -> None:
        """List what there is; a kit elsewhere is in the list while it is chosen."""
        choice = self._choice
        choice.clear()
        choice.addItem("Sketch's own", "")
        for name in kit_names():
            choice.addItem("General MIDI" if name == SYSTEM_NAME else name, name)
        if choice.findData(self._kit) < 0:
            choice.addItem(Path(self._kit).name, self._kit)
        choice.setCurrentIndex(choice.findData(self._kit))
        for text in (_FOLDER, _FONT):
            choice.addItem(text)

    def _choose(self, place: int) -> None:
        kit = self._choice.itemData(place)
        if kit is None:
            kit = self._ask_for(self._choice.itemText(place)) or self._kit
        self.set_kit(kit)

    def _ask_for(self, text: str) -> str:
        start = str(kits_folder())
        if text == _FOLDER:
            return QFileDialog.getExistingDirectory(self, "Choose a folder of one-shots", start)
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        return QFileDialog.getOpenFileName(
            self, "Choose a soundfont", start, f"Soundfonts ({kinds})"
        )[0]


def is_kit(path: Path) -> bool:
    """Return whether a path can be a kit: a folder with sounds, or a file called a soundfont.

    It reads the folder: call it on a thread.
    """
    files = itertools.islice(path.rglob("*"), _MOST_LOOKED_AT) if path.is_dir() else ()
    return is_soundfont(path) or any(file.suffix.lower() in AUDIO_SUFFIXES for file in files)
