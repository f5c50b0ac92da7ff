"""What the layouts of checkpoints share: from what they found in a folder to the checkpoint."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.models.family import ConfigOf, Family
from engine.models.parts import Checkpoint, Part


def checkpoint_of(
    folder: Path,
    family: Family,
    config_of: ConfigOf,
    parts: Mapping[str, Part],
    files: Iterable[str],
) -> Checkpoint:
    """Return the checkpoint of a family in a folder.

    Args:
        folder: where it is.
        family: whose parts and configurations have been checked.
        config_of: returns the configuration of a part.
        parts: by their names.
        files: the names of those that a library may read.

    Raises:
        Refused: the configurations are not those of the family.
    """
    sound, family = family.sound(config_of), family.of(config_of)
    return Checkpoint(
        folder=folder,
        family=family.id,
        generator=family.generator,
        parts=dict(parts),
        sample_rate=sound.sample_rate,
        channels=sound.channels,
        files=tuple(files),
        work=sound.work,
        modes=family.modes,
        settings=family.settings({name: part.class_name for name, part in parts.items()}),
    )
