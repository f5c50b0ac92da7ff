"""`--engine ssh://BOX`, from the command line to a real sshd and back."""

import json

import pytest

from tests.cli.program import REAL, Program
from tests.fakes.sshd import needs_sshd, running_box


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with running_box(tmp_path_factory.mktemp("ssh")) as box:
        yield box


@pytest.fixture
def here(box, tmp_path):
    """The program on this machine, whose `ssh` knows the box."""
    with Program(tmp_path, REAL) as program:
        yield lambda *arguments, **more: program.run(
            *arguments, env={**program.environment, "PATH": box.path, **more}
        )


@needs_sshd
def test_a_loop_is_made_on_another_machine(box, here, tmp_path):
    project = str(tmp_path / "project")
    made = here("render", "tone", "--model", "fake", "--engine", box.place, "--project", project)
    assert made.code == 0, made.err
    (path,) = made.lines
    assert path.startswith(project)
    listed = here("models", "list", "--json", LOOPWRIGHT_ENGINE=box.place)
    assert listed.code == 0, listed.err
    ids = [json.loads(line)["id"] for line in listed.lines]
    assert ids == ["fake", "fake-big", "fake-parts", "sketch"]
    refused = here("models", "check", "sketch", f"--engine={box.place}")
    assert (refused.code, "run it there" in refused.sentence) == (2, True)
    unknown = here("models", "download", "no-such", f"--engine={box.place}")
    assert (unknown.code, "'no-such'" in unknown.sentence) == (1, True)


@needs_sshd
def test_a_pack_is_made_on_another_machine(box, here, tmp_path):
    (tmp_path / "a.csv").write_text("model,bars,prompt,count\nfake,1,tone,2\n", "utf-8")
    made = here("pack", str(tmp_path / "a.csv"), "--out", str(tmp_path), "--engine", box.place)
    assert (made.code, len(made.lines)) == (0, 2), made.err


@pytest.mark.parametrize(
    "arguments", [("--engine", "box"), ("--engine=http://box",), ("--engine", "ssh://-x")]
)
def test_a_place_that_is_none_is_a_usage_error(loopwright, arguments):
    result = loopwright.run("render", "tone", *arguments)
    assert (result.code, "'ssh://box' or 'ray://head'" in result.sentence) == (2, True)


def test_the_option_needs_a_value_and_a_prompt_may_contain_it(loopwright_with_fakes):
    assert loopwright_with_fakes.run("render", "tone", "--engine").code == 2
    made = loopwright_with_fakes.render("--model=fake", "--engine", "local", "--", "--engine noise")
    assert made.code == 0, made.err


def test_serving_a_terminal_is_refused_and_an_empty_relay_ends_it(loopwright):
    assert loopwright.run("serve").code == 0  # its stdin is empty
