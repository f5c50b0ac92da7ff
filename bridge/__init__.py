"""The OSC bridge: how a DAW, a patch or a script asks for loops, and what is installed into DAWs.

It uses the engine's public face and `engine.loops`, and knows no window.
"""
