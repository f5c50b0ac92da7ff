"""What is known about a source before its audio is analysed, and what that adds up to.

    names, tags -> gather: every fact, with its origin and its certainty
    length, settle: the tempo, meter, bars, key and start that these facts agree on best

Values only: nothing here reads audio. `engine.craft.sources` adds what it detects in the audio.
"""
