"""What is known about a source before anyone listens to it, and what it adds up to.

    names, tags -> gather: every fact, with its origin and its certainty
    length, settle: the tempo, meter, bars, key and start that these facts agree on best

Values only: nothing here reads audio. `engine.craft.sources` adds what it detects in the audio.
"""
