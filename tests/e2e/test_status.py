"""status.json and the views of it: what it holds, and what is too much."""

import json
import os
import signal

import pytest
from jw import ENDED, is_alive, wait_until
from receiver import Answer

REPORT_MAX = 49152  # of supervisor/report.h


def ended_argv(jw, *command, code=0):
    """argv of job.json, and that of status.json, as all views show it."""
    job = jw.detach_command(*command)
    jw("wait", job, code=code)
    jw.wait_ended(job)
    whole = json.loads((jw.dir(job) / "job.json").read_bytes())["argv"]
    path = jw.dir(job) / "status.json"
    assert path.stat().st_size < REPORT_MAX
    argv = jw.peek(job)["argv"]
    assert jw.status(job)["argv"] == argv
    assert [row["argv"] for row in jw.json("ps", "-a")] == [argv]
    return whole, argv


@pytest.mark.parametrize("long", [
    "x" * 20_000, "\u00e9" * 9_000, "a\U0001f4a5" * 5_000, "\x01" * 9_000,
    '"' * 9_000], ids=["plain", "two", "mixed", "escapes", "quotes"])
def test_a_long_argument_is_cut_and_the_others_stay(jw, long):
    command = ["sh", "-c", "exit 3", "first", long, "--last", "", "caf\u00e9"]
    whole, argv = ended_argv(jw, *command, code=3)
    assert whole == command
    assert argv[:4] + argv[5:] == command[:4] + command[5:]
    assert argv[4].endswith("\u2026") and long.startswith(argv[4][:-1])
    assert len(argv[4].encode()) > 500


def test_many_long_arguments_are_cut_alike(jw):
    command = ["sh", "-c", "true", *(f"{i}" + "y" * 5_000 for i in range(40))]
    whole, argv = ended_argv(jw, *command)
    assert whole == command and len(argv) == len(command)
    assert argv[:3] == command[:3]
    for cut, full in zip(argv[3:], command[3:]):
        assert cut.endswith("\u2026") and full.startswith(cut[:-1])
        assert len(cut) > 100


@pytest.mark.parametrize("word", ["", "word", "\x01" * 40],
                         ids=["empty", "word", "escapes"])
def test_the_last_of_too_many_arguments_go(jw, word):
    command = ["sh", "-c", "true", *[word] * 20_000]
    whole, argv = ended_argv(jw, *command)
    assert whole == command
    assert argv[:3] == command[:3] and argv[-1] == "\u2026"
    assert len(argv) > 30
    assert all(a == word or a == word[:32] + "\u2026" for a in argv[3:-1])


def test_a_command_with_a_name_of_40_kib(jw):
    whole, argv = ended_argv(jw, "/" + "n" * 40_000, "x", code=126)
    assert whole == ["/" + "n" * 40_000, "x"]
    assert argv[0].startswith("/nnn") and argv[0].endswith("n\u2026")
    assert argv[1:] == ["x"]


# --- processes -----------------------------------------------------------

NOBODY = dict.fromkeys(("keeper", "supervisor", "classifier", "notifier"))


def processes(jw, job):
    """As status and ps tell it; they agree."""
    told = jw.status(job)["processes"]
    listed = [row for row in jw.json("ps", "-a") if row["job"] == job]
    assert [row["processes"] for row in listed] == [told]
    return told


def test_processes_of_an_ended_job_are_null(jw):
    job = jw.detach("true")
    jw("wait", job)
    wait_until(lambda: not jw.family_pids())
    assert processes(jw, job) == NOBODY
    assert jw.peek(job)["processes"] == NOBODY


def test_processes_of_a_running_job_are_those_that_run(jw):
    job = jw.detach("exec sleep 60")
    jw.wait_running(job)
    told = jw.status(job)["processes"]
    family = jw.family(job)
    assert told["keeper"] == family["keeper"]
    assert told["supervisor"] == family["supervisor"]
    jw("kill", job)


def test_processes_stay_while_alerts_are_owed(jw, hook):
    """The job has ended, its family has not."""
    hook.choose = lambda body: Answer(503)
    job = jw.detach("exit 3", "--notify", hook.url())
    jw("wait", job, code=3)
    told = processes(jw, job)
    assert told["keeper"] and is_alive(told["keeper"])
    assert told["supervisor"] and is_alive(told["supervisor"])
    jw.family_may_stay = True


@pytest.mark.parametrize("ended", [False, True])
def test_processes_of_a_killed_family_are_null(jw, hook, ended):
    hook.choose = lambda body: Answer(503)
    job = jw.detach("exit 3" if ended else "exec sleep 60", "--notify",
                    hook.url())
    if ended:
        jw("wait", job, code=3)
    pid = jw.wait_running(job) if not ended else None
    jw.kill_family(job, "keeper", "supervisor")
    if pid:
        os.kill(pid, signal.SIGKILL)
    assert jw.peek(job)["processes"] != NOBODY
    assert processes(jw, job) == NOBODY
    assert jw.status(job)["state"] in ENDED
