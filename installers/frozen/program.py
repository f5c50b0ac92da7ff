"""The program that people install: one executable for all of its processes.

With `--engine` it is the engine, with `--relay` it passes jobs to one on another machine, with
`--download` it is a download, with `--convert` it converts weights, with `--stretch` it stretches
long audio, and with `--probe-sound` it tries the sound library; all are started only by
`engine.entry_points`. Otherwise it is `loopwright`, window and command line. Only the engine and
the conversion load torch.
"""

import os
import sys


def main() -> int:
    """Run the process that the first argument selects, and return the exit code."""
    _restore_library_path()
    process = sys.argv[1] if len(sys.argv) == 2 else ""
    if process == "--engine":
        from engine.models.catalogue import built_in_catalogue
        from engine.server.main import serve

        serve(built_in_catalogue())
    if process == "--relay":
        from engine.entry_points import ENGINE_VARIABLE
        from engine.remote import relay
        from engine.studio import relay as studio_relay

        is_studio = os.environ.get(ENGINE_VARIABLE, "").strip().startswith("ray://")
        (studio_relay if is_studio else relay).main()
    if process == "--download":
        from engine.models import fetch

        return fetch.main()
    if process == "--convert":
        from engine.models import convert

        return convert.main()
    if process == "--stretch":
        from engine.craft import stretch

        return stretch.main()
    if process == "--probe-sound":
        from playback import sound_library

        return sound_library.main()
    from cli.main import main as loopwright

    return loopwright()


def _restore_library_path() -> None:
    """Let other programs that we start, such as a file manager, load their own libraries.

    This process has its library path since its start, and each new process of ours sets it again.
    """
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    elif sys.platform == "linux":
        os.environ.pop("LD_LIBRARY_PATH", None)


if __name__ == "__main__":
    sys.exit(main())
