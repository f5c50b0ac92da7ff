"""`loopwright models`: what the catalogue holds."""

from desktop.commands.output import put, put_json, put_table
from desktop.commands.parser import Parser
from desktop.commands.usage import EXIT_DONE, UsageError, hint, quoted
from engine.errors import UnknownModel
from engine.models.catalogue import ModelEntry, built_in_catalogue

_ACTIONS = ("list", "info")


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """List the models, or describe one, and return the exit code."""
    parser = Parser("models", "Lists the models, or says more about one of them.")
    parser.add_argument("action", nargs="?", default="list", metavar="list|info")
    parser.add_argument("model", nargs="?", metavar="ID", help="the model that 'info' is about")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    options = parser.read(arguments)
    if options.action not in _ACTIONS:
        known = hint(options.action, _ACTIONS)
        raise UsageError(f"{quoted(options.action)} is nothing that 'models' does: {known}")
    for entry in _wanted(options.action, options.model):
        if options.json:
            put_json({**entry.shown(), "installed": True})
        elif options.action == "list":
            put(_line(entry))
        else:
            put_table(_rows(entry))
    return EXIT_DONE


def _wanted(action: str, model: str | None) -> tuple[ModelEntry, ...]:
    catalogue = built_in_catalogue()
    if action == "list":
        if model is not None:
            raise UsageError(f"'models list' takes no {quoted(model)}: did you mean 'models info'?")
        return catalogue.entries
    if model is None:
        raise UsageError("'models info' needs the ID of a model: see 'loopwright models list'.")
    try:
        return (catalogue.entry(model),)
    except UnknownModel as error:
        raise UsageError(str(error)) from error


def _line(entry: ModelEntry) -> str:
    return f"{entry.id:<28} {_size(entry):<10} {entry.good_for}"


def _rows(entry: ModelEntry) -> list[tuple[str, str]]:
    channels = {1: "mono", 2: "stereo"}.get(entry.channels, f"{entry.channels} channels")
    return [
        ("id", entry.id),
        ("name", entry.name),
        ("family", entry.family),
        ("good for", entry.good_for),
        ("sound", f"{entry.sample_rate} Hz, {channels}"),
        ("size", _size(entry)),
        ("licence", entry.licence),
        ("commercial use", "yes" if entry.commercial_use else "no"),
    ]


def _size(entry: ModelEntry) -> str:
    return f"{entry.size_bytes / 1e9:.1f} GB" if entry.size_bytes else "built in"
