"""watch: the same watching for output that something else writes."""

import json
import os
import signal
import subprocess
import threading

import pytest

from jw import PATIENCE, PYTHON, is_alive, read_text, wait_until
from client_terminal import Terminal


def watched(jw, path, *options, **more):
    """A watch in the background: its id."""
    done = jw("watch", "-d", *options, path, **more)
    return done.stdout.decode().strip()


def stop(jw, job):
    """Ends a watch as Ctrl-C does; what it has seen."""
    os.kill(feeder(jw, job), signal.SIGINT)
    jw("wait", job)
    return jw.log(job)


def feeder(jw, job):
    """Our own process at the end of the pipe."""
    def found():
        for pid in jw.mine():
            try:
                exe = os.readlink(f"/proc/{pid}/exe")
            except OSError:
                continue
            if exe.endswith("/jobwatch-feeder") and \
                    f"JOBWATCH_JOB={job}" in read_text(f"/proc/{pid}/environ"):
                return pid
    return wait_until(found, what=f"the feeder of {job}")


def append(path, text):
    with open(path, "ab") as file:
        file.write(text)


def seen(jw, job, text):
    """Until all that was seen is this."""
    wait_until(lambda: jw.log(job) == text,
               what=f"{text[-60:]}, not {jw.log(job)[-60:]}")


# --- standard input ------------------------------------------------------

def test_pipeline(jw):
    script = (f"(echo one; echo 'ERROR: it broke' >&2; echo two) 2>&1 | "
              f"{' '.join(jw.argv('watch', '-'))}")
    done = subprocess.run(["sh", "-c", script], env=jw.environment(None),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=PATIENCE)
    said = b"one\nERROR: it broke\ntwo\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, b"")
    assert jw.log("watch-1") == said
    alert, = jw.alerts("watch-1")
    assert alert["message"] == "ERROR: it broke"


def test_a_job_like_any_other_but_without_a_process(jw):
    read, write = os.pipe()
    job = watched(jw, "-", stdin=read)
    os.close(read)
    os.write(write, b"hello\n")
    jw.wait_log(job, b"hello\n")
    shown, = jw.json("ps")
    status = jw.status(job)
    for each in (shown, status):
        assert each["kind"] == "watch" and each["pid"] is None
        assert each["state"] == "running" and each["name"] == "watch"
        assert each["argv"] == ["jobwatch", "watch", "-"]
    start, = jw.wait_events(job, "job.start")
    assert "pid" not in start["data"]
    os.close(write)
    jw("wait", job)
    status = jw.status(job)
    assert (status["state"], status["exit_code"], status["pid"]) == \
        ("exited", 0, None)


def test_exact_bytes(jw):
    text = bytes(range(256)) * 40000
    assert jw("watch", "-", input=text).stdout == text == jw.log("watch-1")


def test_a_file_as_input_is_read_to_its_end(jw):
    path = jw.tmp / "input"
    path.write_bytes(b"one\ntwo\n")
    with open(path, "rb") as file:
        assert jw("watch", "-", stdin=file).stdout == b"one\ntwo\n"
    assert jw("watch", "-", stdin=subprocess.DEVNULL).stdout == b""


def test_detached_from_a_terminal_is_refused(jw):
    with Terminal(jw, "watch", "-d", "-") as terminal:
        assert terminal.wait() == 2
        assert b"jobwatch: watch - with -d " in terminal.seen
    assert jw.json("ps", "-a") == []


def test_interrupt_ends_it_with_zero(jw):
    run = jw.start("watch", "-", stdin=subprocess.PIPE)
    run.stdin.write(b"one\n")
    run.stdin.flush()
    assert run.stdout.readline() == b"one\n"
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE) == 0
    status = jw.status("watch-1")
    assert (status["state"], status["reason"]) == ("exited", "exit")


def test_last_words_after_an_interrupt(jw):
    """Ctrl-C ends the whole pipeline; what its head still says counts."""
    run = jw.start("watch", "-", stdin=subprocess.PIPE)
    run.stdin.write(b"one\n")
    run.stdin.flush()
    assert run.stdout.readline() == b"one\n"
    pid = feeder(jw, "watch-1")
    run.send_signal(signal.SIGINT)
    mask = 1 << (signal.SIGINT - 1)
    wait_until(lambda: not int(read_text(f"/proc/{pid}/status")
                               .partition("ShdPnd:")[2].split()[0], 16) & mask)
    run.stdin.write(b"interrupted\n")
    run.stdin.close()
    run.stdin = None
    assert run.communicate(timeout=PATIENCE)[0] == b"interrupted\n"
    assert run.returncode == 0


def test_a_flood_can_be_interrupted(jw):
    yes = subprocess.Popen(["yes", "a line"], stdout=subprocess.PIPE)
    run = jw.start("watch", "-", stdin=yes.stdout, stdout=subprocess.DEVNULL)
    yes.stdout.close()
    wait_until(lambda: jw.peek("watch-1").get("bytes", {}).get("stdout"))
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE) == 0
    assert yes.wait(PATIENCE) == -signal.SIGPIPE


def test_stop_ends_it_with_zero(jw):
    path = jw.tmp / "app.log"
    path.touch()
    job = watched(jw, path)
    feeder(jw, job)
    jw("stop", job)
    status = jw.status(job)
    assert (status["state"], status["exit_code"], status["reason"]) == \
        ("exited", 0, "stopped")


def test_events_as_they_come(jw):
    run = jw.start("watch", "--json", "-", stdin=subprocess.PIPE)
    assert json.loads(run.stdout.readline())["event"] == "job.start"
    run.stdin.write(b"fine\nERROR: it broke\n")
    run.stdin.flush()
    alert = json.loads(run.stdout.readline())
    assert (alert["event"], alert["message"]) == \
        ("output.alert", "ERROR: it broke")
    run.stdin.close()
    run.stdin = None
    rest = run.communicate(timeout=PATIENCE)[0].splitlines()
    assert json.loads(rest[0])["event"] == "job.exit"
    assert run.returncode == 0
    assert len(rest) + 2 == len(jw.events("watch-1"))


def test_events_for_a_reader_that_leaves(jw):
    run = jw.start("watch", "--json", "-", stdin=subprocess.PIPE)
    run.stdout.readline()
    run.stdout.close()
    run.stdin.write(b"ERROR: one\n")
    run.stdin.flush()
    jw.wait_events("watch-1", "output.alert")
    run.stdin.close()
    assert run.wait(PATIENCE) == 0
    assert b"nobody reads stdout any more" in run.stderr.read()


def test_what_the_policy_does(jw, hook):
    """Rules, stall and alerts are those of any job."""
    policy = jw.policy('[stall]\ntimeout = "300ms"\ndo = "kill"\n'
                       '[[rule]]\nname = "r"\npattern = "special"\n'
                       'severity = "critical"\n')
    read, write = os.pipe()
    run = jw.start("watch", "--policy", policy, "--notify", hook.url(), "-",
                   stdin=read)
    os.close(read)
    os.write(write, b"something special\n")
    assert run.wait(PATIENCE) == 124
    os.close(write)
    assert jw.alerts("watch-1")[0]["source"] == "rule:r"
    assert jw.status("watch-1")["reason"] == "stall"
    hook.wait_for(lambda rs: {r.json["event"]["event"] for r in rs} >=
                  {"output.alert", "job.stall", "job.exit"}, 40)


def test_a_wrong_policy_starts_nothing(jw):
    jw("watch", "--set", "stall.timeout=10", "-", code=2,
       stdin=subprocess.DEVNULL)
    assert jw.json("ps", "-a") == []


@pytest.mark.parametrize("args", [(), ("a", "b"), ("--pty", "a")])
def test_usage(jw, args):
    assert b"usage: jobwatch watch " in jw("watch", *args, code=2).stderr


# --- a file --------------------------------------------------------------

@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_bytes(b"before\n")
    return path


def test_from_the_end(jw, log):
    job = watched(jw, log)
    append(log, b"one\n")  # nobody has looked at the file yet
    seen(jw, job, b"one\n")
    assert job == "app.log-1"
    assert jw.status(job)["argv"] == ["jobwatch", "watch", str(log)]
    assert stop(jw, job) == b"one\n"


def test_from_the_start(jw, log):
    job = watched(jw, log, "--from-start")
    append(log, b"one\n")
    seen(jw, job, b"before\none\n")
    stop(jw, job)


def test_attached(jw, log):
    run = jw.start("watch", "--from-start", log, bufsize=0)
    assert run.stdout.readline() == b"before\n"
    append(log, b"one\nERROR: two\n")
    assert run.stdout.readline() == b"one\n"
    jw.wait_events("app.log-1", "output.alert")
    append(log, b"last words")
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out, err) == (0, b"ERROR: two\nlast words", b"")


def test_relative_name(jw, log):
    job = watched(jw, log.name, "--name", "mine", cwd=log.parent)
    assert job == "mine-1"
    append(log, b"one\n")
    seen(jw, job, b"one\n")
    stop(jw, job)


def test_idle_it_wakes_nobody(jw, log):
    job = watched(jw, log)
    append(log, b"one\n")
    jw.wait_log(job, b"one\n")
    pid = feeder(jw, job)

    def switches():
        return int(read_text(f"/proc/{pid}/status")
                   .partition("voluntary_ctxt_switches:")[2].split()[0])
    before = switches()
    other = log.parent / "other"
    for n in range(20):
        append(other, b"x")
    append(log, b"two\n")
    jw.wait_log(job, b"two\n")
    assert switches() - before <= 4  # one for the file, few for the folder
    stop(jw, job)


def test_a_loop_of_late_folders(jw):
    path = jw.tmp / "var" / "log" / "deep" / "app.log"
    done = jw("watch", "-d", path)
    job = done.stdout.decode().strip()
    assert b"is not there yet" in done.stderr
    feeder(jw, job)
    path.parent.mkdir(parents=True)
    append(path, b"one\n")
    seen(jw, job, b"one\n")
    path.unlink()
    path.parent.rmdir()
    path.parent.mkdir()
    append(path, b"two\n")
    seen(jw, job, b"one\ntwo\n")
    stop(jw, job)


def test_rename_and_create(jw, log):
    job = watched(jw, log)
    with open(log, "ab", buffering=0) as writer:
        writer.write(b"one\n")
        log.rename(log.parent / "app.log.1")
        writer.write(b"two\n")  # it has not heard yet
        log.touch()
        writer.write(b"three\n")
        seen(jw, job, b"one\ntwo\nthree\n")
    append(log, b"four\n")
    seen(jw, job, b"one\ntwo\nthree\nfour\n")
    stop(jw, job)


def test_replaced(jw, log):
    job = watched(jw, log)
    other = log.parent / "other"
    other.write_bytes(b"one\n")
    other.rename(log)
    seen(jw, job, b"one\n")
    stop(jw, job)


def test_truncated(jw, log):
    job = watched(jw, log)
    append(log, b"one\n")
    seen(jw, job, b"one\n")
    os.truncate(log, 0)
    append(log, b"two\n")
    seen(jw, job, b"one\ntwo\n")
    assert "app.log was truncated" in read_text(jw.dir(job) / "family.log")
    log.write_bytes(b"3\n4\n")  # as long as what was read
    seen(jw, job, b"one\ntwo\n3\n4\n")
    stop(jw, job)


def test_a_link_that_is_switched(jw):
    runs = [jw.tmp / f"run-{n}.log" for n in (1, 2)]
    for run in runs:
        run.write_bytes(b"")
    link = jw.tmp / "current.log"
    link.symlink_to(runs[0])
    job = watched(jw, link)
    append(runs[0], b"one\n")
    seen(jw, job, b"one\n")
    new = jw.tmp / "new"
    new.symlink_to(runs[1].name)
    append(runs[1], b"two\n")
    new.rename(link)
    seen(jw, job, b"one\ntwo\n")
    append(runs[1], b"three\n")
    seen(jw, job, b"one\ntwo\nthree\n")
    stop(jw, job)


@pytest.mark.parametrize("what,words", [
    ("folder", b"a directory"), ("fifo", b"not a file that grows")])
def test_what_is_no_file(jw, what, words):
    path = jw.tmp / what
    path.mkdir() if what == "folder" else os.mkfifo(path)
    assert words in jw("watch", path, code=2).stderr
    assert jw.json("ps", "-a") == []


@pytest.mark.user
def test_a_file_that_may_not_be_read(jw, log):
    log.chmod(0)
    assert b"Permission denied" in jw("watch", log, code=2).stderr
    job = watched(jw, log.parent / "later.log")
    feeder(jw, job)
    other = log.parent / "other"
    other.write_bytes(b"one\n")
    other.chmod(0)
    other.rename(log.parent / "later.log")
    wait_until(lambda: b"jobwatch: cannot read " in jw("logs", job).stdout)
    (log.parent / "later.log").chmod(0o600)
    wait_until(lambda: jw("logs", "--stdout", job).stdout == b"one\n")
    stop(jw, job)


def test_supervisor_killed(jw, log):
    """Pipe and feeder stay; nothing is lost, nothing twice."""
    job = watched(jw, log)
    feeder(jw, job)
    lines = b"".join(b"line %d\n" % n for n in range(3000))
    for part in range(3):
        append(log, lines)
        family = wait_until(lambda: (lambda f: f if "supervisor" in f
                                     else None)(jw.family(job)))
        os.kill(family["supervisor"], signal.SIGKILL)
        wait_until(lambda: not is_alive(family["supervisor"]))
        append(log, lines)
    seen(jw, job, lines * 6)
    stop(jw, job)


def test_family_killed_leaves_nothing(jw, log):
    job = watched(jw, log)
    pid = feeder(jw, job)
    family = jw.family(job)
    jw.kill([family.pop("keeper"), *family.values()])
    wait_until(lambda: not jw.family(job))
    append(log, b"one\n")
    wait_until(lambda: not is_alive(pid))
    assert jw.status(job)["state"] == "lost"
    jw("recover", "--wait")
    assert len(jw.wait_events(job, "job.lost")) == 1


# --- logrotate -----------------------------------------------------------

WRITER = """
import os, signal, sys, time
path, lines = sys.argv[1], int(sys.argv[2])
out = open(path, "ab", buffering=0)
again = False
def heard(*_):
    global again
    again = True
signal.signal(signal.SIGHUP, heard)
print("up", flush=True)
for n in range(lines):
    if again:
        again = False
        out.close()
        out = open(path, "ab", buffering=0)
    out.write(b"line %d\\n" % n)
    time.sleep(0.0005)
"""


class Logrotate:
    """The real one, forced now and then while a daemon writes."""

    def __init__(self, log, how):
        self.log = log
        self.config = log.parent / "logrotate.conf"
        self.state = log.parent / "logrotate.state"
        self.how = how

    def write(self, pid):
        script = f"postrotate\nkill -HUP {pid}\nendscript\n" \
            if self.how == "create" else ""
        self.config.write_text(
            f"{self.log} {{\n{self.how}\nrotate 20\nmissingok\n{script}}}\n")
        self.config.chmod(0o600)

    def __call__(self):
        subprocess.run(["/usr/sbin/logrotate", "-f", "-s", self.state,
                        self.config], check=True, timeout=PATIENCE)


@pytest.fixture
def rotated(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir(mode=0o755)
    return folder / "daemon.log"


def daemon(log, lines):
    process = subprocess.Popen([PYTHON, "-c", WRITER, log, str(lines)],
                               stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"up\n"
    process.stdout.close()
    return process


@pytest.mark.slow
def test_logrotate_create(jw, rotated):
    """Each line once, in order, whenever it was written."""
    lines = 4000
    rotated.touch()
    job = watched(jw, rotated)
    feeder(jw, job)
    writer = daemon(rotated, lines)
    logrotate = Logrotate(rotated, "create")
    logrotate.write(writer.pid)
    turns = 0
    while writer.poll() is None and turns < 15:
        logrotate()
        wait_until(lambda: rotated.stat().st_size > 0 or
                   writer.poll() is not None)
        with open(rotated, "rb") as file:  # each is looked at, once
            first = file.readline()
        jw.wait_log(job, first)
        turns += 1
    assert writer.wait(PATIENCE * 4) == 0 and turns > 3
    expected = b"".join(b"line %d\n" % n for n in range(lines))
    seen(jw, job, expected)
    stop(jw, job)


@pytest.mark.slow
def test_logrotate_copytruncate(jw, rotated):
    """Between copying and truncating the writer waits: what logrotate itself
    loses there is not ours to find."""
    rotated.touch()
    job = watched(jw, rotated)
    feeder(jw, job)
    logrotate = Logrotate(rotated, "copytruncate")
    logrotate.write(0)
    expected = b""
    for turn in range(6):
        for n in range(200):
            line = b"turn %d line %d\n" % (turn, n)
            append(rotated, line)
            expected += line
        seen(jw, job, expected)
        logrotate()
        assert rotated.stat().st_size == 0
    append(rotated, b"the end\n")
    seen(jw, job, expected + b"the end\n")
    assert read_text(jw.dir(job) / "family.log").count("was truncated") >= 6
    stop(jw, job)


@pytest.mark.slow
def test_copytruncate_under_load(jw, rotated):
    """Nothing twice and in order; what is missing was written just before a
    truncation, and that is said."""
    lines = 4000
    rotated.touch()
    job = watched(jw, rotated)
    feeder(jw, job)
    writer = daemon(rotated, lines)
    logrotate = Logrotate(rotated, "copytruncate")
    logrotate.write(0)
    while writer.poll() is None:
        logrotate()
    append(rotated, b"line %d\n" % lines)
    jw.wait_log(job, b"line %d\n" % lines)
    numbers = [int(line.split()[1]) for line in
               jw("logs", "--stdout", job).stdout.splitlines()
               if line.startswith(b"line ")]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > lines / 2
    assert "was truncated" in read_text(jw.dir(job) / "family.log")
    stop(jw, job)


def test_two_watch_the_same(jw, log):
    jobs = [watched(jw, log) for _ in range(2)]
    assert jobs == ["app.log-1", "app.log-2"]
    thread = threading.Thread(target=append, args=(log, b"one\n" * 1000))
    thread.start()
    for job in jobs:
        seen(jw, job, b"one\n" * 1000)
        stop(jw, job)
    thread.join()
