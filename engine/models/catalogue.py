"""The catalogue: the models that this version can run."""

from collections.abc import Iterable

from engine.errors import UnknownModel
from engine.models.entry import ModelEntry
from engine.models.families import entries


class Catalogue:
    """The models by id, in the order in which they are shown."""

    def __init__(self, entries: Iterable[ModelEntry]) -> None:
        """Hold these entries, whose ids must differ."""
        self._entries = {entry.id: entry for entry in entries}

    @property
    def entries(self) -> tuple[ModelEntry, ...]:
        """All models."""
        return tuple(self._entries.values())

    def entry(self, model_id: str, others: Iterable[str] = ()) -> ModelEntry:
        """Return the model of that id.

        Args:
            model_id: any text.
            others: further known names, for the error sentence.

        Raises:
            UnknownModel: there is no such model; the sentence names the nearest id.
        """
        entry = self._entries.get(model_id)
        if entry is None:
            import difflib  # slow to import

            known = [*self._entries, *others]
            near = difflib.get_close_matches(model_id[:80].lower(), known, n=1)
            raise UnknownModel(model_id, known, near[0] if near else None)
        return entry


def built_in_catalogue() -> Catalogue:
    """Return the catalogue of this version."""
    return Catalogue(entries())
