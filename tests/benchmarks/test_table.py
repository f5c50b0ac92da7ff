import json

from benchmarks.machine import Machine
from benchmarks.runner import Case, Side
from benchmarks.table import print_table


def cases_of(*measures, peer=None):
    for measure in measures:
        yield Case(
            "tea", "time | boil", "s", more_is_better=False, ours=Side("kettle", measure),
            peer=None if peer is None else Side("pot", peer),
        )  # fmt: skip


def broken():
    raise ZeroDivisionError("the stove\nis off")
    yield


def test_the_table_names_the_machine_and_what_fails_costs_its_own_row_alone(capsys):
    def fails():
        raise OSError("no water")

    benchmarks = {
        "tea": lambda: cases_of(fails, lambda: 2.0, peer=lambda: 3.0),
        "stove": broken,
        "cup": lambda: cases_of(lambda: 12345.6),
    }
    assert not print_table(benchmarks, 1, beside=False, as_json=False)
    shown = capsys.readouterr()
    machine, empty, head, line, *rows = shown.out.splitlines()
    assert machine == f"{Machine.this()._replace(load=0).described()} Medians of 1."
    assert (empty, head.count("|"), line) == ("", 5, "|---|---|---|---|")
    assert rows[0] == "| `tea`: time / boil | not measured: no water |  |  |"
    assert "kettle: 2 s (2 to 2) | pot: 3 s (3 to 3) | 1.5x |" in rows[1]
    assert rows[2] == "| `stove` | not measured: the stove is off |  |  |"
    assert "kettle: 12,346 s (12,346 to 12,346) |  |  |" in rows[3]
    assert "tea, 2 of 2: time | boil" in shown.err.splitlines()


def test_as_json_the_machine_comes_first(capsys):
    assert print_table({"tea": lambda: cases_of(lambda: 2.0)}, 1, beside=False, as_json=True)
    machine, result = map(json.loads, capsys.readouterr().out.splitlines())
    assert machine["type"] == "machine"
    assert {"Python", "numpy"} <= set(machine["versions"])
    assert result["benchmark"] == "tea"
