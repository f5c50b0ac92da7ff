"""The OSC bridge compared with python-osc's server, which receives and handles messages, too."""

import functools
from collections.abc import Iterator

from benchmarks.children import printed_figures, python
from benchmarks.runner import Case, Side, peer_if_there


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark."""
    for what, description, unit, more_is_better in (
        ("dispatch", "messages parsed and handled, one core", "1/s", True),
        ("ping", "ping round trip, 99th percentile, processors busy", "ms", False),
    ):
        ours = Side("bridge", functools.partial(_figure, "benchmarks.bridge_child", what))
        theirs = Side("python-osc", functools.partial(_figure, "benchmarks.osc_peer", what))
        peer, note = peer_if_there("pythonosc", "python-osc", theirs)
        yield Case("osc", description, unit, more_is_better, ours, peer, note)
    yield Case(
        "osc",
        "/lw/generate with sketch to /lw/clip/ready, warm",
        "s",
        more_is_better=False,
        ours=Side("bridge", functools.partial(_figure, "benchmarks.bridge_child", "generate")),
        peer=None,
        note="No peer: nothing else makes loops by OSC.",
    )


def _figure(module: str, what: str) -> float:
    return float(printed_figures(python("-P", "-m", module, what))["figure"])
