"""Turns the verbs, from a button, a shortcut or the menu, into jobs."""

import functools
from collections.abc import Callable, Collection, Mapping

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction

from desktop.clips.collection import ClipCollection
from desktop.clips.controller import ClipWidgets
from desktop.clips.lineage import source_of
from desktop.clips.rows import ClipRow
from desktop.clips.stems import BEING_MADE, Stems, stems_now
from desktop.clips.verbs import (
    VERBS,
    blending_model,
    disabled_reason_of,
    nearest,
    request_for,
    request_for_blend,
    title_of,
    verb_states,
)
from desktop.prompt.derive_context import DeriveContext
from desktop.prompt.generation import GenerationController
from desktop.prompt.panel import PromptPanel
from desktop.state.notices import Notices, Offer
from desktop.transport.strip import Transport
from desktop.widgets.actions import WHY_NOT
from desktop.widgets.plain import plain_caption
from engine.loops.derive import Blend, Models
from engine.loops.request import SourceMode

_MOST_OFFERED = 10


class VerbsController:
    """Updates the verb buttons of the detail view, and handles them."""

    def __init__(
        self,
        widgets: ClipWidgets,
        panel: PromptPanel,
        transport: Transport,
        collection: ClipCollection,
        generation: GenerationController,
        notices: Notices,
        modes: Callable[[], Mapping[str, Collection[str]]],
    ) -> None:
        """Connect the widgets; `modes` returns the source modes of each model, by id."""
        self._list, self._detail, _recipe = widgets
        self._panel = panel
        self._transport = transport
        self._collection = collection
        self._generation = generation
        self._notices = notices
        self._modes = modes
        self._detail.verb_clicked.connect(self.do)
        self._detail.try_again_clicked.connect(lambda _row: self.try_again())
        self._detail.blend_menu.picked.connect(self._blend)
        self._detail.changed.connect(self.refresh)
        self._detail.out.stems.asked.connect(self._make_stems)
        self._stems_jobs: dict[str, str] = {}
        """The jobs that take the stems out of clips, by the ids of these."""
        clips = self._list.model()
        for changed in (clips.modelReset, clips.rowsInserted, clips.dataChanged):
            changed.connect(self.show_stems)
        transport.time_changed.connect(self.refresh)
        transport.time_shown.connect(self.refresh)
        panel.model.currentIndexChanged.connect(lambda _place: self.refresh())

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handlers of the verb actions, by action id."""
        verbs: dict[str, Callable[[], None]] = {
            verb: functools.partial(self.do, verb) for verb in VERBS
        }
        return {**verbs, "try_again": self.try_again}

    def refresh(self) -> None:
        """Update the verbs for the clip in the detail view."""
        now = self.derive_context()
        self._detail.show_verbs(verb_states(self._detail.row, now))
        why_not_again = self._why_not_again(self._detail.row)
        self._detail.show_try_again(why_not_again)
        if (action := self._list.window().findChild(QAction, "try_again")) is not None:
            action.setProperty(WHY_NOT, why_not_again)
        self._detail.out.show_stems(self._stems(self._detail.row))
        for verb in VERBS:
            action = self._list.window().findChild(QAction, verb)
            if action is not None:
                action.setText(plain_caption(title_of(verb, now)))
                action.setProperty(WHY_NOT, disabled_reason_of(verb, self._detail.row, now))

    def do(self, verb: str) -> None:
        """Carry out a verb on the clip in the detail view, or show why it is not available."""
        row, now = self._detail.row, self.derive_context()
        disabled_reason = disabled_reason_of(verb, row, now)
        if row is None or disabled_reason:
            self._notices.info(disabled_reason, topic="verb", offer=self._source_offer(row))
        elif verb == SourceMode.BLEND:
            self._open_blend_menu(row)
        else:
            title = f"{title_of(verb, now)}: {row.shown_title}"
            self._generation.ask(request_for(verb, row, now), row.path, title=title)

    def _source_offer(self, row: ClipRow | None) -> Offer | None:
        """Offer to go to the loop that a clip was made from, which may have what it lacks."""
        source = None if row is None else source_of(row, self._collection.row)
        if source is None:
            return None
        return Offer("Go to its source", functools.partial(self._list.choose, source.id))

    def try_again(self) -> None:
        """Make other takes of the request that led to the clip in the detail view."""
        row = self._detail.row
        if reason := self._why_not_again(row):
            self._notices.info(reason, topic="verb")
        if row is None or reason or row.recipe is None:
            return
        takes = self._panel.takes.value
        request = msgspec.structs.replace(row.recipe.request, seed=None, takes=takes)
        source, other = self._source(request.source), self._source(request.with_source)
        self._generation.ask(
            request,
            None if source is None else source.path,
            None if other is None else other.path,
            title=row.shown_title if request.mode else "",
        )

    def show_stems(self) -> None:
        """Show how far the stems are that were asked for here; they, or their jobs, may be new."""
        if self._stems_jobs:
            self._detail.out.show_stems(self._stems(self._detail.row))

    def _stems(self, row: ClipRow | None) -> Stems:
        """Return what the handle of the stems of a clip can do."""
        if row is None:
            return Stems("Choose a loop first.")
        there = bool(self._collection.stems_of(row))
        if not there and self._generation.is_open(self._stems_jobs.get(row.id, "")):
            return BEING_MADE
        return stems_now(row, self.derive_context().models, are_there=there)

    def _make_stems(self) -> None:
        """Have the stems of the clip in the detail view made, so that they can be dragged."""
        row = self._detail.row
        request = None if row is None else self._stems(row).request
        if row is not None and request is not None:
            title = f"Stems: {row.shown_title}"
            ready = f"The stems of “{row.shown_title}” are there: drag them from their handle."
            self._stems_jobs[row.id] = self._generation.ask(
                request, row.path, title=title, selects=False,
                on_made=lambda _best: self._notices.info(ready, topic="parts"),
            )  # fmt: skip
            self.show_stems()

    def _source(self, clip_id: str | None) -> ClipRow | None:
        return None if clip_id is None else self._collection.row(clip_id)

    def _why_not_again(self, row: ClipRow | None) -> str:
        """Return why a request cannot be made again; empty if it can."""
        if row is None:
            return "Choose a loop first."
        if row.recipe is None or row.was_played:
            return "Only what was made from a request can be tried again: choose such a loop."
        request = row.recipe.request
        if request.needs_no_model:
            return "There is only one result of this: choose the loop that it was made from."
        sources = (request.source, request.with_source)
        if any(each is not None and self._source(each) is None for each in sources):
            return "What this was made from is not in the project: drop it on the left again."
        return ""

    def _open_blend_menu(self, row: ClipRow) -> None:
        """Offer the other selected clips, then those that fit this one best."""
        chosen = [other for other in self._list.chosen_rows() if other.id != row.id]
        others = [*chosen[:_MOST_OFFERED], *nearest(row, self._collection.shown, _MOST_OFFERED)]
        offered = {other.id: other for other in others if other.bars is not None}
        menu, button = self._detail.blend_menu, self._detail.verbs[SourceMode.BLEND]
        menu.offer(list(offered.values()), blending_model(self.derive_context().models))
        menu.popup(button.mapToGlobal(QPoint(0, 0)) - QPoint(0, menu.sizeHint().height()))

    def _blend(self, other: ClipRow) -> None:
        row, menu = self._detail.row, self._detail.blend_menu
        if row is not None:
            blend = Blend(amount=menu.amount, in_latents=menu.in_latents, renoise=menu.renoise)
            request = request_for_blend(row, other, blend, self.derive_context())
            title = f"Blend: {row.shown_title} with {other.shown_title}"
            self._generation.ask(request, row.path, other.path, title=title)

    def derive_context(self) -> DeriveContext:
        """Return the current state that verbs depend on."""
        panel, detail = self._panel, self._detail
        chosen = panel.model.currentData() or ""
        return DeriveContext(
            time=self._transport.time,
            models=Models(chosen=chosen, modes=self._modes()),
            takes=panel.takes.value,
            amount=detail.vary_amount,
            bars=detail.waveform.bars,
        )
