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
unknown-jobs     sends events of unknown jobs
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

FAULTS = sys.argv[1:]
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
    while "silent" not in FAULTS or not _job_came.wait(0.2):
        send(type="heartbeat", jobs=0)
        time.sleep(0.2)


_job_came = threading.Event()


def begin():
    if "stubborn" in FAULTS:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "crash-at-start" in FAULTS:
        raise SystemExit("no such luck")
    if "never-ready" in FAULTS:
        time.sleep(600)
    while "garbage-only" in FAULTS:
        write(b"Downloading shards: 100%\n")
    if "orphan" in FAULTS:
        orphan = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
        )
        say(f"orphan {orphan.pid}")
    send(type="ready", protocol=99 if "old" in FAULTS else 1, version="0", pid=os.getpid())
    threading.Thread(target=beat, daemon=True).start()


def run(command):
    job_id = command["id"]
    _job_came.set()
    send(type="queued", id=job_id, position=0)
    if "garbage" in FAULTS:
        write(b"WARNING: something\n\xff\xfe\x00\n{}\n[1, 2\n" + b"\n" + b"[" * 50_000 + b"\n")
    if "unknown-jobs" in FAULTS:
        send(type="progress", id="unknown", fraction=0.5, stage="odd")
        send(type="done", id="unknown", clips=[])
        send(type="pong", id="unknown")
    if "huge" in FAULTS:
        write(b"x" * 100_000_000 + b"\n")
    if "stopped" in FAULTS:
        os.kill(os.getpid(), signal.SIGSTOP)
    if "dies" in FAULTS or dies_at(command.get("request", {}).get("prompt")) or dies_this_time():
        say("the last words")
        os._exit(7)
    if "closes" in FAULTS:
        os.close(1)
        time.sleep(600)
    if "deaf" in FAULTS or "silent" in FAULTS:
        return
    send(type="done", id=job_id, clips=[])
    if "twice" in FAULTS:
        send(type="failed", id=job_id, code=500, message="and failed", detail="")
        send(type="done", id=job_id, clips=["again"])


def dies_at(prompt):
    return "dies-at" in FAULTS and FAULTS[FAULTS.index("dies-at") + 1] == prompt


def dies_this_time():
    if "dies-once" not in FAULTS:
        return False
    memory = Path(FAULTS[FAULTS.index("dies-once") + 1])
    if memory.exists():
        return False
    memory.touch()
    return True


def obey():
    for line in sys.stdin.buffer:
        command = json.loads(line)
        if command["type"] in ("render", "analyse"):
            run(command)
        elif command["type"] == "ping":
            send(type="pong", id=command["id"])
        elif command["type"] == "shutdown" and "stubborn" not in FAULTS:
            return


if __name__ == "__main__":
    begin()
    obey()
    if "stubborn" in FAULTS:
        time.sleep(600)
