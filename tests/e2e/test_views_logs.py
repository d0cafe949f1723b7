"""`jobwatch logs`: every byte, wherever it lies and however it came."""

import json
import os
import pty
import re
import select
import time

import pytest
from fake_job import STDERR, FakeJob, rfc3339
from views import (  # noqa: F401
    PATIENCE, attached, call, ended, home, read_until,
    start)



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
         "text": "bad \ufffd\ufffd\033"},
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
    ended(start(home, "logs", "-t", "--no-pager", "a", stdout=slave), 0)
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
