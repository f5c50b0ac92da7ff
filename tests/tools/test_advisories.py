"""The locked dependencies and the known vulnerabilities, and how their list is updated."""

import http.server
import json
import shutil
import subprocess
import sys
import threading

import pytest

from tools.advisories import ROOT, STORED, Advisory, locked, stored, vulnerable


@pytest.mark.hold(13)
def test_no_locked_version_has_a_known_vulnerability(hold):
    advisories, versions = stored(), locked()
    found = vulnerable(advisories, versions)
    hold.figure(13, f"{len(versions)} locked packages, {len(advisories)} stored advisories: "
                    f"{len(found)} apply")  # fmt: skip
    assert found == []


@pytest.mark.parametrize(
    ("introduced", "fixed", "last", "version", "affected"),
    [
        ("0", "2.10.0", "", "2.9.1", True),
        ("0", "2.10.0", "", "2.10", False),
        ("4.56.0", "5.3.0", "", "4.55", False),
        ("4.56.0", "5.3.0", "", "5.3.0rc1", True),
        ("5.2.0", "", "5.2.0", "5.2.0", True),
        ("5.2.0", "", "5.2.0", "5.2.1", False),
        ("1", "", "", "99", True),
    ],
)
def test_a_version_in_the_range_of_an_advisory_is_affected(
    introduced, fixed, last, version, affected
):
    assert Advisory("x", "CVE-1", introduced, fixed, last, "").affects(version) is affected


def test_an_avoided_advisory_is_not_a_finding():
    row = Advisory("x", "CVE-1", "0", "", "", "we never call it")
    assert vulnerable([row], {"x": "1"}) == [row]
    assert vulnerable([row._replace(avoided=True)], {"x": "1"}) == []
    assert vulnerable([row], {"y": "1"}) == []


class Osv(http.server.BaseHTTPRequestHandler):
    """As much of osv.dev as the command asks: numpy has two advisories, on two pages."""

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {}
        if question["package"] == {"name": "numpy", "ecosystem": "PyPI"}:
            page = question.get("page_token", "")
            answer = {"vulns": [FOUND[page]], "next_page_token": "" if page else "second"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Print nothing."""


def affected(name, *events):
    ranges = [{"type": "GIT", "events": []}, {"type": "ECOSYSTEM", "events": list(events)}]
    return {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}


FOUND = {
    "": {
        "id": "CVE-9999-1",
        "summary": "Runs code.",
        "affected": [
            affected("numpy", {"introduced": "0"}, {"fixed": "99"}),
            affected("other", {"introduced": "0"}),
        ],
    },
    "second": {
        "id": "CVE-9999-2",
        "details": "Grows\nfor ever.",
        "affected": [affected("NumPy", {"introduced": "1"}, {"last_affected": "1.5"})],
    },
}


@pytest.fixture
def api():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Osv) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def run(*arguments):
    command = [sys.executable, "-m", "tools.advisories", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_update_adds_new_advisories_and_fails_if_a_locked_version_is_affected(api, tmp_path):
    file = tmp_path / "advisories.json"
    shutil.copy(STORED, file)
    before = stored()
    result = run("--update", "--api", api, "--file", str(file))
    assert result.returncode == 1
    new, finding = result.stdout.splitlines()
    assert new == "2 new advisories"
    assert finding.endswith(": CVE-9999-1, Runs code. (upgrade to 99)")
    assert set(stored(file)) - set(before) == {
        Advisory("numpy", "CVE-9999-1", "0", "99", "", "Runs code."),
        Advisory("numpy", "CVE-9999-2", "1", "", "1.5", "Grows for ever."),
    }
    again = run("--update", "--api", api, "--file", str(file))
    assert again.stdout.splitlines()[0] == "0 new advisories"


def test_an_update_without_a_network_is_reported():
    result = run("--update", "--api", "http://127.0.0.1:1")
    assert result.returncode == 1
    assert result.stdout.startswith("http://127.0.0.1:1 cannot be asked (")
    assert "Traceback" not in result.stderr


def test_the_stored_list_is_checked_without_a_network():
    result = run()
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("No locked version has one of the ")
