"""What the verbs do: from a button, a key or the menu to a job like any other."""

import functools
from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction

from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.clips.rows import ClipRow
from desktop.clips.verbs import (
    BLEND,
    VERBS,
    Blending,
    VerbContext,
    blend_request,
    blender,
    disabled_reason_of,
    nearest,
    request_for,
    title_of,
    verb_states,
)
from desktop.prompt.generation import GenerationController
from desktop.state.notices import Notices
from engine.models.entry import ModelEntry

_MOST_OFFERED = 10


class VerbsController:
    """Keeps the verbs of the detail up to date, and carries them out."""

    def __init__(
        self,
        window: Window,
        shelf: ClipCollection,
        generation: GenerationController,
        notices: Notices,
        models: tuple[ModelEntry, ...],
    ) -> None:
        self._window = window
        self._shelf = shelf
        self._generation = generation
        self._notices = notices
        self._models = {entry.id: entry for entry in models}
        window.detail.verb_clicked.connect(self.do)
        window.detail.blend_menu.picked.connect(self._blend)
        window.detail.changed.connect(self.refresh)
        window.transport.time_changed.connect(self.refresh)
        window.transport.time_shown.connect(self.refresh)
        window.prompt_panel.model.currentIndexChanged.connect(lambda _place: self.refresh())

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return what the actions of the verbs do, by their ids."""
        return {verb: functools.partial(self.do, verb) for verb in VERBS}

    def refresh(self) -> None:
        """Show what can be done with the clip in the detail, as things are now."""
        now = self.situation()
        self._window.detail.show_verbs(verb_states(self._window.detail.row, now))
        for verb in VERBS:
            action = self._window.findChild(QAction, verb)
            if action is not None:
                action.setText(title_of(verb, now))

    def do(self, verb: str) -> None:
        """Ask for what a verb makes of the clip in the detail, or say why that cannot be."""
        row, now = self._window.detail.row, self.situation()
        disabled_reason = disabled_reason_of(verb, row, now)
        if row is None or disabled_reason:
            self._notices.info(disabled_reason, topic="verb")
        elif verb == BLEND:
            self._open_blend_menu(row)
        else:
            title = f"{title_of(verb, now)}: {row.shown_title}"
            self._generation.ask(request_for(verb, row, now), row.path, title=title)

    def _open_blend_menu(self, row: ClipRow) -> None:
        """Offer the clips that are selected beside this one, then those that go best with it."""
        chosen = [other for other in self._window.clips.chosen_rows() if other.id != row.id]
        others = [*chosen[:_MOST_OFFERED], *nearest(row, self._shelf.shown, _MOST_OFFERED)]
        offered = {other.id: other for other in others if other.bars is not None}
        menu, button = self._window.detail.blend_menu, self._window.detail.verbs[BLEND]
        menu.offer(list(offered.values()), blender(self.situation()))
        menu.popup(button.mapToGlobal(QPoint(0, 0)) - QPoint(0, menu.sizeHint().height()))

    def _blend(self, other: ClipRow) -> None:
        row, menu = self._window.detail.row, self._window.detail.blend_menu
        if row is not None:
            blending = Blending(
                other=other, amount=menu.amount, in_latents=menu.in_latents, renoise=menu.renoise
            )
            request = blend_request(row, self.situation(), blending)
            title = f"Blend: {row.shown_title} with {other.shown_title}"
            self._generation.ask(request, row.path, other.path, title=title)

    def situation(self) -> VerbContext:
        """Return what verbs go by at the moment."""
        panel, detail = self._window.prompt_panel, self._window.detail
        return VerbContext(
            time=self._window.transport.time,
            models=self._models,
            model=panel.model.currentData() or "",
            takes=panel.takes.currentData(),
            amount=detail.vary_amount,
            bars=detail.waveform.bars,
        )
