"""Libraries as they would be found if other versions were installed."""

import os
from pathlib import Path


def installed_in(folder: Path, **versions: str) -> str:
    """Return a PYTHONPATH on which these versions come before those that are installed."""
    for library, version in versions.items():
        place = folder / f"{library}-{version}.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(f"Name: {library}\nVersion: {version}\n")
    root = Path(__file__).parents[2]
    return f"{folder}{os.pathsep}{root}"
