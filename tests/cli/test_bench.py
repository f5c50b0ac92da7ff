"""`loopwright bench` as a process; the figures themselves are not tested."""

import json
import os
import signal

import pytest


def test_the_engine_is_compared_with_bare_python(loopwright):
    result = loopwright.run("bench", "engine", "--rounds", "1", "--only", "to ready", "--json")
    results = [json.loads(line) for line in result.lines]
    assert (result.code, result.err) == (0, "")
    assert {(line["benchmark"], line["what"]) for line in results} == {
        ("engine", "process start to ready")
    }
    assert all(line["ours"]["median"] > 0 and line["peer"]["median"] > 0 for line in results)
    assert all(line["ratio"] > 0 for line in results)


@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
def test_ctrl_c_ends_a_benchmark_and_its_children(loopwright):
    process = loopwright.start("bench", "engine", "--rounds", "1000")
    # Wait for the second child: only then is there something to terminate.
    while len(loopwright.processes()) < 3 and process.poll() is None:
        pass
    process.send_signal(signal.SIGINT)
    result = loopwright.end_of(process)
    assert (result.code, result.out, result.err) == (130, "", "")
    assert loopwright.engines_left() == []
