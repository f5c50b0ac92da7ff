"""What goes on in a studio, as `loopwright studio status` shows it. No Ray here."""

import msgspec


class WorkerStatus(msgspec.Struct, frozen=True):
    """One worker.

    Attributes:
        box: the name of its machine.
        card: whether it has a graphics card.
        model: the model in its memory; empty for none.
        musician: for whom it makes something; empty if it is free.
        done: how many takes and other jobs it has done.
    """

    box: str
    card: bool
    model: str
    musician: str
    done: int


class MusicianStatus(msgspec.Struct, frozen=True):
    """One musician.

    Attributes:
        name: user and machine.
        jobs: how many jobs are open.
        making: how many of their takes are being made.
        waiting: how many of their takes wait.
        waits_s: how long the longest of these has waited, in seconds.
    """

    name: str
    jobs: int
    making: int
    waiting: int
    waits_s: float


class StudioStatus(msgspec.Struct, frozen=True):
    """The whole studio.

    Attributes:
        version: of Loopwright, on the head.
        boxes: the names of all machines, those without workers too.
        starting: how many workers are being started.
        workers: those that are ready.
        musicians: who is connected.
    """

    version: str
    boxes: list[str]
    starting: int
    workers: list[WorkerStatus]
    musicians: list[MusicianStatus]


def in_words(status: StudioStatus) -> list[str]:
    """Return the lines for a terminal."""
    lines = [f"{_some(len(status.boxes), 'box', 'boxes')}: {', '.join(status.boxes)}"]
    if status.starting:
        lines.append(f"{_some(status.starting, 'worker is', 'workers are')} starting")
    for each in status.workers:
        kind = "card" if each.card else "cores"
        busy = f"for {each.musician}" if each.musician else "free"
        lines.append(
            f"  {each.box:<20} {kind:<6} {each.model or 'no model':<24} {busy}, {each.done} done"
        )
    if not status.musicians:
        lines.append("nobody is connected")
    for one in status.musicians:
        waiting = f", {one.waiting} waiting for {one.waits_s:.0f} s" if one.waiting else ""
        jobs = _some(one.jobs, "job", "jobs")
        lines.append(f"  {one.name:<27} {jobs}, {one.making} being made{waiting}")
    return lines


def _some(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
