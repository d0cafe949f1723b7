"""What a supervisor that takes over goes on from: the counts of rules, a stop
that is under way, a silence."""

import json
import os
import signal
import time
from contextlib import contextmanager
from datetime import datetime

import pytest

from jw import PATIENCE, is_alive, read_text, release, wait_until

COUNTED = """
[classify]
base = false
[[rule]]
name = "loud"
pattern = "boom"
severity = "high"
count = 3
window = "1h"
"""
DEAF = "trap 'echo TERM' TERM; echo up; while :; do sleep 0.02; done"


def fifo(jw, name):
    path = jw.tmp / name
    os.mkfifo(path)
    return path


def messages(jw, job):
    return [a["message"] for a in jw.alerts(job)]


def seconds(event):
    return datetime.fromisoformat(event["time"].replace("Z", "+00:00")) \
        .timestamp()


@contextmanager
def nobody_supervises(jw, job):
    """The supervisor is dead, and its keeper too slow to replace it."""
    family = jw.family(job)
    os.kill(family["keeper"], signal.SIGSTOP)
    try:
        jw.kill_family(job, "supervisor")
        wait_until(lambda: not any(is_alive(family[n]) for n in family
                                   if n != "keeper"))
        yield
    finally:
        os.kill(family["keeper"], signal.SIGCONT)


# --- rules ---------------------------------------------------------------

def saved_rule(jw, job):
    """The rule's state in cursor-classifier, once it is there."""
    text = read_text(jw.dir(job) / "cursor-classifier")
    return json.loads(text)["rules"][0] if text else {}


def matches(rule):
    return len(rule.get("matches", ())) // 2


def test_counts_that_lag_behind_the_events(jw):
    """Killed when the alert is written, but not yet that the rule counts from
    nothing again: the same lines are read once more, and fire once."""
    go, on, out = (fifo(jw, n) for n in ("go", "on", "out"))
    job = jw.detach(f"echo boom 1; echo boom 2; read x < {go}; echo boom 3; "
                    f"read x < {on}; echo boom 4; echo boom 5; read x < {out}; "
                    "echo boom 6",
                    "--policy", jw.policy(COUNTED))
    wait_until(lambda: matches(saved_rule(jw, job)) == 2)
    cursor = jw.dir(job) / "cursor-classifier"
    before = cursor.read_bytes()
    release(go)
    jw.wait_events(job, "output.alert")
    with nobody_supervises(jw, job):
        cursor.write_bytes(before)  # as it was, half a second ago
    jw.wait_events(job, "job.recovered")
    release(on)
    release(out)
    jw("wait", job)
    assert messages(jw, job) == ["boom 3", "boom 6"]


def test_matches_read_again_are_not_counted_again(jw):
    """A line that stays open keeps the cursor at the beginning: those behind
    it are read again, long after the rule has fired and forgotten them."""
    go, on = fifo(jw, "go"), fifo(jw, "on")
    job = jw.detach(f"printf 'an open line' >&2; read x < {go}; "
                    "for i in 1 2 3 4; do echo boom $i; done; "
                    f"read x < {on}; echo boom 5; echo boom 6; echo boom 7",
                    "--policy", jw.policy(COUNTED))
    jw.wait_log(job, b"an open line")
    release(go)
    rule = wait_until(lambda: (lambda r: r if r.get("fired") and
                               matches(r) == 1 else None)(saved_rule(jw, job)))
    assert rule["stdout"] > 1 and rule["stderr"] == 0
    assert json.loads(read_text(
        jw.dir(job) / "cursor-classifier"))["offset"] == 0
    jw.kill_family(job, "supervisor")
    jw.wait_events(job, "job.recovered")
    release(on)
    jw("wait", job)
    assert messages(jw, job) == ["boom 3", "boom 6"]


def test_streams_are_counted_together_and_known_apart(jw):
    """What one stream says at an earlier offset than the other's last match
    is no line that was heard before."""
    go, on = fifo(jw, "go"), fifo(jw, "on")
    job = jw.detach(f"printf 'boom 1' >&2; read x < {go}; echo boom 2; "
                    f"read x < {on}; echo >&2; echo boom 3",
                    "--policy", jw.policy(COUNTED))
    jw.wait_log(job, b"boom 1")
    release(go)
    wait_until(lambda: matches(saved_rule(jw, job)) == 1)
    jw.kill_family(job, "supervisor")
    jw.wait_events(job, "job.recovered")
    release(on)
    jw("wait", job)
    assert len(messages(jw, job)) == 1


# --- a stop --------------------------------------------------------------

@pytest.mark.parametrize("waits", [True, False])
def test_a_stop_goes_on(jw, waits):
    """KILL follows at the end of the grace that was given, and TERM is not
    said twice, whether the client still waits, and asks again, or not."""
    job = jw.detach(DEAF)
    jw.wait_log(job, b"up\n")
    stop = jw.start("stop", "--grace", "3s", job)
    jw.wait_log(job, b"TERM\n")
    if not waits:
        stop.kill()
        stop.wait()
    jw.kill_family(job, "supervisor")
    jw("wait", job, code=137)
    status = jw.status(job)
    assert (status["state"], status["signal"], status["reason"],
            status["detail"]) == ("killed", 9, "stopped",
                                  "stopped by the user")
    asked, = jw.events(job, "job.stop")
    ended, = jw.events(job, "job.exit")
    assert 2.9 <= seconds(ended) - seconds(asked) < 10
    assert jw.log(job, "--stdout").count(b"TERM") == 1
    assert not waits or stop.wait(PATIENCE) == 0


def test_a_stop_whose_grace_is_over(jw):
    """Nobody was there when it ended: KILL comes with the next supervisor."""
    job = jw.detach(DEAF)
    jw.wait_log(job, b"up\n")
    pid = jw.wait_running(job)
    stop = jw.start("stop", "--grace", "2s", job)
    jw.wait_log(job, b"TERM\n")
    stop.kill()  # it would ask again
    stop.wait()
    with nobody_supervises(jw, job):
        end = time.monotonic() + 2.1
        wait_until(lambda: time.monotonic() > end)
        assert is_alive(pid)
    jw("wait", job, code=137)
    recovered, = jw.events(job, "job.recovered")
    ended, = jw.events(job, "job.exit")
    assert seconds(ended) - seconds(recovered) < 1.5


def test_a_stop_by_the_policy_stays_the_policy_s(jw):
    job = jw.detach(DEAF, "--set", "limits.wall_time=300ms",
                    "--set", "stop.grace=2s")
    jw.wait_log(job, b"TERM\n")
    jw.kill_family(job, "supervisor")
    jw("wait", job, code=124)
    assert jw.status(job)["reason"] == "wall-limit"
    assert len(jw.events(job, "job.stop")) == 1
    assert len(jw.events(job, "job.limit")) == 1


# --- silence -------------------------------------------------------------

def stalls(jw, job):
    return [e["event"] for e in jw.events(job)
            if e["event"].startswith("job.stall")]


def test_a_silence_is_told_once_though_the_log_was_rotated(jw):
    """The new segment's index knows nothing of the output before."""
    go = fifo(jw, "go")
    job = jw.detach(f"echo x; read x < {go}; echo y; exec sleep 60",
                    "--stall", "300ms")
    jw.wait_events(job, "job.stall")
    jw("rotate", job)
    jw.kill_family(job, "supervisor")
    jw.wait_events(job, "job.recovered")
    end = time.monotonic() + 1
    wait_until(lambda: time.monotonic() > end)
    assert stalls(jw, job) == ["job.stall"]
    release(go)
    jw.wait_events(job, "job.stall.clear")
    jw.wait_events(job, "job.stall", 2)
    jw("kill", job)


@pytest.mark.slow
def test_a_silence_is_not_as_old_as_the_job(jw):
    """After a rotation a new supervisor does not know when output came last:
    it counts from now, not from the start of a job that printed all along."""
    go = fifo(jw, "go")
    job = jw.detach("i=0; while [ $i -lt 30 ]; do echo $i; sleep 0.1; "
                    f"i=$((i+1)); done; echo up; read x < {go}",
                    "--stall", "2s")
    jw.wait_log(job, b"up\n")
    jw("rotate", job)
    jw.kill_family(job, "supervisor")
    recovered, = jw.wait_events(job, "job.recovered")
    stall, = jw.wait_events(job, "job.stall")
    assert seconds(stall) - seconds(recovered) > 1.9
    assert stall["data"]["silent_s"] < 4
    release(go)
    jw("wait", job)
