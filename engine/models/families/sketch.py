"""Sketch: a composer and synthesiser that is built in."""

from engine.models.entry import ModelEntry

SKETCH = ModelEntry(
    id="sketch",
    name="Sketch",
    family="sketch",
    licence="yours, without restriction",
    commercial_use=True,
    sample_rate=48_000,
    channels=2,
    size_bytes=0,
    good_for="drums, bass, chords, leads and textures in any style, composed by rules",
    generator="engine.generators.sketch.generator:SketchGenerator",
    modes=("vary", "continue", "stems", "accompany"),
)
FAMILIES = ()
ENTRIES = (SKETCH,)
