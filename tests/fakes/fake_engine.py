"""The real engine with fake models: a child process for tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if __name__ == "__main__":
    from engine.server.main import serve
    from tests.fakes.generators import FAKES

    serve(FAKES)
