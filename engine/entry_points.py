"""How the program starts its own processes: the one place that decides it."""

import os
import sys

ENGINE_VARIABLE = "LOOPWRIGHT_ENGINE"
"""Where the engine runs: `local`, `ssh://BOX` or `ray://HEAD`."""
CONSOLE_PROGRAM = "loopwright.exe"


def program_command() -> list[str]:
    """Return the command line of `loopwright`, which works without a search path.

    In a frozen build on Windows this is always the console program: a DAW reads its output, and
    the program that opens the window has none.
    """
    if getattr(sys, "frozen", False):
        return [_own_program()]
    return module_command("cli.main")


def stated_engine() -> str:
    """Return where the engine runs by a flag or the environment; empty if neither says so."""
    return os.environ.get(ENGINE_VARIABLE, "").strip()


def use_engine(place: str) -> None:
    """Have engines that start from now on run at a place; an empty one is this machine."""
    os.environ[ENGINE_VARIABLE] = place or "local"


def engine_elsewhere() -> str | None:
    """Return where the engine runs, such as `ssh://box`; None if that is here."""
    place = stated_engine()
    return None if place in ("", "local") else place


def engine_command() -> list[str]:
    """Return the command line of the engine process; a frozen build starts itself again.

    If the engine is elsewhere, it is that of the relay to it.
    """
    place = engine_elsewhere()
    if getattr(sys, "frozen", False):
        return [_own_program(), "--engine" if place is None else "--relay"]
    if place is None:
        return module_command("engine")
    is_studio = place.startswith("ray://")
    return module_command("engine.studio.relay" if is_studio else "engine.remote.relay")


def download_command() -> list[str]:
    """Return the command line of the process of one download."""
    if getattr(sys, "frozen", False):
        return [_own_program(), "--download"]
    return module_command("engine.models.fetch")


def conversion_command() -> list[str]:
    """Return the command line of the process that converts weights."""
    if getattr(sys, "frozen", False):
        return [_own_program(), "--convert"]
    return module_command("engine.models.convert")


def stretch_command() -> list[str]:
    """Return the command line of the process that stretches long audio."""
    if getattr(sys, "frozen", False):
        return [_own_program(), "--stretch"]
    return module_command("engine.craft.stretch")


def sound_probe_command() -> list[str]:
    """Return the command line of the process that tries the sound library first."""
    if getattr(sys, "frozen", False):
        return [_own_program(), "--probe-sound"]
    return module_command("playback.sound_library")


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module in a new interpreter.

    `-P` keeps the working folder off the import path: a musician's folder may contain an
    `engine/` of its own.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def _own_program() -> str:
    """Return the executable of a frozen build; on Windows the console program of the two.

    The other one opens the window. It has no console, and so no stdin and stdout.
    """
    if sys.platform == "win32":
        from pathlib import Path  # every command imports this module, and most do without

        return str(Path(sys.executable).with_name(CONSOLE_PROGRAM))
    return sys.executable
