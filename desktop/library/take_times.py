"""How long models take for their takes here, as it was measured from jobs of this window."""

import time
from collections.abc import Callable

from engine import protocol
from engine.entry_points import engine_elsewhere
from engine.loops.recipe import Recipe

PlaceTimes = dict[str, dict[str, float]]
"""Seconds that a model takes for a second of sound: by the place of the engine, empty for this
computer, and by the id of the model."""


class TakeTimes:
    """Measures jobs that make loops from words, from their plan to the last take.

    So loading a model does not count, which happens once, nor do sources, which take longer.
    """

    def __init__(self, kept: PlaceTimes, clock: Callable[[], float] = time.monotonic) -> None:
        """Add what is measured to `kept`, which the settings store."""
        self._kept = kept
        self._clock = clock
        self._begun: dict[str, tuple[float, float]] = {}
        """When each running job had its plan, and how long its takes are, in seconds."""
        self._recipes: dict[str, Recipe] = {}

    def of(self, model_id: str) -> float | None:
        """Return how many seconds a model took for a second of sound; None if it was not used."""
        return self._kept.get(_place(), {}).get(model_id)

    def on_event(self, event: protocol.Event) -> str | None:
        """Handle an engine event; return the id of the model whose time is new, if one is."""
        match event:
            case protocol.Understood():
                self._begun[event.id] = self._clock(), event.frames / event.grid.rate
            case protocol.TakeReady() if event.id in self._begun:
                self._recipes[event.id] = event.clip.recipe
            case protocol.Done() | protocol.Failed() | protocol.Cancelled():
                begun, recipe = self._begun.pop(event.id, None), self._recipes.pop(event.id, None)
                if isinstance(event, protocol.Done) and begun is not None and recipe is not None:
                    return self._measured(*begun, recipe)
            case _:
                pass
        return None

    def _measured(self, begun_s: float, length_s: float, recipe: Recipe) -> str | None:
        if recipe.request.mode is not None or length_s <= 0:
            return None
        took_s = (self._clock() - begun_s) / max(recipe.asked_takes, 1)
        self._kept.setdefault(_place(), {})[recipe.model.id] = took_s / length_s
        return recipe.model.id


def _place() -> str:
    return engine_elsewhere() or ""
