"""The client side of jobwatch against job directories written by hand."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from fake_job import STDERR, STDOUT, FakeFamily, FakeJob, rfc3339  # noqa: E402

JOBWATCH = os.path.abspath(os.environ.get("JOBWATCH", "build/bin/jobwatch"))
PATIENCE = 20  # seconds; only a failing test waits that long

STATUS_KEYS = set(
    "job name kind state pid exit_code signal reason detail started_at "
    "ended_at last_output_at runtime_s restarts argv cwd host user "
    "correlation_id trace_id bytes lines alerts progress attempt lag_bytes "
    "dropped_keys stalled actions_open muted_until processes recoveries log "
    "resources".split())


@pytest.fixture
def home(tmp_path):
    path = tmp_path / "home"
    path.mkdir()
    return path


def environment(home):
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    return dict(env, JOBWATCH_HOME=str(home), TZ="UTC", TERM="xterm")


def call(home, *args, code=0, text=True, **more):
    done = subprocess.run([JOBWATCH, *args], env=environment(home),
                          capture_output=True, text=text, timeout=60, **more)
    assert done.returncode == code, (args, done)
    return done


def start(home, *args, **more):
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([JOBWATCH, *args], env=environment(home), **more)


def read_until(stream, wanted):
    """Reads what comes until `wanted` is in it."""
    got = b""
    deadline = time.monotonic() + PATIENCE
    while wanted not in got:
        assert time.monotonic() < deadline, got
        if select.select([stream], [], [], 0.2)[0]:
            piece = os.read(stream.fileno(), 65536)
            assert piece, got
            got += piece
    return got


def is_sanitized():
    """Built to find bugs, not to be quick."""
    with open(JOBWATCH, "rb") as file:
        return b"__asan_init" in file.read()


def ended(process, code):
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, (out, err)
    return out, err


def attached(home, *args, **more):
    """A job with a family, and a client that follows it."""
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    client = start(home, *(args or ("attach",)), "train-1", **more)
    family.wait_followers()
    return job, family, client


# --- the dispatcher ------------------------------------------------------

def test_help_lists_commands(home):
    text = call(home, "help").stdout
    for name in ("run", "ps", "logs", "stop", "policy", "recover"):
        assert re.search(r"^  %s +\S" % name, text, re.M)
    assert call(home, "--help").stdout == text
    assert "watch" not in re.findall(r"^  (\S+)", text, re.M)


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
    "watch", "restart", "compile", "programs", "classify", "feedback",
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


# --- which job -----------------------------------------------------------

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


# --- ps and status -------------------------------------------------------

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


def test_ps_of_a_thousand_jobs_is_quick(home):
    for n in range(1, 1001):
        FakeJob(home, "train-%d" % n).finish(0)
    best = 9
    for _ in range(10):
        begin = time.monotonic()
        out = call(home, "ps", "-a").stdout
        best = min(best, time.monotonic() - begin)
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


# --- logs ----------------------------------------------------------------

NOISE = bytes(range(256)) * 40 + b"no newline at the end"


def test_logs_are_the_exact_bytes(home):
    job = FakeJob(home, "a-1")
    job.append(NOISE)
    job.append(b"error \xff\n", STDERR)
    job.rotate()
    job.append(b"second\n")
    job.rotate()
    job.append(b"third\n", STDERR)
    everything = NOISE + b"error \xff\nsecond\nthird\n"
    assert call(home, "logs", "a", text=False).stdout == everything
    assert call(home, "logs", "a", "--stdout", "--stderr",
                text=False).stdout == everything
    assert call(home, "logs", "a", "--stdout",
                text=False).stdout == NOISE + b"second\n"
    assert call(home, "logs", "a", "--stderr",
                text=False).stdout == b"error \xff\nthird\n"


@pytest.mark.parametrize("mode", ["wb", "ab"])
def test_logs_into_a_file(home, tmp_path, mode):
    job = FakeJob(home, "a-1")
    job.append(NOISE)
    (tmp_path / "out").write_bytes(b"before ")
    with open(tmp_path / "out", mode) as out:
        client = start(home, "logs", "a", stdout=out)
        ended(client, 0)
    assert (tmp_path / "out").read_bytes() == (
        NOISE if mode == "wb" else b"before " + NOISE)


def test_logs_of_a_job_that_printed_nothing(home):
    FakeJob(home, "a-1")
    assert call(home, "logs", "a").stdout == ""
    assert call(home, "logs", "a", "-n", "5", "-t").stdout == ""


def test_logs_tail(home):
    job = FakeJob(home, "a-1")
    for n in range(100):
        job.append(b"out %d\n" % n)
        job.append(b"err %d\n" % n, STDERR)
        if n % 30 == 0:
            job.rotate()

    def tail(*args):
        return call(home, "logs", "a", *args).stdout.splitlines()

    assert tail("-n", "3") == ["err 98", "out 99", "err 99"]
    assert tail("-n", "0") == []
    assert len(tail("-n", "1000")) == 200
    assert tail("-n", "90")[0] == "out 55"
    assert tail("-n", "3", "--stdout") == ["out 97", "out 98", "out 99"]
    assert tail("-n", "50", "--stderr")[0] == "err 50"
    assert len(tail("-n", "101", "--stderr")) == 100
    job.append(b"part")
    assert tail("-n", "2") == ["err 99", "part"]
    assert tail("-n", "2", "--stdout") == ["out 99", "part"]


def test_logs_where_old_segments_are_gone(home):
    job = FakeJob(home, "a-1")
    job.append(b"x" * 100)
    name = job.rotate()
    job.append(b"kept\n")
    job.drop(name)
    done = call(home, "logs", "a")
    assert done.stdout == "kept\n"
    assert "100 bytes" in done.stderr and "offset 0" in done.stderr


def test_logs_over_a_hole_in_the_middle(home):
    job = FakeJob(home, "a-1")
    job.append(b"first\n")
    job.rotate()
    job.append(b"gone\n")
    middle = job.rotate()
    job.append(b"last\n")
    job.drop(middle)
    assert call(home, "logs", "a").stdout == "first\nlast\n"
    assert call(home, "logs", "a", "-n", "2").stdout == "first\nlast\n"


def test_logs_json(home):
    job = FakeJob(home, "a-1")
    job.append(b"one\ntw", at=1e9)
    job.append(b"bad \xff\x00\033\n", STDERR, at=1e9 + 1)
    job.append(b"o\nthree", at=1e9 + 2)
    lines = [json.loads(line) for line in call(
        home, "logs", "a", "--json").stdout.splitlines()]
    assert lines == [
        {"time": rfc3339(1e9), "stream": "stdout", "offset": 0,
         "text": "one"},
        {"time": rfc3339(1e9 + 1), "stream": "stderr", "offset": 6,
         "text": "bad \ufffd\0\033"},
        {"time": rfc3339(1e9), "stream": "stdout", "offset": 4,
         "text": "two"},
        {"time": rfc3339(1e9 + 2), "stream": "stdout", "offset": 16,
         "text": "three"},
    ]


def test_logs_json_of_an_endless_line(home):
    job = FakeJob(home, "a-1")
    for _ in range(20):
        job.append(b"\1" * 100000)
    job.append(b"\nend\n")
    lines = [json.loads(line) for line in call(
        home, "logs", "a", "--json").stdout.splitlines()]
    assert "".join(line["text"] for line in lines) == "\1" * 2000000 + "end"
    assert [line["offset"] for line in lines[:2]] == [0, 262144]


def test_logs_with_times(home):
    job = FakeJob(home, "a-1")
    job.append(b"one\ntwo\n", at=1e9)
    assert call(home, "logs", "-t", "a").stdout == (
        "2001-09-09 01:46:40.000  one\n2001-09-09 01:46:40.000  two\n")


def test_logs_with_times_are_clean_on_a_terminal(home):
    job = FakeJob(home, "a-1")
    job.append(b"\033[2Jclear\n")
    master, slave = pty.openpty()
    ended(start(home, "logs", "-t", "a", stdout=slave), 0)
    os.close(slave)
    with open(master, "rb", buffering=0) as screen:
        assert b"\033" not in read_until(screen, b"clear")


def test_logs_since_and_until(home):
    job = FakeJob(home, "a-1")
    now = time.time()
    for n in range(10):
        job.append(b"%d\n" % n, at=now - 100 + 10 * n)
        if n == 4:
            job.rotate()

    def between(*args):
        return call(home, "logs", "a", *args).stdout.split()

    assert between("--since", "35s") == ["7", "8", "9"]
    assert between("--until", "85s") == ["0", "1"]
    assert between("--since", "75s", "--until", "45s") == ["3", "4", "5"]
    assert between("--since", rfc3339(now - 25)) == ["8", "9"]
    assert between("--since", "1s") == []
    assert between("-n", "2", "--since", "1h") == ["8", "9"]
    assert between("-n", "5", "--since", "25s") == ["8", "9"]


@pytest.mark.parametrize("option", [
    ("--grep", "x"), ("--alerts",), ("-A", "1"), ("--raw",)])
def test_logs_searching_is_for_later(home, option):
    FakeJob(home, "a-1")
    assert "not there yet" in call(home, "logs", "a", *option,
                                   code=1).stderr


def test_logs_follow_grows_and_ends_with_the_job(home):
    job, family, client = attached(home, "logs", "-f")
    job.append(b"one\n")
    read_until(client.stdout, b"one\n")
    job.rotate()
    job.append(b"two\n", STDERR)
    read_until(client.stdout, b"two\n")
    job.append(b"last")
    family.finish(3)
    assert ended(client, 0) == (b"last", b"")


def test_logs_follow_as_lines(home):
    job, family, client = attached(home, "logs", "-f", "--json", "-n", "0")
    job.append(b"par")
    job.append(b"ted\n")
    line = json.loads(read_until(client.stdout, b"\n"))
    assert (line["text"], line["offset"]) == ("parted", 0)
    job.append(b"rest")
    family.finish(0)
    assert json.loads(ended(client, 0)[0])["text"] == "rest"


def test_logs_follow_of_an_ended_job(home):
    job = FakeJob(home, "a-1")
    job.append(b"all\n")
    job.finish(0)
    assert call(home, "logs", "-f", "a").stdout == "all\n"
    assert call(home, "logs", "-f", "-t", "a").stdout.endswith("all\n")


def test_logs_follow_waits_for_promised_bytes(home):
    """Before Linux 6.5 a splice into the log wakes nobody: the index does,
    and it is written first."""
    job, family, client = attached(home, "logs", "-f")
    job.promise(5)
    deadline = time.monotonic() + 0.2
    while time.monotonic() < deadline:
        assert not select.select([client.stdout], [], [], 0.05)[0]
    job.deliver(b"owed\n")
    read_until(client.stdout, b"owed\n")
    family.finish(0)
    ended(client, 0)


def test_logs_follow_ends_when_nobody_reads(home):
    job, family, client = attached(home, "logs", "-f")
    client.stdout.close()
    assert client.wait(timeout=PATIENCE) == 125
    assert client.stderr.read() == b""
    client.stderr.close()
    family.vanish()


def test_an_idle_follower_sleeps(home):
    """No polling: what it waits for is in the kernel's hands."""
    job, family, client = attached(home, "attach")
    job.append(b"ready\n")
    read_until(client.stdout, b"ready\n")

    def switches():
        with open("/proc/%d/status" % client.pid) as file:
            return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)",
                                 file.read(), re.M).group(1))

    def settled():
        before = switches()
        time.sleep(0.3)
        return switches() == before

    deadline = time.monotonic() + PATIENCE
    while not settled():
        assert time.monotonic() < deadline
    before = switches()
    time.sleep(1.5)  # the length of the look, not a wait for anything
    assert switches() == before
    family.finish(0)
    ended(client, 0)


# --- events --------------------------------------------------------------

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


# --- attached ------------------------------------------------------------

def test_attach_shows_what_comes_from_now_on(home):
    job = FakeJob(home, "train-1")
    job.append(b"before\n")
    family = FakeFamily(job)
    client = start(home, "attach", "train")
    family.wait_followers()
    job.append(b"out\n\xff\0")
    job.append(b"err\n", STDERR)
    read_until(client.stdout, b"out\n\xff\0")
    read_until(client.stderr, b"err\n")
    family.finish(0)
    assert ended(client, 0) == (b"", b"")


@pytest.mark.parametrize("finish,code,words", [
    (dict(code=3), 3, r"jobwatch: train-1 failed: exit code 3 after .+s\n"),
    (dict(code=0, signal=9), 137,
     r"jobwatch: train-1 was killed by SIGKILL after .+s\n"),
    (dict(code=0, signal=15, reason="stall", policy_ended=True,
          detail="silent for 10m"), 124,
     r"jobwatch: train-1 was killed: silent for 10m\n"),
    (dict(code=0, reason="stopped"), 0, ""),
    (dict(code=1, reason="spawn-failed", spawn_errno=2, state="failed",
          detail="cannot execute x: no such file"), 127,
     r"jobwatch: train-1 failed: cannot execute x: no such file\n"),
    (dict(code=1, reason="spawn-failed", spawn_errno=13, state="failed",
          detail="cannot execute x: denied"), 126, None),
    (dict(code=5, state="lost", reason="lost"), 125,
     r"jobwatch: train-1: lost: .+\n"),
])
def test_exit_codes(home, finish, code, words):
    job, family, client = attached(home)
    waiter = start(home, "wait", "train-1")
    family.wait_followers(2)
    family.finish(**finish)
    out, err = ended(client, code)
    if words is not None:
        assert re.fullmatch(words, err.decode())
    assert ended(waiter, code)[0] == b""
    family.vanish()
    assert call(home, "wait", "train", code=code).stdout == ""


def test_quiet_keeps_words_back(home):
    job, family, client = attached(home, "attach", "-q")
    family.finish(3)
    assert ended(client, 3) == (b"", b"")


def test_the_end_is_what_the_family_says(home):
    """Bytes that come after `ended` and before `drained` are shown."""
    job, family, client = attached(home)
    job.finish(0)
    family.ended = True
    family.tell()
    job.append(b"late\n")
    read_until(client.stdout, b"late\n")
    assert client.poll() is None
    family.drained = True
    family.tell()
    assert ended(client, 0) == (b"", b"")


def test_output_lost_at_the_end_is_named(home):
    job, family, client = attached(home)
    job.append(b"here\n")
    read_until(client.stdout, b"here\n")
    job.end += 77
    family.finish(0)
    assert b"the last 77 bytes of output were lost" in ended(client, 0)[1]


def test_interrupt_is_passed_on_and_twice_stops(home):
    job, family, client = attached(home)
    client.send_signal(signal.SIGINT)
    family.wait_asked(lambda r: r["cmd"] == "signal")
    assert family.asked[-1] == {"cmd": "signal", "signal": 2}
    client.send_signal(signal.SIGINT)
    assert family.wait_asked(lambda r: r["cmd"] == "stop") == {"cmd": "stop"}
    family.finish(130)
    ended(client, 130)


@pytest.mark.parametrize("number", [
    signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2])
def test_other_signals_are_passed_on(home, number):
    job, family, client = attached(home)
    client.send_signal(number)
    assert family.wait_asked(lambda r: r["cmd"] == "signal")[
        "signal"] == number
    family.finish(0)
    ended(client, 0)


def test_terminate_begins_the_stop_sequence(home):
    job, family, client = attached(home)
    client.send_signal(signal.SIGTERM)
    family.wait_asked(lambda r: r["cmd"] == "stop")
    family.finish(0, 15, reason="stopped", detail="stopped by a user")
    assert b"was killed: stopped by a user" in ended(client, 143)[1]


def test_hangup_detaches(home):
    job, family, client = attached(home)
    client.send_signal(signal.SIGHUP)
    assert ended(client, 0)[1] == (
        b"jobwatch: detached; train-1 goes on (jobwatch attach train-1)\n")
    assert [r["cmd"] for r in family.asked] == ["follow"]
    family.vanish()


def test_window_changes_are_nothing(home):
    job, family, client = attached(home)
    client.send_signal(signal.SIGWINCH)
    job.append(b"on\n")
    read_until(client.stdout, b"on\n")
    family.finish(0)
    ended(client, 0)


def test_no_signals_leaves_the_job_alone(home):
    job, family, client = attached(home, "attach", "--no-signals")
    client.send_signal(signal.SIGINT)
    ended(client, -signal.SIGINT)
    assert [r["cmd"] for r in family.asked] == ["follow"]
    family.vanish()


def test_ignored_hangup_stays_ignored(home):
    job, family, client = attached(
        home, preexec_fn=lambda: signal.signal(signal.SIGHUP,
                                               signal.SIG_IGN))
    client.send_signal(signal.SIGHUP)
    job.append(b"on\n")
    read_until(client.stdout, b"on\n")
    family.finish(0)
    ended(client, 0)


def test_a_refusal_is_told(home):
    job, family, client = attached(home)
    family.refuse = "not now"
    client.send_signal(signal.SIGINT)
    read_until(client.stderr, b"jobwatch: train-1: not now\n")
    family.finish(0)
    ended(client, 0)


def test_signals_work_while_the_reader_is_slow(home):
    """Nobody reads our pipe: it is full, and we are not stuck."""
    job, family, client = attached(home)
    flags = os.get_blocking(client.stdout.fileno())
    for _ in range(8):
        job.append(b"x" * 65536)
    family_asked = family.wait_asked
    client.send_signal(signal.SIGINT)
    family_asked(lambda r: r["cmd"] == "signal")
    client.send_signal(signal.SIGTERM)
    family_asked(lambda r: r["cmd"] == "stop")
    family.finish(0)
    assert os.get_blocking(client.stdout.fileno()) == flags
    assert ended(client, 0)[0] == b"x" * 65536 * 8


def test_a_reader_that_left_is_said_once_and_the_job_goes_on(home):
    job, family, client = attached(home)
    client.stdout.close()
    for n in range(3):
        job.append(b"more\n")
        job.append(b"err %d\n" % n, STDERR)
        read_until(client.stderr, b"err %d\n" % n)
        if n == 0:
            job.append(b"\n", STDERR)
    family.finish(7)
    client.wait(timeout=PATIENCE)
    err = client.stderr.read()
    client.stderr.close()
    assert client.returncode == 7
    assert err.count(b"nobody reads") == 0  # it was said before err 0


def test_a_reader_that_left_is_named(home):
    job, family, client = attached(home)
    client.stdout.close()
    job.append(b"more\n")
    read_until(client.stderr, b"nobody reads stdout any more; train-1")
    client.kill()
    client.communicate(timeout=PATIENCE)
    family.vanish()


def test_the_shared_description_stays_blocking(home):
    """O_NONBLOCK on a pipe that a neighbour shares would break it."""
    read, write = os.pipe()
    job, family, client = attached(home, stdout=write)
    job.append(b"x" * 200000)
    got = b""
    while len(got) < 200000:
        assert os.get_blocking(write)
        got += os.read(read, 65536)
    family.finish(0)
    ended(client, 0)
    assert os.get_blocking(write)
    os.close(read)
    os.close(write)


def test_output_into_a_socket(home):
    import socket
    ours, theirs = socket.socketpair()
    job, family, client = attached(home, stdout=theirs)
    theirs.close()
    job.append(b"x" * 500000)
    got = b""
    while len(got) < 500000:
        got += ours.recv(65536)
    family.finish(0)
    ended(client, 0)


def test_linger_ends_with_settled(home):
    job, family, client = attached(home)
    family.finish(0, settle=False)
    assert ended(client, 0)  # attach itself does not linger
    family.vanish()


# --- a family that changes -----------------------------------------------

def test_a_new_supervisor_is_followed(home):
    job, family, client = attached(home)
    family.drop_followers()
    family.wait_followers()
    job.append(b"still\n")
    read_until(client.stdout, b"still\n")
    family.finish(4)
    ended(client, 4)


def test_a_family_that_vanished_lost_the_job(home):
    job, family, client = attached(home)
    job.append(b"last words\n")
    family.vanish()
    out, err = ended(client, 125)
    assert out == b"last words\n"
    assert re.fullmatch(rb"jobwatch: train-1: lost: .+\n", err)


def test_a_family_that_vanished_after_the_end(home):
    job, family, client = attached(home)
    job.append(b"last words\n")
    job.finish(6)
    family.vanish()
    out, err = ended(client, 6)
    assert out == b"last words\n" and b"exit code 6" in err


def test_wait_for_a_lost_job(home):
    FakeJob(home, "a-1")
    assert "lost" in call(home, "wait", "a", code=125).stderr


# --- stop, kill, rotate --------------------------------------------------

def test_stop_returns_when_the_job_has_ended(home):
    job, family, client = attached(home)
    family.on_stop = lambda: family.finish(0, 10, reason="stopped")
    call(home, "stop", "train", "--signal", "SIGUSR1", "--grace", "1m30s")
    assert {"cmd": "stop", "signal": 10, "grace_ms": 90000} in family.asked
    ended(client, 138)
    assert "has ended already: killed" in call(home, "stop", "train").stdout
    assert "has ended already" in call(home, "kill", "train").stdout


def test_kill(home):
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    family.on_stop = lambda: family.finish(0, 9)
    call(home, "kill", "train")
    assert family.asked[0] == {"cmd": "kill"}


def test_stop_asks_the_next_supervisor(home):
    """The first one dies with the question unanswered."""
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    honest = family.answer

    def first(request):
        family.answer = honest

    family.answer = first
    family.on_stop = lambda: family.finish(0)
    call(home, "stop", "train")
    assert [r["cmd"] for r in family.asked].count("stop") == 2


def test_stop_what_is_lost_or_far(home):
    FakeJob(home, "lost-1")
    assert "has ended already: lost" in call(home, "stop", "lost").stdout
    FakeJob(home, "far-1", host="elsewhere")
    assert "elsewhere" in call(home, "stop", "far", code=125).stderr


def test_rotate(home):
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    family.rotation = {"ok": True, "segment": "output-x.log",
                       "bytes": 1200000}
    out = call(home, "rotate", "train").stdout
    assert out == "train-1: closed output-x.log (1.2 MB)\n"
    assert family.asked[-1] == {"cmd": "rotate", "dry_run": False}
    assert "would close" in call(home, "rotate", "--dry-run",
                                 "train").stdout
    family.finish(0)
    assert "has ended" in call(home, "rotate", "train", code=1).stderr


# --- rm and prune --------------------------------------------------------

def test_rm_refuses_a_running_job(home):
    job = FakeJob(home, "train-1")
    FakeFamily(job)
    FakeJob(home, "over-1").finish(0)
    done = call(home, "rm", "train-1", "over-1", code=1)
    assert "running" in done.stderr and "jobwatch stop train-1" in done.stderr
    assert os.listdir(home / "jobs") == ["train-1"]


def test_rm_of_several_and_the_running_list(home):
    for n in (1, 2):
        job = FakeJob(home, "a-%d" % n)
        job.mark()
        os.makedirs(job.path("deep/er"))
        job.finish(0)
    call(home, "rm", "a-1", "a-2")
    assert os.listdir(home / "jobs") == os.listdir(home / "running") == []


def test_rm_waits_for_a_family_that_is_leaving(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    family.finish(0)
    client = start(home, "rm", "a-1")
    time.sleep(0.1)  # either way the outcome is the same
    family.vanish()
    ended(client, 0)


def test_rm_while_alerts_are_delivered(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    family.finish(0, settle=False)
    assert "delivered" in call(home, "rm", "a-1", code=1).stderr
    family.vanish()


def test_rm_leaves_what_a_link_points_to(home, tmp_path):
    (tmp_path / "precious").write_text("x")
    job = FakeJob(home, "a-1")
    os.symlink(tmp_path, job.path("link"))
    job.finish(0)
    call(home, "rm", "a-1")
    assert (tmp_path / "precious").exists()


def test_rm_of_a_job_elsewhere(home):
    FakeJob(home, "a-1", host="elsewhere")
    assert "another host" in call(home, "rm", "a-1", code=1).stderr


def test_prune(home):
    old = time.time() - 3 * 86400
    for name, ended_at in (("old-1", old), ("new-1", time.time())):
        job = FakeJob(home, name)
        job.append(b"x" * 1000)
        job.finish(0)
        job.set_status(ended_at=rfc3339(ended_at))
    FakeFamily(FakeJob(home, "live-1"))
    dry = call(home, "prune", "--older", "2d", "--dry-run").stdout
    assert "would remove old-1" in dry and "would remove 1 jobs" in dry
    assert len(os.listdir(home / "jobs")) == 3
    assert "removed old-1 (" in call(home, "prune", "--older", "2d").stdout
    assert sorted(os.listdir(home / "jobs")) == ["live-1", "new-1"]
