"""A small model hub on loopback, as far as the real hub client asks it, that can misbehave.

`.safetensors` are served as the real hub does with large files: a redirect to another address.
"""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.fakes import checkpoints
from tests.fakes.checkpoints import safetensors, weights_file

REVISION = "0123456789abcdef0123456789abcdef01234567"
STEP_BYTES = 16 * 1024
UNET = weights_file("unet")


class Hub:
    """Serves repositories, each a table of file names and bytes.

    Attributes:
        repos: name -> files.
        status: path of a file (or "api") -> HTTP status that is answered instead of the file.
        busy: path of a file (or "api") -> the headers of answers with status 429, one each time.
        pages: files (or "api") that a page of HTML is sent instead of.
        cut: path of a file -> after how many bytes the connection is cut, once.
        always_cut: path of a file -> after how many bytes the connection is cut, every time.
        starts_over: files of which a part is promised (206), but the beginning is sent.
        swapped: path of a file -> bytes that are sent instead of those that are declared.
        stalled: path of a file -> bytes after which nothing comes until `go_on` is set.
        declared: path of a file -> size that is declared instead of the true one.
        hashless: files of which no hash is declared.
        gate: the token without which no file is sent; none if empty.
        requests: every request: method, path, and the requested range.
        headers: of every request.
    """

    def __init__(self) -> None:
        self.repos: dict[str, dict[str, bytes]] = {}
        self.revision = REVISION
        self.status: dict[str, int] = {}
        self.busy: dict[str, list[dict[str, str]]] = {}
        self.pages: set[str] = set()
        self.cut: dict[str, int] = {}
        self.always_cut: dict[str, int] = {}
        self.starts_over: set[str] = set()
        self.swapped: dict[str, bytes] = {}
        self.stalled: dict[str, int] = {}
        self.declared: dict[str, int] = {}
        self.hashless: set[str] = set()
        self.gate = ""
        self.headers: list[dict[str, str]] = []
        self.go_on = threading.Event()
        self.reached = threading.Event()
        self.requests: list[tuple[str, str, str | None]] = []
        self.ignores_ranges = False
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fetched(self) -> list[str]:
        """Return the files whose bytes were requested, in order."""
        return [path for method, path, _ in self.requests if method == "GET" and path != "api"]

    def description(self, repo: str) -> dict:
        """Return what the hub says of a repository."""
        siblings = []
        for name, data in self.repos[repo].items():
            sibling = {"rfilename": name, "size": self.declared.get(name, len(data))}
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            sibling["blobId"] = blob
            if name in self.hashless:
                del sibling["blobId"]
            elif is_large(name):
                digest = hashlib.sha256(data).hexdigest()
                sibling["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 134}
            siblings.append(sibling)
        gated = "auto" if self.gate else False
        return {"id": repo, "sha": self.revision, "siblings": siblings, "gated": gated}


def is_large(name: str) -> bool:
    return name.endswith((".safetensors", ".bin"))


@contextlib.contextmanager
def hub_with_musicldm(repo: str) -> Iterator[Hub]:
    """Serve a small MusicLDM; the weights of its UNet arrive in many steps."""
    files = checkpoints.musicldm()
    files[UNET] = safetensors({"unet.in": (16, 64), "unet.big": (64, 6_000)}, 7)
    with Hub() as hub:
        hub.repos[repo] = files
        yield hub


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        with contextlib.suppress(ConnectionError):
            self._answer(body=True)

    def do_HEAD(self):
        with contextlib.suppress(ConnectionError):
            self._answer(body=False)

    def _answer(self, *, body: bool):
        path = unquote(self.path.partition("?")[0]).lstrip("/")
        self.hub.headers.append(dict(self.headers))
        if path.startswith("api/models/"):
            self._describe(path.removeprefix("api/models/"))
        elif path.startswith("large/"):
            self._file(path.removeprefix("large/"), body=body)
        elif "/resolve/" in path:
            self._resolve(path, body=body)
        else:
            self._empty(404)

    def _describe(self, path: str):
        repo, _, revision = path.partition("/revision/")
        self.hub.requests.append((self.command, "api", revision or None))
        status = self.hub.status.get("api")
        if repo not in self.hub.repos:
            status = 404
        if revision not in ("", "main", self.hub.revision):
            status = 404
        if self._does_something_else("api"):
            return
        if status is not None:
            self._empty(status)
            return
        data = json.dumps(self.hub.description(repo)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _resolve(self, path: str, *, body: bool):
        if self.hub.gate and self.headers.get("Authorization") != f"Bearer {self.hub.gate}":
            self._empty(403)
            return
        repo, _, rest = path.partition("/resolve/")
        _revision, _, name = rest.partition("/")
        if is_large(name) and name not in self.hub.status:
            self.send_response(302)
            elsewhere = self.hub.address.replace("127.0.0.1", "localhost")
            self.send_header("Location", f"{elsewhere}/large/{repo}/{name}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._file(f"{repo}/{name}", body=body)

    def _file(self, path: str, *, body: bool):
        owner, repo, name = path.split("/", 2)
        wanted = self.headers.get("Range")
        self.hub.requests.append((self.command, name, wanted))
        if self._does_something_else(name):
            return
        if name in self.hub.status:
            self._empty(self.hub.status[name])
            return
        data = self.hub.swapped.get(name) or self.hub.repos[f"{owner}/{repo}"].get(name)
        if data is None:
            self._empty(404)
            return
        begin = 0
        if wanted and not self.hub.ignores_ranges:
            begin = int(wanted.removeprefix("bytes=").partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
            begin = 0 if name in self.hub.starts_over else begin
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        if body:
            self._send(name, data, begin)

    def _send(self, name: str, data: bytes, begin: int):
        cut = self.hub.cut.pop(name, self.hub.always_cut.get(name))
        stall = self.hub.stalled.get(name)
        for place in range(begin, len(data), STEP_BYTES):
            if cut is not None and place - begin >= cut:
                self.close_connection = True
                self.connection.shutdown(2)
                return
            if stall is not None and place >= stall:
                self.hub.reached.set()
                self.hub.go_on.wait(60)
            self.wfile.write(data[place : place + STEP_BYTES])
            self.wfile.flush()

    def _does_something_else(self, name: str) -> bool:
        if self.hub.busy.get(name):
            self._empty(429, self.hub.busy[name].pop(0))
        elif name in self.hub.pages:
            page = b"<!doctype html><title>Welcome to our hotel</title>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
        else:
            return False
        return True

    def _empty(self, status: int, headers: dict[str, str] | None = None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
