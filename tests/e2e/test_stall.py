"""Silence: raised once for each, cleared by output, and what may follow."""

import os
import time

import pytest

from jw import PATIENCE, release, wait_until

SILENT = "read x < {go}"


def fifo(jw, name="go"):
    path = jw.tmp / name
    os.mkfifo(path)
    return path


def stalls(jw, job="sh-1"):
    return [e["event"] for e in jw.events(job)
            if e["event"].startswith("job.stall")]


def test_once_for_each_silence(jw):
    """Raised, cleared by output, and armed again for the next one."""
    a, b, c = (fifo(jw, n) for n in "abc")
    job = jw.detach(f"echo 1; read x < {a}; echo 2; read x < {b}; echo 3; "
                    f"read x < {c}", "--stall", "200ms")
    stall, = jw.wait_events(job, "job.stall")
    assert stall["severity"] == "high" and stall["source"] == "stall"
    assert stall["data"]["silent_s"] >= 0.2
    assert jw.status(job)["stalled"] is True
    # Five more silences' worth of time raise no second one.
    end = time.monotonic() + 1.0
    wait_until(lambda: time.monotonic() > end)
    assert stalls(jw) == ["job.stall"]
    release(a)
    clear, = jw.wait_events(job, "job.stall.clear")
    assert clear["severity"] == "low"
    jw.wait_events(job, "job.stall", 2)
    release(b)
    jw.wait_events(job, "job.stall", 3)
    release(c)
    jw("wait", job)
    assert stalls(jw) == ["job.stall", "job.stall.clear"] * 2 + ["job.stall"]
    assert jw.status(job)["reason"] == "exit"


def test_status_is_cleared(jw):
    go = fifo(jw)
    job = jw.detach(f"echo 1; read x < {go}; echo 2; exec sleep 60",
                    "--set", "stall.timeout=300ms")
    wait_until(lambda: jw.status(job)["stalled"])
    release(go)
    jw.wait_events(job, "job.stall.clear")
    jw.wait_events(job, "job.stall", 2)
    jw("kill", job)


def test_output_keeps_it_away(jw):
    jw.run("for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.1; done",
           "--stall", "800ms")
    assert stalls(jw) == []


def test_stderr_is_output_too(jw):
    jw.run("for i in 1 2 3 4 5 6 7 8; do echo $i >&2; sleep 0.15; done",
           "--stall", "1s")
    assert stalls(jw) == []


def test_a_part_of_a_line_is_output(jw):
    jw.run("for i in 1 2 3 4 5 6 7 8; do printf .; sleep 0.15; done",
           "--stall", "1s")
    assert stalls(jw) == []


def test_silence_from_the_start(jw):
    go = fifo(jw)
    job = jw.detach(SILENT.format(go=go), "--stall", "200ms")
    jw.wait_events(job, "job.stall")
    release(go)
    jw("wait", job)


def test_startup_timeout(jw):
    """Before the first output another limit holds."""
    go, on = fifo(jw), fifo(jw, "on")
    job = jw.detach(f"read x < {go}; echo up; read x < {on}",
                    "--set", "stall.timeout=200ms",
                    "--set", "stall.startup_timeout=1h")
    jw.wait_running(job)
    end = time.monotonic() + 0.6
    wait_until(lambda: time.monotonic() > end)
    assert stalls(jw) == []
    release(go)
    jw.wait_events(job, "job.stall")
    release(on)
    jw("wait", job)


def test_startup_timeout_alone(jw):
    go = fifo(jw)
    job = jw.detach(SILENT.format(go=go),
                    "--set", "stall.startup_timeout=200ms")
    stall, = jw.wait_events(job, "job.stall")
    assert stall["data"]["timeout_s"] == pytest.approx(0.2)
    release(go)
    jw("wait", job)


def test_kill_after(jw):
    """Counts from the alert; the job is stopped, and it was the policy."""
    began = time.monotonic()
    jw.run("echo x; exec sleep 60", "--set", "stall.timeout=200ms",
           "--set", "stall.kill_after=500ms", code=124)
    assert time.monotonic() - began >= 0.7
    stop, = jw.events("sh-1", "job.stop")
    assert stop["data"]["by"] == "policy" and stop["data"]["reason"] == "stall"
    assert jw.status("sh-1")["reason"] == "stall"


def test_kill_after_is_called_off_by_output(jw):
    go, on = fifo(jw), fifo(jw, "on")
    job = jw.detach(f"echo 1; read x < {go}; while [ ! -e {jw.tmp}/done ]; do "
                    f"echo y; sleep 0.02; done; exit 4",
                    "--set", "stall.timeout=300ms",
                    "--set", "stall.kill_after=1500ms")
    jw.wait_events(job, "job.stall")
    release(go)
    jw.wait_events(job, "job.stall.clear")
    end = time.monotonic() + 1.8
    wait_until(lambda: time.monotonic() > end)
    (jw.tmp / "done").touch()
    jw("wait", job, code=4)
    assert jw.events(job, "job.stop") == []


def test_kill_at_once(jw):
    jw.run("echo x; exec sleep 60", "--set", "stall.timeout=200ms",
           "--set", "stall.do=kill", code=124)
    status = jw.status("sh-1")
    assert (status["state"], status["reason"]) == ("killed", "stall")


def test_none_raises_but_does_nothing(jw):
    """do = "none" silences what would be done, not what is seen."""
    go = fifo(jw)
    job = jw.detach(f"echo x; read x < {go}; exit 3",
                    "--set", "stall.timeout=200ms", "--set", "stall.do=none")
    end = time.monotonic() + 0.5
    wait_until(lambda: time.monotonic() > end)
    release(go)
    jw("wait", job, code=3)
    assert jw.events(job, "job.stop") == []


def test_auto_does_not_fire_early(jw):
    """Nothing is known before 20 outputs, nor under a minute."""
    jw.run("for i in 1 2 3 4 5; do echo $i; done; sleep 1.5; "
           "seq 30 | while read i; do echo $i; sleep 0.01; done; sleep 1.5",
           "--stall", "auto", "--set", "stall.do=kill")
    assert stalls(jw) == []


def test_a_stall_is_told(jw, hook):
    """It reaches the phone, and so does its end as `resolved` or not at
    all."""
    go = fifo(jw)
    job = jw.detach(f"echo x; read x < {go}; echo y", "--stall", "200ms",
                    "--notify", hook.url())
    body = hook.wait(1)[0].json
    assert body["event"]["event"] == "job.stall"
    assert body["severity"] == "high"
    release(go)
    jw("wait", job)


def test_the_end_of_the_job_is_no_silence(jw):
    jw.run("echo x", "--stall", "100ms")
    wait_until(lambda: not jw.family_pids())
    assert stalls(jw) == []


def test_silence_survives_a_new_supervisor(jw):
    """The stall already raised is not raised again by a successor, and the
    output after it clears it."""
    go = fifo(jw)
    job = jw.detach(f"echo x; read x < {go}; echo y; exec sleep 60",
                    "--stall", "400ms")
    jw.wait_events(job, "job.stall")
    jw.kill_family(job, "supervisor")
    jw.wait_events(job, "job.recovered")
    end = time.monotonic() + 1
    wait_until(lambda: time.monotonic() > end)
    assert stalls(jw) == ["job.stall"]
    assert jw.status(job)["stalled"] is True
    release(go)
    jw.wait_events(job, "job.stall.clear", timeout=PATIENCE)
    jw("kill", job)
