"""Controls the Record button: starts, shows and ends a recording of the pads."""

from desktop.clips.collection import ClipCollection
from desktop.pads.banks import PadBanks
from desktop.pads.panel import PadsPanel
from desktop.pads.recorder import Recorder, RecorderState
from desktop.pads.sampler import Sampler
from desktop.state.notices import Notices
from desktop.transport.strip import Transport
from engine.loops.recipe import Recipe
from engine.loops.tempo import LoopGrid, Meter


class RecordController:
    """Connects the Record button and the recorder."""

    def __init__(
        self,
        panel: PadsPanel,
        transport: Transport,
        collection: ClipCollection,
        banks: PadBanks,
        sampler: Sampler,
        recorder: Recorder,
        notices: Notices,
    ) -> None:
        self._panel = panel
        self._transport = transport
        self._collection = collection
        self._banks = banks
        self._sampler = sampler
        self._recorder = recorder
        self._notices = notices
        panel.record_clicked.connect(self.toggle)

    def toggle(self) -> None:
        """Start a recording, or end the current one."""
        if self._recorder.state is not RecorderState.IDLE:
            self._recorder.end()
            return
        time = self._transport.time
        sounding = [recipe for key in self._sampler.states() if (recipe := self._recipe_on(key))]
        meter, remark = self._meter(sounding)
        if remark:
            self._notices.warning(remark, topic="recording")
        self._recorder.begin(LoopGrid(bpm=time.bpm, meter=meter), sounding)
        self.refresh()

    def meter(self) -> Meter:
        """Return the meter whose bars pads start at, and recordings have."""
        return self._meter([])[0]

    def _meter(self, sounding: list[Recipe]) -> tuple[Meter, str]:
        """Return the meter of the loops that sound, or else of all pads, and what is odd about it.

        Loops of one meter give it, whatever the session has: bars of another would cut them.
        """
        session = Meter.parse(self._transport.time.meter)
        on_pads = [recipe for key in self._banks.filled() if (recipe := self._recipe_on(key))]
        recipes = sounding or on_pads
        meters = {recipe.grid.meter for recipe in recipes if recipe.grid.is_loop}
        if meters <= {session}:
            return session, ""
        if len(meters) == 1:
            (meter,) = meters
            return meter, (
                f"The recording has bars of {meter}, as the loops on the pads have; the session is "
                f"in {session}."
            )
        names = ", ".join(sorted(str(meter) for meter in meters))
        return session, (
            f"The loops on the pads are in {names}: the recording has bars of {session}, and its "
            "end may not run into its beginning."
        )

    def note(self, key: int) -> None:
        """Add the clip of a pad that was hit to the recording's sources."""
        recipe = self._recipe_on(key)
        if recipe is not None:
            self._recorder.note(recipe)

    def refresh(self) -> None:
        """Show the state and the length of the recording."""
        self._recorder.poll()
        state, length_s = self._recorder.state, self._recorder.length_s
        text = {
            RecorderState.IDLE: "Record",
            RecorderState.WAITING: "Waiting",
            RecorderState.RECORDING: f"{length_s:.0f} s",
            RecorderState.ENDING: "Ending",
        }[state]
        self._panel.show_recording(text, active=state is not RecorderState.IDLE)

    def close(self) -> None:
        """Write an unfinished recording."""
        self._recorder.close()

    def _recipe_on(self, key: int) -> Recipe | None:
        row = self._collection.row(self._banks.pad(key).clip)
        return None if row is None else row.recipe
