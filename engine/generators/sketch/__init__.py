"""Sketch: a rule-based composer and synthesiser, the built-in default that needs no download.

The way through this room: `lexicon` and `brief` read the prompt; `composer` has `rhythm`,
`harmony`, `parts` and `lead` write the score in the manner of `styles`; `band` plays it on a
`stage` with the sounds of `synth`; `mix` puts it all on the loop's circle; `generator` shows the
whole on one page. What only sketch 1 had is in `version1`.
"""
