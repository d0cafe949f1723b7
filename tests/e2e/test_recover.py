"""Families that were killed: who settles what they left, and when it is
done. What a command has waited for can be read when it returns."""

import json
import os
import signal
import time

import pytest
from fake_job import FakeFamily, FakeJob
from jw import PATIENCE, wait_until

SLEEP = "exec sleep 120"


def fallen_jobs(jw, count, *options):
    """Jobs whose whole families were killed, and then they themselves; all
    of them at the end, for each `run` settles what has fallen before."""
    jobs = [jw.detach(SLEEP, *options) for _ in range(count)]
    processes = [jw.wait_running(job) for job in jobs]
    for job in jobs:
        jw.massacre(job)
    jw.kill(processes)
    return jobs


def fallen(jw, *options):
    return fallen_jobs(jw, 1, *options)[0]


def lost(jw, job):
    """What is in the files now, without waiting for it."""
    assert jw.peek(job)["state"] == "lost"
    event, = jw.events(job, "job.lost")
    return event


# --- wait ----------------------------------------------------------------

def test_wait_settles_a_fallen_job(jw):
    job = fallen(jw)
    done = jw("wait", job, code=125)
    lost(jw, job)
    assert done.stdout == b""
    assert done.stderr.startswith(b"jobwatch: " + job.encode() + b": lost: ")
    wait_until(lambda: not (jw.home / "running" / job).exists())


def test_wait_sees_the_family_fall(jw):
    job = jw.detach(SLEEP)
    pid = jw.wait_running(job)
    waiting = jw.start("wait", job)
    wait_until(lambda: follows(waiting.pid))
    os.kill(pid, signal.SIGSTOP)  # it does not end by itself
    jw.massacre(job)
    assert waiting.wait(PATIENCE) == 125
    lost(jw, job)
    os.kill(pid, signal.SIGKILL)


def follows(pid):
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
                   for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def test_many_wait_for_one_fallen_job(jw):
    job = fallen(jw)
    waiting = [jw.start("wait", job) for _ in range(5)]
    for process in waiting:
        assert process.wait(PATIENCE) == 125
        lost(jw, job)


def test_wait_does_not_wait_for_alerts(jw, hook):
    """The job's end is told; that a receiver does not answer is another
    matter."""
    hook.gate.clear()
    job = fallen(jw, "--notify", hook.url())
    jw("wait", job, code=125)
    lost(jw, job)
    hook.wait(1)
    hook.gate.set()
    wait_until(lambda: not jw.family_pids())


def test_wait_believes_the_events(jw):
    """The family was killed between the event and status.json."""
    job = jw.detach("exit 3")
    jw("wait", job, code=3)
    wait_until(lambda: not jw.family_pids())
    status = dict(jw.peek(job), state="running", exit_code=None, reason=None)
    (jw.dir(job) / "status.json").write_text(json.dumps(status))
    (jw.home / "running" / job).touch()
    jw("wait", job, code=3)
    assert jw.peek(job)["state"] == "failed"
    assert jw.events(job, "job.lost") == []


def test_wait_leaves_other_hosts_alone(jw):
    fake = FakeJob(jw.home, "away-1", host="elsewhere.example")
    fake.mark()
    done = jw("wait", "away-1", code=125)
    assert b"another host" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not os.path.exists(fake.path("family.log"))


def test_wait_says_what_it_could_not_settle(jw):
    job = fallen(jw)
    (jw.dir(job) / "policy.json").unlink()
    done = jw("wait", job, code=125)
    assert f"cannot settle {job}: ".encode() in done.stderr
    assert f"{job}: lost: ".encode() in done.stderr


@pytest.mark.slow
def test_wait_until_the_end_is_recorded(jw):
    """However long the disk takes for it."""
    fake = FakeJob(jw.home, "train-1")
    family = FakeFamily(fake)
    waiting = jw.start("wait", "train-1")
    family.wait_followers()
    family.finish(6, settle=False)
    began = time.monotonic()
    wait_until(lambda: waiting.poll() is not None or
               time.monotonic() > began + 4)
    assert waiting.poll() is None
    family.tell(dict(family.state(), recorded=True))
    assert waiting.wait(PATIENCE) == 6
    family.vanish()


# --- recover -------------------------------------------------------------

def test_recover_returns_when_it_is_told(jw):
    jobs = sorted(fallen_jobs(jw, 4))
    done = jw("recover")
    for job in jobs:
        lost(jw, job)
    assert sorted(done.stdout.decode().split()) == jobs


def test_recover_does_not_wait_for_alerts(jw, hook):
    hook.gate.clear()
    job = fallen(jw, "--notify", hook.url())
    jw("recover")
    lost(jw, job)
    hook.wait(1)
    hook.gate.set()
    wait_until(lambda: not jw.family_pids())


def test_two_recover_at_once(jw):
    """Each job is adopted by one of them; both know its end."""
    jobs = sorted(fallen_jobs(jw, 4))
    both = [jw.start("recover") for _ in range(2)]
    printed = []
    for process in both:
        assert process.wait(PATIENCE) == 0
        for job in jobs:
            lost(jw, job)
        printed += process.stdout.read().decode().split()
    assert sorted(printed) == jobs


def test_recover_after_a_run_in_passing(jw):
    jobs = fallen_jobs(jw, 4)
    jw("run", "-d", "true")
    jw("recover")
    for job in jobs:
        lost(jw, job)


def test_recover_leaves_the_living_alone(jw):
    job = jw.detach(SLEEP)
    jw.wait_running(job)
    assert jw("recover").stdout == b""
    assert jw.status(job)["state"] == "running"
    jw("kill", job)


def test_recover_says_what_it_could_not_settle(jw):
    bad, good = fallen_jobs(jw, 2)
    (jw.dir(bad) / "policy.json").unlink()
    done = jw("recover", code=125)
    lost(jw, good)
    assert done.stderr.decode().startswith(f"jobwatch: cannot settle {bad}: ")
    assert jw.events(bad, "job.lost") == []


# --- other hosts ---------------------------------------------------------

@pytest.mark.parametrize("how", ["recover", "run"])
def test_jobs_of_other_hosts_are_left_alone(jw, how):
    """In a home that hosts share, a lock that seems free says nothing: the
    family may live where it is. Only its own host may settle it."""
    job, own = fallen_jobs(jw, 2)
    path = jw.dir(job) / "job.json"
    identity = json.loads(path.read_bytes())
    path.write_text(json.dumps(dict(identity, host="elsewhere.example")))
    before = (jw.dir(job) / "events.jsonl").read_bytes()
    done = jw("recover") if how == "recover" else jw("run", "true")
    wait_until(lambda: jw.events(own, "job.lost"))
    wait_until(lambda: not jw.family_pids())
    assert job.encode() not in done.stdout
    assert (jw.dir(job) / "events.jsonl").read_bytes() == before
    assert (jw.home / "running" / job).exists()
    assert jw.status(job)["state"] == "unknown"
    # Back at home, it is like any other.
    path.write_text(json.dumps(identity))
    assert jw("recover").stdout == job.encode() + b"\n"
    lost(jw, job)
