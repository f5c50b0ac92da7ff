"""Shows what was generated or recorded last, as soon as it is in the list."""

from functools import partial

from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.prompt.generation import GenerationController
from desktop.state.notices import Notices, Offer


class ShowMade:
    """Selects the best clip of the last job, or offers to if a search or a filter hides it."""

    def __init__(
        self,
        window: Window,
        collection: ClipCollection,
        generation: GenerationController,
        notices: Notices,
    ) -> None:
        self._window = window
        self._collection = collection
        self._generation = generation
        self._notices = notices

    def expect_recording(self, clip_id: str) -> None:
        """Say that the pads were recorded; `show` selects the clip as soon as it is there."""
        self._generation.made = clip_id
        self._notices.info("The recording is in the list.", topic="recording")

    def show(self) -> None:
        """Select the clip if its row is there; otherwise do nothing, until the next call."""
        made = self._generation.made
        if made is None or self._collection.row(made) is None:
            return
        self._generation.made = None
        if self._collection.place(made) is None:
            offer = Offer("Show it", partial(self._window.show_clip, made))
            text = "The search or a filter hides what was just made."
            self._notices.info(text, topic="hidden", offer=offer)
        else:
            self._window.clips.choose(made)
