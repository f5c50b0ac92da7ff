"""The address table, as data: the form and meaning of each message.

Argument checks and docs/osc.md are made from it.
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
    """One argument: `kind` is i, f, s, or a for any type; text has at most `most_bytes` bytes."""

    name: str
    kind: str
    optional: bool = False
    most_bytes: int = LONGEST_NAME_BYTES

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class Address(NamedTuple):
    """One message that the bridge accepts.

    Attributes:
        path: the OSC address.
        meaning: what it does, for docs/osc.md.
        parameters: its arguments, the optional ones last.
        reply: the address of the reply on success; empty if there is no reply.
        replies: the replies as docs/osc.md describes them.
        least: the least number of arguments.
        from_host: whether it reports the host's tempo, meter, key or transport.
        daw: the name of the only DAW that sends it; empty if any host may.
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
        """Whether its first argument is an id that its replies repeat."""
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


def _ardour(path: str, meaning: str, parameter: Parameter) -> Address:
    """Return feedback that Ardour sends once a client has set it up with `/set_surface`."""
    return _host(path, meaning, parameter, daw="ardour")


ADDRESSES = (
    Address(
        "/lw/ping",
        "Check that the bridge is running and what the engine is doing. Renews the lease of a "
        "registered client.",
        (Parameter("port", "i", optional=True),),
        "/lw/pong",
        "`/lw/pong s:version i:protocol s:state i:queue`, sent to `port` if it is given; `state` "
        "is ready, starting or down",
    ),
    _done(
        "/lw/register",
        "Receive all pushes on this socket, or on `return_port` of the same machine (0 = this "
        "socket), until the lease ends. A client with a return port receives replies there "
        "instead of on the socket that it sends from. DAWs register as `live` and `reaper`.",
        Parameter("name", "s", most_bytes=LONGEST_ID_BYTES),
        Parameter("return_port", "i"),
        extra=" i:client i:lease_s",
    ),
    _done("/lw/unregister", "Stop receiving pushes; 0 = the sender.", Parameter("client", "i")),
    _job(
        "/lw/generate",
        'Make a loop. 0 or "" is open: words in the prompt decide it, then the host, then the '
        "default; seed -1 is random.",
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
        "`seed`, `takes`, `model` and every setting of docs/protocol.md. A field that is left out "
        "is open: words in the prompt decide it, then the host, then the default. `source` and "
        "`with_source` are clip ids, and `mode` says what to do with them; then fields that "
        "are left out follow the "
        "source. `fits` is a list of clip ids: the model adds a part that fits these loops if it "
        "can (ACE-Step base), else sketch. "
        "`kit` is the name of a folder in `Loopwright kits` in the music folder: sketch plays the "
        "drums with its one-shots. With more prompts (`also`), `/lw/done` names the best take of "
        "the first prompt, and `/lw/take` reports the takes of all.",
        _ID,
        Parameter("json", "s", most_bytes=LONGEST_JSON_BYTES),
    ),
    _job(
        "/lw/vary",
        "Make a variation of a clip with the model that made it; `amount`, 0 to 1, is how "
        "different it is; seed -1 is random.",
        _ID,
        _CLIP,
        Parameter("amount", "f"),
        Parameter("seed", "i", optional=True),
    ),
    _job(
        "/lw/blend",
        "Blend two clips into one loop; `amount`, 0 to 1, is the share of the second. Mode `mix` "
        "(the default) mixes the audio, aligned in tempo, key and downbeat; `latents` mixes the "
        "latents of the chosen model; `renoise`, 0 to 1, is the share that this model then "
        "re-noises. `prompts` makes a loop between both prompts with the model of the first "
        "clip, if that model can.",
        _ID,
        Parameter("clip_a", "s"),
        Parameter("clip_b", "s"),
        Parameter("amount", "f"),
        Parameter("mode", "s", optional=True),
        Parameter("renoise", "f", optional=True),
    ),
    _job(
        "/lw/stems",
        "Make the parts of a clip that sketch played alone: a clip for each, as long as the mix; "
        "together they are the mix before its last bus. Of other clips the chosen model makes "
        "them, if it can (ACE-Step base). `/lw/done` names the first.",
        _ID,
        _CLIP,
    ),
    Address(
        "/lw/midi",
        "Write the notes of a clip that sketch played alone as a standard MIDI file (type 1) "
        "beside it: tempo, meter, key, a track for each part, timing and velocities as played.",
        (_ID, _CLIP),
        "/lw/done",
        "`/lw/accepted s:id i:position`; `/lw/progress s:id f:fraction s:stage`; "
        '`/lw/done "/lw/midi" s:id s:file`',
    ),
    Address(
        "/lw/midi/insert",
        "Write the notes of a clip as `/lw/midi` does, and insert them into the DAW at a target of "
        "`/lw/clip/insert`. A single part goes to the target; several get a new track each.",
        (_ID, _CLIP, Parameter("target", "s")),
        "/lw/done",
        "`/lw/accepted s:id i:position`; `/lw/progress s:id f:fraction s:stage`; "
        '`/lw/done "/lw/midi/insert" s:id`',
    ),
    Address(
        "/lw/inspect",
        "Analyse a sound: a clip by its id, or an audio file in the project folder by its name. "
        "`json` has `source`, what a job would take its tempo, meter, bars and key to be; "
        "`detected`, what was detected in the audio alone: `tempos` and `keys`, each with its "
        "confidence, 0 to 1, and a second one where the first is unsure; and `problems`. "
        "`loopwright inspect --json` has the same fields.",
        (_ID, Parameter("sound", "s")),
        "/lw/done",
        "`/lw/accepted s:id i:position`; `/lw/progress s:id f:fraction s:stage`; "
        '`/lw/done "/lw/inspect" s:id s:json`',
    ),
    _done(
        "/lw/cancel",
        "Cancel a job; it ends with `/lw/fail`, its address, its id and code 499.",
        _ID,
    ),
    Address(
        "/lw/job",
        "Get the state and progress of a job.",
        (_ID,),
        "/lw/job",
        "`/lw/job s:id s:state f:fraction`; `state` is queued, running, done, failed or cancelled",
    ),
    Address(
        "/lw/clip/list",
        "List the clips of the project, the newest first, at most 20 at a time.",
        (Parameter("offset", "i"), Parameter("count", "i")),
        "/lw/done",
        "for each `/lw/clip s:clip s:file f:bpm i:bars i:num i:den s:key i:frames i:rate`, then "
        '`/lw/done "/lw/clip/list" "" i:total`',
    ),
    Address(
        "/lw/clip/path",
        "Get the file of a clip.",
        (_CLIP,),
        "/lw/clip/path",
        "`/lw/clip/path s:clip s:absolute_path`",
    ),
    _done(
        "/lw/clip/insert",
        "Insert a clip into the DAW at `live:TRACK,SCENE` (counted from 0), `live:selected` or "
        "`reaper:cursor`. The bridge sends `/lw/host/insert` to the DAW.",
        _ID,
        _CLIP,
        Parameter("target", "s"),
    ),
    _done(
        "/lw/preview/play",
        "Play a clip once or looped (`loop` 1), immediately or (`sync` 1) on the next bar of the "
        "clip that is playing, or of the host.",
        _CLIP,
        Parameter("loop", "i"),
        Parameter("sync", "i"),
    ),
    _done("/lw/preview/stop", "Stop the preview."),
    _host(
        "/lw/host/tempo", "The session's tempo in quarter notes per minute.", Parameter("bpm", "f")
    ),
    _host("/lw/host/meter", "The session's meter.", Parameter("num", "i"), Parameter("den", "i")),
    _host("/lw/host/key", 'The key, such as `F# minor`; "" = none.', Parameter("key", "s")),
    _host("/lw/host/play", "The host plays; 0 = it stops.", Parameter("on", "a", optional=True)),
    _host("/lw/host/stop", "The host stops; 0 = it plays.", Parameter("on", "a", optional=True)),
    _host(
        "/lw/host/beat",
        "The playhead: quarter notes from the start of the song, or `bar.beat.hundredths`.",
        Parameter("beat", "a"),
    ),
    _host("/lw/host/loop/start", "The start of the host's loop.", Parameter("seconds", "f")),
    _host("/lw/host/loop/end", "The end of the host's loop.", Parameter("seconds", "f")),
    _ardour("/transport_play", "Ardour plays; 0 = it stops.", Parameter("on", "f")),
    _ardour("/transport_stop", "Ardour stops; 0 = it plays.", Parameter("on", "f")),
    _ardour(
        "/position/bbt",
        "Ardour's playhead: bar, beat and ticks, 1,920 per beat, separated by `|`.",
        Parameter("beat", "s"),
    ),
    Address("/lw/host/inserted", "A DAW has inserted the clip.", (_ID,), "", "none"),
    Address(
        "/lw/get",
        f"Get one of the values {_VALUE_NAMES}; `clients`, the names of the registered clients; "
        "`host`, the name of the DAW that sent host messages in the last 15 s, if known; or "
        "`dropped`, how many messages had no effect: lost in a flood, malformed, or refused.",
        (Parameter("name", "s"),),
        "/lw/value",
        "`/lw/value s:name value`",
    ),
    Address(
        "/lw/set",
        "Set a value, the default for requests that leave it open. `project` is the name of a "
        "folder in the projects folder; a window keeps the project that it shows (409).",
        (Parameter("name", "s"), Parameter("value", "a")),
        "/lw/value",
        "`/lw/value s:name value`",
    ),
    Address(
        "/lw/listen",
        "Receive every change of a value; for registered clients.",
        (Parameter("name", "s"),),
        "/lw/value",
        "`/lw/value s:name value`, now and after each change",
    ),
    _done("/lw/unlisten", "Stop receiving the changes of a value.", Parameter("name", "s")),
)  # fmt: skip
"""All messages that the bridge accepts."""

PUSHES = (
    ("/lw/heartbeat", "i:seq", "Once a second: the bridge is running."),
    (
        "/lw/clip/ready",
        "s:clip s:file f:bpm i:bars i:num i:den s:key i:frames i:rate",
        "A clip is in the project folder.",
    ),
    ("/lw/preview/state", "s:clip i:playing", "The preview has started or ended."),
    (
        "/lw/host/insert",
        "s:id s:clip s:absolute_path i:track i:scene f:bpm i:bars i:num i:den",
        (
            "To a DAW: insert this clip, or the notes of a `.mid` file (-1 = the selected track or "
            "scene), and reply with "
            '`/lw/host/inserted s:id`, or `/lw/fail "/lw/host/insert" s:id i:code s:message`.'
        ),
    ),
)  # fmt: skip
"""The messages that are pushed to registered clients."""

REPLIES = frozenset(
    {"/lw/done", "/lw/fail", "/lw/pong", "/lw/accepted", "/lw/progress", "/lw/take", "/lw/clip"}
    | {"/lw/value"} | {path for path, _, _ in PUSHES}
)  # fmt: skip
"""Messages that never get a reply: two programs could otherwise reply to each other for ever."""

FAIL_CODES = (
    (400, "invalid arguments"),
    (404, "unknown address, clip, job, value, model or client"),
    (409, "the id was used for another request, or too many requests are waiting"),
    (413, "text too long"),
    (499, "cancelled"),
    (500, "error in the engine or the project folder"),
    (503, "the engine is down, the DAW does not reply, or there is no sound device"),
)

TABLE = {
    address.path: address._replace(least=sum(not each.optional for each in address.parameters))
    for address in ADDRESSES
}


def read_arguments(address: Address, arguments: tuple[Argument, ...]) -> dict[str, Any]:
    """Return the arguments by name, without the optional ones that were not given.

    `f` accepts whole numbers; `i` accepts whole floats, true and false. One number too many, from
    0 to 1, is left out: touch surfaces send the state of the button with every message, or how
    hard it is pressed.

    Raises:
        RequestFailed: 400 for a wrong type or number of arguments, 413 for text that is too long.
    """
    if len(arguments) == len(address.parameters) + 1 and is_button(arguments[-1]):
        arguments = arguments[:-1]
    if not address.least <= len(arguments) <= len(address.parameters):
        count = f"{len(arguments)} argument{'s' * (len(arguments) != 1)}"
        form = " ".join(_form(each) for each in address.parameters) or "none"
        raise RequestFailed(BAD_ARGUMENTS, f"{address.path} got {count}, but takes {form}.")
    return {
        parameter.name: _checked(address, parameter, value)
        for parameter, value in zip(address.parameters, arguments, strict=False)
    }


def is_button(value: Argument) -> bool:
    """Return whether an argument is the state of a button: 0 or 1, true or false, or between."""
    return isinstance(value, bool | int | float) and 0 <= value <= 1


def _form(parameter: Parameter) -> str:
    return f"[{parameter}]" if parameter.optional else str(parameter)


_EXACT = {"i": int, "f": float}
"""The types that need no conversion; `value - value == 0` excludes NaN and infinity."""


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
    """Return the value converted to a kind, or None if it has another type."""
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
