"""Reads the list of a pack: rows of prompts times roles, keys, tempos and seeds.

A CSV file has a column per field and separates several values of a cell by semicolons; a YAML file
has the fields `vendor`, `name`, `defaults` and `loops`, or is just the list of loops. Any field of
a `LoopRequest` that can be written in a cell is allowed beside those of `_MULTIPLIED`.
"""

import csv
import hashlib
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from engine.loops.errors import LoopError, OutOfRange
from engine.loops.files import read, reason_of
from engine.loops.request import HIGHEST_SEED, LoopRequest, checked_request, cleaned_text

MOST_LOOPS = 10_000
_USUAL_VENDOR = "Loopwright"
_MOST_BYTES = 4 * 2**20
_MOST_DIGITS, _LARGEST = 12, 10**12
_MULTIPLIED = ("prompt", "role", "key", "bpm", "seed")
_OTHER_NAMES = {
    "prompts": "prompt", "roles": "role", "keys": "key", "seeds": "seed",
    "tempo": "bpm", "tempos": "bpm",
}  # fmt: skip
_OF_A_ROW = ("count", "name", "folder")
_PLAIN = (
    "negative", "model", "bars", "seconds", "meter", "rate", "bits", "steps", "guidance",
    "scheduler", "eta", "temperature", "top_k", "top_p", "max_new_tokens", "draft",
    "sketch_version",
)  # fmt: skip
"""The fields of a request that a row may set, once for all its loops."""
_TOP_LEVEL = ("vendor", "name", "defaults", "loops")
_REQUEST_TYPES = {field.name: field.type for field in msgspec.structs.fields(LoopRequest)}


class Entry(NamedTuple):
    """One loop of a pack.

    Attributes:
        id: the same for the same entry of the same list, 16 hexadecimal digits.
        request: the checked request of one take; its seed is set.
        words: what names the loop in its file name beside tempo, role, key and number; empty if
            the prompt does.
        folder: the folder in the pack; empty if the role of the loop decides it.
    """

    id: str
    request: LoopRequest
    words: str
    folder: str


class PackList(NamedTuple):
    """The list of a pack; `vendor` and `name` are empty if it does not say them."""

    entries: tuple[Entry, ...]
    vendor: str = ""
    name: str = ""

    def named(self, vendor: str, name: str, otherwise: str) -> "PackList":
        """Return it with the names that a person gives, or else its own, or else usual ones."""
        return self._replace(
            vendor=vendor or self.vendor or _USUAL_VENDOR, name=name or self.name or otherwise
        )


def read_pack_list(path: Path) -> PackList:
    """Read a list of loops.

    Raises:
        LoopError: the file cannot be read, is not a list, or one of its rows cannot be made.
    """
    try:
        text = read(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise LoopError(
            f"The list {path.name!r} cannot be read ({reason_of(error)}): choose another file."
        ) from error
    except UnicodeDecodeError as error:
        raise LoopError(
            f"The list {path.name!r} is not text in UTF-8: save it as UTF-8."
        ) from error
    kind = path.suffix.lower()
    if kind == ".csv":
        return _checked(PackList(tuple(_entries(_csv_rows(text)))), path)
    if kind in (".yaml", ".yml"):
        return _checked(_yaml_list(text), path)
    raise LoopError(f"The list {path.name!r} is neither CSV nor YAML: name it .csv or .yaml.")


def pack_list_of(row: Mapping[str, Any]) -> PackList:
    """Return the list of one row, such as a form: fields by name, several values as lists.

    Raises:
        LoopError: it cannot be made.
    """
    return PackList(tuple(_entries([("The pack", row)])))


def _checked(found: PackList, path: Path) -> PackList:
    if not found.entries:
        raise LoopError(f"The list {path.name!r} has no loops: add a row with a prompt.")
    return found


def _csv_rows(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each row with where it stands; the cells of multiplied columns as lists.

    Raises:
        LoopError: the text is not CSV with a line of known columns.
    """
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        for row in reader:
            place = f"line {reader.line_num}"
            if None in row:
                raise LoopError(f"{place} has more cells than columns: put text with commas in "
                                "quotes.")  # fmt: skip
            cells = {_field(column): cell.strip() for column, cell in row.items() if cell}
            yield (
                place,
                {
                    column: [each.strip() for each in cell.split(";") if each.strip()]
                    if column in _MULTIPLIED
                    else cell
                    for column, cell in cells.items()
                    if cell
                },
            )
    except csv.Error as error:
        raise LoopError(f"The list is not CSV ({error}): save it as CSV.") from error


def _yaml_list(text: str) -> PackList:
    import yaml  # 30 ms

    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = "" if mark is None else f" in line {mark.line + 1}"
        raise LoopError(f"The list is not YAML{place}: fix it there.") from error
    if isinstance(found, Sequence) and not isinstance(found, str):
        found = {"loops": found}
    if not isinstance(found, Mapping) or not isinstance(found.get("loops"), Sequence):
        raise LoopError("The list has no loops: write them under 'loops:', one after each dash.")
    _refuse_unknown(found, _TOP_LEVEL, "the list")
    defaults = found.get("defaults") or {}
    rows = [
        (f"loop {number}", {**_mapping(defaults, "'defaults'"), **_mapping(row, f"loop {number}")})
        for number, row in enumerate(found["loops"], 1)
    ]
    names = (cleaned_text(str(found.get(field) or "")) for field in ("vendor", "name"))
    return PackList(tuple(_entries(rows)), *names)


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise LoopError(f"{where} is {value!r:.40}: write it as fields with values.")
    return {_field(name): each for name, each in value.items()}


def _field(name: object) -> str:
    """Return the name of a field, however it is written."""
    plain = str(name).strip().lower()
    return _OTHER_NAMES.get(plain, plain)


def _refuse_unknown(row: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    if unknown := next((name for name in row if name not in known), None):
        raise LoopError(f"{where} has {unknown!r:.60}, which is none of {', '.join(known)}.")


def _entries(rows: Sequence[tuple[str, Mapping[str, Any]]] | Iterator[Any]) -> Iterator[Entry]:
    """Yield the loops of all rows, in the order of the list.

    Raises:
        LoopError: a row cannot be made, or there are too many loops.
    """
    seen: dict[str, int] = {}
    count = 0
    for place, row in rows:
        for fields in _loops_of(place, row):
            count += 1
            if count > MOST_LOOPS:
                raise LoopError(f"The list has more than {MOST_LOOPS:,} loops: split it.")
            try:
                request = checked_request(msgspec.convert(fields.request, LoopRequest))
            except (LoopError, msgspec.ValidationError) as error:
                raise LoopError(f"{place}: {error}") from error
            hashed = hashlib.sha256(msgspec.json.encode(request)).hexdigest()[:16]
            again = seen[hashed] = seen.get(hashed, -1) + 1
            yield Entry(f"{hashed}-{again}" if again else hashed, request, *fields[1:])


class _Fields(NamedTuple):
    request: dict[str, Any]
    words: str
    folder: str


def _loops_of(place: str, row: Mapping[str, Any]) -> Iterator[_Fields]:
    known = (*_MULTIPLIED, *_OF_A_ROW, *_PLAIN)
    _refuse_unknown(row, known, place)
    row = {name: value for name, value in row.items() if value is not None}
    _check_plain(place, row)
    several = {name: _values(row[name]) for name in row if name in _MULTIPLIED}
    plain = {name: _plain(place, name, row[name]) for name in _PLAIN if name in row}
    named = [cleaned_text(str(row.get(name, ""))) for name in ("name", "folder")]
    seeds = _seeds(place, several.pop("seed", []), row.get("count"))
    if not several.get("prompt"):
        raise LoopError(f"{place} has no prompt: say what to play.")
    choices = [several.get(name) or [None] for name in ("prompt", "role", "key", "bpm")]
    for prompt, role, key, bpm, seed in itertools.product(*choices, seeds):
        text = " ".join(str(each) for each in (prompt, role) if each is not None)
        request = {**plain, "prompt": text, "seed": seed}
        if key is not None:
            request["key"] = str(key)
        if bpm is not None:
            request["bpm"] = _number(place, "The tempo", bpm)
        yield _Fields(request, *named)


def _check_plain(place: str, row: Mapping[str, Any]) -> None:
    """Check that values are texts and numbers, or lists of them, of a size that can be shown.

    Raises:
        LoopError: one is not.
    """
    for name, value in row.items():
        for each in _values(value):
            if not isinstance(each, str | int | float):
                raise LoopError(f"{place}: {name!r} has a value inside a value: write a plain one.")
            if isinstance(each, int) and abs(each) > _LARGEST:
                raise LoopError(f"{place}: {name!r} has too large a number: correct it.")


def _is_number(text: str) -> bool:
    plain = text.strip()
    return plain.isdecimal() and len(plain) <= _MOST_DIGITS


def _values(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _plain(place: str, name: str, value: Any) -> Any:
    """Return a value of a row as the field of the request wants it.

    Raises:
        LoopError: it cannot be read as that.
    """
    try:
        return msgspec.convert(value, _REQUEST_TYPES[name], strict=False)
    except msgspec.ValidationError as error:
        raise LoopError(f"{place}: {name!r} cannot be {value!r:.40}: correct it.") from error


def _number(place: str, what: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise LoopError(f"{place}: {what} {value!r:.40} is not a number: correct it.") from error


def _seeds(place: str, given: list[Any], count: Any) -> list[int]:
    """Return the seeds of a row: those that it names (`7`, `1-20`), or as many as it counts."""
    seeds: list[int] = []
    for value in given:
        first, dash, last = str(value).partition("-")
        if not (_is_number(first) and (not dash or _is_number(last))):
            raise LoopError(f"{place}: the seed {value!r:.40} is not like 7 or 1-20: correct it.")
        low = int(first)
        high = int(last) if dash else low
        if high > HIGHEST_SEED or len(seeds) + high - low >= MOST_LOOPS:
            raise OutOfRange(f"{place}: the seed", value, f"0 to {HIGHEST_SEED:,}")
        seeds += range(low, high + 1)
    if count is None:
        return seeds or [1]
    number = _number(place, "The count", count)
    if not (1 <= number <= MOST_LOOPS and number == int(number)):
        raise OutOfRange(f"{place}: the count", count, f"1 to {MOST_LOOPS:,}")
    begin = seeds[-1] + 1 if seeds else 1
    return (seeds + list(range(begin, begin + int(number))))[: max(int(number), len(seeds))]
