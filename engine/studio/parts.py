"""A job as parts that different workers can do, and what they made as one job again.

The takes of a render are independent of each other: each has a seed of its own, and any worker can
make it alone. What is known only of all of them, their rank, is settled when the last is there.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from engine import protocol
from engine.loops.request import LoopRequest
from engine.remote.wire import TakeSent


class Share(NamedTuple):
    """One part of a job.

    Attributes:
        command: what the worker is asked.
        group: which prompt, or part of a song, of the request it is for.
        take: which take of that.
        node: the only box that can do it; empty for any.
    """

    command: protocol.Command
    group: int = 0
    take: int = 0
    node: str = ""


class Made(NamedTuple):
    """A take that a worker sent."""

    share: Share
    sent: TakeSent
    payload: bytes


def shares_of(command: protocol.Command, nodes: Iterable[str] = ()) -> list[Share]:
    """Return the parts of a job: single takes, the download on each box, or the job as a whole."""
    if isinstance(command, protocol.Download):
        return [Share(command, node=node) for node in nodes] or [Share(command)]
    if not isinstance(command, protocol.Render) or _is_whole(command.request):
        return [Share(command)]
    return list(_takes(command))


def _is_whole(request: LoopRequest) -> bool:
    """Return whether the engine, and not the request, decides how many takes there are."""
    return request.mode in ("stems", "blend") or request.needs_no_model


def _takes(command: protocol.Render) -> Iterator[Share]:
    request = command.request
    songs: list[tuple[str, ...]] = [(part,) for part in request.parts] or [()]
    groups = [(prompt, song) for prompt in (request.prompt, *request.also) for song in songs]
    for group, (prompt, song) in enumerate(groups):
        for take in range(request.takes):
            single = msgspec.structs.replace(
                command,
                request=msgspec.structs.replace(request, prompt=prompt, also=(), parts=song),
                preview=command.preview and group == take == 0,
                only_take=take,
            )
            yield Share(single, group, take)


def ranked(command: protocol.Command, made: list[Made]) -> list[Made]:
    """Return the takes of a job as if one engine had made them: best first, by prompts."""
    if not isinstance(command, protocol.Render) or _is_whole(command.request):
        return made
    best_first = sorted(made, key=_place)
    ranks: dict[int, int] = {}
    results = []
    for each in best_first:
        rank = ranks[each.share.group] = ranks.get(each.share.group, 0) + 1
        recipe = msgspec.structs.replace(each.sent.recipe, rank=rank)
        sent = msgspec.structs.replace(each.sent, rank=rank, recipe=recipe)
        results.append(each._replace(sent=sent))
    return results


def _place(made: Made) -> tuple[int, bool, float, int]:
    """Return what takes are sorted by; see `engine.craft.finish.rank`."""
    total = made.sent.recipe.scores.total or 0.0
    return made.share.group, made.sent.rejected, -total, made.share.take
