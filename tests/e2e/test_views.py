"""Command line, ps, status and events, on jobs written by hand."""

import json
import os
import pty
import re
import resource
import subprocess
import time

import pytest
from fake_job import FakeFamily, FakeJob, rfc3339
from views import (  # noqa: F401
    JOBWATCH, PATIENCE, attached, call, ended, environment,
    home, is_sanitized, read_until, start)

STATUS_KEYS = set(
    "job name kind state pid exit_code signal reason detail started_at "
    "ended_at last_output_at runtime_s restarts argv cwd host user "
    "correlation_id trace_id bytes lines alerts progress attempt lag_bytes "
    "dropped_keys stalled actions_open muted_until processes recoveries log "
    "resources templates".split())


# --- the dispatcher --------------------------------------------------


def test_help_lists_commands(home):
    text = call(home, "help").stdout
    for name in ("run", "watch", "ps", "logs", "stop", "policy", "recover"):
        assert re.search(r"^  %s +\S" % name, text, re.M)
    assert call(home, "--help").stdout == text
    assert "restart" not in re.findall(r"^  (\S+)", text, re.M)


def test_every_listed_command_explains_itself(home):
    names = re.findall(r"^  (\S+)", call(home, "help").stdout, re.M)
    for name in names:
        text = call(home, name, "--help").stdout
        assert text.startswith("usage: jobwatch " + name)
        assert call(home, "help", name).stdout == text


def test_no_arguments_is_wrong_usage(home):
    assert "usage:" in call(home, code=2).stderr


@pytest.mark.parametrize("word,known", [
    ("stats", "status"), ("log", "logs"), ("evnts", "events"),
    ("att", "attach")])
def test_unknown_command_names_the_nearest(home, word, known):
    done = call(home, word, code=2)
    assert 'did you mean "%s"' % known in done.stderr
    assert done.stdout == ""


def test_unknown_command_far_from_all(home):
    done = call(home, "xyzzyplugh\033[31m", code=2)
    assert "did you mean" not in done.stderr
    assert "\033" not in done.stderr


def test_version_says_what_is_built_in(home):
    text = call(home, "--version").stdout
    assert re.match(r"jobwatch \d+\.\d+\.\d+\n", text)
    for library in ("hyperscan", "zstd", "libpq"):
        assert re.search(library + ": (yes|no)", text)


@pytest.mark.parametrize("name", [
    "restart", "compile", "programs", "feedback",
    "trace", "action", "metrics", "mute", "ack", "timeline", "report",
    "collect", "serve", "llm", "fake", "doctor"])
def test_later_commands_say_so(home, name):
    assert "not there yet" in call(home, name, code=1).stderr


def test_full_disk_on_stdout_is_an_error(home):
    with open("/dev/full", "w") as full:
        done = subprocess.run([JOBWATCH, "help"], stdout=full,
                              stderr=subprocess.PIPE, env=environment(home))
    assert done.returncode == 125
    assert b"No space left" in done.stderr


def test_closed_pipe_on_stdout_is_silent(home):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([JOBWATCH, "help"], stdout=write,
                          stderr=subprocess.PIPE, env=environment(home))
    os.close(write)
    assert (done.returncode, done.stderr) == (125, b"")


def test_closed_descriptors_are_not_reused(home):
    FakeJob(home, "a-1").append(b"text\n")
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" logs a-1 >&- 2>&- <&-', JOBWATCH],
        env=environment(home))
    assert done.returncode in (0, 125)
    with open(home / "jobs/a-1/output.log", "rb") as log:
        assert log.read() == b"text\n"


@pytest.mark.parametrize("args", [
    ("logs",), ("status",), ("events",), ("stop",), ("kill",), ("wait",),
    ("attach",), ("rotate",), ("rm",)])
def test_a_job_that_does_not_exist(home, args):
    FakeJob(home, "train-1")
    for name in ("nosuch", "train-2", "../train-1", "train-1/", ""):
        done = call(home, *args, name, code=3)
        assert done.stderr.count("\n") == 1
        assert "no such job" in done.stderr
    assert "JOB is missing" in call(home, *args, code=2).stderr


@pytest.mark.parametrize("args", [
    ("logs", "--bad", "x"), ("logs", "-n", "ten", "x"), ("logs", "-n"),
    ("logs", "--since", "10", "x"), ("ps", "x"), ("status", "a", "b"),
    ("events", "--severity", "awful", "x"), ("stop", "--grace", "5", "x"),
    ("stop", "--signal", "FOO", "x"), ("prune",), ("wait", "-x", "a"),
    ("prune", "--older", "5")])
def test_wrong_usage(home, args):
    done = call(home, *args, code=2)
    assert done.stderr.startswith("jobwatch: %s: " % args[0])
    assert "usage: jobwatch " + args[0] in done.stderr


# --- which job -------------------------------------------------------


def test_a_name_means_its_newest_job(home):
    for n in (1, 2, 10):
        FakeJob(home, "train-%d" % n).append(b"job %d\n" % n)
    assert call(home, "logs", "train").stdout == "job 10\n"
    assert call(home, "logs", "train-2").stdout == "job 2\n"


def test_an_exact_id_beats_a_name(home):
    FakeJob(home, "a-1").append(b"id\n")
    FakeJob(home, "a-1-1").append(b"name a-1\n")
    assert call(home, "logs", "a-1").stdout == "id\n"


def test_a_home_of_any_length(tmp_path):
    home = tmp_path
    for _ in range(20):
        home = home / ("d" * 40)
    home.mkdir(parents=True)
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    assert json.loads(call(home, "status", "--json", "train").stdout)[
        "pid"] == 4711
    family.vanish()


# --- ps and status ---------------------------------------------------


def test_ps_shows_running_jobs_newest_first(home):
    for n in (1, 2):
        job = FakeJob(home, "train-%d" % n, ["python", "train.py", "a b"])
        job.set_status(started_at=rfc3339(1e9 + n))
        FakeFamily(job)
    over = FakeJob(home, "over-1")
    over.finish(3)
    lines = call(home, "ps").stdout.splitlines()
    assert lines[0].split() == ["JOB", "STATE", "RUNTIME", "LAST-OUTPUT",
                                "PROGRESS", "ALERTS", "COMMAND"]
    assert [line.split()[0] for line in lines[1:]] == ["train-2", "train-1"]
    assert lines[1].endswith("python train.py 'a b'")
    every = call(home, "ps", "-a").stdout
    assert re.search(r"^over-1 +failed ", every, re.M)


def test_ps_json_is_an_array_of_statuses(home):
    FakeFamily(FakeJob(home, "train-1"))
    FakeJob(home, "over-1").finish(0)
    listed = json.loads(call(home, "ps", "--json").stdout)
    assert [job["job"] for job in listed] == ["train-1"]
    assert set(listed[0]) == STATUS_KEYS
    listed = json.loads(call(home, "ps", "-a", "--json").stdout)
    assert {job["job"] for job in listed} == {"train-1", "over-1"}
    assert json.loads(call(home, "ps", "--json", "-a").stdout) is not None


def test_ps_passes_over_what_is_no_job(home):
    os.makedirs(home / "jobs" / "half-1")
    (home / "jobs" / "half-2").mkdir()
    (home / "jobs" / "half-2" / "status.json").write_text("{")
    FakeJob(home, "good-1").finish(0)
    lines = call(home, "ps", "-a").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["good-1"]


def test_ps_escapes_what_a_command_may_hold(home):
    FakeJob(home, "a-1", ["echo", "\033]0;title\007", "it's"]).finish(0)
    out = call(home, "ps", "-a").stdout
    assert "\033" not in out and "\007" not in out
    assert r"'\x1b]0;title\x07'" in out and r"'it'\''s'" in out


def children_s():
    """Processor time of all that were waited for: the rest of the machine
    may be busy."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_ps_of_a_thousand_jobs_is_quick(home):
    for n in range(1, 1001):
        FakeJob(home, "train-%d" % n).finish(0)
    best = 9
    for _ in range(10):
        begin = children_s()
        out = call(home, "ps", "-a").stdout
        best = min(best, children_s() - begin)
    assert out.count("\n") == 1001
    assert best <= 0.05 or is_sanitized()


def test_ps_watch_draws_again(home):
    job = FakeJob(home, "train-1")
    FakeFamily(job)
    master, slave = pty.openpty()
    client = start(home, "ps", "-w", stdout=slave)
    os.close(slave)
    with open(master, "rb", buffering=0) as screen:
        read_until(screen, b"train-1")
        FakeFamily(FakeJob(home, "other-1"))
        assert b"\033[H" in read_until(screen, b"other-1")
        client.terminate()
    client.communicate(timeout=PATIENCE)


def test_status_asks_the_family(home):
    job = FakeJob(home, "train-1")
    FakeFamily(job)
    status = json.loads(call(home, "status", "train", "--json").stdout)
    assert set(status) == STATUS_KEYS
    assert status["pid"] == 4711 and status["state"] == "running"
    assert 0 <= status["runtime_s"] < 60


def test_status_by_the_short_door(home):
    job = FakeJob(home, "train-1")
    FakeFamily(job, short=True)
    status = json.loads(call(home, "status", "train", "--json").stdout)
    assert status["pid"] == 4711


def test_status_falls_back_to_the_file(home):
    job = FakeJob(home, "train-1")
    job.lock()  # held, but nobody listens
    status = json.loads(call(home, "status", "train", "--json").stdout)
    assert (status["state"], status["pid"]) == ("running", 1)


def test_status_does_not_wait_for_a_stopped_supervisor(home):
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    family.answer = lambda request: time.sleep(PATIENCE) or {"ok": True}
    begin = time.monotonic()
    status = json.loads(call(home, "status", "train", "--json").stdout)
    assert time.monotonic() - begin < 5
    assert status["pid"] == 1


def test_a_job_without_family_is_lost(home):
    FakeJob(home, "train-1", boot="0" * 36)
    FakeJob(home, "train-2")
    for id in ("train-1", "train-2"):
        status = json.loads(call(home, "status", id, "--json").stdout)
        assert (status["state"], status["reason"]) == ("lost", "lost")
        assert status["exit_code"] is None and status["signal"] is None
    with open(home / "jobs/train-1/status.json") as file:
        assert json.load(file)["state"] == "running"  # nothing is written


def test_a_job_of_another_host_is_unknown(home):
    job = FakeJob(home, "train-1", host="elsewhere")
    job.mark()
    status = json.loads(call(home, "status", "train", "--json").stdout)
    assert status["state"] == "unknown"
    assert "unknown" in call(home, "ps").stdout


def test_a_job_that_has_no_status_yet_is_starting(home):
    job = FakeJob(home, "train-1")
    job.lock()
    os.unlink(job.path("status.json"))
    status = json.loads(call(home, "status", "train", "--json").stdout)
    assert set(status) == STATUS_KEYS
    assert status["state"] == "starting"
    assert status["argv"] == ["sleep", "9"] and status["user"] == "tester"


def test_status_page(home):
    job = FakeJob(home, "train-1")
    job.finish(None, 9, detail="killed\033[2J by hand", alerts={
        "critical": 1, "high": 0, "medium": 2, "low": 0}, progress={
        "epoch": 3, "epochs": 10, "percent": 30.0, "eta_s": 4000})
    page = call(home, "status", "train").stdout
    assert re.search(r"^state +killed$", page, re.M)
    assert re.search(r"^signal +SIGKILL$", page, re.M)
    assert re.search(r"^alerts +1 critical, 2 medium$", page, re.M)
    assert re.search(r"^progress +epoch 3/10, 30%, 1h6m left$", page, re.M)
    assert "\033" not in page


# --- events ----------------------------------------------------------


def some_events(job):
    job.event("job.start")
    job.event("output.alert", "high", "CUDA \033[31m out of memory",
              count=3)
    job.event("job.exit", "critical", "killed")


def test_events_for_people(home):
    job = FakeJob(home, "a-1")
    some_events(job)
    lines = call(home, "events", "a").stdout.splitlines()
    assert len(lines) == 3
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  high +"
                    r"output\.alert +CUDA \\x1b\[31m out of memory +"
                    r"\(3 times\)$", lines[1])


def test_events_json_is_the_file(home):
    job = FakeJob(home, "a-1")
    some_events(job)
    with open(job.path("events.jsonl")) as file:
        text = file.read()
    with open(job.path("events.jsonl"), "a") as file:
        file.write('{"torn')
    assert call(home, "events", "a", "--json").stdout == text
    lines = call(home, "events", "a", "--json", "--severity",
                 "high").stdout.splitlines()
    assert lines == text.splitlines()[1:]


def test_events_in_colour_only_on_a_terminal(home):
    some_events(FakeJob(home, "a-1"))
    for no_color, coloured in (("", True), ("1", False)):
        master, slave = pty.openpty()
        env = dict(environment(home), NO_COLOR=no_color)
        subprocess.run([JOBWATCH, "events", "a"], stdout=slave, env=env)
        os.close(slave)
        with open(master, "rb", buffering=0) as screen:
            assert (b"\033[1;31m" in read_until(
                screen, b"killed")) == coloured


def test_events_before_there_are_any(home):
    FakeJob(home, "a-1")
    assert call(home, "events", "a").stdout == ""


def test_events_follow_until_the_exit_event(home):
    job, family, client = attached(home, "events", "-f", "--json")
    job.event("job.start")
    read_until(client.stdout, b"job.start")
    family.finish(0, settle=False)
    job.event("job.exit", "low")
    assert b"job.exit" in ended(client, 0)[0]
