"""What each process of the family may be spared: killed at a bad moment,
and still one job, every byte, the true end."""

import json
import os
import platform
import signal
import subprocess

import pytest

from jw import ENDED, PATIENCE, is_alive, release, wait_until

LINES = 4000
PRINTER = ("i=0; while [ $i -lt %d ]; do echo line $i; i=$((i+1)); done; "
           "read x < %s; echo end; exit 7")


def printer(jw, *options):
    """A job that prints fast, then waits to be let go."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(PRINTER % (LINES, go), *options)
    return job, go


def expected():
    return b"".join(b"line %d\n" % n for n in range(LINES)) + b"end\n"


def knows_exit_codes():
    """PIDFD_GET_INFO with exit codes came in Linux 6.15."""
    major, minor = map(int, platform.release().split(".")[:2])
    return (major, minor) >= (6, 15)


def test_supervisor_killed_again_and_again(jw):
    job, go = printer(jw)
    for _ in range(4):
        family = wait_until(lambda: (lambda f: f if "supervisor" in f
                                     else None)(jw.family(job)))
        os.kill(family["supervisor"], signal.SIGKILL)
        wait_until(lambda: not is_alive(family["supervisor"]))
    release(go)
    jw("wait", job, code=7)
    assert jw.log(job) == expected()
    assert jw.status(job)["recoveries"] == 4
    assert len(jw.wait_events(job, "job.exit")) == 1
    assert len(jw.events(job, "job.start")) == 1


def test_attached_client_over_a_new_supervisor(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    run = jw.start("run", "-q", "--", "sh", "-c",
                   f"echo up; read x < {go}; echo on; exit 7")
    assert run.stdout.readline() == b"up\n"
    jw.wait_running("sh-1")
    jw.kill_family("sh-1", "supervisor")
    jw.wait_events("sh-1", "job.recovered")
    run.send_signal(signal.SIGUSR1)  # reaches the job by the new one
    assert run.wait(PATIENCE) == 128 + signal.SIGUSR1
    assert jw.log("sh-1") == b"up\n"


def test_keeper_killed(jw):
    """The supervisor goes on; the end is true, or said to be unknown."""
    job, go = printer(jw)
    jw.wait_running(job)
    jw.kill_family(job, "keeper")
    assert jw.status(job)["state"] == "running"
    release(go)
    status = jw.wait_ended(job)
    assert jw.log(job) == expected()
    if status["state"] == "lost":
        assert status["exit_code"] is status["signal"] is None
        jw("wait", job, code=125)
        if knows_exit_codes():
            pytest.fail("this kernel tells how a process ended")
    else:
        assert (status["state"], status["exit_code"]) == ("failed", 7)
        jw("wait", job, code=7)


def test_stop_without_a_keeper(jw):
    job = jw.detach("trap 'exit 0' TERM; echo up; "
                    "while :; do sleep 0.02; done")
    jw.wait_log(job, b"up")
    pid = jw.wait_running(job)
    jw.kill_family(job, "keeper")
    jw("stop", job)
    assert not is_alive(pid)


def test_classifier_killed(jw):
    """Another one goes on where it was: no alert is lost, none twice."""
    go, on = jw.tmp / "go", jw.tmp / "on"
    os.mkfifo(go), os.mkfifo(on)
    job = jw.detach("echo 'ERROR: first thing'; "
                    f"read x < {go}; echo 'ERROR: second matter'; "
                    f"read x < {on}; exit 3")
    jw.wait_events(job, "output.alert")
    jw.kill_family(job, "classifier")
    release(go)
    jw.wait_events(job, "output.alert", 2)
    release(on)
    jw("wait", job, code=3)
    assert [a["message"] for a in jw.alerts(job)] == \
        ["ERROR: first thing", "ERROR: second matter"]


def test_all_helpers_killed_while_alerts_are_due(jw, hook):
    """Supervisor, classifier and notifier, with a message on its way."""
    hook.gate.clear()
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo 'ERROR: it broke'; read x < {go}; exit 3",
                    "--notify", hook.url())
    first = hook.wait(1)[0]
    jw.kill_family(job, "notifier", "classifier", "supervisor")
    hook.gate.set()
    release(go)
    jw("wait", job, code=3)
    hook.wait_for(lambda rs: {r.json["event"]["event"] for r in rs} >=
                  {"output.alert", "job.exit"}, 40)
    again = [r for r in hook.requests
             if r.json["event"]["event"] == "output.alert"]
    assert {r.id for r in again} == {first.id}
    wait_until(lambda: not jw.family_pids(), 40)


def test_massacre_then_recover(jw, hook):
    job = jw.detach("echo 'a line'; exec sleep 120", "--notify", hook.url())
    jw.wait_log(job, b"a line\n")
    pid = jw.wait_running(job)
    jw.massacre(job)
    assert jw.status(job)["state"] == "lost"
    assert [j["state"] for j in jw.json("ps", "-a")] == ["lost"]
    jw("recover")
    lost, = jw.wait_events(job, "job.lost")
    assert lost["severity"] == "critical"
    assert hook.wait(1)[0].json["event"]["event"] == "job.lost"
    jw("recover", "--wait")
    assert len(jw.events(job, "job.lost")) == 1
    assert jw.log(job) == b"a line\n"
    wait_until(lambda: not jw.family_pids())
    os.kill(pid, signal.SIGKILL)


def test_the_next_run_recovers_in_passing(jw):
    job = jw.detach("exec sleep 120")
    pid = jw.wait_running(job)
    jw.massacre(job)
    os.kill(pid, signal.SIGKILL)
    jw("run", "true")
    jw.wait_events(job, "job.lost")
    assert jw.status(job)["reason"] == "lost"


def test_a_massacre_takes_no_known_end_back(jw):
    """status.json tells of the end before job.exit does: the classifier may
    be behind. What it says is true, whoever was killed after."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"read x < {go}; echo last words; exit 7")
    pid = jw.wait_running(job)
    os.kill(jw.family(job)["classifier"], signal.SIGSTOP)
    release(go)
    wait_until(lambda: not is_alive(pid))
    wait_until(lambda: json.loads(
        (jw.dir(job) / "status.json").read_text())["state"] == "failed")
    jw.massacre(job)
    assert not jw.events(job, "job.exit")
    jw("recover", "--wait")
    end, = jw.wait_events(job, "job.exit")
    assert end["data"]["exit_code"] == 7
    assert end["data"]["reason"] == "exit"
    assert jw.status(job)["state"] == "failed"
    assert not jw.events(job, "job.lost")


def test_output_in_the_pipes_is_read_before_the_end(jw):
    """What was printed while there was no supervisor is not lost with it."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"read x < {go}; seq 2000; exit 7")
    jw.wait_running(job)
    supervisor = jw.family(job)["supervisor"]
    os.kill(supervisor, signal.SIGSTOP)
    release(go)
    wait_until(lambda: not is_alive(jw.peek(job)["pid"]))
    os.kill(supervisor, signal.SIGKILL)
    jw("wait", job, code=7)
    assert jw.log(job) == b"".join(b"%d\n" % n for n in range(1, 2001))


def test_torn_event_is_cut_off(jw):
    """A crash in the middle of a line: the next writer goes on before it."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo up; read x < {go}; exit 3")
    jw.wait_running(job)
    supervisor = jw.family(job)["supervisor"]
    os.kill(supervisor, signal.SIGSTOP)
    with open(jw.dir(job) / "events.jsonl", "ab") as file:
        file.write(b'{"seq":2,"time":"2026-')
    os.kill(supervisor, signal.SIGKILL)
    jw.wait_events(job, "job.recovered")
    release(go)
    jw("wait", job, code=3)
    jw.wait_events(job, "job.exit")
    assert b'{"seq":2,"time":"2026-{' not in \
        (jw.dir(job) / "events.jsonl").read_bytes()


def test_a_job_is_never_started_twice(jw):
    """However often its supervisor dies right at the start."""
    count = jw.tmp / "count"
    job = jw.detach(f"echo x >> {count}; exec sleep 60")
    for _ in range(6):
        family = wait_until(lambda: (lambda f: f if "supervisor" in f
                                     else None)(jw.family(job)))
        jw.kill([family["supervisor"]])
        wait_until(lambda: not is_alive(family["supervisor"]))
    wait_until(count.exists)
    jw("kill", job)
    assert count.read_text() == "x\n"
    assert len(jw.events(job, "job.start")) == 1


def test_family_leaves_when_the_job_has_ended(jw):
    jw.run("echo x")
    wait_until(lambda: not jw.family_pids(), 3)
    assert not (jw.home / "running" / "sh-1").exists()


def test_family_needs_nobody_s_directory(jw):
    """It keeps no working directory busy, the job's excepted."""
    folder = jw.tmp / "folder"
    folder.mkdir()
    job = jw.detach("cd /; exec sleep 60", cwd=folder)
    jw.wait_running(job)
    for pid in jw.family(job).values():
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
    folder.rmdir()
    jw("kill", job)


@pytest.mark.slow
def test_idle_job_wakes_nobody(jw):
    """Voluntary switches of the family during two seconds of silence."""
    import time
    job = jw.detach("echo x; exec sleep 60")
    jw.wait_log(job, b"x\n")
    jw.wait_running(job)
    settle = time.monotonic() + 6  # the last lagging status write
    wait_until(lambda: time.monotonic() > settle)

    before = jw.switches(job)
    until = time.monotonic() + 2
    wait_until(lambda: time.monotonic() > until)
    assert jw.switches(job) == before


def test_environment_of_ended_jobs_is_settled(jw):
    """Every terminal state leaves the same picture: unlocked, unmarked."""
    for script, code in (("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137)):
        jw.run(script, code=code)
    jw("run", "no-such-command", code=127)
    wait_until(lambda: not jw.family_pids())
    assert list((jw.home / "running").iterdir()) == []
    for job in jw.json("ps", "-a"):
        assert job["state"] in ENDED
        assert subprocess.run(jw.argv("rm", job["job"]),
                              env=jw.environment(None)).returncode == 0
