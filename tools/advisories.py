"""Checks the locked dependencies against the stored list of known vulnerabilities.

    poe advisories             check constraints.txt against tools/advisories.json
    poe advisories --update    first add to that list what osv.dev knows about the locked versions

The list keeps what it has: an advisory stays when no locked version is affected any more, so that
a step back to that version is noticed without a network.
"""

import argparse
import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "tools" / "advisories.json"
LOCK = ROOT / "constraints.txt"
API = "https://api.osv.dev"
_TIMEOUT_S = 30


class Advisory(NamedTuple):
    """One range of versions in which a package is vulnerable.

    Attributes:
        package: its normalised name.
        id: of the advisory.
        introduced: first affected version; `0` for all before `fixed`.
        fixed: first version that is not affected; empty if there is none.
        last: last affected version, for those that name that one; else empty.
        what: what an attacker can do, or why it does not concern us.
        avoided: whether Loopwright avoids what is vulnerable; `what` says how.
    """

    package: str
    id: str
    introduced: str
    fixed: str
    last: str
    what: str
    avoided: bool = False

    def affects(self, version: str) -> bool:
        """Return whether a version is vulnerable."""
        found = Version(version)
        if found < Version(self.introduced):
            return False
        if self.last:
            return found <= Version(self.last)
        return not self.fixed or found < Version(self.fixed)


def stored(path: Path = STORED) -> list[Advisory]:
    """Return the advisories in a file."""
    return [Advisory(**each) for each in json.loads(path.read_text("utf-8"))]


def locked(path: Path = LOCK) -> dict[str, str]:
    """Return the locked version of each package."""
    lines = path.read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))


def vulnerable(advisories: list[Advisory], versions: dict[str, str]) -> list[Advisory]:
    """Return the advisories that affect one of these versions, and are not avoided."""
    return [
        each
        for each in advisories
        if not each.avoided and each.package in versions and each.affects(versions[each.package])
    ]


def update(path: Path, versions: dict[str, str], api: str) -> int:
    """Add what the API knows about these versions to a stored list; return how many are new.

    Raises:
        OSError: the API cannot be reached.
    """
    known = stored(path)
    seen = {(each.package, each.id, each.introduced) for each in known}
    new = [
        each
        for package, version in versions.items()
        for found in _asked(api, package, version)
        for each in _advisories_in(found, package)
        if (each.package, each.id, each.introduced) not in seen
    ]
    rows = [each._asdict() for each in sorted([*known, *new])]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return len(new)


def _asked(api: str, package: str, version: str) -> Iterator[dict[str, Any]]:
    """Yield what the API knows about a version, page by page."""
    question: dict[str, Any] = {
        "package": {"name": package, "ecosystem": "PyPI"}, "version": version
    }  # fmt: skip
    while True:
        request = urllib.request.Request(  # noqa: S310 - the address is ours
            f"{api}/v1/query", json.dumps(question).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
            answer = json.load(response)
        yield from answer.get("vulns", ())
        if not answer.get("next_page_token"):
            return
        question["page_token"] = answer["next_page_token"]


def _advisories_in(found: dict[str, Any], package: str) -> Iterator[Advisory]:
    """Yield an advisory for each affected range of versions of a package."""
    what = " ".join(str(found.get("summary") or found.get("details", "")).split())[:200]
    for affected in found.get("affected", ()):
        if affected.get("package", {}).get("name", "").lower().replace("_", "-") != package:
            continue
        for each in affected.get("ranges", ()):
            if each.get("type") != "ECOSYSTEM":
                continue
            introduced = "0"
            events = each.get("events", ())
            for number, event in enumerate(events):
                introduced = event.get("introduced", introduced)
                is_open = "introduced" in event and number == len(events) - 1
                if is_open or "fixed" in event or "last_affected" in event:
                    last = event.get("last_affected", "")
                    fixed = event.get("fixed", "")
                    yield Advisory(package, found["id"], introduced, fixed, last, what)


def main() -> int:
    """Run the command; return its exit code: 1 if a locked version is vulnerable."""
    parser = argparse.ArgumentParser(description="Check the locked dependencies.")
    parser.add_argument("--update", action="store_true", help="ask osv.dev first")
    parser.add_argument("--api", default=API, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, default=STORED, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.update:
        try:
            print(f"{update(options.file, locked(), options.api)} new advisories")
        except OSError as error:
            print(f"{options.api} cannot be asked ({error}): try again with a network.")
            return 1
    found = vulnerable(stored(options.file), locked())
    for each in found:
        then = f"upgrade to {each.fixed}" if each.fixed else "there is no fixed version"
        print(f"{each.package} {locked()[each.package]}: {each.id}, {each.what} ({then})")
    if not found:
        print(
            f"No locked version has one of the {len(stored(options.file))} known vulnerabilities."
        )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
