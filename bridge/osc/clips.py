"""Handles the requests about clips: list them, find their files, insert them into a DAW."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bridge.osc.clients import Client, Clients
from bridge.osc.errors import BAD_ARGUMENTS, NOT_THERE, RequestFailed, shown
from bridge.osc.jobs import JobHandlers, described_clip
from bridge.osc.messages import Argument
from bridge.osc.projects import Projects
from bridge.osc.records import Record, Records
from bridge.osc.sender import Call, MessageSender
from engine.loops.clip import Clip
from engine.loops.errors import LoopError

MOST_LISTED = 20
INSERT_LIMIT_S = 10.0
_TARGET = re.compile(r"(live):(?:(\d{1,4}),(\d{1,4})|selected)|(reaper):cursor")


class Target(NamedTuple):
    """A target in a DAW: `daw` is live or reaper; -1 is the selected track or scene."""

    daw: str
    track: int = -1
    scene: int = -1

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Parse `live:2,0`, `live:selected` or `reaper:cursor`.

        Raises:
            RequestFailed: the text is not a target.
        """
        match = _TARGET.fullmatch(text)
        if match is None:
            raise RequestFailed(
                BAD_ARGUMENTS,
                f"target is {shown(text)}, but must be a target such as live:2,0, live:selected or "
                "reaper:cursor.",
            )
        if match[2] is None:
            return cls(match[1] or match[4])
        return cls(match[1], int(match[2]), int(match[3]))


class _Wanted(NamedTuple):
    clip: Clip
    target: Target
    daw: Client


class _Insertion(NamedTuple):
    record: Record
    daw: Client
    give_up_at_s: float


class ClipHandlers:
    """Handles `/lw/clip/list`, `/lw/clip/path`, `/lw/clip/insert` and `/lw/midi/insert`."""

    def __init__(
        self,
        projects: Projects,
        clients: Clients,
        outgoing: MessageSender,
        records: Records,
        jobs: JobHandlers,
    ) -> None:
        self._projects = projects
        self._clients = clients
        self._outgoing = outgoing
        self._records = records
        self._jobs = jobs
        self._insertions: dict[str, _Insertion] = {}

    def list(self, call: Call) -> None:
        """Reply with some clips, the newest first; files that cannot be read are skipped."""
        offset, count = call.arguments["offset"], call.arguments["count"]
        if offset < 0 or not 0 <= count <= MOST_LISTED:
            raise RequestFailed(
                BAD_ARGUMENTS,
                f"offset is {offset} and count is {count}, but offset must be 0 or more and count "
                f"0 to {MOST_LISTED}.",
            )
        ids = self._projects.library.ids()
        replies: list[tuple[str, *tuple[Argument, ...]]] = []
        for clip_id in ids[offset : offset + count]:
            try:
                clip = self._projects.library.clip(clip_id)
            except LoopError:
                continue
            replies.append(("/lw/clip", *described_clip(clip)))
        replies.append(("/lw/done", call.address, call.id, len(ids)))
        self._outgoing.reply_all(call.sender, replies)

    def path(self, call: Call) -> None:
        """Reply with the path of a clip."""
        clip_id = call.arguments["clip"]
        self._outgoing.reply(
            call.sender, "/lw/clip/path", clip_id, self._projects.clip(clip_id).path
        )

    def insert(self, call: Call, now_s: float) -> None:
        """Ask the DAW to insert a clip; its reply ends the request."""
        record = self._records.begin(call)
        if record is None:
            return
        try:
            wanted = self._wanted(call)
        except RequestFailed:
            self._records.drop(record)
            raise
        self._ask(record, wanted, Path(wanted.clip.path), now_s)

    def insert_midi(self, call: Call, now_s: Callable[[], float]) -> None:
        """Write the notes of a clip, and ask the DAW to insert them; its reply ends the request."""

        def insert(record: Record, path: Path) -> None:
            try:
                self._ask(record, self._wanted(call), path, now_s())
            except RequestFailed as failed:  # the DAW is gone by now
                self._records.fail(record, failed.code, failed.sentence)

        self._jobs.midi(call, check=lambda: self._wanted(call), then=insert)

    def _wanted(self, call: Call) -> _Wanted:
        target = Target.parse(call.arguments["target"])
        clip = self._projects.clip(call.arguments["clip"])
        return _Wanted(clip, target, self._daw(target.daw))

    def _ask(self, record: Record, wanted: _Wanted, path: Path, now_s: float) -> None:
        clip, target, daw = wanted
        self._insertions[record.id] = _Insertion(record, daw, now_s + INSERT_LIMIT_S)
        described = _described_insert(clip, path, target)
        self._outgoing.send([daw.reply_endpoint], "/lw/host/insert", record.id, *described)

    def inserted(self, call: Call) -> None:
        """Handle a DAW's reply that it inserted a clip."""
        if (found := self._finish(call, call.id)) is not None:
            self._records.done(found.record)

    def not_inserted(self, call: Call) -> None:
        """Handle a DAW's failure: `/lw/fail "/lw/host/insert" id code message`."""
        match call.message.arguments:
            case ("/lw/host/insert", str(insert_id), int(code), str(sentence)):
                if (found := self._finish(call, insert_id)) is not None:
                    self._records.fail(found.record, code, sentence[:500])

    def expire(self, now_s: float) -> None:
        """Fail the insertions that a DAW has not answered in time."""
        for insert_id, found in list(self._insertions.items()):
            if found.give_up_at_s <= now_s:
                del self._insertions[insert_id]
                name = found.daw.name.capitalize()
                sentence = (
                    f"{name} did not answer within {INSERT_LIMIT_S:.0f} s: check that it is open."
                )
                self._records.fail(found.record, NOT_THERE, sentence)

    def _daw(self, name: str) -> Client:
        daw = self._clients.named(name)
        if daw is None:
            raise RequestFailed(
                NOT_THERE,
                f"{name.capitalize()} is not connected: open it, then run 'loopwright daw status'.",
            )
        return daw

    def _finish(self, call: Call, insert_id: str) -> _Insertion | None:
        """Remove and return an open insertion, if the sender is the DAW that was asked for it."""
        found = self._insertions.get(insert_id)
        if found is None or call.sender not in (found.daw.reply_endpoint, found.daw.socket):
            return None
        return self._insertions.pop(insert_id)


def _described_insert(clip: Clip, path: Path, target: Target) -> list[Any]:
    grid = clip.recipe.grid
    return [
        clip.id, str(path), target.track, target.scene, float(grid.bpm),
        grid.bars if grid.is_loop else 0, grid.meter.numerator, grid.meter.denominator,
    ]  # fmt: skip
