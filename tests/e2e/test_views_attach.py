"""An attached client: output, signals, exit codes, and a family that goes."""

import os
import re
import signal
import socket

import pytest
from fake_job import STDERR, FakeFamily, FakeJob
from views import (  # noqa: F401
    PATIENCE, attached, call, ended, home, read_until,
    start)


# --- attached --------------------------------------------------------


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
    said = b""
    for n in range(3):
        job.append(b"more\n")
        job.append(b"err %d\n" % n, STDERR)
        said += read_until(client.stderr, b"err %d\n" % n)
    family.finish(7)
    assert client.wait(timeout=PATIENCE) == 7
    said += client.stderr.read()
    client.stderr.close()
    assert said.count(b"nobody reads stdout any more") == 1


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


# --- a family that changes -------------------------------------------


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
