"""The OSC bridge: how DAWs, patches and scripts request loops, and what is installed into DAWs.

It uses the engine's public modules and `engine.loops`.
"""
