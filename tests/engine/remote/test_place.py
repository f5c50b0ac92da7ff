"""Addresses of engines, and that nothing in them becomes an option of ssh or of a shell."""

import shlex

import pytest

from engine.entry_points import ENGINE_VARIABLE, engine_elsewhere
from engine.errors import EngineError
from engine.remote.place import SshPlace, StudioPlace, parse_place


@pytest.mark.parametrize("text", ["", "local", " local "])
def test_here_is_no_place(monkeypatch, text):
    monkeypatch.setenv(ENGINE_VARIABLE, text)
    assert engine_elsewhere() is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ssh://box", SshPlace("box")),
        ("ssh://Studio-Box/", SshPlace("Studio-Box")),
        ("ssh://me@box.local:2222", SshPlace("box.local", "me", 2222)),
        (
            "ssh://box/opt/my%20tools/loopwright",
            SshPlace("box", program="/opt/my tools/loopwright"),
        ),
        ("ssh://10.0.0.2", SshPlace("10.0.0.2")),
        ("ray://head", StudioPlace("head", 10001)),
        ("ray://Studio.local:20001/", StudioPlace("Studio.local", 20001)),
    ],
)
def test_an_address_is_read(text, place):
    assert parse_place(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "box", "http://box", "ssh://", "ssh:///path", "ssh://-oProxyCommand=true", "ssh://box:port",
        "ssh://-l@box", "ssh://box;reboot", "ssh://a b", "ssh://bo\nx", "ssh://$(reboot)",
        "ssh://box:99999", "ray://", "ray://me@head",
        "ray://head/path", "ray://a b", "ssh://[", "\x00",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_sentence(text):
    with pytest.raises(EngineError, match="is not like 'local', 'ssh://box' or ") as raised:
        parse_place(text)
    assert "\n" not in str(raised.value)


def test_the_program_is_one_word_for_the_shell_there():
    place = SshPlace.parse("ssh://box/opt/a;reboot%20$(b)/loopwright")
    *options, target, run = place.command()
    assert (options[-1], target) == ("--", "box")
    assert shlex.split(run) == ["exec", "/opt/a;reboot $(b)/loopwright", "serve"]
