"""What the layers work with, of other rooms."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from desktop.clips.clip_list import ClipList
from desktop.clips.collection import ClipCollection
from desktop.clips.part_files import PartFiles
from desktop.clips.waveforms import WaveformLoader
from desktop.prompt.generation import GenerationController
from desktop.prompt.open_jobs import OpenJobs
from desktop.state.notices import Notices
from desktop.transport.audition import Audition
from desktop.transport.hear_controller import HearController
from desktop.widgets.main_thread import MainThread
from desktop.widgets.project_writer import ProjectWriter
from engine.loops.derive import Models


@dataclasses.dataclass(frozen=True, kw_only=True)
class Around:
    """What the layers work with.

    Attributes:
        project: the folder of the clips, and of the file that stores the layers.
        clips, collection, waveforms: the list, the clips in it, and their pictures.
        audition: has the player.
        parts: writes notes.
        hear: brings loops to the session.
        generation, open_jobs: make the parts that fit.
        models: returns the chosen model, and what each can do.
        writer: stores the layers.
        notices: shows errors.
        main_thread: receives what was done in the background.
    """

    project: Path
    clips: ClipList
    collection: ClipCollection
    waveforms: WaveformLoader
    audition: Audition
    parts: PartFiles
    hear: HearController
    generation: GenerationController
    open_jobs: OpenJobs
    models: Callable[[], Models]
    writer: ProjectWriter
    notices: Notices
    main_thread: MainThread
