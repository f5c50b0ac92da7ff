"""Connects what narrows the list (search, filters, views and collections) with what it shows."""

from dataclasses import replace

from PySide6.QtCore import QTimer

from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.clips.filters import Counts, Filters, View
from engine.loops.precedence import SessionTime

_RECOUNT_MS = 250


class Finding:
    """Narrows the collection, and says what was found, or why nothing was."""

    def __init__(self, window: Window, collection: ClipCollection) -> None:
        self._window = window
        self._collection = collection
        self._bar, self._view = window.filters, window.view
        self._bar.counts = self._view.counts = self._counts
        self._bar.changed.connect(self._filter)
        self._rail = window.rail
        self._view.chosen.connect(self._show_view)
        self._rail.chosen.connect(self._show_view)
        self._rail.tags_changed.connect(self._show_tags)
        self._late = QTimer(window)
        self._late.setSingleShot(True)
        self._late.setInterval(_RECOUNT_MS)
        self._late.timeout.connect(self._recount)
        self._rail.opened.connect(self._recount)
        collection.on_rows = self._late.start
        window.search.textChanged.connect(self._search)
        window.order.currentTextChanged.connect(collection.order_by)
        window.no_hit.clear_clicked.connect(self.clear)
        window.no_hit.ask_clicked.connect(window.ask_for)
        for changed in (window.transport.time_changed, window.transport.time_shown):
            changed.connect(self._follow_session)
        self._follow_session()

    def show_count(self) -> None:
        """Show how many clips there are, and why if none of them is shown."""
        collection = self._collection
        query, filters = collection.query, collection.filters
        self._window.no_hit.show_why(query, filters)
        self._window.show_count(
            len(collection), total=collection.total, found=[*query.names, *filters.names]
        )

    def clear(self) -> None:
        """Show all clips."""
        self._window.search.clear()
        self._bar.show_all()

    def _counts(self) -> Counts:
        return self._collection.counts(self._time)

    @property
    def _time(self) -> SessionTime:
        return self._window.transport.time

    def _search(self, text: str) -> None:
        self._collection.search(text)
        self.show_count()

    def _filter(self, filters: Filters) -> None:
        self._collection.filter(filters)
        self._view.show_place(filters.place)
        self._rail.show_chosen(filters)
        self.show_count()

    def _show_view(self, view: View, collection: str) -> None:
        self._bar.show_filters(replace(self._bar.filters, view=view, collection=collection))

    def _show_tags(self, tags: frozenset[str]) -> None:
        self._bar.show_filters(replace(self._bar.filters, tags=tags))

    def _recount(self) -> None:
        """Count what the rail shows, a moment after clips or marks have changed."""
        if self._rail.isVisible():
            self._rail.show_counts(self._counts(), self._bar.filters)

    def _follow_session(self) -> None:
        """Filter anew if the session's tempo or key count, and may have changed."""
        filters = self._bar.filters
        if filters.time != self._time:
            self._bar.filters = replace(filters, time=self._time)
            self._late.start()
            if filters.depends_on_session:
                self._bar.show_filters(self._bar.filters)
