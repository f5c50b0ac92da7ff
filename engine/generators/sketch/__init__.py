"""Sketch: a rule-based composer and synthesiser, the built-in default that needs no download.

The way through this room: `lexicon` and `brief` read the prompt; `styles`, `harmony`, `rhythm`
and `parts` write the score; `synth` makes the sounds; `mix` puts them on the loop's circle.
"""
