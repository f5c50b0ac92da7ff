"""The workers of a studio: one for each card, or some cores, of each box that has joined."""

import asyncio
import dataclasses
import logging
from typing import Any

from engine import protocol
from engine.errors import ProtocolError
from engine.remote.wire import TO_RELAY
from engine.studio.packets import Packet, packet
from engine.studio.turns import Seat
from engine.studio.worker import THREADS, Worker

WORKERS = "loopwright"
"""The resource of Ray that says how many workers a box has."""
_READY = "ready"
_log = logging.getLogger(__name__)


@dataclasses.dataclass(eq=False, kw_only=True)
class Member(Seat):
    """A worker, and where it is.

    Attributes:
        actor: Ray's handle of it.
        box: the name of its box.
        number: which of the workers of that box.
        card: whether it has a card to itself, or a share of one.
        done: how many parts it has done.
    """

    actor: Any
    box: str
    number: int
    card: bool
    done: int = 0


class Crew:
    """Keeps a worker in each place for one, as boxes come and go."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._nodes: dict[str, dict[str, Any]] = {}
        self._arriving: set[tuple[str, int]] = set()
        self._shown: dict[str, list[dict[str, Any]]] = {}
        """What each box says of its models."""

    async def look(self) -> list[tuple[str, int]]:
        """Note which boxes are there; return the places, by node and number, that lack a worker."""
        import ray

        nodes = await asyncio.to_thread(ray.nodes)
        self._nodes = {node["NodeID"]: node for node in nodes if node["Alive"]}
        self.members = [
            member
            for member in self.members
            if member.node in self._nodes or member.part is not None
        ]
        taken = {(member.node, member.number) for member in self.members} | self._arriving
        return [
            (node, number)
            for node, facts in self._nodes.items()
            for number in range(int(facts["Resources"].get(WORKERS, 0)))
            if (node, number) not in taken
        ]

    async def add(self, node: str, number: int) -> bool:
        """Start a worker in a place, and let it join when it answers; return whether it did."""
        self._arriving.add((node, number))
        try:
            member = self._started(node, number)
            await self.ask_models(member)
        except Exception as error:  # noqa: BLE001 - of Ray, which has many; it is tried again
            _log.warning("a worker on %s does not start: %s", node, error)
            return False
        finally:
            self._arriving.discard((node, number))
        self.members.append(member)
        return True

    @property
    def starting(self) -> int:
        """How many workers are being started."""
        return len(self._arriving)

    def boxes(self) -> list[str]:
        """Return the names of the boxes that are there."""
        return sorted(str(facts["NodeManagerHostname"]) for facts in self._nodes.values())

    async def ask_models(self, member: Member) -> None:
        """Note which models are ready on the box of a worker, which must not be busy.

        Raises:
            ProtocolError: it does not say.
        """
        told = [packet(protocol.ListModels("models"))]
        async for line, _payload in said(member, told, "models"):
            message = TO_RELAY.decode(line)
            if isinstance(message, protocol.Models):
                self._shown[member.node] = list(message.models)
        if member.node not in self._shown:
            raise ProtocolError("A worker does not say which models it has.")
        shown = self._shown[member.node]
        member.models = frozenset(each["id"] for each in shown if each["state"] == _READY)
        for other in self.members:
            if other.node == member.node:
                other.models = member.models

    def models(self) -> tuple[dict[str, Any], ...]:
        """Return the models of all boxes, as a front end is shown them: ready if one has it so."""
        merged: dict[str, dict[str, Any]] = {}
        for node in self.nodes():
            for each in self._shown.get(node, []):
                if each["state"] == _READY or each["id"] not in merged:
                    merged[each["id"]] = each
        return tuple(merged.values())

    def nodes(self) -> list[str]:
        """Return the boxes that have a worker."""
        return list(dict.fromkeys(member.node for member in self.members))

    def remove(self, member: Member) -> None:
        """Do without a worker; another takes its place if the box is there."""
        if member in self.members:
            self.members.remove(member)

    def _started(self, node: str, number: int) -> Member:
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        facts = self._nodes[node]
        resources = facts["Resources"]
        workers = int(resources[WORKERS])
        cards = min(1.0, resources.get("GPU", 0) / workers)
        cores = resources.get("CPU", 0) / workers
        actor = (
            ray.remote(Worker)
            .options(
                num_cpus=int(cores) if cores >= 1 else cores,
                num_gpus=cards,
                resources={WORKERS: 1},
                max_concurrency=THREADS,
                max_restarts=0,  # another is started in its place
                scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
            )
            .remote()
        )
        name = facts["NodeManagerHostname"]
        return Member(node, actor=actor, box=name, number=number, card=cards > 0)


async def said(member: Member, told: list[Packet], part_id: str) -> Any:
    """Have a worker do a part; yield what it says as it says it."""
    running = member.actor.run.options(num_returns="streaming").remote(told, part_id)
    async for each in running:
        yield await each
