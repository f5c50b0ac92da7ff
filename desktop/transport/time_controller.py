"""Follows the selected tempo source: internal, a DAW or Link."""

import time
from collections.abc import Callable

import msgspec

from bridge.daws.link_process import LinkProcess
from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from bridge.osc.hosts import HostView
from desktop.state.notices import Notices
from desktop.state.settings import Settings
from desktop.transport.fields import TapTempo
from desktop.transport.strip import Transport
from desktop.transport.time_source import (
    Segment,
    TimeSource,
    followed,
    names_followed,
    segments,
    source_of,
)


class TimeController:
    """Updates the transport from the selected source; call `refresh` often."""

    def __init__(
        self,
        transport: Transport,
        host: EmbeddedBridge,
        notices: Notices,
        settings: Settings,
        start_link: Callable[[int], LinkProcess] = LinkProcess,
    ) -> None:
        self._transport = transport
        self._host = host
        self._notices = notices
        self._settings = settings
        self._start_link = start_link
        self._link: LinkProcess | None = None
        self._has_announced = False
        self._tap = TapTempo()
        transport.source.chosen.connect(lambda name: self.choose(source_of(name)))

    @property
    def source(self) -> TimeSource:
        """The selected source."""
        return source_of(self._settings.time_source)

    def choose(self, source: TimeSource) -> None:
        """Select a source, and say so if there is nothing to follow."""
        self._settings.time_source = source.value
        self.refresh(self._host.view())
        segment = self._segments(self._host.view())[list(TimeSource).index(self.source)]
        if segment.dot == "muted":
            self._notices.info(f"{segment.tip}.", topic="time")
        else:
            self._notices.withdraw("time")

    def refresh(self, view: HostView) -> None:
        """Follow the source, and show its state."""
        self._run_link(wanted=self._is_serving and self.source is TimeSource.LINK)
        self._host.count_only_link(only=self.source is TimeSource.LINK)
        source, transport = self.source, self._transport
        shown = self._segments(view)
        transport.show_source(source, shown)
        if source is TimeSource.INTERNAL:
            transport.show_followed(set(), "")
            self._announce(view)
            return
        transport.show_followed(names_followed(view), shown[list(TimeSource).index(source)].text)
        session = followed(view, transport.time)
        if session != transport.time:
            transport.show_time(session)

    def tap(self) -> None:
        """Add a tap, and set the tempo of the last taps."""
        bpm = self._tap.tap(time.monotonic())
        if bpm is not None:
            session = msgspec.structs.replace(self._transport.time, bpm=bpm)
            self._transport.show_time(session)

    def next_bar_s(self) -> float | None:
        """Return when the host's next bar starts, on the clock of `time.monotonic`.

        None if the source is internal, or the position of the host is not known.
        """
        return None if self.source is TimeSource.INTERNAL else self._host.next_bar_s()

    def close(self) -> None:
        """Leave the Link session."""
        self._run_link(wanted=False)

    @property
    def _is_serving(self) -> bool:
        return self._host.state.kind == BridgeKind.SERVING

    def _segments(self, view: HostView) -> list[Segment]:
        return segments(view, self.source, time.monotonic(), serving=self._is_serving)

    def _run_link(self, *, wanted: bool) -> None:
        if wanted and self._link is None:
            self._link = self._start_link(self._host.state.port)
        elif not wanted and self._link is not None:
            self._link.close()
            self._link = None
        if self._link is not None and (fault := self._link.fault()):
            self._link = None
            self._settings.time_source = TimeSource.INTERNAL.value
            self._notices.warning(fault, topic="link")

    def _announce(self, view: HostView) -> None:
        """Show a notice, once, that there is a host to follow."""
        if view.daw is not None and view.tempo and not self._has_announced:
            self._has_announced = True
            self._notices.info(
                "A DAW is sending its tempo: choose it in the transport to follow it.", topic="time"
            )
