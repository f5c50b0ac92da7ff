"""Plays a list of steps through the real sound library, into a file: a child process of tests.

Arguments: a JSON list of steps, `["play", path, options]`, `["wait_until_silent"]`,
`["wait_until_heard", path]`, `["volume", v]`, `["stop"]`, and `["listen", path, rate, channels,
pieces]` (a raw file, in so many pieces); of pads `["strike", path, options]`,
`["release", key]`, `["stop_pads"]`, `["wait_for_pads", key, ...]` (until these are heard),
`["wait_for_the_rest", key, ...]` (until no others are held, or wait);
prints what went wrong, if anything did.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from engine.loops.errors import LoopError
from playback.clip_audio import read_clip
from playback.clocks import BarClock, Quantize
from playback.growing import GrowingSound
from playback.pad_sound import pad_sound
from playback.pad_voices import Mode, Strike
from playback.player import Player

LIMIT_S = 60


def wait(condition) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain")
        time.sleep(0.001)  # no event reports what a sound device has played


def strike(player, path, key, mode="loop", choke=0, quantize="off", semitones=0.0) -> None:
    clip = read_clip(path)
    rate = player.open(clip.rate)
    order = Strike(
        key=key,
        sound=pad_sound(clip, rate=rate, semitones=semitones),
        mode=Mode(mode),
        choke=choke,
        quantize=Quantize(quantize),
        gain=np.ones((1, 2), dtype=np.float32),
        clock=BarClock(0, clip.bar_frames),
    )
    player.pads.strike(order)


def listen(player, path, rate, channels, pieces) -> None:
    frames = Path(path).stat().st_size // (4 * channels)
    sound = GrowingSound(Path(path), rate, channels, frames)
    voice = player.play_growing(sound)
    for piece in range(1, pieces + 1):
        sound.read(frames * piece // pieces)
        sound.whole = piece == pieces
        voice.grow()


def pads_heard(player) -> set[int]:
    return {key for key, heard in player.pads.sounding().items() if heard}


STEPS = {
    "play": lambda player, path, options: player.play(Path(path), **options),
    "wait_until_silent": lambda player: wait(lambda: player.playing is None),
    "wait_until_heard": lambda player, path: wait(lambda: str(player.sounding) == path),
    "volume": lambda player, volume: setattr(player, "volume", volume),
    "listen": listen,
    "stop": lambda player: player.stop(),
    "strike": lambda player, path, options: strike(player, Path(path), **options),
    "release": lambda player, key: player.pads.release(key),
    "stop_pads": lambda player: player.pads.stop(),
    "wait_for_pads": lambda player, *keys: wait(lambda: set(keys) <= pads_heard(player)),
    "wait_for_the_rest": lambda player, *keys: wait(lambda: set(player.pads.sounding()) == {*keys}),
}


def main(steps) -> None:
    player = Player()
    for name, *rest in steps:
        STEPS[name](player, *rest)
    player.close()


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]))
    except LoopError as error:
        sys.stdout.write(f"{error}\n")
