"""Reads a checkpoint's file list from the hub, and fetches its files, with the hub's client.

The client does two things: it lists what a repository holds at a revision, with the hash of each
file; and it fetches a file, resuming where the last attempt ended. It runs in its own process
(`engine.models.fetch`), never in the one that generates.
"""

import contextlib
import hashlib
import posixpath
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import EngineError
from engine.models.entry import ModelEntry
from engine.models.errors import DownloadFailed
from engine.models.families import families
from engine.models.flat_layout import CONFIG
from engine.models.index_layout import INDEX
from engine.models.pickled import all_shards, paths_of, pickled_groups
from engine.models.single_layout import SINGLE, TEXT_FOLDERS, TOKENIZER, weights_of

CHUNK_BYTES = 2**18
"""Bytes are written in chunks of this size: a killed download loses at most one."""

_FLAT_NAMES = frozenset(
    [
        CONFIG,
        "added_tokens.json",
        "generation_config.json",
        "model.safetensors",
        "model.safetensors.index.json",
        "preprocessor_config.json",
        "special_tokens_map.json",
        "spiece.model",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
)
_SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.(json|safetensors|txt|model)")
_OTHER_WEIGHTS = re.compile(r"(pytorch_model|diffusion_pytorch_model|model)[^/]*\.(bin|pt|ckpt|h5)")
_VARIANT = re.compile(r"\.(fp16|bf16|fp32|non_ema|ema)[.-]")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LONGEST_WAIT_S = 60
_USED_UP = re.compile(r";\s*r=0\s*;\s*t=(\d{1,9})")  # nothing remains; reset after t seconds
_MOST_RESTARTS = 3
_AGAIN = "try again: what has been downloaded is kept"


class HubFile(msgspec.Struct, frozen=True):
    """A file as declared by the hub: `sha256` if it is stored as a large file, else `git`."""

    path: str
    size: int
    sha256: str = ""
    git: str = ""


class DownloadPlan(msgspec.Struct, frozen=True):
    """What will be fetched: the files of one revision of a repository.

    `gated` says that its terms must be accepted first, so the person's token is sent.
    """

    hub: str
    revision: str
    files: tuple[HubFile, ...]
    gated: bool = False


def plan_of(entry: ModelEntry, revision: str | None) -> DownloadPlan:
    """Ask the hub for the files of a model's repository.

    Args:
        entry: the model.
        revision: a commit; the newest if None.

    Raises:
        DownloadFailed: the hub cannot be reached, or has no usable checkpoint.
    """
    from huggingface_hub import HfApi

    model_id, flat = entry.id, _is_flat(entry.family)
    with hub_errors(model_id):
        info = HfApi().model_info(
            entry.hub, revision=revision, files_metadata=True, token=False, timeout=20
        )
    if info.gated and _token() is None:
        raise DownloadFailed(model_id, "its authors want its terms to be accepted", _sign_in(entry))
    if not _COMMIT.fullmatch(str(info.sha)):
        raise DownloadFailed(model_id, "the hub did not give a revision", "try again later")
    siblings = {str(sibling.rfilename): sibling for sibling in info.siblings or ()}
    needed = needed_files(siblings, flat=flat)
    files = tuple(_declared(model_id, siblings[name]) for name in needed)
    _check_whole(model_id, frozenset(siblings), needed, flat=flat)
    in_order = tuple(sorted(files, key=_small_first))
    return DownloadPlan(entry.hub, str(info.sha), in_order, gated=bool(info.gated))


def _token() -> str | None:
    """Return the token that a person has signed in with; we neither store, show nor log it."""
    from huggingface_hub import get_token

    return get_token()


def _sign_in(entry: ModelEntry) -> str:
    from huggingface_hub import constants

    return (
        f"accept them at {constants.ENDPOINT}/{entry.hub}, sign in with 'hf auth login', and try "
        "again"
    )


def needed_files(names: Iterable[str], *, flat: bool = False) -> frozenset[str]:
    """Return which files of a repository belong to the checkpoint.

    Pickled weights are among them only where there are none in safetensors; of those, a single
    file is preferred to shards.

    Args:
        names: the paths of all files in the repository.
        flat: whether all files of a checkpoint of this family are in one folder.
    """
    known = frozenset(names)
    if not flat and is_single(known):
        return _needed_of_single(known)
    needed = {name for name in known if _is_needed(name, flat=flat)}
    safe = {_place(name) for name in needed if name.endswith(".safetensors")}
    others = _places(flat=flat) - safe
    for group in pickled_groups(name for name in known if _place(name) in others):
        found = paths_of(group)
        single = [path for path in found if "-of-" not in path]
        needed.update(single or found)
    return frozenset(needed)


def is_single(names: Container[str]) -> bool:
    """Return whether a repository has its weights in one file, in Stability's own layout alone."""
    return SINGLE in names and INDEX not in names


def _needed_of_single(known: frozenset[str]) -> frozenset[str]:
    text = {name for name in known if _place(name) in (*TEXT_FOLDERS, TOKENIZER)}
    weights = weights_of(known)
    return frozenset(
        {SINGLE, *(name for name in text if _is_file_of_part(name.rpartition("/")[2]))}
        | ({weights} if weights else set())
    )


def _is_flat(family_id: str) -> bool:
    return any(family.flat for family in families() if family.id == family_id)


def _places(*, flat: bool) -> frozenset[str]:
    """Return the folders of a repository that may hold weights."""
    if flat:
        return frozenset({""})
    return frozenset(part for family in families() if not family.flat for part in family.parts)


def _place(path: str) -> str:
    return path.rpartition("/")[0]


def _is_needed(path: str, *, flat: bool) -> bool:
    if flat:
        return path in _FLAT_NAMES or bool(_SHARD.fullmatch(path))
    folder, _, name = path.rpartition("/")
    if not folder:
        return path == INDEX
    return folder in _places(flat=False) and _is_file_of_part(name)


def _is_file_of_part(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not _VARIANT.search(name)


def fetch(file: HubFile, plan: DownloadPlan, target: Path, arrived: Callable[[int], None]) -> None:
    """Fetch a file of a plan to `target`, resuming an earlier attempt.

    Raises:
        Exception: any error of the hub's client or the disk; see `hub_errors`.
    """
    from huggingface_hub import constants, hf_hub_url
    from huggingface_hub.file_download import http_get

    constants.DOWNLOAD_CHUNK_SIZE = CHUNK_BYTES
    # Compression would make sizes and resume positions meaningless.
    headers = {"Accept-Encoding": "identity", "User-Agent": "loopwright"}
    if plan.gated and (token := _token()):
        headers["Authorization"] = f"Bearer {token}"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    with part.open("ab") as stream:
        if stream.tell() > file.size:
            stream.truncate(0)
            stream.seek(0)
        arrived(stream.tell())
        url = hf_hub_url(plan.hub, file.path, revision=plan.revision)
        try:
            http_get(
                url,
                _Counted(stream, file, arrived),  # type: ignore[arg-type]
                resume_size=stream.tell(),
                headers=headers,
                expected_size=file.size,
                displayed_filename=file.path,
            )
        except _WrongBytes:
            stream.truncate(0)  # what has arrived cannot be trusted
            raise
    part.replace(target)


def declared_hash_matches(file: HubFile, path: Path, digest: str) -> bool:
    """Return whether a file matches the hub's declared hash; `digest` is its SHA-256."""
    if file.sha256:
        return digest == file.sha256
    git = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    git.update(path.read_bytes())  # such files are small: the hub stores large ones otherwise
    return git.hexdigest() == file.git


@contextlib.contextmanager
def checked_answers(model_id: str, waiting: Callable[[int], None]) -> Iterator[None]:
    """Check every answer before the hub's client does, which waits as long as an answer says.

    Args:
        model_id: the model that is downloaded.
        waiting: called with the seconds that the client is going to wait.

    Raises:
        DownloadFailed: the hub asks to wait for more than a minute, or the network sends a web
            page instead of an answer, as networks that require people to sign in do.
    """
    from huggingface_hub import get_session

    def check(answer: Any) -> None:
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 511 or (is_page and answer.is_success):
            raise DownloadFailed(
                model_id,
                "the network sends a web page instead of the hub's answer",
                "open it in a browser, sign in, and try again",
            )
        if answer.status_code == 429 and (wait_s := _requested_wait(answer.headers)):
            if wait_s > _LONGEST_WAIT_S:
                reason = f"the hub is busy and asks to wait {_minutes(wait_s)}"
                raise DownloadFailed(model_id, reason, f"then {_AGAIN}")
            waiting(wait_s)

    hooks = get_session().event_hooks
    get_session().event_hooks = {**hooks, "response": [*hooks["response"], check]}
    try:
        yield
    finally:
        get_session().event_hooks = hooks


def _requested_wait(headers: Mapping[str, str]) -> int:
    """Return how many seconds a busy hub asks to wait; 0 if it does not say."""
    if used_up := _USED_UP.search(headers.get("ratelimit", "")):
        return int(used_up[1])
    delay = headers.get("Retry-After", "")
    return int(delay) if delay.isdecimal() else 0


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return "a minute" if minutes == 1 else f"{minutes:,} minutes"


@contextlib.contextmanager
def hub_errors(model_id: str) -> Iterator[None]:
    """Turn errors of the hub's client into `DownloadFailed`; errors of ours are left alone.

    Raises:
        DownloadFailed: for any error of the client, the network or the disk.
    """
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        reason, advice = _reason_and_advice(error)
        raise DownloadFailed(model_id, reason, advice) from error


def _reason_and_advice(error: Exception) -> tuple[str, str]:
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    if isinstance(error, _WrongBytes):
        return str(error), "try again, from another network if it goes on"
    if isinstance(error, HfHubHTTPError):
        return _about_status(error.response.status_code)
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set", "unset it"
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return (
            f"{error.strerror.lower()}{place}",
            f"fix that and {_AGAIN}",
        )
    what = "hub's answer cannot be read" if isinstance(error, ValueError) else "connection failed"
    return f"the {what} ({type(error).__name__})", _AGAIN


def _about_status(status: int) -> tuple[str, str]:
    """Return reason and advice for the status of an answer that reports an error."""
    if status in (401, 403, 404):
        # Of a gated repository: the token is old, or its terms are not accepted yet.
        reason = f"the hub does not have it, or access is restricted (status {status})"
        return reason, "check the model's page on the hub, or update Loopwright"
    if status == 429:
        return "the hub is busy (status 429)", f"wait some minutes and {_AGAIN}"
    return f"the hub answered with status {status}", _AGAIN


def _declared(model_id: str, sibling: Any) -> HubFile:
    """Return a file with its size and at least one hash, which are needed for checking it."""
    path, size = str(sibling.rfilename), sibling.size
    sha256 = str(sibling.lfs.sha256) if sibling.lfs else ""
    git = "" if sha256 else str(sibling.blob_id or "")
    known = re.fullmatch(r"[0-9a-f]{64}", sha256) or _COMMIT.fullmatch(git)
    if not isinstance(size, int) or size < 0 or not known:
        raise DownloadFailed(
            model_id,
            f"the hub declares no hash for {path[:200]}, so it cannot be checked",
            "use the hub itself instead of a copy (HF_ENDPOINT), or try again later",
        )
    return HubFile(path, size, sha256, git)


def _check_whole(
    model_id: str, names: frozenset[str], needed: frozenset[str], *, flat: bool
) -> None:
    """Refuse an unusable checkpoint before downloading it."""
    single = not flat and is_single(names)
    config = CONFIG if flat else INDEX
    if config not in names and not single:
        raise DownloadFailed(
            model_id, f"the repository has no {config}", "update Loopwright, or report it"
        )
    weights = {name for name in needed if name.endswith((".safetensors", ".bin"))}
    places = {_place(name) for name in weights}
    for name in sorted(names):
        place, _, file = name.rpartition("/")
        if place in _places(flat=flat) - places and _OTHER_WEIGHTS.fullmatch(file):
            raise DownloadFailed(
                model_id,
                f"{name} is the only form of these weights, and such files are not read",
                "convert the checkpoint to safetensors and give its folder with --model",
            )
    if not weights or (single and weights_of(needed) is None):
        raise DownloadFailed(
            model_id,
            "the repository has no weights in safetensors",
            "update Loopwright, or report it",
        )
    for place, stem, shards in pickled_groups(needed):
        if not all_shards(shards):
            raise DownloadFailed(
                model_id,
                f"the repository has only some of the files of {posixpath.join(place, stem)}",
                "try again later, or report it",
            )


def _small_first(file: HubFile) -> tuple[int, str]:
    return file.size, file.path


class _WrongBytes(Exception):
    """The hub sends other bytes than those that were requested."""


class _Counted:
    """The file that the client writes to.

    It counts the bytes, and refuses more than declared. If a hub does not resume, the client starts
    again, and would do so for ever.
    """

    def __init__(self, stream: Any, file: HubFile, arrived: Callable[[int], None]) -> None:
        self._stream = stream
        self._file = file
        self._arrived = arrived
        self._restarts = 0

    def write(self, data: bytes) -> int:
        if self._stream.tell() + len(data) > self._file.size:
            raise _WrongBytes(f"the hub sends more bytes of {self._file.path} than it declares")
        written: int = self._stream.write(data)
        self._stream.flush()
        self._arrived(written)
        return written

    def tell(self) -> int:
        place: int = self._stream.tell()
        return place

    def seek(self, place: int) -> int:
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise _WrongBytes(
                f"the connection breaks again and again, and the hub sends {self._file.path} from "
                "its beginning each time"
            )
        self._arrived(place - self._stream.tell())
        went: int = self._stream.seek(place)
        return went

    def truncate(self) -> int:
        size: int = self._stream.truncate()
        return size
