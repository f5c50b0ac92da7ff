"""The installer for Windows, made with Inno Setup, and signed if a certificate is given.

The authors have not run it on Windows yet: it first runs in the workflow in .github.

LOOPWRIGHT_SIGN_THUMBPRINT   the SHA-1 thumbprint of a code-signing certificate in the user's store.
                             Without it, nothing is signed, and SmartScreen warns.
LOOPWRIGHT_TIMESTAMP_SERVER  the RFC 3161 server of the certificate's issuer.
"""

import os
import shutil
from pathlib import Path

from steps import BUILD, DIST, ROOT, Steps

SCRIPT = ROOT / "installers" / "windows" / "loopwright.iss"
PROGRAMS = ("loopwright.exe", "loopwright-window.exe")
_USUAL_COMPILER = Path("C:/Program Files (x86)/Inno Setup 6/ISCC.exe")


def build_setup(steps: Steps, frozen: Path, version: str) -> list[Path]:
    """Build the installer and return its path."""
    steps.say("the installer for Windows")
    for name in PROGRAMS:
        _sign(steps, frozen / name)
    product = DIST / f"Loopwright-{version}-windows-x64.exe"
    steps.run(
        shutil.which("ISCC") or _USUAL_COMPILER, f"/DVersion={version}", f"/DFrozen={frozen}",
        f"/DBuild={BUILD}", f"/O{DIST}", f"/F{product.stem}", SCRIPT,
    )  # fmt: skip
    _sign(steps, product)
    return [product]


def _sign(steps: Steps, path: Path) -> None:
    thumbprint = os.environ.get("LOOPWRIGHT_SIGN_THUMBPRINT", "")
    server = os.environ.get("LOOPWRIGHT_TIMESTAMP_SERVER", "")
    if not thumbprint:
        steps.say(f"{path.name} is not signed: see the environment variables in this script")
        return
    steps.run(
        "signtool", "sign", "/sha1", thumbprint, "/fd", "sha256",
        *(("/tr", server, "/td", "sha256") if server else ()), path,
    )  # fmt: skip
    steps.run("signtool", "verify", "/pa", path)
