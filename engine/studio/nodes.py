"""What `loopwright studio start`, `join` and `stop` do: thin wrappers of Ray's own `ray start`.

The token stays in Ray's file, `~/.ray/auth_token`: it is never part of a command line.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from engine.entry_points import ENGINE_VARIABLE
from engine.errors import EngineError
from engine.remote.place import STUDIO_PORT
from engine.server.processors import nvidia_cards
from engine.studio.crew import WORKERS
from engine.studio.desk import DESK, NAMESPACE, Desk
from engine.studio.ray_settings import RAY_ENVIRONMENT, require_ray

JOIN_PORT = 6379
CORES_PER_WORKER = 4
_STARTED_S = 120.0
_END_S = 5.0
_MOST_CALLS = 100_000
"""How many musicians may wait at the desk at once; each has one call there."""


def start_head(
    port: int = STUDIO_PORT,
    join_port: int = JOIN_PORT,
    workers: int | None = None,
    more: Sequence[str] = (),
) -> str:
    """Start the head of a studio on this machine, and the desk on it; return its address.

    Args:
        port: where musicians connect.
        join_port: where boxes join.
        workers: how many workers this machine gets; by its cards or cores if None.
        more: further options of `ray start`.

    Raises:
        EngineError: Ray is not installed, or does not start.
    """
    require_ray()
    _require_alone()
    make_token()
    _ray_start(["--head", f"--port={join_port}", f"--ray-client-server-port={port}"], workers, more)
    import ray

    ray.init(
        address=f"127.0.0.1:{join_port}", namespace=NAMESPACE, log_to_driver=False,
        logging_level="ERROR",
    )  # fmt: skip
    try:
        ray.get(_desk().begin.remote(), timeout=_STARTED_S)
        return str(ray.util.get_node_ip_address())
    finally:
        ray.shutdown()


def join(head: str, workers: int | None = None, more: Sequence[str] = ()) -> None:
    """Make this machine a box of a studio; `head` is `HEAD` or `HEAD:PORT`.

    Raises:
        EngineError: Ray is not installed, there is no token, or the head does not let it in.
    """
    require_ray()
    _require_alone()
    if not has_token():
        raise EngineError(
            f"This machine has no token: put that of {head} into {token_path()}, as docs/studio.md "
            "says."
        )
    address = head if ":" in head else f"{head}:{JOIN_PORT}"
    _ray_start([f"--address={address}"], workers, more)


def stop() -> int:
    """End what `start_head` and `join` started on this machine; return how many processes.

    Other clusters of Ray on the machine go on.
    """
    ours = _processes()
    for process in ours:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _gone, left = psutil.wait_procs(ours, _END_S)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(ours)


def _require_alone() -> None:
    if _processes():
        raise EngineError(
            "This machine is in a studio already: 'loopwright studio stop' takes it out."
        )


def _processes() -> list[psutil.Process]:
    """Return the processes that `start_head` and `join` started on this machine."""
    folder = f"{node_folder()}{os.sep}"
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(folder in word for word in process.info["cmdline"] or ())
    ]


def node_folder() -> Path:
    """Return where Ray keeps what its processes of a studio on this machine share.

    Its path is short, since paths of sockets must be.
    """
    user = os.getuid() if sys.platform != "win32" else "0"
    return Path(tempfile.gettempdir()) / f"lw-studio-{user}"


def token_path() -> Path:
    """Return the file with the token, where Ray looks for it."""
    return Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")


def has_token() -> bool:
    """Return whether Ray will find a token."""
    return bool(os.environ.get("RAY_AUTH_TOKEN")) or token_path().is_file()


def make_token() -> None:
    """Write a new token, readable for this user alone, unless there is one."""
    if has_token():
        return
    path = token_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(0o600, exist_ok=False)
    path.write_text(secrets.token_hex(32), "ascii")


def workers_here() -> int:
    """Return how many workers this machine is good for: one per card, or per some cores."""
    return len(nvidia_cards()) or max(1, (os.cpu_count() or 1) // CORES_PER_WORKER)


def _ray_start(options: list[str], workers: int | None, more: Sequence[str]) -> None:
    count = workers_here() if workers is None else workers
    command = [
        sys.executable, "-P", "-m", "ray.scripts.scripts", "start", *options,
        f'--resources={{"{WORKERS}": {count}}}', f"--temp-dir={node_folder()}",
        "--disable-usage-stats", *more,
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != ENGINE_VARIABLE}
    done = subprocess.run(  # noqa: S603 - our own interpreter; the options are words of their own
        command,
        env=environment | RAY_ENVIRONMENT,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1].strip() if lines else "it says nothing"
        raise EngineError(f"Ray does not start: {reason[:300]}")


def _desk() -> Any:
    import ray

    return (
        ray.remote(Desk)
        .options(
            name=DESK,
            get_if_exists=True,
            lifetime="detached",
            num_cpus=0,
            resources={"node:__internal_head__": 0.001},
            max_concurrency=_MOST_CALLS,
            max_restarts=-1,
        )
        .remote()
    )
