"""A real sshd on loopback, with keys and a configuration of its own, and an `ssh` for it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fakes.waiting import until

ROOT = Path(__file__).resolve().parents[2]
SSHD = shutil.which("sshd") or shutil.which("/usr/sbin/sshd")
needs_sshd = pytest.mark.skipif(
    SSHD is None or shutil.which("ssh") is None or sys.platform == "win32",
    reason="needs the Debian packages openssh-server and openssh-client",
)
_PROGRAM = """\
#!/bin/sh
# As on a machine whose own user works elsewhere; a host must not pass jobs on.
export LOOPWRIGHT_ENGINE=ssh://nowhere
export HOME={home} LOOPWRIGHT_LOGS={home}/logs PYTHONPATH={root} OMP_NUM_THREADS=1
exec {python} -P {script} "$@"
"""


class Box:
    """A machine with Loopwright at the other end of ssh: this one, under another home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "box"
        self.home.mkdir()
        self.program = self._program("loopwright", "tests/cli/program_with_fakes.py")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._write_keys()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> str:
        return f"ssh://box{self.program}"

    @property
    def path(self) -> str:
        """The search path with this box's `ssh` in front."""
        return f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")], stderr=subprocess.DEVNULL
        )
        until(self._accepts)

    def stop(self) -> None:
        """End the server and all its connections, as a machine that is switched off."""
        if self._process is None:
            return
        process = psutil.Process(self._process.pid)
        for each in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self._process.wait()
        self._process = None

    def drop(self) -> None:
        """Break the connections; the server goes on."""
        for each in psutil.Process(self._process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()

    def connections(self) -> int:
        return len(psutil.Process(self._process.pid).children())

    def leftovers(self) -> list[str]:
        """Return the temporary folders of hosts."""
        return [each.name for each in Path(tempfile.gettempdir()).glob("loopwright-host-*")]

    def _accepts(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def _program(self, name: str, script: str) -> Path:
        path = self.folder / name
        text = _PROGRAM.format(
            home=self.home, root=ROOT, python=sys.executable, script=ROOT / script
        )
        path.write_text(text)
        path.chmod(0o755)
        return path

    def _write_keys(self) -> None:
        folder = self.folder
        for name in ("host_key", "user_key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)],
                check=True,
            )
        shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
        host_key = (folder / "host_key.pub").read_text()
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host_key}")
        (folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
            f"PasswordAuthentication no\nPidFile none\n"
        )
        (folder / "ssh_config").write_text(
            f"Host box\n  HostName 127.0.0.1\n  Port {self.port}\n"
            f"  IdentityFile {folder}/user_key\n  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {folder}/known_hosts\n"
        )
        (folder / "bin").mkdir()
        ssh = folder / "bin" / "ssh"
        ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
        ssh.chmod(0o755)


@contextlib.contextmanager
def running_box(folder: Path) -> Iterator[Box]:
    """Run a box until the end of the block."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    box = Box(folder)
    box.start()
    try:
        yield box
    finally:
        box.stop()
