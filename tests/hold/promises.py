"""The promises R1 to R20 of docs/reliability.md: what their tests are given, and what they report.

A test of a promise has the mark `hold(number, ...)` and uses the fixture `hold`. In the normal
run it does little; `--hold-scale 1` makes it do all that the promise says. At the end of the run
each promise is listed with its figures, or with the reason why there are none.
"""

import random
from collections import defaultdict

import pytest

NUMBERS = range(1, 21)
_HOLDS, _FIGURE = "hold", "figure"


class Hold:
    """The scale and the seed of a run, and the figures that a test reports."""

    def __init__(self, item: pytest.Item) -> None:
        self._properties = item.user_properties
        self._name = item.nodeid
        self._scale: float | None = item.config.getoption("hold_scale")
        self.seed: int = item.config.getoption("hold_seed")

    @property
    def is_short(self) -> bool:
        """Whether no scale was given, so that the test shall be quick."""
        return self._scale is None

    def count(self, short: int, full: int) -> int:
        """Return how often to do something: `full` times the scale, or `short` without a scale."""
        return short if self._scale is None else max(1, round(full * self._scale))

    def dice(self) -> random.Random:
        """Return random numbers that are the same for each run of this test with this seed."""
        return random.Random(f"{self.seed} {self._name}")

    def figure(self, promise: int, text: str, **worst: float) -> None:
        """Report what was measured; call it before the assertions.

        Args:
            promise: its number, 1 to 20.
            text: what was done and measured. `{name}` is replaced by a value of `worst`.
            worst: values by name. Of several figures with one text, the largest are shown.
        """
        self._properties.append((_FIGURE, [promise, text, worst]))


def add_options(parser: pytest.Parser) -> None:
    """Add the options of the promises."""
    group = parser.getgroup("promises", "the promises of docs/reliability.md")
    group.addoption(
        "--hold-scale", type=float, metavar="SHARE",
        help="how much of each promise to test, 1 = all; by default as much as is quick",
    )  # fmt: skip
    group.addoption("--hold-seed", type=int, default=1, help="where their random numbers begin")


def note_promises(items: list[pytest.Item]) -> None:
    """Write into each item which promises it tests; its reports then say so, too."""
    for item in items:
        numbers = [number for mark in item.iter_markers("hold") for number in mark.args]
        if numbers:
            assert set(numbers) <= set(NUMBERS), item.nodeid
            item.user_properties.append((_HOLDS, numbers))


def summary(stats: dict[str, list]) -> list[str]:
    """Return a line for each promise and result, from the reports of a run by their outcome."""
    lines = defaultdict(list)
    figures = defaultdict(list)
    for outcome, write in (("failed", _failure), ("error", _failure), ("skipped", _skip)):
        for report in stats.get(outcome, []):
            for number in _promises_of(report):
                lines[number].append(write(report))
    for report in stats.get("passed", []):
        if getattr(report, "when", "") == "call":
            for number, text, worst in _figures_of(report):
                figures[number, text].append(worst)
    for (number, text), values in sorted(figures.items()):
        lines[number].append(f"reached      {_of(text, values)}")
    return [f"R{number:<3} {line}" for number in NUMBERS for line in dict.fromkeys(lines[number])]


def _promises_of(report) -> list[int]:
    found = dict(getattr(report, "user_properties", ()))
    return found.get(_HOLDS, [])


def _figures_of(report) -> list[tuple[int, str, dict[str, float]]]:
    """Return what a test reported; the name of the test for promises without a figure."""
    found = [tuple(value) for name, value in report.user_properties if name == _FIGURE]
    told = {number for number, *_ in found}
    name = report.nodeid.rpartition("::")[2].partition("[")[0]
    text = name.removeprefix("test_").replace("_", " ")
    return found + [(number, text, {}) for number in _promises_of(report) if number not in told]


def _failure(report) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    cause = crash.message if crash else str(report.longrepr)
    return f"not reached  {report.nodeid.rpartition('/')[2]}: {cause.splitlines()[0]}"


def _skip(report) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return f"not covered  {reason.removeprefix('Skipped: ')}"


def _of(text: str, values: list[dict[str, float]]) -> str:
    worst = {name: max(each[name] for each in values) for name in values[0]}
    times = f"{len(values)} x " if len(values) > 1 else ""
    return times + text.format(**worst)
