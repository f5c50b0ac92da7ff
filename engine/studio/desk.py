"""The desk: the actor on the head of a studio to which all musicians talk.

It takes in jobs, gives their parts to workers, each in its turn, and hands over what they make. All
of its methods run on one event loop, so that nothing needs a lock.
"""

import asyncio
import contextlib
import dataclasses
import itertools
import logging
import secrets
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import msgspec

from engine import protocol
from engine.errors import ProtocolError
from engine.remote.wire import TO_HOST, TO_RELAY, WIRE_VERSION, Hello, Received, Upload
from engine.studio.crew import Crew, Member, said
from engine.studio.job import StudioJob
from engine.studio.packets import Packet, packet, with_id
from engine.studio.session import Session
from engine.studio.status import MusicianStatus, StudioStatus, WorkerStatus
from engine.studio.turns import Part, Turns
from engine.version import VERSION

DESK = "desk"
NAMESPACE = "loopwright"
LOOK_S = 1.0
"""How often the desk looks for boxes that have come or gone."""
ABSENT_S = 25.0
"""A musician who has not asked for news this long has gone, and the jobs with him."""
MOST_LOSSES = 3
"""How many workers may die of a part until it fails."""
_log = logging.getLogger(__name__)


@dataclasses.dataclass(eq=False, kw_only=True)
class DeskPart(Part):
    """A part of a job, and whose it is.

    Attributes:
        session: whom to tell.
        owner: the job.
        number: which of the job's shares.
        id: the id under which workers know it.
        losses: how many workers have died of it.
    """

    session: Session
    owner: StudioJob
    number: int
    id: str
    losses: int = 0


class Desk:
    """Holds the sessions of all musicians, the queue, and the crew."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._turns = Turns()
        self._crew = Crew()
        self._numbers = itertools.count(1)
        self._parts: dict[int, list[DeskPart]] = {}
        self._positions: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> str:
        """Look for boxes from now on; return the version."""
        if not self._tasks:
            self._start(self._keep_looking())
        return VERSION

    async def open(self, musician: str) -> tuple[str, Packet]:
        """Begin a session; return its name, and what the desk says first."""
        await self.begin()
        name = secrets.token_hex(8)
        self._sessions[name] = Session(musician)
        return name, packet(Hello(WIRE_VERSION, VERSION))

    async def say(self, name: str, line: bytes, payload: bytes) -> bool:
        """Take in a message; return False if there is no such session any more."""
        session = self._sessions.get(name)
        if session is None:
            return False
        try:
            message = TO_HOST.decode(line)
        except msgspec.DecodeError as error:
            session.tell(protocol.Rejected(str(error)[:200]))
            return True
        if isinstance(message, Upload):
            session.uploads.setdefault(message.token, []).append((line, payload))
        elif isinstance(message, Received):
            session.received()
        elif isinstance(message, protocol.Cancel):
            self._cancel(session, message.id)
        elif isinstance(message, protocol.Unload):
            session.tell(protocol.Unloaded(message.id))  # models stay warm, for all
        elif isinstance(message, Hello | protocol.Ping | protocol.Shutdown):
            pass
        elif isinstance(message, protocol.ListModels) and self._crew.members:
            session.tell(protocol.Models(message.id, self._crew.models()))
        else:
            self._take_in(session, message)
        return True

    async def news(self, name: str, timeout_s: float) -> list[Packet] | None:
        """Return what is new for a musician; None if there is no such session any more."""
        session = self._sessions.get(name)
        return None if session is None else await session.news(timeout_s)

    async def close(self, name: str) -> None:
        """End a session, and cancel its jobs."""
        session = self._sessions.pop(name, None)
        if session is not None:
            for job_id in list(session.jobs):
                self._cancel(session, job_id)

    async def status(self) -> bytes:
        """Return what goes on, a `StudioStatus` as JSON."""
        return msgspec.json.encode(
            StudioStatus(
                VERSION, self._crew.boxes(), self._crew.starting,
                [
                    WorkerStatus(
                        each.box, each.card, each.loaded,
                        each.part.musician if each.part is not None else "", each.done,
                    )
                    for each in self._crew.members
                ],
                self._musicians(),
            )
        )  # fmt: skip

    def _musicians(self) -> list[MusicianStatus]:
        now = time.monotonic()
        making = Counter(each.part.musician for each in self._crew.members if each.part is not None)
        jobs: Counter[str] = Counter()
        for session in self._sessions.values():
            jobs[session.musician] += len(session.jobs)
        waiting = self._turns.waiting()
        return [
            MusicianStatus(
                name, jobs[name], making[name], len(waiting.get(name, [])),
                round(max((now - part.since for part in waiting.get(name, [])), default=0.0), 1),
            )
            for name in sorted(jobs)
        ]  # fmt: skip

    # What follows is the way of a job.

    def _take_in(self, session: Session, command: protocol.Command) -> None:
        job = StudioJob(next(self._numbers), command, self._crew.nodes())
        session.jobs[job.id] = job
        model = command.request.model if isinstance(command, protocol.Render) else ""
        now = time.monotonic()
        parts = [
            DeskPart(
                session.musician, job.number, model, share.node, now, session=session, owner=job,
                number=number, id=f"{job.number}-{number}",
            )
            for number, share in enumerate(job.shares)
        ]  # fmt: skip
        self._parts[job.number] = parts
        for part in parts:
            self._turns.add(part)
        self._give_turns()
        if not self._crew.members:
            session.tell(protocol.Progress(job.id, 0.0, "waiting for a box that makes loops"))

    def _give_turns(self) -> None:
        while (turn := self._turns.next(self._crew.members)) is not None:
            part, seat = turn
            if isinstance(part, DeskPart) and isinstance(seat, Member):
                seat.part = part
                self._start(self._run(part, seat))
        self._tell_positions()

    def _tell_positions(self) -> None:
        for position, number in enumerate(self._turns.order()):
            part = self._parts[number][0]
            if self._positions.get(number) != position and part.owner.fraction == 0:
                self._positions[number] = position
                part.session.tell(protocol.Queued(part.owner.id, position))

    async def _run(self, part: DeskPart, member: Member) -> None:
        """Have a worker do a part, and tell the musician what comes of it."""
        try:
            await self._listen(part, member)
        except Exception as error:  # noqa: BLE001 - of Ray, which has many, or of a damaged message
            _log.warning("a worker on %s is lost: %s", member.box, type(error).__name__)
            self._crew.remove(member)
            self._lose(part, member)
        else:
            member.done += 1
        member.part = None
        if part.owner.is_over:
            self._forget(part)
        self._give_turns()

    async def _listen(self, part: DeskPart, member: Member) -> None:
        share = part.owner.shares[part.number]
        told = [*_files(part.session, share.command), packet(with_id(share.command, part.id))]
        async for line, payload in said(member, told, part.id):
            message = TO_RELAY.decode(line)
            if isinstance(message, protocol.Understood):
                member.loaded = part.model
            for each, data in part.owner.heard(part.number, message, payload):
                part.session.tell(each, data)
        if isinstance(share.command, protocol.Download):
            await self._crew.ask_models(member)

    def _lose(self, part: DeskPart, member: Member) -> None:
        """Let a part whose worker has died wait for another, ahead of the rest."""
        part.losses += 1
        if part.owner.is_over:
            return
        if part.owner.is_cancelled:
            self._end(part, protocol.Cancelled(part.owner.id))
            return
        if part.losses >= MOST_LOSSES:
            message = f"{part.losses} workers have stopped during this: try other settings."
            self._end(part, protocol.Failed(part.owner.id, 503, message))
            return
        if part.node:
            message = f"{member.box} has stopped meanwhile: try again."
            self._end(part, protocol.Failed(part.owner.id, 503, message))
            return
        reason = f"{member.box} has stopped: its part is made elsewhere"
        part.session.tell(part.owner.begin_again(part.number, reason))
        self._turns.add(part, first=True)

    def _end(self, part: DeskPart, ending: protocol.Failed | protocol.Cancelled) -> None:
        """End the job of a part without a worker's word for it."""
        for each, data in part.owner.heard(part.number, ending, b""):
            part.session.tell(each, data)

    def _cancel(self, session: Session, job_id: str) -> None:
        job = session.jobs.get(job_id)
        if job is None:
            return
        job.is_cancelled = True
        parts = self._parts[job.number]
        for part in parts:
            self._turns.remove(part)
        running = [member for member in self._crew.members if member.part in parts]
        for member in running:
            if isinstance(member.part, DeskPart):
                member.actor.cancel.remote(member.part.id)
        if not running:
            self._end(parts[0], protocol.Cancelled(job.id))
            self._forget(parts[0])

    def _forget(self, part: DeskPart) -> None:
        """Forget a job that is over, and stop what is still done for it."""
        job = part.owner
        part.session.jobs.pop(job.id, None)
        self._positions.pop(job.number, None)
        for each in self._parts.pop(job.number, []):
            self._turns.remove(each)
        for member in self._crew.members:
            other = member.part
            if isinstance(other, DeskPart) and other.owner is job:
                member.actor.cancel.remote(other.id)

    # What follows goes on in the background.

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_looking(self) -> None:
        while True:
            with contextlib.suppress(OSError, ProtocolError):
                for node, number in await self._crew.look():
                    self._start(self._welcome(node, number))
            now = time.monotonic()
            for name, session in list(self._sessions.items()):
                if now - session.heard_at > ABSENT_S:
                    await self.close(name)
            await asyncio.sleep(LOOK_S)

    async def _welcome(self, node: str, number: int) -> None:
        if await self._crew.add(node, number):
            self._give_turns()


def _files(session: Session, command: protocol.Command) -> list[Packet]:
    """Return the uploads that a command names."""
    named: list[str] = []
    if isinstance(command, protocol.Render):
        named = [command.source_path, command.with_path, command.kit_path, *command.fit_paths]
    elif isinstance(command, protocol.Analyse | protocol.WriteMidi):
        named = [command.path]
    tokens = dict.fromkeys(name.partition("/")[0] for name in named if name)
    return [each for token in tokens for each in session.uploads.get(token, [])]
