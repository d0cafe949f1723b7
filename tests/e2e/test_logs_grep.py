"""`jobwatch logs --grep`: what grep finds, where grep finds it."""

import json
import os
import random
import subprocess
import time
from itertools import zip_longest

import pytest
from fake_job import STDERR, FakeFamily, FakeJob, rfc3339
from terminal import Terminal, shown
from views import (  # noqa: F401
    JOBWATCH, attached, call, ended, environment, home, read_until, start)

RED = b"\033[1;31m%s\033[0m"


def grep(home, *args, **more):
    return call(home, "logs", "a", *args, **more).stdout


def test_lines_that_match(home):
    job = FakeJob(home, "a-1")
    job.append(b"one 1\ntwo\n")
    job.rotate()
    job.append(b"Three 3\n", STDERR)
    job.append(b"last 4")
    assert grep(home, "--grep", r"\d$") == "one 1\nThree 3\nlast 4\n"
    assert grep(home, "-g", "three", "-i") == "Three 3\n"
    assert grep(home, "-g", r"\d", "-v") == "two\n"
    assert grep(home, "-g", r"\d", "-F", code=1) == ""
    assert grep(home, "-g", r"\d", "--stderr") == "Three 3\n"
    assert grep(home, "-g", r"\d", "-n", "2") == "Three 3\nlast 4\n"
    assert grep(home, "-g", "t", "-n", "1") == "last 4\n"
    assert grep(home, "-g", r"\d", "--from", "1", "-n", "1") == "ne 1\n"
    assert grep(home, "-g", "") == "one 1\ntwo\nThree 3\nlast 4\n"


def test_nothing_found_is_a_no(home):
    FakeJob(home, "a-1").append(b"one\n")
    assert grep(home, "--grep", "two", code=1) == ""
    assert grep(home, "--grep", "one", "-v", code=1) == ""
    assert call(home, "logs", "a", "--grep", "two", code=1).stderr == ""


def test_with_times_bounds_and_json(home):
    job = FakeJob(home, "a-1")
    now = time.time()
    for n in range(6):
        job.append(b"step %d\n" % n, at=now - 60 + 10 * n)
    assert grep(home, "-g", "step", "--since", "35s", "--until", "15s") == (
        "step 3\nstep 4\n")
    line = json.loads(grep(home, "-g", "3", "--json"))
    assert line == {"time": rfc3339(int((now - 30) * 1e6) / 1e6),
                    "stream": "stdout", "offset": 21, "text": "step 3"}
    assert grep(home, "-t", "-g", "3").endswith("  step 3\n")


def test_around(home):
    job = FakeJob(home, "a-1")
    for n in range(9):
        job.append(b"%d\n" % n, n % 2, at=1e9)
    assert grep(home, "-g", "[27]", "-C1") == "1\n2\n3\n--\n6\n7\n8\n"
    assert grep(home, "-g", "[27]", "-C", "1", "-A0") == "1\n2\n--\n6\n7\n"
    assert grep(home, "-g", "[27]", "-B", "9") == "0\n1\n2\n3\n4\n5\n6\n7\n"
    assert grep(home, "-g", "4", "-C2", "--stdout") == "0\n2\n4\n6\n8\n"
    assert grep(home, "-g", "[27]", "-C1", "-n1") == "6\n7\n8\n"
    assert grep(home, "-g", "2", "-A1", "-t") == (
        "2001-09-09 01:46:40.000: 2\n2001-09-09 01:46:40.000- 3\n")
    lines = [json.loads(line) for line in
             grep(home, "-g", "[27]", "-A1", "--json").splitlines()]
    assert [(line["text"], line.get("context")) for line in lines] == [
        ("2", None), ("3", True), ("7", None), ("8", True)]
    assert grep(home, "-g", "[2-8]", "--from", "4", "-n1", "-A1") == "2\n3\n"


def random_job(home, seed):
    """Lines of both streams, some torn, some with colours, many alike."""
    noise = random.Random(seed)
    job = FakeJob(home, "a-1")
    words = [b"needle", b"hay", b"nee\033[1mdle", b"\033[31m", b" ", b"7",
             b"needles", b"caf\xc3\xa9", b"\xff", b"NEEDLE", b"x" * 300]
    for _ in range(400):
        piece = b""
        for _ in range(noise.randrange(1, 40)):
            piece += noise.choice(words) if noise.randrange(9) == 0 else b"-"
            piece += b"\n" if noise.randrange(5) == 0 else b""
        job.append(piece, noise.randrange(2))
        if noise.randrange(90) == 0:
            job.rotate()
    return noise


@pytest.mark.parametrize("seed", range(6))
def test_against_grep(home, tmp_path, seed):
    """The lines in the order of the view, through grep -P: the same lines,
    the same groups, however much of the log was passed over."""
    noise = random_job(home, seed)
    whole = call(home, "logs", "a", "-g", "", "--json").stdout.splitlines()
    lines = [json.loads(line)["text"].replace("\ufffd", "\1")
             for line in whole]
    strip = tmp_path / "lines"
    for line in range(len(lines)):
        for colour in ("\033[1m", "\033[31m"):
            lines[line] = lines[line].replace(colour, "")
    strip.write_text("\n".join(lines) + "\n")
    for pattern in ("needle", "needles?7", "^-+needle", "7$", r"caf\S",
                    r"x{300}-needle", "zzz", "needle|hay", "(?i)needle"):
        args = ["-A%d" % noise.randrange(3), "-B%d" % noise.randrange(3)]
        if args == ["-A0", "-B0"]:
            args = ["-A1"]
        for flag in ((), ("-v",), ("-i",)):
            want = subprocess.run(
                ["grep", "-aP", *args, *flag, pattern, strip],
                capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
            got = subprocess.run(
                [JOBWATCH, "logs", "a", "-g", pattern, *args, *flag],
                capture_output=True, env=environment(home))
            assert got.returncode == want.returncode, (pattern, flag)
            mine = got.stdout.replace(b"\xff", b"\1")
            for colour in (b"\033[1m", b"\033[31m"):
                mine = mine.replace(colour, b"")
            differ = [pair for pair in zip_longest(
                mine.split(b"\n"), want.stdout.split(b"\n"))
                if pair[0] != pair[1]]
            assert not differ, (pattern, args, flag, differ[0])


def test_a_match_is_set_off_on_a_terminal(home):
    job = FakeJob(home, "a-1")
    job.append(b"an error, an error\n\033[32mgreen er\033[1mror\033[0m\n")
    seen = shown(home, "logs", "a", "-g", "error")
    assert seen == (
        b"an " + RED % b"error" + b", an " + RED % b"error" + b"\n"
        b"\033[32mgreen " + RED % b"error" + b"\n")
    plain = b"an error, an error\ngreen error\n"
    assert shown(home, "logs", "a", "-g", "error", NO_COLOR="1") == plain
    assert shown(home, "logs", "a", "-g", "n", "-v", code=1) == b""
    assert shown(home, "logs", "a", "-g", "gr", "-v") == (
        b"an error, an error\n")
    raw = call(home, "logs", "a", text=False).stdout
    assert shown(home, "logs", "a", "-g", "er", "--raw") == raw


def test_patterns_meet_what_is_seen(home):
    job = FakeJob(home, "a-1")
    job.append(b"10%\r100% done\n\033[31mERR\033[1mOR\033[0m here\n")
    assert grep(home, "-g", "^100%") == "100% done\n"
    assert grep(home, "-g", "^10%", code=1) == ""
    assert grep(home, "-g", "^ERROR here$") == (
        "\033[31mERR\033[1mOR\033[0m here\n")
    assert call(home, "logs", "a", "-g", "^10%", "--raw",
                text=False).stdout == b"10%\r100% done\n"
    assert grep(home, "-g", r"\x1b\[31mERR", "--raw") != ""
    assert grep(home, "-g", "ERROR", "--raw", code=1) == ""


def test_any_bytes(home):
    job = FakeJob(home, "a-1")
    job.append(b"\xff\xfe caf\xc3\xa9 \x80\n\0\0nul\n")
    assert call(home, "logs", "a", "-g", "CAF\u00c9", "-i",
                text=False).stdout == b"\xff\xfe caf\xc3\xa9 \x80\n"
    assert call(home, "logs", "a", "-g", r"\0nul",
                text=False).stdout == b"\0\0nul\n"


def test_a_long_line_is_matched_in_pieces(home):
    """Of 256 KiB: as long as that, a match is found wherever it stands."""
    job = FakeJob(home, "a-1")
    for _ in range(10):
        job.append(b"x" * 99999)
    job.append(b"needle\n")
    line = json.loads(grep(home, "-g", "needle$", "--json"))
    assert line["text"].endswith("xneedle")
    assert line["offset"] == 3 * 262144


def test_a_pattern_that_does_not_compile(home):
    FakeJob(home, "a-1")
    said = call(home, "logs", "a", "-g", "step [0-9", code=2).stderr
    assert said == ('jobwatch: logs: the pattern "step [0-9" does not '
                    "compile: missing terminating ] for character class "
                    "at character 9\n")


@pytest.mark.parametrize("args", [(), ("-n", "1"), ("-f",), ("--json",)])
def test_a_pattern_that_would_not_end(home, args):
    job = FakeJob(home, "a-1")
    job.append(b"fine\n" + b"a" * 40 + b"!\n")
    job.finish(0)
    said = call(home, "logs", "a", "-g", "(a+)+$", *args, code=2).stderr
    assert said.count("\n") == 1
    assert "too many steps on the line at offset 5" in said


@pytest.mark.parametrize("args, words", [
    (("-A", "1"), "--grep or --alerts"), (("-i",), "need --grep"),
    (("-v",), "need --grep"), (("-F",), "need --grep"),
    (("-g", "a", "-g", "b"), "one --grep"), (("-g",), "needs a value"),
    (("-g", "a", "-C", "x"), "not a number"),
])
def test_what_does_not_go_together(home, args, words):
    FakeJob(home, "a-1")
    assert words in call(home, "logs", "a", *args, code=2).stderr


def test_following(home):
    job, family, client = attached(home, "logs", "-f", "-A1", "-g", "err")
    job.append(b"one\nan er")
    job.append(b"ror\nafter\n")
    assert read_until(client.stdout, b"after\n") == b"an error\nafter\n"
    job.append(b"two\nerr")
    family.finish(1)
    assert ended(client, 0)[0] == b"--\nerr\n"


def test_following_without_a_match(home):
    job, family, client = attached(home, "logs", "-f", "-g", "err")
    job.append(b"one\n")
    family.finish(0)
    assert ended(client, 1) == (b"", b"")


def test_following_from_the_last_matches(home):
    job = FakeJob(home, "a-1")
    job.append(b"err 1\nx\nerr 2\ny\nerr 3\nz\n")
    family = FakeFamily(job)
    terminal = Terminal(home, "logs", "-f", "-n", "2", "-g", "err", "a",
                        NO_COLOR="1")
    family.wait_followers()
    job.append(b"err 4\n")
    terminal.read_until(b"err 4\n")
    family.finish(0)
    assert terminal.end() == b"err 2\nerr 3\nerr 4\n"


def test_lines_before_the_last_match(home):
    """However far back they are from the end."""
    job = FakeJob(home, "a-1")
    for n in range(3000):
        job.append(b"%d %s\n" % (n, b"needle" if n in (1000, 1001)
                                 else b"." * 100))
    assert [line.split()[0] for line in grep(
        home, "-g", "needle", "-n1", "-B900").splitlines()] == [
            str(n) for n in range(101, 1002)]
    assert grep(home, "-g", "needle", "-n2", "-B1").splitlines()[0] == (
        "999 " + "." * 100)
    assert grep(home, "-g", "needle", "-n1", "-B1").splitlines() == [
        "1000 needle", "1001 needle"]


@pytest.mark.parametrize("args, code", [(("-g", "needle"), 1), (("-t",), 125)])
def test_a_search_ends_when_nobody_reads(home, args, code):
    """Though it finds nothing to write: it looks. And so does a view whose
    reader cannot read any more."""
    job = FakeJob(home, "a-1")
    gigabyte = 1 << 30
    for _ in range(8):
        job.promise(gigabyte)
        job.end += gigabyte
    os.truncate(job.path("output.log"), job.end)  # takes no room
    reader, writer = os.pipe()
    os.close(reader)
    if code == 125:
        os.close(writer)
        writer = os.open("/dev/full", os.O_WRONLY)
    client = start(home, "logs", "a", *args, stdout=writer)
    os.close(writer)
    _, status, used = os.wait4(client.pid, 0)
    client.returncode = os.waitstatus_to_exitcode(status)
    assert client.returncode == code
    assert used.ru_utime + used.ru_stime < 0.5
    client.stderr.close()
