"""The engine process: `python -P -m engine`."""

from engine.models.catalogue import built_in_catalogue
from engine.server.main import serve

if __name__ == "__main__":
    serve(built_in_catalogue())
