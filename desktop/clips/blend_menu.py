"""The menu of `Blend…`: which clip to blend with, how much of it, and how."""

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

from desktop.clips.lineage import name_alone
from desktop.clips.rows import ClipRow
from desktop.widgets.basics import label
from desktop.widgets.plain import plain_caption, plain_tip

_HINT = "For another loop, select both in the list first"
_LONGEST_NAME = 36


class BlendMenu(QMenu):
    """Emits `picked` with the clip to blend with.

    The controls for blending by a model are visible only if the selected model can do it.
    """

    picked = Signal(object)

    def __init__(self, amount: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = _slider("Blend amount", "How much of the other clip is in the mix")
        self.slider.setRange(5, 95)
        self.latents = QCheckBox()
        self.latents.setToolTip("Mix the model's latents of both clips instead of their sound")
        self.renoise_slider = _slider(
            "Re-noise amount", "How much of the mix the model generates again"
        )
        self.renoise_slider.setRange(0, 95)
        self._by_model = _column(
            self.latents, _with_caption(self.renoise_slider, "{} % re-noised".format)
        )
        self.addAction(
            _action(_column(_with_caption(self.slider, "{} % of this other loop:".format)), self)
        )
        self._model_action = _action(self._by_model, self)
        self.addAction(self._model_action)
        self.addSeparator()
        self._offered: list[QAction] = []
        self.slider.setValue(round(amount * 100))
        self._model: str | None = None
        self.offer([], None)

    @property
    def amount(self) -> float:
        """The share of the other clip in the mix, 0..1."""
        return self.slider.value() / 100

    @property
    def in_latents(self) -> bool:
        """Whether the model mixes the latents of the two clips."""
        return self._model is not None and self.latents.isChecked()

    @property
    def renoise(self) -> float:
        """The share of the mix that the model generates again, 0..1."""
        return 0.0 if self._model is None else self.renoise_slider.value() / 100

    def offer(self, rows: Sequence[ClipRow], model: str | None) -> None:
        """Replace the clips in the menu.

        Args:
            rows: clips to choose from.
            model: id of the model that can blend latents and re-noise; None if there is none.
        """
        self._model = model
        self._model_action.setVisible(model is not None)
        self.latents.setText(plain_caption(f"Mix in the latent space of {model}"))
        for action in self._offered:  # `clear` would delete the sliders, too.
            self.removeAction(action)
            action.deleteLater()
        self._offered = [self._offer(row) for row in rows]
        hint = self.addAction(_HINT)
        hint.setEnabled(False)
        self._offered.append(hint)

    def _offer(self, row: ClipRow) -> QAction:
        facts = " · ".join(part for part in (f"{row.bpm_text} bpm", row.shown_key) if part)
        # What follows a tab stands on the right, like a shortcut.
        title = plain_caption(_fitted(row).replace("\t", " "))
        action = self.addAction(f"{title}\t{facts}")
        action.triggered.connect(lambda _checked=False: self.picked.emit(row))
        return action


def _fitted(row: ClipRow) -> str:
    """Return the name of a clip; a long one is cut in the middle, as takes differ at the end."""
    name = name_alone(row)
    if len(name) <= _LONGEST_NAME:
        return name
    half = _LONGEST_NAME // 2
    return f"{name[:half].rstrip()}…{name[-half + 1 :].lstrip()}"


def _slider(name: str, tip: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setSingleStep(5)
    slider.setFixedWidth(120)
    slider.setAccessibleName(name)
    slider.setToolTip(plain_tip(tip))
    return slider


def _with_caption(slider: QSlider, text_of: Callable[[int], str]) -> QWidget:
    """Return a slider with a caption that shows its value."""
    row = QWidget()
    inside = QHBoxLayout(row)
    inside.setContentsMargins(0, 0, 0, 0)
    caption = label(text_of(slider.value()))
    slider.valueChanged.connect(lambda value: caption.setText(text_of(value)))
    inside.addWidget(slider)
    inside.addWidget(caption)
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
