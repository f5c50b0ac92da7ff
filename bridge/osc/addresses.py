"""The address table, as data: checks, help and docs/osc.md are made from it.

Knows what each message must look like, and nothing of what is done with it.
"""

import math
from typing import Any, NamedTuple

from bridge.osc.errors import BAD_ARGUMENTS, TOO_LONG, RequestFailed, shown
from bridge.osc.messages import Argument

PROTOCOL_VERSION = 1
DEFAULT_PORT = 9725
LONGEST_ID_BYTES = 64
LONGEST_NAME_BYTES = 200
LONGEST_PROMPT_BYTES = 16_000
LONGEST_JSON_BYTES = 65_000


class Parameter(NamedTuple):
    """One argument: `kind` is i, f, s, or a for any type; text has at most `most_bytes`."""

    name: str
    kind: str
    optional: bool = False
    most_bytes: int = LONGEST_NAME_BYTES

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class Address(NamedTuple):
    """One message that the bridge takes.

    Attributes:
        path: the address.
        meaning: what it asks for, in a sentence.
        parameters: its arguments, the optional ones last.
        reply: the message that ends it well; empty for messages that have no reply.
        replies: how the replies are described.
        least: how many arguments it has at least.
        from_host: whether it tells how the host's music goes.
        daw: the name of the DAW that alone says it; empty for what all may say.
    """

    path: str
    meaning: str
    parameters: tuple[Parameter, ...] = ()
    reply: str = ""
    replies: str = ""
    least: int = 0
    from_host: bool = False
    daw: str = ""

    @property
    def has_id(self) -> bool:
        """Whether its first argument is an id that its answers repeat."""
        return bool(self.parameters) and self.parameters[0].name == "id"


_ID = Parameter("id", "s", most_bytes=LONGEST_ID_BYTES)
_CLIP = Parameter("clip", "s")
_VALUE_NAMES = "tempo, meter, bars, key, model, project, device"
_JOB_REPLIES = (
    "`/lw/accepted s:id i:position`; `/lw/progress s:id f:fraction s:stage`; for each take "
    "`/lw/take s:id i:rank s:clip s:file f:score s:badge`; then for the best one `/lw/done "
    '"{path}" s:id s:clip s:file f:bpm i:bars f:beats i:frames i:rate`'
)


def _job(path: str, meaning: str, *parameters: Parameter) -> Address:
    return Address(path, meaning, parameters, "/lw/done", _JOB_REPLIES.format(path=path))


def _done(path: str, meaning: str, *parameters: Parameter, extra: str = "") -> Address:
    marks = "s:id" if parameters[:1] == (_ID,) else '""'
    text = f'`/lw/done "{path}" {marks}{extra}`'
    return Address(path, meaning, parameters, "/lw/done", text)


def _host(path: str, meaning: str, *parameters: Parameter, daw: str = "") -> Address:
    return Address(path, meaning, parameters, "", "none", from_host=True, daw=daw)


def _ardours(path: str, meaning: str, parameter: Parameter) -> Address:
    """What Ardour says of itself, to whom it was told to by its `/set_surface`."""
    return _host(path, meaning, parameter, daw="ardour")


ADDRESSES = (
    Address(
        "/lw/ping",
        "Is a bridge there, and what is the engine doing? Renews the lease of a registered client.",
        (Parameter("port", "i", optional=True),),
        "/lw/pong",
        "`/lw/pong s:version i:protocol s:state i:queue`, to `port` where it is given; `state` is "
        "ready, starting or down",
    ),
    _done(
        "/lw/register",
        "Hear all that is pushed, on this socket or on `return_port` of the same machine (0 = this "
        "socket), until the lease ends. A client with a return port hears there instead of on the "
        "socket that asks. DAWs call themselves `live` and `reaper`.",
        Parameter("name", "s", most_bytes=LONGEST_ID_BYTES),
        Parameter("return_port", "i"),
        extra=" i:client i:lease_s",
    ),
    _done("/lw/unregister", "Hear no more; 0 is who asks.", Parameter("client", "i")),
    _job(
        "/lw/generate",
        'Make a loop. 0 or "" is what the host says, or else the default; seed -1 is random.',
        _ID,
        Parameter("prompt", "s", most_bytes=LONGEST_PROMPT_BYTES),
        Parameter("bpm", "f", optional=True),
        Parameter("bars", "i", optional=True),
        Parameter("key", "s", optional=True),
        Parameter("seed", "i", optional=True),
        Parameter("model", "s", optional=True),
        Parameter("takes", "i", optional=True),
    ),
    _job(
        "/lw/make",
        "Make a loop from a request in JSON: `prompt`, `negative`, `bars`, `bpm`, `meter`, `key`, "
        "`seed`, `takes`, `model` and every setting of docs/protocol.md. What is left out is what "
        "the host says, or else the default. `source` and `with_source` are ids of clips, `mode` "
        "says what is made of them; what it leaves out is that of the source. With more prompts "
        "(`also`), `/lw/done` names the best take of the first one, and `/lw/take` tells of all.",
        _ID,
        Parameter("json", "s", most_bytes=LONGEST_JSON_BYTES),
    ),
    _job(
        "/lw/vary",
        "Make a clip anew, `amount` 0 to 1 of it different, by the model that made it; seed -1 is "
        "random.",
        _ID,
        _CLIP,
        Parameter("amount", "f"),
        Parameter("seed", "i", optional=True),
    ),
    _job(
        "/lw/blend",
        "Make one loop of two: `amount` 0 to 1 is how much of the second. Mode `mix` (or left "
        "out) mixes what is heard, aligned in tempo, key and downbeat, and `latents` what the "
        "chosen model makes of it; `renoise`, 0 to 1, is the share that this model then makes "
        "anew. `prompts` lets the model of the first play between both prompts, where it can.",
        _ID,
        Parameter("clip_a", "s"),
        Parameter("clip_b", "s"),
        Parameter("amount", "f"),
        Parameter("mode", "s", optional=True),
        Parameter("renoise", "f", optional=True),
    ),
    _done(
        "/lw/cancel",
        "End a job; it ends with `/lw/fail`, its address, its id and code 499.",
        _ID,
    ),
    Address(
        "/lw/job",
        "How far is a job?",
        (_ID,),
        "/lw/job",
        "`/lw/job s:id s:state f:fraction`; `state` is queued, running, done, failed or cancelled",
    ),
    Address(
        "/lw/clip/list",
        "The clips of the project, the newest first, at most 20 at a time.",
        (Parameter("offset", "i"), Parameter("count", "i")),
        "/lw/done",
        "for each `/lw/clip s:clip s:file f:bpm i:bars i:num i:den s:key i:frames i:rate`, then "
        '`/lw/done "/lw/clip/list" "" i:total`',
    ),
    Address(
        "/lw/clip/path",
        "Where is the file of a clip?",
        (_CLIP,),
        "/lw/clip/path",
        "`/lw/clip/path s:clip s:absolute_path`",
    ),
    _done(
        "/lw/clip/insert",
        "Put a clip into the DAW: `live:TRACK,SCENE` counted from 0, `live:selected`, or "
        "`reaper:cursor`. The DAW's own side is sent `/lw/host/insert`.",
        _ID,
        _CLIP,
        Parameter("target", "s"),
    ),
    _done(
        "/lw/preview/play",
        "Play a clip: once or round and round (`loop` 1), at once or (`sync` 1) on the next bar of "
        "the clip that plays, or of the host.",
        _CLIP,
        Parameter("loop", "i"),
        Parameter("sync", "i"),
    ),
    _done("/lw/preview/stop", "Stop the preview."),
    _host(
        "/lw/host/tempo", "The session's tempo in quarter notes a minute.", Parameter("bpm", "f")
    ),
    _host("/lw/host/meter", "The session's meter.", Parameter("num", "i"), Parameter("den", "i")),
    _host("/lw/host/key", 'The key, such as `F# minor`; "" = none.', Parameter("key", "s")),
    _host("/lw/host/play", "The host plays; 0 = it stops.", Parameter("on", "a", optional=True)),
    _host("/lw/host/stop", "The host stops; 0 = it plays.", Parameter("on", "a", optional=True)),
    _host(
        "/lw/host/beat",
        "Where the host is: quarter notes since the song's start, or `bar.beat.hundredths`.",
        Parameter("beat", "a"),
    ),
    _host("/lw/host/loop/start", "Where the host's loop starts.", Parameter("seconds", "f")),
    _host("/lw/host/loop/end", "Where the host's loop ends.", Parameter("seconds", "f")),
    _ardours("/transport_play", "Ardour plays; 0 = it stops.", Parameter("on", "f")),
    _ardours("/transport_stop", "Ardour stops; 0 = it plays.", Parameter("on", "f")),
    _ardours(
        "/position/bbt",
        "Where Ardour is: bar, beat and ticks, 1,920 to a beat, with `|` between them.",
        Parameter("beat", "s"),
    ),
    Address("/lw/host/inserted", "A DAW has put a clip in its place.", (_ID,), "", "none"),
    Address(
        "/lw/get",
        f"One of the values {_VALUE_NAMES}; `clients`, the names of who is registered; or `host`, "
        "the name of the DAW that was heard as a host in the last 15 s, where it is known.",
        (Parameter("name", "s"),),
        "/lw/value",
        "`/lw/value s:name value`",
    ),
    Address(
        "/lw/set",
        "Set a value: the default of requests that leave it open. `project` is the name of a "
        "folder in the projects folder; a window stays with the one that it shows (409).",
        (Parameter("name", "s"), Parameter("value", "a")),
        "/lw/value",
        "`/lw/value s:name value`",
    ),
    Address(
        "/lw/listen",
        "Hear each change of a value; for registered clients.",
        (Parameter("name", "s"),),
        "/lw/value",
        "`/lw/value s:name value`, now and after each change",
    ),
    _done("/lw/unlisten", "Hear no more of a value.", Parameter("name", "s")),
)  # fmt: skip
"""Everything the bridge takes."""

PUSHES = (
    ("/lw/heartbeat", "i:seq", "Each second: the bridge is alive."),
    (
        "/lw/clip/ready",
        "s:clip s:file f:bpm i:bars i:num i:den s:key i:frames i:rate",
        "A clip is in the project folder.",
    ),
    ("/lw/preview/state", "s:clip i:playing", "The preview has begun or ended."),
    (
        "/lw/host/insert",
        "s:id s:clip s:absolute_path i:track i:scene f:bpm i:bars i:num i:den",
        (
            "To a DAW: put this clip in its place (-1 = the selected one), and answer "
            '`/lw/host/inserted s:id`, or `/lw/fail "/lw/host/insert" s:id i:code s:message`.'
        ),
    ),
)  # fmt: skip
"""What registered clients are told without asking."""

REPLIES = frozenset(
    {"/lw/done", "/lw/fail", "/lw/pong", "/lw/accepted", "/lw/progress", "/lw/take", "/lw/clip"}
    | {"/lw/value"} | {path for path, _, _ in PUSHES}
)  # fmt: skip
"""Never answered when they come in, or two programs could answer each other for ever."""

FAIL_CODES = (
    (400, "the arguments"),
    (404, "an unknown address, clip, job, value, model or client"),
    (409, "the id was used for something else, or too much is waiting"),
    (413, "a text is too long"),
    (499, "cancelled"),
    (500, "the engine, or the project folder"),
    (503, "the engine is down, the DAW does not answer, or there is no sound device"),
)

TABLE = {
    address.path: address._replace(least=sum(not each.optional for each in address.parameters))
    for address in ADDRESSES
}


def read_arguments(address: Address, arguments: tuple[Argument, ...]) -> dict[str, Any]:
    """Return the arguments by name; optional ones that were not given are missing.

    Whole numbers are taken for `f`, and whole floats, true and false for `i`.

    Raises:
        RequestFailed: 400 for wrong types or too few or many, 413 for text that is too long.
    """
    if not address.least <= len(arguments) <= len(address.parameters):
        form = " ".join(map(str, address.parameters)) or "none"
        raise RequestFailed(
            BAD_ARGUMENTS,
            f"{address.path} has {len(arguments)} arguments, but must have {form}.",
        )
    return {
        parameter.name: _checked(address, parameter, value)
        for parameter, value in zip(address.parameters, arguments, strict=False)
    }


_EXACT = {"i": int, "f": float}
"""The types that need no conversion; the test against itself keeps NaN and infinity out."""


def _checked(address: Address, parameter: Parameter, value: Argument) -> Argument:
    if type(value) is _EXACT.get(parameter.kind) and value - value == 0:  # type: ignore[operator]
        return value
    found = _converted(parameter.kind, value)
    if found is None:
        kinds = {"i": "a whole number", "f": "a number", "s": "text", "a": "a number or text"}
        raise RequestFailed(
            BAD_ARGUMENTS,
            f"{parameter.name} of {address.path} is {shown(value)}, but must be "
            f"{kinds[parameter.kind]}.",
        )
    if isinstance(found, str) and len(found.encode()) > parameter.most_bytes:
        raise RequestFailed(
            TOO_LONG,
            f"{parameter.name} of {address.path} has {len(found.encode()):,} bytes: shorten it to "
            f"{parameter.most_bytes:,} or fewer.",
        )
    return found


def _converted(kind: str, value: Argument) -> str | int | float | None:
    """Return the value as its kind, or None where it is of another."""
    if value is None or isinstance(value, bytes):
        return None
    if isinstance(value, str):
        return value if kind in "sa" else None
    if kind == "s" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if kind == "f":
        return float(value)
    if kind == "i":
        return int(value) if value == int(value) else None
    return value
