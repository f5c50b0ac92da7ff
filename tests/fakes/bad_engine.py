"""A child process that speaks the protocol and misbehaves as its arguments say.

never-ready      prints nothing, ever
old              speaks another version of the protocol
crash-at-start   ends with a traceback before it is ready
garbage          prints lines that are no messages, binary ones too, between its messages
garbage-only     prints nothing but garbage, without end
huge             sends a line of 100 MB when a job comes
silent           stops its heartbeat when a job comes
stopped          stops itself (SIGSTOP) when a job comes
dies             ends when a job comes
dies-once FILE   ends when the first job comes that it ever saw; FILE remembers
dies-at PROMPT   ends when a job with this prompt comes
stubborn         ignores SIGTERM and the end of stdin
deaf             runs a job for ever, and ignores that it is cancelled
strangers        sends events of jobs that nobody asked for
twice            ends each job twice, in two ways
orphan           leaves a process behind that holds its pipes open
closes           closes its output when a job comes, and stays
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

MISDEEDS = sys.argv[1:]
_lock = threading.Lock()


def send(**message):
    write(json.dumps(message).encode() + b"\n")


def write(data):
    with _lock:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def say(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def beat():
    while "silent" not in MISDEEDS or not _job_came.wait(0.2):
        send(type="heartbeat", jobs=0)
        time.sleep(0.2)


_job_came = threading.Event()


def begin():
    if "stubborn" in MISDEEDS:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "crash-at-start" in MISDEEDS:
        raise SystemExit("no such luck")
    if "never-ready" in MISDEEDS:
        time.sleep(600)
    while "garbage-only" in MISDEEDS:
        write(b"Downloading shards: 100%\n")
    if "orphan" in MISDEEDS:
        orphan = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
        )
        say(f"orphan {orphan.pid}")
    send(type="ready", protocol=99 if "old" in MISDEEDS else 1, version="0", pid=os.getpid())
    threading.Thread(target=beat, daemon=True).start()


def render(command):
    job_id = command["id"]
    _job_came.set()
    send(type="queued", id=job_id, position=0)
    if "garbage" in MISDEEDS:
        write(b"WARNING: something\n\xff\xfe\x00\n{}\n[1, 2\n" + b"\n" + b"[" * 50_000 + b"\n")
    if "strangers" in MISDEEDS:
        send(type="progress", id="stranger", fraction=0.5, stage="strange")
        send(type="done", id="stranger", clips=[])
        send(type="pong", id="stranger")
    if "huge" in MISDEEDS:
        write(b"x" * 100_000_000 + b"\n")
    if "stopped" in MISDEEDS:
        os.kill(os.getpid(), signal.SIGSTOP)
    if "dies" in MISDEEDS or dies_at(command["request"].get("prompt")) or dies_this_time():
        say("the last words")
        os._exit(7)
    if "closes" in MISDEEDS:
        os.close(1)
        time.sleep(600)
    if "deaf" in MISDEEDS or "silent" in MISDEEDS:
        return
    send(type="done", id=job_id, clips=[])
    if "twice" in MISDEEDS:
        send(type="failed", id=job_id, code=500, message="and failed", detail="")
        send(type="done", id=job_id, clips=["again"])


def dies_at(prompt):
    return "dies-at" in MISDEEDS and MISDEEDS[MISDEEDS.index("dies-at") + 1] == prompt


def dies_this_time():
    if "dies-once" not in MISDEEDS:
        return False
    memory = Path(MISDEEDS[MISDEEDS.index("dies-once") + 1])
    if memory.exists():
        return False
    memory.touch()
    return True


def obey():
    for line in sys.stdin.buffer:
        command = json.loads(line)
        if command["type"] == "render":
            render(command)
        elif command["type"] == "ping":
            send(type="pong", id=command["id"])
        elif command["type"] == "shutdown" and "stubborn" not in MISDEEDS:
            return


if __name__ == "__main__":
    begin()
    obey()
    if "stubborn" in MISDEEDS:
        time.sleep(600)
