"""The engine as a real process without a client: lines in, lines out, and how it ends."""

import contextlib
import json
import subprocess

from engine.loops.request import LoopRequest
from engine.protocol import (
    LONGEST_LINE_BYTES,
    Cancelled,
    Done,
    Failed,
    Heartbeat,
    Progress,
    Rejected,
    Render,
    Shutdown,
    decode_event,
    encode,
)
from tests.fakes.front_end import FAKE_ENGINE, PATIENCE_S


class Talk:
    """An engine without a client: lines in, lines out."""

    def __init__(self):
        self.process = subprocess.Popen(
            FAKE_ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def say(self, data: bytes):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def wait_for(self, kind):
        """Return the next event of a kind, and what came before it, without heartbeats."""
        seen = []
        for line in self.process.stdout:
            event = decode_event(line)
            if isinstance(event, kind):
                return event, seen
            if not isinstance(event, Heartbeat):
                seen.append(event)
        raise AssertionError(seen)


def render(job_id, prompt, folder, **fields):
    request = LoopRequest(**{"prompt": prompt, "model": "fake", "bars": 1} | fields)
    return encode(Render(job_id, request, str(folder)))


def test_the_engine_exits_when_stdin_closes_even_during_a_job(tmp_path):
    with Talk() as talk:
        talk.say(render("a", "slow", tmp_path) + render("b", "tone", tmp_path))
        talk.wait_for(Progress)
        talk.process.stdin.close()
        _, before = talk.wait_for(Cancelled)
        assert talk.wait_for(Cancelled)[0] in (Cancelled("a"), Cancelled("b"))
        assert talk.process.wait(PATIENCE_S) == 0
    assert not [event for event in before if isinstance(event, Failed)]
    assert list(tmp_path.iterdir()) == []


def test_the_engine_exits_when_stdin_closes_even_if_the_model_ignores_cancelling(tmp_path):
    with Talk() as talk:
        talk.say(render("a", "deaf", tmp_path))
        talk.wait_for(Progress)
        talk.process.stdin.close()
        assert talk.process.wait(PATIENCE_S) == 0


def test_shutdown_ends_the_engine_and_its_jobs(tmp_path):
    with Talk() as talk:
        talk.say(render("a", "slow", tmp_path))
        talk.wait_for(Progress)
        talk.say(encode(Shutdown()))
        assert talk.wait_for(Cancelled)[0] == Cancelled("a")
        assert talk.process.wait(PATIENCE_S) == 0


def test_an_engine_whose_output_is_not_read_any_more_exits_quietly():
    process = subprocess.Popen(
        FAKE_ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 0
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


def test_invalid_lines_are_rejected_and_harmless(tmp_path):
    bad = [b"hello\n", b"{}\n", b"\xff\xfe\n", b'{"type":"done","id":"a","clips":[]}\n', b"\n",
           b'{"type":"cancel","id":7}\n', b"[" * 100_000 + b"\n",
           b"x" * (LONGEST_LINE_BYTES + 9) + b"\n"]  # fmt: skip
    with Talk() as talk:
        for line in bad:
            talk.say(line)
            assert talk.wait_for(Rejected)[0].message
        talk.say(render("a", "tone", tmp_path))
        assert talk.wait_for(Done)[0].id == "a"


def test_a_malformed_render_command_fails_under_its_id_if_it_has_one(tmp_path):
    line = json.loads(render("a", "tone", tmp_path))
    line["request"]["colour"] = "blue"
    with Talk() as talk:
        talk.say(json.dumps(line).encode() + b"\n")
        failed, before = talk.wait_for(Failed)
    assert (failed.id, failed.code) == ("a", 400)
    assert "unknown field `colour`" in failed.message
    assert [type(event).__name__ for event in before] == ["Ready"]


def test_a_duplicate_id_is_refused_and_the_first_job_is_unaffected(tmp_path):
    with Talk() as talk:
        talk.say(render("a", "slow", tmp_path) + render("a", "tone", tmp_path))
        rejected, _ = talk.wait_for(Rejected)
        assert rejected.message == "There is already a job 'a': choose another id."
        talk.say(b'{"type":"cancel","id":"a"}\n')
        talk.wait_for(Cancelled)
        talk.say(render("a", "tone", tmp_path))
        assert talk.wait_for(Rejected)[0] == rejected


def test_a_relative_project_folder_is_refused_with_a_reason():
    with Talk() as talk:
        talk.say(render("a", "tone", "somewhere"))
        failed, _ = talk.wait_for(Failed)
    assert failed.message.startswith("The project folder 'somewhere' is not absolute")
