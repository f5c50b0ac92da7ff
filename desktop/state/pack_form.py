"""What the form of a pack holds, as it is kept in the settings."""

from typing import Annotated

import msgspec

_Text = Annotated[str, msgspec.Meta(max_length=20_000)]


class PackForm(msgspec.Struct, kw_only=True, frozen=True):
    """A pack as a person asks for it; texts are as they were typed.

    Attributes:
        from_list: whether the loops are in a file, rather than in the fields here.
        list: path of the file.
        prompts: one in each line.
        keys, tempos: several are separated by semicolons.
        model: the id of the model; empty for the built-in one.
        bars: length of each loop.
        count: how many loops of each prompt, key and tempo.
        vendor, name: of the pack; may be empty.
        out: the folder in which the pack's folder is made; empty for the usual one.
        takes: how many takes of each loop are made; the best is kept.
        zipped: whether the pack is also written as a ZIP file.
    """

    from_list: bool = False
    list: _Text = ""
    prompts: _Text = ""
    keys: _Text = ""
    tempos: _Text = ""
    model: _Text = ""
    bars: int = 4
    count: int = 10
    vendor: _Text = ""
    name: _Text = ""
    out: _Text = ""
    takes: int = 1
    zipped: bool = False
