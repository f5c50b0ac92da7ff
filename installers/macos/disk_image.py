"""The disk image for macOS with Loopwright.app, signed and notarised if keys are given.

The authors have not run it on a Mac yet: it first runs in the workflow in .github.

LOOPWRIGHT_SIGN_IDENTITY    "Developer ID Application: ...", in the keychain; PyInstaller signs the
                            app with it, file by file, with the hardened runtime. Without it the
                            app is signed for this machine only, and Gatekeeper warns on others.
LOOPWRIGHT_NOTARY_PROFILE   a profile of `xcrun notarytool store-credentials`. Without it the image
                            is not notarised.
"""

import os
import platform
from pathlib import Path

from steps import BUILD, DIST, ROOT, Steps


def build_disk_image(steps: Steps, frozen: Path, version: str) -> list[Path]:
    """Build the image and return its path."""
    steps.say("the disk image for macOS")
    app = frozen.with_name("Loopwright.app")
    identity = os.environ.get("LOOPWRIGHT_SIGN_IDENTITY", "")
    steps.run("codesign", "--verify", "--deep", "--strict", "--verbose=2", app)
    content = BUILD / "image"
    steps.clear(content)
    # ditto keeps what a copy loses: links, and the signature in extended attributes.
    steps.run("ditto", app, content / app.name)
    steps.copy(ROOT / "LICENSE", content / "LICENSE")
    steps.copy(BUILD / "licences.txt", content / "licences.txt")
    if not steps.dry:
        (content / "Applications").symlink_to("/Applications")
    product = DIST / f"Loopwright-{version}-macos-{platform.machine()}.dmg"
    steps.run(
        "hdiutil", "create", "-volname", f"Loopwright {version}", "-srcfolder", content,
        "-fs", "HFS+", "-format", "ULFO", "-ov", product,
    )  # fmt: skip
    if identity:
        steps.run("codesign", "--sign", identity, "--timestamp", product)
    _notarise(steps, product, signed=bool(identity))
    return [product]


def _notarise(steps: Steps, product: Path, *, signed: bool) -> None:
    profile = os.environ.get("LOOPWRIGHT_NOTARY_PROFILE", "")
    if not (profile and signed):
        steps.say("the image is not notarised: see the environment variables in this script")
        return
    steps.run("xcrun", "notarytool", "submit", product, "--keychain-profile", profile, "--wait")
    steps.run("xcrun", "stapler", "staple", product)
    steps.run(
        "spctl", "--assess", "--type", "open", "--context", "context:primary-signature",
        "--verbose", product,
    )  # fmt: skip
