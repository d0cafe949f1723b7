"""Helpers that are stopped or far behind: they are replaced, or waited for,
and every alert comes once."""

import os
import resource
import signal
import time

import pytest

from jw import (PYTHON, is_alive, read_text, release, switches_of,
                wait_until)
from receiver import Answer

REPLACED = 40  # seconds; a helper is given ten for an answer
SLOW_DISK = 200  # seconds; each segment is synced

# A line is a segment, unless it comes too soon after another; every tenth is
# to be told, of so many. It prints until it is told to end.
MANY = """
import os, sys, time
go, end, count = sys.argv[1:]
print('up', flush=True)
open(go).read()
n = 0
while not os.path.exists(end):
    planted = n % 10 == 0 and n < int(count)
    print('PLANTED' if planted else 'a plain line', n, flush=True)
    n += 1
    time.sleep(0.003)
"""
COUNT = 400
POLICY = """
[log]
max_size = "8B"
keep = 1000
compress = "none"
[classify]
base = false
[[rule]]
name = "planted"
pattern = "^PLANTED"
severity = "high"
"""


def fifo(jw, name):
    path = jw.tmp / name
    os.mkfifo(path)
    return path


def helper(jw, job, name):
    """Its pid, once there is one."""
    return wait_until(lambda: jw.family(job).get(name), what=name)


def quiet(pid):
    """Waits until it has nothing to do any more."""
    last, since = switches_of(pid), time.monotonic()

    def still():
        nonlocal last, since
        now = switches_of(pid)
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > 0.3
    wait_until(still)


def words(jw, job):
    return read_text(jw.dir(job) / "family.log")


@pytest.mark.slow
@pytest.mark.parametrize("how, descriptors", [
    (signal.SIGKILL, None), (signal.SIGCONT, None), (signal.SIGKILL, 64)])
def test_a_classifier_hundreds_of_segments_behind(jw, how, descriptors):
    go, end = fifo(jw, "go"), jw.tmp / "end"

    def limit():
        if descriptors is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE,
                               (descriptors, descriptors))
    job = jw.detach_command(PYTHON, "-c", MANY, go, end, COUNT,
                            options=("--policy", jw.policy(POLICY)),
                            preexec_fn=limit)
    jw.wait_running(job)
    pid = helper(jw, job, "classifier")
    os.kill(pid, signal.SIGSTOP)
    release(go)
    wait_until(lambda: len(list(jw.dir(job).glob("output-*.log"))) > 320,
               SLOW_DISK)
    if is_alive(pid):  # else the disk is so slow that it was replaced
        os.kill(pid, how)
    jw.wait_events(job, "output.alert", COUNT // 10)
    end.touch()
    jw("wait", job)
    assert [a["message"] for a in jw.alerts(job)] == \
        [f"PLANTED {n}" for n in range(0, COUNT, 10)]
    assert "Too many open files" not in words(jw, job)


@pytest.mark.slow
def test_a_stopped_classifier_is_replaced(jw):
    go, on = fifo(jw, "go"), fifo(jw, "on")
    job = jw.detach("echo 'ERROR: first thing'; "
                    f"read x < {go}; echo 'ERROR: second matter'; "
                    f"read x < {on}; exit 3")
    jw.wait_events(job, "output.alert")
    pid = helper(jw, job, "classifier")
    os.kill(pid, signal.SIGSTOP)
    release(go)
    jw.wait_events(job, "output.alert", 2, REPLACED)
    assert not is_alive(pid)
    assert words(jw, job).count("classifier gives no answer") == 1
    release(on)
    jw("wait", job, code=3)
    assert [a["message"] for a in jw.alerts(job)] == \
        ["ERROR: first thing", "ERROR: second matter"]


@pytest.mark.slow
def test_a_stopped_notifier_is_replaced(jw, hook):
    go = fifo(jw, "go")
    job = jw.detach(f"echo 'ERROR: first thing'; read x < {go}; "
                    "echo 'ERROR: second matter'; exit 3",
                    "--notify", hook.url())
    hook.wait(1)
    pid = helper(jw, job, "notifier")
    quiet(pid)
    os.kill(pid, signal.SIGSTOP)
    release(go)
    hook.wait(3, REPLACED)
    assert not is_alive(pid)
    wait_until(lambda: not jw.family_pids(), REPLACED)
    assert words(jw, job).count("notifier gives no answer") == 1
    assert sorted(r.json["event"]["message"] for r in hook.requests)[:2] == \
        ["ERROR: first thing", "ERROR: second matter"]
    assert len({r.id for r in hook.requests}) == len(hook.requests) == 3


@pytest.mark.slow
def test_a_notifier_stopped_between_two_tries_is_replaced(jw, hook):
    """Nothing more happens in the job; but it said when it would try again,
    and did not."""
    hook.tell(Answer(503, (("Retry-After", "3"),)))
    job = jw.detach("echo 'ERROR: it broke'; exec sleep 120",
                    "--notify", hook.url())
    jw.wait_events(job, "notify.failed")
    pid = helper(jw, job, "notifier")
    quiet(pid)
    os.kill(pid, signal.SIGSTOP)
    first, second = hook.wait(2, REPLACED)
    assert first.id == second.id
    assert not is_alive(pid)
    jw("kill", job)


@pytest.mark.slow
def test_nobody_is_woken_while_nothing_is_owed(jw, hook):
    """All helpers are there, all have answered."""
    job = jw.detach("echo 'ERROR: it broke'; exec sleep 120",
                    "--notify", hook.url())
    jw.wait_events(job, "notify.sent")
    settle = time.monotonic() + 6  # the last lagging status write
    wait_until(lambda: time.monotonic() > settle)
    assert {"classifier", "notifier"} < set(jw.family(job))
    before = jw.switches(job)
    end = time.monotonic() + 11  # longer than anyone's patience
    wait_until(lambda: time.monotonic() > end)
    assert jw.switches(job) == before
    jw("kill", job)
