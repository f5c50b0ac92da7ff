"""From the form to the plan of a pack."""

from pathlib import Path

from desktop.state.pack_form import PackForm
from engine.loops.derive import SKETCH_ID
from engine.loops.errors import LoopError
from engine.packs.maker import Plan, usual_engines
from engine.packs.pack_list import PackList, pack_list_of, read_pack_list


class NothingYet(LoopError):
    """The form lacks what a pack cannot be without; nothing in it is wrong."""


def plan_of(form: PackForm, usual_out: Path) -> Plan:
    """Return what to make; this may read a file.

    Raises:
        NothingYet: what to play was not given.
        LoopError: the list, or what was filled in, cannot be made.
    """
    found, otherwise = _list_of(form)
    pack = found.named(form.vendor.strip(), form.name.strip(), otherwise)
    out = Path(form.out) if form.out else usual_out
    return Plan(
        pack=pack, out=out, engines=usual_engines(pack), takes=form.takes, zipped=form.zipped
    )


def _list_of(form: PackForm) -> tuple[PackList, str]:
    if form.from_list:
        if not form.list:
            raise NothingYet("Choose a list: a CSV or YAML file with a row for each kind of loop.")
        path = Path(form.list)
        return read_pack_list(path), path.stem
    prompts = [line.strip() for line in form.prompts.splitlines() if line.strip()]
    if not prompts:
        raise NothingYet("Type what to play, one prompt in each line.")
    row = {
        "prompt": prompts, "key": _several(form.keys), "bpm": _several(form.tempos),
        "bars": form.bars, "count": form.count, "model": form.model or SKETCH_ID,
    }  # fmt: skip
    return pack_list_of(row), prompts[0]


def _several(text: str) -> list[str]:
    return [each.strip() for each in text.replace(",", ";").split(";") if each.strip()]
