"""MusicGen: text, a melody or sound to continue -> tokens, one by one -> sound.

Read `tokens.py` first: the decode loop, on one page. `transformer.py` is what it asks at each step,
`codec.py` makes sound of what it answers, and `generator.py` is the model as the engine sees it.
"""
