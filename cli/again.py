"""`loopwright again`: render a clip again from its recipe."""

from pathlib import Path

import msgspec

from cli.handover import Handover
from cli.parser import (
    Parser,
    add_output_options,
    add_request_options,
    add_source_options,
    request_with,
    source_paths,
)
from cli.render import render
from cli.usage import UsageError
from engine.loops.derive import CannotDerive, model_again
from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest, checked_request
from engine.models.catalogue import built_in_catalogue
from engine.models.store import ModelStore

_DESCRIPTION = """\
Render a clip again from the recipe in its file. Flags change the recipe.
The new clip goes to the default project folder or to --project, not next to FILE."""


def run(arguments: list[str], *, debug: bool) -> int:
    """Render the recipe of a clip and return the exit code."""
    parser = Parser("again", _DESCRIPTION)
    parser.add_argument("file", metavar="FILE", help="a clip that Loopwright made")
    parser.add_argument("--prompt", metavar="TEXT", help="use another prompt")
    add_request_options(parser)
    add_source_options(parser)
    Handover.add_options(parser)
    add_output_options(parser)
    options = parser.read(arguments)
    sources = source_paths(options)
    recipe = _recipe_request(Path(options.file), options.model)
    request = request_with(recipe, options, sources)
    handover = Handover.of(options)
    return render(request, options.project, sources, handover, json=options.json, debug=debug)


def _recipe_request(path: Path, model: str | None) -> LoopRequest:
    """Return the request that makes exactly this take again; `model` is the one that was given.

    Raises:
        UnreadableClip: the file has no recipe, or an invalid one.
        UsageError: the recipe names a model folder that the user has not added.
    """
    recipe = read_recipe(path)
    try:
        request = checked_request(recipe.request)
        if model is None:
            folders = ModelStore(built_in_catalogue()).folders.places
            request = msgspec.structs.replace(request, model=model_again(recipe, folders))
    except CannotDerive as error:
        raise UsageError(str(error)) from error
    except (LoopError, OverflowError) as error:
        reason = f"its recipe is invalid ({str(error).rstrip('.')})"
        raise UnreadableClip(path, reason) from error
    return request
