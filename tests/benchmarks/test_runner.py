import sys
import time

import pytest

from benchmarks import stretch
from benchmarks.children import printed_figures, run_s, waiting_child
from benchmarks.runner import CannotMeasure, Case, Side, described, run_case


def case_of(ours, peer=None, *, more_is_better=False):
    return Case(
        "tea",
        "time to boil",
        "s",
        more_is_better=more_is_better,
        ours=Side("kettle", ours),
        peer=None if peer is None else Side("pot", peer),
        note="as read",
    )


def test_sides_alternate_and_the_first_round_is_discarded():
    order = []
    figures = iter((100.0, 1.0, 2.0, 3.0))

    def ours():
        order.append("ours")
        return next(figures)

    def peer():
        order.append("peer")
        return 4.0

    (result,) = run_case(case_of(ours, peer), rounds=3)
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer", "peer", "ours"]
    assert result["ours"] == {"label": "kettle", "median": 2.0, "least": 1.0, "most": 3.0}


def test_beside_a_busy_program_the_result_says_how_often_that_was_late():
    def ours():
        time.sleep(0.3)
        return 1.0

    (result,) = run_case(case_of(ours), 1, beside=True)
    assert 0 <= result["ours"]["late_percent"] <= 100
    assert "the other program was late in" in described(result)
    assert 0 <= result["alone_late_percent"] <= 100
    assert "alone, the other program was late in" in described(result)
    assert "late_percent" not in run_case(case_of(lambda: 1.0), 1)[0]["ours"]


def test_the_ratio_is_above_one_where_ours_is_better():
    def two():
        return 2.0

    def eight():
        return 8.0

    assert run_case(case_of(two, eight), 1)[0]["ratio"] == 4
    assert run_case(case_of(two, eight, more_is_better=True), 1)[0]["ratio"] == 0.25


def test_a_case_may_have_no_ratio_though_there_is_a_peer():
    case = case_of(lambda: -0.1, lambda: 2.9)._replace(has_ratio=False)
    assert run_case(case, 1)[0]["ratio"] is None
    has_ratio = {case.what.partition(": ")[2]: case.has_ratio for case in stretch.cases()}
    assert [what for what, has in has_ratio.items() if has] == ["time per second"]
    assert len(has_ratio) == 6


def test_without_a_peer_the_ratio_is_empty_and_the_note_explains_it():
    (result,) = run_case(case_of(lambda: 2.0), 1)
    assert (result["peer"], result["ratio"]) == (None, None)
    assert described(result).splitlines()[-1] == "  as read"


def test_further_peers_are_measured_and_shown_but_not_in_the_ratio():
    case = case_of(lambda: 2.0, lambda: 4.0)._replace(others=(Side("pan", lambda: 1.0),))
    (result,) = run_case(case, 1)
    assert result["ratio"] == 2
    assert [other["label"] for other in result["others"]] == ["pan"]
    assert any(line.startswith("  pan ") for line in described(result).splitlines())


def test_variants_are_compared_with_the_same_measurements_of_the_peer():
    poured = []
    case = case_of(lambda: 2.0, lambda: poured.append(1) or 4.0)
    case = case._replace(variants=(Side("samovar", lambda: 8.0),), warm_up_rounds=0)
    results = run_case(case, 1)
    assert [(each["ours"]["label"], each["ratio"]) for each in results] == [
        ("kettle", 2.0),
        ("samovar", 0.5),
    ]
    assert results[0]["peer"] == results[1]["peer"]
    assert len(poured) == 1


def test_a_failing_child_is_reported_in_a_sentence():
    with pytest.raises(CannotMeasure, match=r"exited with code 3: too hot"):
        run_s([sys.executable, "-c", "import sys; print('too hot', file=sys.stderr); sys.exit(3)"])


def test_figures_are_read_from_the_last_line():
    script = "print('warming up'); print('{\"x\": 2.5}')"
    assert printed_figures([sys.executable, "-c", script]) == {"x": 2.5}
    with pytest.raises(CannotMeasure, match="printed no figures"):
        printed_figures([sys.executable, "-c", "pass"])


def test_a_waiting_child_is_watched_and_ended():
    script = "import sys; print('ready', flush=True); sys.stdin.read()"
    with waiting_child([sys.executable, "-c", script]) as child:
        assert child.line_after_s() > 0
        assert 1 < child.memory_mb() < 1000
    with (
        waiting_child([sys.executable, "-c", "pass"]) as child,
        pytest.raises(CannotMeasure, match="exited too early"),
    ):
        child.line_after_s()
