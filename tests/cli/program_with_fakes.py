"""The real program `loopwright`, whose engine has fake models instead of the built-in ones."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if __name__ == "__main__":
    from cli.main import main
    from engine import entry_points

    fake_engine = Path(__file__).parents[1] / "fakes" / "fake_engine.py"
    entry_points.engine_command = lambda: [sys.executable, "-P", str(fake_engine)]
    sys.exit(main())
