"""The menu of `Blend with…`: how much of the other clip, how, and which."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QMenu,
    QSlider,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from desktop.clips.rows import ClipRow
from desktop.widgets.basics import label

_HINT = "Another: select both in the list first"


class BlendMenu(QMenu):
    """Tells by `picked` which clip to blend with.

    What only a model can do is shown where the chosen one can; see `offer`.
    """

    picked = Signal(object)

    def __init__(self, amount: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = _slider("How much of the other clip", "How much of the other clip is heard")
        self.slider.setRange(5, 95)
        self.latents = QCheckBox()
        self.latents.setToolTip("Mix what the model makes of both, instead of what is heard")
        self.anew = _slider(
            "How much is made anew", "How much of the mix the model then makes anew"
        )
        self.anew.setRange(0, 95)
        self._by_model = _column(self.latents, _told(self.anew, "{} % made anew".format))
        self.addAction(_action(_column(_told(self.slider, "{} % of".format)), self))
        self._model_action = _action(self._by_model, self)
        self.addAction(self._model_action)
        self.addSeparator()
        self._offered: list[QAction] = []
        self.slider.setValue(round(amount * 100))
        self._model: str | None = None
        self.offer([], None)

    @property
    def amount(self) -> float:
        """How much of the other clip is heard, 0..1."""
        return self.slider.value() / 100

    @property
    def in_latents(self) -> bool:
        """Whether the model mixes what it makes of the two."""
        return self._model is not None and self.latents.isChecked()

    @property
    def renoise(self) -> float:
        """The share of the mix that the model makes anew, 0..1."""
        return 0.0 if self._model is None else self.anew.value() / 100

    def offer(self, rows: Sequence[ClipRow], model: str | None) -> None:
        """Show these clips to choose from, in place of those before.

        Args:
            rows: the clips.
            model: the one that can mix in its latents, and make anew; None if there is none.
        """
        self._model = model
        self._model_action.setVisible(model is not None)
        self.latents.setText(f"Mix in the latents of {model}")
        for action in self._offered:  # And not `clear`, which deletes the sliders, too.
            self.removeAction(action)
            action.deleteLater()
        self._offered = [self._offer(row) for row in rows]
        hint = self.addAction(_HINT)
        hint.setEnabled(False)
        self._offered.append(hint)

    def _offer(self, row: ClipRow) -> QAction:
        facts = " · ".join(part for part in (f"{row.bpm_text} bpm", row.key) if part)
        # An ampersand in a title is no mark of a key.
        title = row.shown_title.replace("&", "&&")
        action = self.addAction(f"{title[:60]}\t{facts}")
        action.triggered.connect(lambda _checked=False: self.picked.emit(row))
        return action


def _slider(name: str, tip: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setSingleStep(5)
    slider.setFixedWidth(120)
    slider.setAccessibleName(name)
    slider.setToolTip(tip)
    return slider


def _told(slider: QSlider, text_of: Callable[[int], str]) -> QWidget:
    """Return a slider beside what it says."""
    row = QWidget()
    inside = QHBoxLayout(row)
    inside.setContentsMargins(0, 0, 0, 0)
    told = label(text_of(slider.value()))
    slider.valueChanged.connect(lambda value: told.setText(text_of(value)))
    inside.addWidget(slider)
    inside.addWidget(told)
    inside.addStretch(1)
    return row


def _column(*parts: QWidget) -> QWidget:
    column = QWidget()
    inside = QVBoxLayout(column)
    inside.setContentsMargins(12, 6, 12, 6)
    inside.setSpacing(8)
    for part in parts:
        inside.addWidget(part)
    return column


def _action(widget: QWidget, menu: QMenu) -> QWidgetAction:
    action = QWidgetAction(menu)
    action.setDefaultWidget(widget)
    return action
