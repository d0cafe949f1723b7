"""The stop sequence: a signal, a grace period, KILL to all that is left."""

import fcntl
import os
import signal
import time

import pytest

from jw import PATIENCE, PYTHON, is_alive, state_of, wait_until

LOOP = "while :; do sleep 0.02; done"


def up(jw, script, *options):
    job = jw.detach(script, *options)
    jw.wait_log(job, b"up")
    return job


def number(jw, name):
    """A pid that the job wrote to a file."""
    path = jw.tmp / name
    return int(wait_until(lambda: path.exists() and path.read_text().strip()))


def test_term_first(jw):
    job = up(jw, f"trap 'echo got TERM; exit 3' TERM; echo up; {LOOP}")
    jw("stop", job)
    status = jw.status(job)
    assert (status["state"], status["exit_code"], status["reason"]) == \
        ("failed", 3, "stopped")
    # The shell also tells of its own child's end, by the same signal.
    assert b"got TERM\n" in jw.log(job, "--stdout")
    stop, = jw.events(job, "job.stop")
    assert stop["data"]["signal"] == signal.SIGTERM
    assert stop["data"]["by"] == "user" and stop["severity"] == "low"
    assert stop["data"]["grace_s"] == 30


def test_kill_after_the_grace(jw):
    job = up(jw, f"trap '' TERM; echo up; {LOOP}")
    began = time.monotonic()
    jw("stop", "--grace", "400ms", job)
    assert 0.4 <= time.monotonic() - began < 10
    status = jw.status(job)
    assert (status["state"], status["signal"], status["reason"]) == \
        ("killed", 9, "stopped")
    jw("wait", job, code=137)


def test_grace_of_the_policy(jw):
    job = up(jw, f"trap '' TERM; echo up; {LOOP}", "--set", "stop.grace=300ms")
    jw("stop", job)
    assert jw.status(job)["signal"] == 9


@pytest.mark.parametrize("name", ["USR2", "SIGUSR2", "12"])
def test_signal_of_the_option(jw, name):
    job = up(jw, f"trap 'exit 12' USR2; trap 'exit 15' TERM; echo up; {LOOP}")
    jw("stop", "--signal", name, job)
    jw("wait", job, code=12)


def test_signal_of_the_policy(jw):
    job = up(jw, f"trap 'exit 12' USR2; trap 'exit 15' TERM; echo up; {LOOP}",
             "--set", "stop.signal=USR2")
    jw("stop", job)
    jw("wait", job, code=12)


def test_pre_signal(jw):
    job = up(jw, f"trap 'echo USR1' USR1; trap 'exit 15' TERM; echo up; {LOOP}",
             "--set", "stop.pre_signal=USR1", "--set", "stop.grace=600ms")
    jw("stop", job)
    jw("wait", job, code=15)
    assert jw.log(job, "--stdout").startswith(b"up\nUSR1\n")


@pytest.mark.parametrize("args", [
    ("--signal", "NOPE"), ("--signal", "0"), ("--signal", "99"),
    ("--grace", "10"), ("--grace", "-1s"), ("--grace", "soon")])
def test_usage(jw, args):
    job = up(jw, "echo up; exec sleep 60")
    assert jw("stop", *args, job, code=2).stderr
    assert jw.status(job)["state"] == "running"


def test_group_gets_the_signal(jw):
    job = up(jw, f"sh -c 'trap \"echo child; exit\" TERM; echo up; {LOOP}' & "
             "trap 'wait; exit 4' TERM; wait")
    jw("stop", job)
    jw("wait", job, code=4)
    assert b"child" in jw.log(job)


def test_of_a_stopped_job(jw):
    """A job in SIGSTOP hears TERM when it is continued."""
    job = up(jw, f"trap 'exit 3' TERM; echo up; {LOOP}")
    pid = jw.status(job)["pid"]
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: state_of(pid) == "T")
    jw("stop", job)
    jw("wait", job, code=3)


def test_kill_of_a_stopped_job(jw):
    job = up(jw, "echo up; kill -STOP $$; exec sleep 60")
    wait_until(lambda: state_of(jw.status(job)["pid"]) == "T")
    jw("kill", job)
    jw("wait", job, code=137)


def test_kill_at_once(jw):
    job = up(jw, f"trap '' TERM; trap 'echo X' EXIT; echo up; {LOOP}")
    began = time.monotonic()
    jw("kill", job)
    assert time.monotonic() - began < 5
    status = jw.status(job)
    assert (status["signal"], status["reason"]) == (9, "stopped")
    assert jw.events(job, "job.stop")[0]["data"]["signal"] == 9


def test_kill_cuts_a_stop_short(jw):
    job = up(jw, f"trap '' TERM; echo up; {LOOP}")
    stop = jw.start("stop", "--grace", "10m", job)
    wait_until(lambda: jw.status(job)["state"] == "stopping")
    jw("kill", job)
    assert stop.wait(PATIENCE) == 0
    jw("wait", job, code=137)
    assert len(jw.events(job, "job.stop")) == 1


def test_stop_twice_is_one_stop(jw):
    job = up(jw, f"trap 'sleep 0.5; exit 3' TERM; echo up; {LOOP}")
    stops = [jw.start("stop", job) for _ in range(3)]
    assert [stop.wait(PATIENCE) for stop in stops] == [0, 0, 0]
    jw("wait", job, code=3)
    assert len(jw.events(job, "job.stop")) == 1


def test_of_an_ended_job(jw):
    jw.run("exit 3", code=3)
    assert b"ended" in jw("stop", "sh-1").stdout
    assert b"ended" in jw("kill", "sh-1").stdout
    assert jw.status("sh-1")["reason"] == "exit"


def test_of_a_job_that_has_only_just_begun(jw):
    for n in range(5):
        job = jw.detach("exec sleep 60")
        jw("stop", job)
        assert jw.status(job)["state"] == "killed"


DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(n, signal.SIG_IGN)
    if os.fork() == 0:
        if {quiet}:
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2): os.dup2(null, fd)
        with open({path!r} + '.part', 'w') as f: f.write(str(os.getpid()))
        os.rename({path!r} + '.part', {path!r})
        while True: time.sleep(60)
    os._exit(0)
os.wait()
while not os.path.exists({path!r}): time.sleep(0.005)
"""


def daemon(jw, then, quiet=True):
    """Code of a job that leaves a daemon in a session of its own."""
    return DAEMON.format(path=str(jw.tmp / "daemon"), quiet=quiet) + then


def run_daemon(jw, then, *options, quiet=True, **more):
    return jw("run", *options, "--", PYTHON, "-c", daemon(jw, then, quiet),
              **more)


def test_kill_reaches_a_daemon(jw):
    """In a session of its own, its parent gone, deaf to TERM."""
    job = jw.detach_command(PYTHON, "-c", daemon(
        jw, "print('up'); time.sleep(60)"))
    stray = number(jw, "daemon")
    jw.wait_log(job, b"up")
    jw("kill", job)
    wait_until(lambda: not is_alive(stray), 5)


BREEDER = """
import os, signal, sys, time
lock = os.open({path!r}, os.O_RDWR | os.O_CREAT)
import fcntl
fcntl.flock(lock, fcntl.LOCK_SH)  # held by all that are forked from here
null = os.open(os.devnull, os.O_RDWR)
for n in range(4):
    if os.fork() == 0:
        os.setsid()
        for fd in (0, 1, 2): os.dup2(null, fd)
        for n in range(1000):
            if os.fork() == 0:
                os.setsid()
                while True: time.sleep(60)
        while True: time.sleep(60)
time.sleep(0.05)
print('up', flush=True)
while True: time.sleep(60)
"""


def test_kill_reaches_what_is_born_meanwhile(jw):
    """Children that are forked while the processes are looked through."""
    path = jw.tmp / "alive"
    job = jw.detach_command(PYTHON, "-c", BREEDER.format(path=str(path)))
    jw.wait_log(job, b"up")
    jw("kill", job)

    def all_are_gone():
        with open(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    wait_until(all_are_gone, 5)


def test_end_of_grace_reaches_a_daemon(jw):
    job = jw.detach_command(PYTHON, "-c", daemon(
        jw, "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up')\n"
        "while True: time.sleep(60)"))
    stray = number(jw, "daemon")
    jw.wait_log(job, b"up")
    jw("stop", "--grace", "200ms", job)
    jw("wait", job, code=137)
    wait_until(lambda: not is_alive(stray), 5)


def test_a_daemon_is_named_and_left(jw):
    run_daemon(jw, "sys.exit(3)", code=3)
    stray = number(jw, "daemon")
    exit, = jw.events("python3-1", "job.exit")
    assert exit["data"]["strays"] == [f"python3 ({stray})"]
    assert is_alive(stray)
    wait_until(lambda: not jw.family_pids())
    assert is_alive(stray)  # nor did the family's end take it along


def test_strays_kill(jw):
    run_daemon(jw, "", "--set", "stop.strays=kill")
    stray = number(jw, "daemon")
    wait_until(lambda: not is_alive(stray), 5)
    exit, = jw.events("python3-1", "job.exit")
    assert exit["data"]["strays"] == [f"python3 ({stray})"]
    assert exit["data"]["exit_code"] == 0


def test_no_strays_no_names(jw):
    jw.run("sleep 0.01 & wait")
    assert "strays" not in jw.events("sh-1", "job.exit")[0]["data"]


def test_other_jobs_are_nobody_s_strays(jw):
    """A job that a job leaves behind goes on, with its family."""
    jw.run(f"{jw.bin}/jobwatch run -q -d --name inner -- sleep 60")
    assert is_alive(jw.wait_running("inner-1"))
    wait_until(lambda: not jw.family("sh-1"))
    assert is_alive(jw.status("inner-1")["pid"])
    jw("kill", "inner-1")
    jw("wait", "inner-1", code=137)


def test_a_stray_that_holds_stdout(jw):
    """run returns two seconds after the job's end, with what was printed."""
    began = time.monotonic()
    done = run_daemon(jw, "print('last'); sys.exit(3)", quiet=False, code=3)
    assert 1.5 < time.monotonic() - began < 5
    assert done.stdout == b"last\n"
    stray = number(jw, "daemon")
    assert f"python3 ({stray})" in \
        jw.events("python3-1", "job.exit")[0]["data"]["strays"]
    assert is_alive(stray)
    wait_until(lambda: not jw.family_pids(), 5)


def test_a_stray_s_output_is_taken_while_there_is_time(jw):
    done = jw.run("(sleep 0.3; echo late) & echo early; exit 2", code=2)
    assert done.stdout == b"early\nlate\n"
    assert jw.log("sh-1") == b"early\nlate\n"


def test_a_chatty_stray_does_not_hold_us(jw):
    began = time.monotonic()
    done = jw.run("(trap '' HUP; while :; do echo x; sleep 0.01; done) & "
                  "echo first; exit 2", code=2)
    assert time.monotonic() - began < 6
    assert done.stdout.startswith(b"first\n") or b"first\n" in done.stdout
    assert jw.log("sh-1") == done.stdout


def test_strays_kill_needs_no_waiting(jw):
    began = time.monotonic()
    run_daemon(jw, "print('last')", "--set", "stop.strays=kill", quiet=False)
    assert time.monotonic() - began < 4
