"""The options of the commands: from arguments to a checked `LoopRequest`.

Numbers are read strictly: ASCII digits, a point, an exponent. Their ranges are checked in
`engine.loops.request`, so that the window and the bridge accept the same values.
"""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import msgspec

from cli.output import print_result
from cli.usage import UsageError, hint, quoted
from engine.loops.audio_formats import described_formats
from engine.loops.errors import LoopError
from engine.loops.kit_folder import kit_names, named_kit
from engine.loops.request import (
    MODES,
    SONG_PARTS,
    LoopRequest,
    SourceMode,
    checked_request,
    cleaned_text,
)

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,4})?")


def whole_number(flag: str) -> Callable[[str], int]:
    """Return a reader of whole numbers whose error names the flag."""

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise UsageError(f"{flag} is {quoted(text)}, but must be a whole number such as 4.")
        return int(text)

    return read


def decimal_number(flag: str) -> Callable[[str], float]:
    """Return a reader of decimal numbers whose error names the flag."""

    def read(text: str) -> float:
        value = float(text) if _DECIMAL.fullmatch(text) else float("nan")
        if value - value != 0:  # words such as "nan", or numbers too large for a float
            raise UsageError(f"{flag} is {quoted(text)}, but must be a number such as 93.5.")
        return value

    return read


def plain_text(_flag: str) -> Callable[[str], str]:
    """Return a reader of text that removes undecodable and control characters."""
    return cleaned_text


def names(_flag: str) -> Callable[[str], tuple[str, ...]]:
    """Return a reader of names that are separated by commas."""
    return lambda text: tuple(cleaned_text(name).lower() for name in text.split(","))


def raw_text(_flag: str) -> Callable[[str], str]:
    """Return a reader of text that is checked elsewhere."""
    return str


def model_name(flag: str) -> Callable[[str], str]:
    """Return a reader of models: an id, or the absolute path of a folder."""

    def read(text: str) -> str:
        if os.sep in text or "/" in text or text in (".", "..") or text.startswith("~"):
            return str(absolute_path(text, flag))
        return cleaned_text(text)

    return read


class RequestOption(NamedTuple):
    """One flag of `render` and `again`, and the field of the request that it sets."""

    flag: str
    field: str
    reader: Callable[[str], Callable[[str], Any]] | None
    shown: str
    help: str
    repeated: bool = False


REQUEST_OPTIONS = (
    RequestOption("--model", "model", model_name, "ID|FOLDER", "model; see 'loopwright models'"),
    RequestOption(
        "--also", "also", raw_text, "TEXT", "another prompt; may be repeated", repeated=True
    ),
    RequestOption(
        "--parts", "parts", names, "LIST", f"parts of a song, such as {','.join(SONG_PARTS[:2])}"
    ),
    RequestOption("--bars", "bars", whole_number, "N", "length in bars, 1-1024"),
    RequestOption("--seconds", "seconds", decimal_number, "S", "length of a one-shot, 0.01-600"),
    RequestOption("--bpm", "bpm", decimal_number, "F", "tempo in quarter notes per minute, 20-400"),
    RequestOption("--meter", "meter", plain_text, "N/D", "meter, such as 4/4 or 7/8"),
    RequestOption("--key", "key", plain_text, "KEY", "key, such as 'A minor', F#m or 'D dorian'"),
    RequestOption("--seed", "seed", whole_number, "N", "seed, 0-2147483647 (default: random)"),
    RequestOption("--takes", "takes", whole_number, "N", "number of takes, 1-16"),
    RequestOption("--negative", "negative", raw_text, "TEXT", "what to avoid"),
    RequestOption("--mode", "mode", plain_text, "MODE", f"with --source: {', '.join(MODES)}"),
    RequestOption("--amount", "amount", decimal_number, "F", "strength of the change, 0-1"),
    RequestOption(
        "--blend-in", "blend_in", plain_text, "WHERE", "with blend: sound (default) or latents"
    ),
    RequestOption(
        "--renoise", "renoise", decimal_number, "F", "with blend: share to re-noise, 0-1"
    ),
    RequestOption(
        "--redo-bars", "redo_bars", plain_text, "BARS", "with redo: bars such as 3, 2-4 or 1,3"
    ),
    RequestOption("--stem", "stem", plain_text, "PART", "with stems: only this part"),
    RequestOption(
        "--source-bpm", "source_bpm", decimal_number, "F", "tempo of the source, if you know it"
    ),
    RequestOption("--source-meter", "source_meter", plain_text, "N/D", "meter of the source"),
    RequestOption("--source-key", "source_key", plain_text, "KEY", "key of the source"),
    RequestOption("--source-bars", "source_bars", whole_number, "N", "bars of the source"),
    RequestOption(
        "--source-start", "source_start", decimal_number, "S", "first beat of the source, in s"
    ),
    RequestOption(
        "--rate", "rate", whole_number, "HZ", "sample rate: 44100, 48000 (default), 88200 or 96000"
    ),
    RequestOption("--bits", "bits", plain_text, "N", "bit depth: 16, 24 (default) or 32f"),
    RequestOption("--unconditional", "unconditional", None, "", "generate without a prompt"),
    RequestOption("--steps", "steps", whole_number, "N", "inference steps"),
    RequestOption("--guidance", "guidance", decimal_number, "F", "guidance scale"),
    RequestOption("--scheduler", "scheduler", plain_text, "NAME", "noise scheduler"),
    RequestOption("--eta", "eta", decimal_number, "F", "noise added by the scheduler, 0-1"),
    RequestOption("--temperature", "temperature", decimal_number, "F", "sampling temperature"),
    RequestOption("--top-k", "top_k", whole_number, "N", "sample from the N most likely tokens"),
    RequestOption(
        "--top-p", "top_p", decimal_number, "F", "sample from this share of the probability"
    ),
    RequestOption("--transcription", "transcription", plain_text, "TEXT", "words to speak or sing"),
    RequestOption("--language", "language", plain_text, "CODE", "language of what is sung: en, de"),
    RequestOption(
        "--max-new-tokens", "max_new_tokens", whole_number, "N", "number of tokens to generate"
    ),
    RequestOption("--draft", "draft", None, "", "faster, but lower quality"),
    RequestOption("--verbatim", "verbatim", None, "", "add no tempo or key to the prompt"),
    RequestOption("--toward", "toward", raw_text, "TEXT", "second prompt to blend toward"),
    RequestOption(
        "--toward-amount", "toward_amount", decimal_number, "F", "how far toward it, 0-1"
    ),
    RequestOption(
        "--adapters", "adapters", plain_text, "NAMES", "adapters and their shares: lofi:0.8, tape"
    ),
    RequestOption("--latents", "keep_latents", None, "", "also write the latents, as .npy"),
)
_FIRST_MODEL_OPTION = "--steps"


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `UsageError` sentences, with hints for misspelt flags."""

    def __init__(self, name: str, description: str) -> None:
        """Create the parser of the command `name`."""
        super().__init__(
            prog=f"loopwright {name}",
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002 - argparse's own
        """Print the help on stdout; unlike argparse's version, fail if stdout is full."""
        print_result(self.format_help().rstrip())

    def error(self, message: str) -> NoReturn:
        """Raise argparse's error as a sentence.

        Raises:
            UsageError: always.
        """
        if found := re.fullmatch(r"argument ([^:]+): ignored explicit argument (.*)", message):
            raise UsageError(f"{_long(found[1])} does not take a value, but {found[2]} was given.")
        if found := re.fullmatch(r"the following arguments are required: (.*)", message):
            raise UsageError(f"{found[1]} is missing: see '{self.prog} --help'.")
        raise UsageError(f"{message[:1].upper()}{message[1:]}: see '{self.prog} --help'.")

    def read(self, arguments: Sequence[str], *, intermixed: bool = False) -> argparse.Namespace:
        """Parse the arguments of the command.

        `intermixed` lets options stand before optional names, as in `models info --json ID`; then
        `--` cannot protect a name.

        Raises:
            UsageError: a flag is unknown or lacks its value, or a value cannot be read.
        """
        joined = self._with_joined_values(arguments)
        parse = self.parse_known_intermixed_args if intermixed else self.parse_known_args
        options, extra = parse(joined)
        flags = [text for text in extra if text.startswith("-")]
        if flags:
            self._refuse_flag(flags[0])
        if extra:
            raise UsageError(
                f"Unexpected argument {quoted(extra[0])}: put text of several words in quotes."
            )
        return options

    def _refuse_flag(self, flag: str) -> NoReturn:
        name = flag.partition("=")[0]
        known = [option for option in self._option_string_actions if option.startswith("--")]
        otherwise = (
            f"see '{self.prog} --help', or put '--' before a prompt that starts with a dash."
        )
        known_hint = hint(name, known, otherwise)
        raise UsageError(f"{quoted(name)} is not an option of '{self.prog}': {known_hint}")

    def _with_joined_values(self, arguments: Sequence[str]) -> list[str]:
        """Join `--bpm -inf` to `--bpm=-inf`: argparse would take the value for a flag."""
        joined: list[str] = []
        rest = iter(arguments)
        for argument in rest:
            if argument == "--":
                joined.append(argument)
                break
            flag, is_joined, value = argument.partition("=")
            action = self._option_string_actions.get(flag)
            if action is not None and action.nargs is None and not is_joined:
                value = next(rest, "--")
                argument = f"{flag}={value}"  # noqa: PLW2901 - one argument from here on
                if value.startswith("--"):
                    self._refuse_missing_value(flag)
            if action is not None and value == "--":
                self._refuse_missing_value(flag)  # argparse would see no value at all
            joined.append(argument)
        return [*joined, *rest]

    def _refuse_missing_value(self, flag: str) -> NoReturn:
        raise UsageError(f"{flag} needs a value: see '{self.prog} --help'.")


def _long(names: str) -> str:
    return names.rpartition("/")[2]


def add_request_options(parser: Parser) -> None:
    """Add the flags that set a request's fields; flags that are not given stay None."""
    group = parser.add_argument_group("what to play")
    for option in REQUEST_OPTIONS:
        if option.flag == _FIRST_MODEL_OPTION:
            group = parser.add_argument_group("settings of some models")
        if option.reader is None:
            group.add_argument(
                option.flag, dest=option.field, action="store_const", const=True, help=option.help
            )
        else:
            group.add_argument(
                option.flag,
                dest=option.field,
                action="append" if option.repeated else "store",
                type=option.reader(option.flag),
                metavar=option.shown,
                help=option.help,
            )


def add_source_options(parser: Parser) -> None:
    """Add `--source` and `--with`: the audio files that a loop is made from."""
    group = parser.add_argument_group("source audio")
    group.add_argument(
        "--source", metavar="FILE", help=f"a clip, or any {described_formats()} file"
    )
    group.add_argument(
        "--with", dest="with_source", metavar="FILE", help="with blend: the second file"
    )
    group.add_argument(
        "--fits", nargs="+", metavar="CLIP", help="loops that a new part fits: chords, groove, room"
    )
    group.add_argument(
        "--kit",
        metavar="KIT",
        help="a folder of one-shots for the drums, a soundfont for all parts, or the name of one",
    )


class SourcePaths(NamedTuple):
    """The files that a loop is made from."""

    source: Path | None = None
    with_source: Path | None = None
    fits: tuple[Path, ...] = ()
    kit: Path | None = None


NO_SOURCES = SourcePaths()


def source_paths(options: argparse.Namespace) -> SourcePaths:
    """Return the files of `--source`, `--with`, `--fits` (whose first is the source) and `--kit`.

    Raises:
        UsageError: a value cannot be a path, or both `--fits` and another source or mode are given.
    """
    named = [(options.source, "The source"), (options.with_source, "The second source")]
    source, other = (None if text is None else absolute_path(text, what) for text, what in named)
    fits = [absolute_path(text, "A loop to fit") for text in options.fits or ()]
    kit = None if options.kit is None else kit_path(options.kit)
    if not fits:
        return SourcePaths(source, other, kit=kit)
    if source or other or options.mode not in (None, SourceMode.ACCOMPANY):
        raise UsageError("--fits stands for a source and a mode: leave out --source and --mode.")
    options.mode = SourceMode.ACCOMPANY.value
    return SourcePaths(fits[0], None, tuple(fits[1:]), kit)


def kit_path(text: str) -> Path:
    """Return the kit of `--kit`: a folder, a soundfont, or the name of one of one's own kits.

    Raises:
        UsageError: the value cannot be a path.
    """
    path = absolute_path(text, "The kit")
    return named_kit(text) if text in kit_names() and not path.exists() else path


def add_output_options(parser: Parser) -> None:
    """Add `--project` and `--json`."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--project", metavar="DIR", help="project folder (default: Loopwright in your Music folder)"
    )
    group.add_argument("--json", action="store_true", help="one JSON object per line on stdout")


def request_with(
    base: LoopRequest, options: argparse.Namespace, paths: SourcePaths = NO_SOURCES
) -> LoopRequest:
    """Return the base request, changed by the given flags and source files, and checked.

    Raises:
        UsageError: a value is out of range, or two values contradict each other.
    """
    given = {
        option.field: value
        for option in REQUEST_OPTIONS
        if (value := getattr(options, option.field)) is not None
    }
    if options.prompt is not None:
        given |= {"prompt": options.prompt, "near_words": None}
    # A recipe contains no paths: it knows a source by its file name.
    for field in ("source", "with_source"):
        if (path := getattr(paths, field)) is not None:
            given[field] = cleaned_text(path.name)
    if paths.source is not None:
        fits = tuple(cleaned_text(path.name) for path in paths.fits)
        given |= {"fits": fits, "guide": None}
    # Giving the other kind of length turns a loop into a one-shot, or a one-shot into a loop.
    if "seconds" in given and "bars" not in given:
        given["bars"] = None
    if "bars" in given and "seconds" not in given:
        given["seconds"] = None
    try:
        return checked_request(msgspec.structs.replace(base, **given))
    except LoopError as error:
        raise UsageError(str(error)) from error


def absolute_path(text: str, what: str) -> Path:
    """Return an absolute path, relative to the working folder.

    Raises:
        UsageError: the text cannot be a path.
    """
    if not text:
        raise UsageError(f"{what} is empty: give a path, or leave it out.")
    try:
        text.encode()
        return Path(os.path.abspath(Path(text).expanduser()))
    except UnicodeEncodeError:
        reason = "it contains bytes that are not text"
    except (RuntimeError, ValueError, FileNotFoundError) as error:
        reason = str(error).lower()
    raise UsageError(f"{what} {quoted(text)} cannot be used ({reason}): choose another path.")


def project_folder(text: str | None) -> Path:
    """Return the given project folder, or the default.

    Raises:
        UsageError: the text cannot be a path.
    """
    if text is not None:
        return absolute_path(text, "The project folder")
    from engine.loops.project import default_project_folder

    return default_project_folder()
