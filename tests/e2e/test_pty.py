"""--pty: a job with a terminal of its own, whatever the client has."""

import json
import os
import signal
import subprocess

import pytest

from jw import PYTHON, is_alive, release, wait_until
from client_terminal import Terminal
from test_exit import has_socket

LINES = 3000


def run_pty(jw, script, *options, **more):
    more.setdefault("stdin", subprocess.DEVNULL)
    return jw.run(script, "--pty", *options, **more)


def on_terminal(jw, script, *options, **more):
    return Terminal(jw, "run", "--pty", *options, "--", "sh", "-c", script,
                    **more)


def attach(jw, job, **more):
    return Terminal(jw, "attach", job, **more)


def crlf(*lines):
    return b"".join(b"%s\r\n" % line for line in lines)


# --- what the job has ----------------------------------------------------

SEES = """
import json, os, sys
print(json.dumps({
    "tty": [os.isatty(fd) for fd in range(3)],
    "same": len({os.ttyname(fd) for fd in range(3)}),
    "leads": os.getsid(0) == os.getpid() == os.getpgrp(),
    "foreground": os.tcgetpgrp(0) == os.getpgrp(),
    "controlling": os.ttyname(os.open("/dev/tty", os.O_RDWR)),
    "open": sorted(os.listdir("/proc/self/fd"))}))
"""


@pytest.mark.parametrize("options", [
    ("--pty",), ("--set", "job.pty=true")])
def test_a_terminal_of_its_own(jw, options):
    done = jw.python(SEES, *options, stdin=subprocess.DEVNULL)
    sees = json.loads(done.stdout)
    assert sees["tty"] == [True] * 3 and sees["same"] == 1
    assert sees["leads"] and sees["foreground"]
    assert sees["controlling"] == "/dev/tty"
    assert sees["open"] == ["0", "1", "2", "3", "4"]  # two are its own
    assert done.stderr == b""  # nor a word of a policy not acted on


def test_without_it_there_is_none(jw):
    done = jw.run("test -t 0 || test -t 1 || : < /dev/tty", code=None)
    assert done.returncode != 0


def test_output_is_what_the_terminal_gave(jw):
    done = run_pty(jw, "echo out; echo err >&2; printf 'a\\rb\\033[1m\\377'")
    assert done.stdout == crlf(b"out", b"err") + b"a\rb\033[1m\xff"
    assert done.stderr == b""
    assert jw.log("sh-1") == done.stdout
    assert jw.status("sh-1")["bytes"] == {
        "stdout": len(done.stdout), "stderr": 0}


def test_exit_code_and_lines(jw):
    run_pty(jw, "echo 'ERROR: it broke'; exit 7", code=7)
    alert, = jw.alerts("sh-1")
    assert alert["message"] == "ERROR: it broke"
    assert alert["stream"] == "stdout"
    assert jw.status("sh-1")["lines"] == 1


def test_a_command_that_is_not_there(jw):
    jw("run", "--pty", "--", "no-such-command", code=127)


BAR = """
import sys, time
for i in range(50):
    sys.stdout.write(f"\\rtrain: {i * 2:3d}%|{'#' * (i // 5):10s}| {i}/50")
    sys.stdout.flush()
sys.stdout.write("\\nERROR: after the bar\\n")
"""


def test_progress_bars(jw):
    done = jw.python(BAR, "--pty", stdin=subprocess.DEVNULL)
    assert done.stdout.count(b"\r") == 50 + 2 == done.stdout.count(b"/50") + 2
    assert [a["message"] for a in jw.alerts("python3-1")] == \
        ["ERROR: after the bar"]


# --- its size ------------------------------------------------------------

@pytest.mark.parametrize("env,size", [
    ({}, b"24 80"),
    ({"COLUMNS": "132", "LINES": "50"}, b"50 132"),
    ({"COLUMNS": "wide", "LINES": "0"}, b"24 80"),
])
def test_size_without_a_terminal(jw, env, size):
    env = {"COLUMNS": None, "LINES": None, **env}
    assert run_pty(jw, "stty size", env=env).stdout == crlf(size)


def test_size_of_the_client_s(jw):
    with on_terminal(jw, "stty size; env -u COLUMNS tput cols; echo $TERM",
                     env={"TERM": "vt100", "COLUMNS": "7"}) as terminal:
        assert terminal.wait() == 0
        assert terminal.seen == crlf(b"30 100", b"100", b"vt100")


def test_size_that_changes(jw):
    with on_terminal(jw, "trap 'stty size; exit 5' WINCH; echo up; "
                     "while :; do sleep 0.02; done") as terminal:
        terminal.until(b"up")
        terminal.resize(11, 22)
        terminal.until(b"11 22\r\n")
        assert terminal.wait() == 5


def test_size_after_attach(jw):
    job = jw.detach("trap 'stty size' WINCH; echo up; "
                    "while :; do sleep 0.02; done", "--pty")
    jw.wait_log(job, b"up")
    with attach(jw, job, rows=12, columns=34) as terminal:
        terminal.until(b"12 34\r\n")
        terminal.resize(13, 35)
        terminal.until(b"13 35\r\n")
        jw("kill", job)
        assert terminal.wait() == 128 + signal.SIGKILL


# --- the keyboard --------------------------------------------------------

def test_keys_are_passed_on(jw):
    with on_terminal(jw, "echo up; read line; echo got $line") as terminal:
        terminal.until(b"up")
        assert terminal.is_raw()
        terminal.type(b"hello\r")
        assert terminal.wait() == 0
        # Its terminal shows what is typed, ours does not.
        assert terminal.seen == crlf(b"up", b"hello", b"got hello")
        assert terminal.modes() == terminal.found
    assert jw.log("sh-1") == terminal.seen


def test_ctrl_c_is_the_terminal_s(jw):
    with on_terminal(jw, "trap 'echo INT' INT; echo up; "
                     "while ! read x; do :; done; exit 4") as terminal:
        terminal.until(b"up")
        terminal.type(b"\x03")
        terminal.until(b"INT")
        terminal.type(b"\x03")  # however often: no stop sequence
        terminal.until(b"INT", 2)
        terminal.type(b"\r")
        assert terminal.wait() == 4
    assert jw.events("sh-1", "job.stop") == []


def test_ctrl_c_that_kills(jw):
    with on_terminal(jw, "echo up; exec sleep 60") as terminal:
        terminal.until(b"up")
        terminal.type(b"\x03")
        assert terminal.wait() == 128 + signal.SIGINT
        assert terminal.modes() == terminal.found
        assert b"jobwatch: sh-1 was killed by SIGINT" in terminal.seen


def test_keys_of_a_raw_job(jw):
    """The character itself, where the job wants it; the two that detach
    only together."""
    keys = b"\x03\x04\x1a\x11\x10x\x10\x10\x10y"
    with on_terminal(jw, "stty raw -echo; echo up; "
                     f"head -c {len(keys)} | od -An -tx1") as terminal:
        terminal.until(b"up")
        terminal.type(keys)
        assert terminal.wait() == 0
        assert bytes.fromhex(terminal.seen.partition(b"up\n")[2].decode()) \
            == keys


def test_a_screenful_of_keys(jw):
    """More than the job's terminal has room for waits here."""
    text = b"".join(b"%06d\n" % n for n in range(5000))
    with on_terminal(jw, f"stty raw -echo; echo up; head -c {len(text)} | "
                     "md5sum; stty sane") as terminal:
        terminal.until(b"up")
        for at in range(0, len(text), 1000):
            terminal.type(text[at:at + 1000])
        terminal.wait()
    digest = subprocess.run(["md5sum"], input=text, stdout=subprocess.PIPE)
    assert digest.stdout.split()[0] in jw.log("sh-1")


def test_keys_after_attach(jw):
    job = jw.detach("read line; echo got $line; exit 6", "--pty")
    jw.wait_running(job)
    with attach(jw, job) as terminal:
        wait_until(terminal.is_raw)
        terminal.type(b"hello\r")
        assert terminal.wait() == 6
        assert terminal.seen.startswith(crlf(b"hello", b"got hello"))
        assert terminal.modes() == terminal.found


def test_a_view_takes_no_keys(jw):
    job = jw.detach("echo up; exec sleep 60", "--pty")
    jw.wait_log(job, b"up")
    with attach(jw, job) as typist:
        wait_until(typist.is_raw)
        with Terminal(jw, "attach", "--no-signals", job) as view:
            def has_seen():  # from when on it sees, nobody is told
                typist.type(b"abc")
                view.take()
                return b"abc" in view.seen
            wait_until(has_seen)
            assert not view.is_raw()
        typist.type(b"\x03")
        assert typist.wait() == 128 + signal.SIGINT


# --- without a keyboard --------------------------------------------------

def test_input_is_at_its_end_for_every_reader(jw):
    done = run_pty(jw, "cat; cat; read x || echo none; echo over",
                   stdin=subprocess.PIPE)
    assert done.stdout == crlf(b"none", b"over")


def test_given_input_is_read_as_it_is(jw):
    text = b"\x03\x04 more than a line of it\n" * 1000
    done = jw("run", "--pty", "--stdin", "--", "sh", "-c",
              "test -t 0 || md5sum; test -t 1 && echo terminal", input=text)
    digest = subprocess.run(["md5sum"], input=text, stdout=subprocess.PIPE)
    assert done.stdout == crlf(digest.stdout.strip(), b"terminal")


def test_detached_it_waits_for_a_keyboard(jw):
    job = jw.detach("read x; echo got $x", "--pty", stdin=subprocess.DEVNULL)
    jw.wait_running(job)
    with attach(jw, job) as terminal:
        wait_until(terminal.is_raw)
        terminal.type(b"it\r")
        assert terminal.wait() == 0
    assert jw.log(job) == crlf(b"it", b"got it")


# --- leaving -------------------------------------------------------------

WAITS = "echo up; read x; echo left; exit 3"


def left(jw, terminal):
    """The client is gone and the job is not."""
    assert terminal.wait() == 0
    assert b"jobwatch: detached; sh-1 goes on" in terminal.seen
    assert terminal.modes() == terminal.found
    assert jw.status("sh-1")["state"] == "running"


def test_detach_keys(jw):
    with on_terminal(jw, WAITS) as terminal:
        terminal.until(b"up")
        terminal.type(b"ab\x10")
        terminal.type(b"\x11")
        left(jw, terminal)
    with attach(jw, "sh-1") as terminal:
        wait_until(terminal.is_raw)
        terminal.type(b"\r")
        assert terminal.wait() == 3
    assert jw.log("sh-1") == crlf(b"up", b"ab", b"left")


def test_hangup_detaches(jw):
    with on_terminal(jw, WAITS) as terminal:
        terminal.until(b"up")
        os.kill(terminal.pid, signal.SIGHUP)
        left(jw, terminal)
    jw("kill", "sh-1")


def test_closed_terminal_detaches(jw):
    with on_terminal(jw, WAITS) as terminal:
        terminal.until(b"up")
        terminal.close()
        assert terminal.wait() == 0
    assert jw.status("sh-1")["state"] == "running"
    jw("kill", "sh-1")


def test_terminate_stops_the_job(jw):
    with on_terminal(jw, "trap 'echo TERM; exit 9' TERM; echo up; read x; "
                     "exit 3") as terminal:
        terminal.until(b"up")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait() == 9
        assert terminal.modes() == terminal.found


def test_stopped_client_gives_the_terminal_back(jw):
    with on_terminal(jw, "trap 'stty size' WINCH; echo up; "
                     "while ! read x; do :; done; echo got $x") as terminal:
        terminal.until(b"up")
        os.kill(terminal.pid, signal.SIGTSTP)
        _, status = os.waitpid(terminal.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert terminal.modes() == terminal.found
        terminal.resize(9, 99)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.until(b"9 99\r\n")
        assert terminal.is_raw()
        terminal.type(b"it\r")
        assert terminal.wait() == 0
        assert b"got it\r\n" in terminal.seen
        assert terminal.modes() == terminal.found


def test_words_of_its_own_keep_to_the_left(jw):
    with on_terminal(jw, WAITS) as terminal:
        terminal.until(b"up")
        os.kill(jw.family("sh-1")["keeper"], signal.SIGSTOP)
        jw.kill_family("sh-1", "supervisor")
        os.kill(jw.family("sh-1")["keeper"], signal.SIGCONT)
        terminal.type(b"\r")
        assert terminal.wait() == 3
        for line in terminal.seen.splitlines(True):
            assert line.endswith(b"\r\n"), terminal.seen


# --- its end -------------------------------------------------------------

def test_stop(jw):
    job = jw.detach("trap 'echo TERM; exit 5' TERM; echo up; "
                    "while :; do sleep 0.02; done", "--pty")
    jw.wait_log(job, b"up")
    jw("stop", job)
    assert jw.log(job).endswith(crlf(b"TERM"))
    assert jw.status(job)["exit_code"] == 5


def test_kill_reaches_the_background(jw):
    """A shell with job control gives each of its own a group."""
    job = jw.detach("set -m; sleep 61 & echo $!; sleep 62", "--pty")
    jw.wait_log(job, b"\r\n")
    jw.wait_running(job)
    background = int(jw.log(job).split()[0])
    jw("kill", job)
    wait_until(lambda: not is_alive(background))


def numbered():
    return b"".join(b"line %d\r\n" % n for n in range(LINES))


PRINTER = f"i=0; while [ $i -lt {LINES} ]; do echo line $i; i=$((i+1)); done"


def test_supervisor_killed_again_and_again(jw):
    """The terminal is the keeper's: nothing is lost, nothing twice."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"{PRINTER}; read x < {go}; {PRINTER}; exit 7", "--pty")
    for _ in range(4):
        family = wait_until(lambda: (lambda f: f if "supervisor" in f
                                     else None)(jw.family(job)))
        os.kill(family["supervisor"], signal.SIGKILL)
        wait_until(lambda: not is_alive(family["supervisor"]))
    release(go)
    jw("wait", job, code=7)
    assert jw.log(job) == numbered() * 2
    assert jw.status(job)["recoveries"] == 4


def test_keeper_killed(jw):
    """The supervisor has the terminal, too, and its job goes on."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"{PRINTER}; read x < {go}; {PRINTER}; exit 7", "--pty")
    jw.wait_log(job, b"line %d\r\n" % (LINES - 1))
    jw.kill_family(job, "keeper")
    release(go)
    status = jw.wait_ended(job)
    assert jw.log(job) == numbered() * 2
    assert status["state"] == "lost" or status["exit_code"] == 7


def test_what_is_in_the_terminal_at_the_end_is_read(jw):
    """While nobody reads, the job fills its terminal and ends."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"read x < {go}; seq 1500; exit 7", "--pty")
    pid = jw.wait_running(job)
    supervisor = jw.family(job)["supervisor"]
    os.kill(supervisor, signal.SIGSTOP)
    release(go)
    wait_until(lambda: not is_alive(pid))
    os.kill(supervisor, signal.SIGKILL)
    jw("wait", job, code=7)
    assert jw.log(job) == b"".join(b"%d\r\n" % n for n in range(1, 1501))


def test_what_is_left_behind_holds_nothing_up(jw):
    """A stray has the terminal still: all that was printed is there, and the
    stray is named."""
    job = jw.detach("trap '' HUP; sleep 60 & seq 5000; exit 3", "--pty")
    jw("wait", job, code=3)
    assert jw.log(job) == b"".join(b"%d\r\n" % n for n in range(1, 5001))
    end, = jw.wait_events(job, "job.exit")
    stray, = end["data"]["strays"]
    assert stray.startswith("sleep (")
    os.kill(int(stray.split("(")[1][:-1]), signal.SIGKILL)


CLOSES = """
import os, time
name = os.ttyname(0)
os.write(1, b"before\\n")
for fd in range(3): os.close(fd)
time.sleep(0.3)
fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
os.write(fd, b"after\\n")
"""


def test_a_terminal_that_is_closed_for_a_while(jw):
    done = jw.python(CLOSES, "--pty", stdin=subprocess.DEVNULL)
    assert done.stdout == crlf(b"before", b"after")


def test_python_is_told_of_a_terminal(jw):
    done = jw("run", "--pty", "--", PYTHON, "-c",
              "import sys; print(sys.stdout.line_buffering)",
              stdin=subprocess.DEVNULL)
    assert done.stdout == crlf(b"True")
