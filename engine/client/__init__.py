"""The front end's side of the engine: a client that runs and supervises the process."""

from engine.client.child import Limits
from engine.client.client import EngineClient
from engine.client.engine_exit import EngineExit
from engine.client.interface import Engine, restarting

__all__ = ["Engine", "EngineClient", "EngineExit", "Limits", "restarting"]
