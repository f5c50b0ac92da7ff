"""What the processes of Loopwright listen on, and whom they speak to."""

import re
import socket
import sys

import psutil
import pytest

from tests.bridge.osc_client import TestClient
from tests.cli.program import running_bridge


@pytest.mark.hold(5)
def test_only_one_udp_port_of_the_loopback_is_open_while_the_bridge_makes_a_loop(loopwright, hold):
    with running_bridge(loopwright) as (process, port), TestClient(port) as client:
        client.send("/lw/generate", "a", "slow", 120.0, 1, "", 1, "fake")
        client.until("/lw/progress", "a")
        processes = [psutil.Process(process.pid)]
        processes += processes[0].children(recursive=True)
        found = [each for process in processes for each in process.net_connections("inet")]
    hold.figure(5, f"{len(processes)} processes at work: {len(found)} port, UDP on the loopback")
    assert len(processes) > 1
    assert [(each.laddr.ip, each.laddr.port, each.type) for each in found] == [
        ("127.0.0.1", port, socket.SOCK_DGRAM)
    ]


@pytest.mark.hold(14)
@pytest.mark.skipif(sys.platform != "linux", reason="needs strace, which Linux has")
def test_nothing_is_sent_while_a_loop_is_made(loopwright, program, tmp_path, hold):
    trace = tmp_path / "trace"
    strace = [program("strace", "strace"), "-f", "-qq", "-o", str(trace), "-e", "trace=%network"]
    loopwright.command = [*strace, *loopwright.command]
    result = loopwright.render("dusty drums", "--bars", "1")
    assert result.code == 0, result
    calls = trace.read_text("utf-8").splitlines()
    internet = [call for call in calls if re.search(r"AF_INET|sin6?_addr", call)]
    hold.figure(14, f"a loop made under strace: {len(internet)} calls to the internet")
    assert internet == []
