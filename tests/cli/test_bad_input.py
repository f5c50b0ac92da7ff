"""Everything that a musician, or a script, can get wrong with `loopwright render`."""

import os
import resource
from pathlib import Path

import pytest

from cli.program import run
from tests.cli.program import REAL, Program, Result

PROMPTS_THAT_ARE_REFUSED = {
    "empty": ("", "The prompt is empty: "),
    "spaces": ("   \t ", "The prompt is empty: "),
    "control characters": ("\x01\x1b\x7f\u202e", "The prompt is empty: "),
    "undecodable": (b"\xff\xfe", "The prompt is empty: "),
    "100 kB": ("a" * 100_000, "The prompt has 100,000 characters: shorten it to 4,000 or fewer."),
}
PROMPTS_THAT_PLAY = {
    "emoji": "\U0001f941 drums \U0001f468\u200d\U0001f3a4",
    "right to left": "\u05ea\u05d5\u05e4\u05d9\u05dd \u0637\u0628\u0648\u0644",
    "control characters": "dr\x07u\x1b[31mms\u202e",
    "undecodable": b"drums \xff\xfe",
    "quotes": "\"lazy\" 'drums'; rm -rf $HOME",
    "path": "../../etc/passwd",
    "dashes": "-20 dB drums",
    "4,000 characters": "drums " * 666,
}
CLOSED_FOLDER = Path("/sys/kernel")  # even root cannot create files there
VALUES_THAT_ARE_REFUSED = (
    *(("--bars", value) for value in ("0", "-4", "1025", "99999999999999999999", "nan", "4.5")),
    *(("--bpm", value) for value in ("0", "-1", "19", "401", "1e999", "nan", "inf", "-inf")),
    *(("--meter", value) for value in ("0/4", "4/0", "4/3", "33/4", "-3/4", "nan", "4")),
    *(("--seed", value) for value in ("-1", "2147483648", "nan", "1.5", "\u0661\u0662")),
    *(("--rate", value) for value in ("0", "-48000", "8000", "nan", "999999999999")),
    *(("--takes", value) for value in ("0", "17", "-1", "nan")),
    *(("--bits", value) for value in ("0", "12", "nan", "")),
    *(("--seconds", value) for value in ("0", "-1", "601", "nan", "1e999")),
    *(("--key", value) for value in ("H", "minor", "A  \u266f\u266f", "\U0001f3b9")),
)
FLAGS_THAT_ARE_REFUSED = (
    ("--bars", "0"),
    ("--seed", "\u0661\u0662"),
    ("--model", "skech"),
    ("--model", ""),
    ("--model", "../../sketch"),
    ("--model", b"\xff"),
    ("--bmp", "84"),
    ("--source", "x.wav"),
    ("--bars", "4", "--seconds", "2"),
    ("--bars", "1024", "--bpm", "20"),
    ("--project", ""),
    ("--project", b"\xff\xfe"),
)


def check_refusal(program, result, code=2):
    """One sentence, the right exit code, and nothing on stdout or on disk."""
    assert result.code == code, result
    assert result.out == ""
    assert "Traceback" not in result.err
    assert result.sentence.endswith((".", "?"))
    assert program.clips() == []
    assert program.leftovers() == []


@pytest.mark.parametrize("name", PROMPTS_THAT_ARE_REFUSED)
def test_an_unplayable_prompt_is_refused(loopwright, name):
    prompt, sentence = PROMPTS_THAT_ARE_REFUSED[name]
    result = loopwright.render(prompt)
    check_refusal(loopwright, result)
    assert result.err.startswith(sentence)


@pytest.mark.parametrize("name", PROMPTS_THAT_PLAY)
def test_an_unusual_prompt_is_rendered(loopwright, name):
    result = loopwright.render(PROMPTS_THAT_PLAY[name], "--bars", "1")
    assert result.code == 0, result
    assert [loopwright.project] == [path.parent for path in loopwright.clips()]
    assert "\x1b" not in result.err + result.out
    assert "\u202e" not in result.err + result.out
    assert loopwright.leftovers() == []


@pytest.mark.parametrize("flags", VALUES_THAT_ARE_REFUSED, ids=ascii)
def test_a_value_out_of_range_is_refused(tmp_path, capsys, flags):
    """In this process, since there are many; the program refuses some of them below."""
    program = Program(tmp_path, REAL)
    code = run(["render", "drums", "--project", str(program.project), *flags])
    check_refusal(program, Result(code, *capsys.readouterr()))


@pytest.mark.parametrize("flags", FLAGS_THAT_ARE_REFUSED, ids=ascii)
def test_an_invalid_flag_is_refused(loopwright, flags):
    check_refusal(loopwright, loopwright.render("drums", *flags))


def test_a_project_that_is_a_file_is_refused(loopwright):
    loopwright.project.write_bytes(b"mine")
    result = loopwright.render("drums")
    assert result.code == 1
    assert result.sentence == (
        f"Project folder {loopwright.project} is not a folder: choose another place."
    )
    assert loopwright.project.read_bytes() == b"mine"


def test_a_project_without_a_parent_is_refused(loopwright):
    folder = loopwright.home / "a" / "b"
    result = loopwright.run("render", "drums", "--project", str(folder))
    check_refusal(loopwright, result, code=1)
    assert result.sentence == (
        f"Project folder {folder} has no parent folder: create it, or choose another place."
    )
    assert list(loopwright.home.iterdir()) == []


@pytest.mark.skipif(not CLOSED_FOLDER.is_dir(), reason="needs a folder closed to root")
def test_an_unwritable_project_is_refused(loopwright):
    result = loopwright.run("render", "drums", "--project", str(CLOSED_FOLDER))
    check_refusal(loopwright, result, code=1)
    assert result.sentence.startswith(f"Project folder {CLOSED_FOLDER} ")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_project_is_refused(loopwright):
    loopwright.project.mkdir(mode=0o555)
    result = loopwright.render("drums")
    check_refusal(loopwright, result, code=1)
    assert result.sentence == (
        f"Project folder {loopwright.project} cannot be written to: "
        "change its permissions or choose another place."
    )


def test_a_full_disk_is_reported_and_leaves_nothing_behind(loopwright):
    def allow_small_files():
        # The kernel ends each write beyond the limit with an error, as a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    result = loopwright.render("drums", preexec_fn=allow_small_files)
    check_refusal(loopwright, result, code=1)
    assert result.sentence.startswith(
        f"Project folder {loopwright.project} could not be written to ("
    )


@pytest.mark.parametrize(
    "name", ("my loops", "Schl\u00e4ge & B\u00e4sse", "\U0001f941", "-n", "a'\"b")
)
def test_a_project_may_have_any_name(loopwright, name):
    folder = loopwright.home / name
    result = loopwright.run("render", "drums", "--bars", "1", f"--project={folder}")
    assert result.code == 0
    assert [str(path) for path in folder.iterdir()] == result.lines
