"""MusicGen: text, a melody or audio to continue -> tokens, one by one -> audio.

Read `tokens.py` first: the decode loop, on one page. `transformer.py` computes the logits of each
step, `codec.py` decodes the tokens to audio, and `generator.py` is the model as the engine sees it.
"""
