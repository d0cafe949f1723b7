"""`jobwatch logs` line by line: on a terminal, with times, as JSON."""

import json
import random
import re
import subprocess
import time

import pytest
from fake_job import STDERR, FakeFamily, FakeJob, rfc3339
from terminal import Terminal, shown
from views import (  # noqa: F401
    JOBWATCH, attached, call, ended, environment, home, read_until, start)

BAR = b"10%\r50%\r\033[K100%\n"


def as_json(home, *args):
    return [json.loads(line) for line in
            call(home, "logs", "a", "--json", *args).stdout.splitlines()]


def test_a_bar_is_folded_in_views_and_exact_in_a_pipe(home):
    job = FakeJob(home, "a-1")
    job.append(BAR + b"dos\r\nplain\n", at=1e9)
    exact = BAR + b"dos\r\nplain\n"
    assert call(home, "logs", "a", text=False).stdout == exact
    assert shown(home, "logs", "a") == b"100%\ndos\nplain\n"
    assert shown(home, "logs", "--raw", "a") == exact
    stamp = b"2001-09-09 01:46:40.000  "
    assert call(home, "logs", "a", "-t", text=False).stdout == (
        stamp + b"\033[K100%\n" + stamp + b"dos\n" + stamp + b"plain\n")
    assert call(home, "logs", "a", "-t", "--raw", text=False).stdout == (
        stamp + BAR + stamp + b"dos\r\n" + stamp + b"plain\n")
    assert [line["text"] for line in as_json(home)] == [
        "\033[K100%", "dos", "plain"]
    assert [line["text"] for line in as_json(home, "--raw")] == [
        "10%\r50%\r\033[K100%", "dos\r", "plain"]
    assert call(home, "logs", "a", "--grep", "0%|dos").stdout == (
        "\033[K100%\ndos\n")


def test_a_folded_line_has_the_offset_of_the_line_and_the_time_of_its_end(
        home):
    job = FakeJob(home, "a-1")
    job.append(b"10%", at=1e9)
    job.append(b"\r20", at=1e9 + 5)
    job.append(b"%\n", at=1e9 + 9)
    assert as_json(home) == [{"time": rfc3339(1e9 + 5), "stream": "stdout",
                              "offset": 0, "text": "20%"}]


def test_every_line_has_its_own_time(home):
    """Not its chunk's: its first byte's, on either stream."""
    job = FakeJob(home, "a-1")
    job.append(b"one\ntw", at=1e9)
    job.append(b"err", STDERR, at=1e9 + 1)
    job.append(b"o\nthree\n", at=1e9 + 2)
    job.append(b"or\n", STDERR, at=1e9 + 3)
    assert [(line["text"], line["time"]) for line in as_json(home)] == [
        ("one", rfc3339(1e9)), ("two", rfc3339(1e9)),
        ("three", rfc3339(1e9 + 2)), ("error", rfc3339(1e9 + 1))]


def test_times_are_local_for_people_and_utc_in_json(home):
    job = FakeJob(home, "a-1")
    job.append(b"x\n", at=1e9)
    assert shown(home, "logs", "-t", "a", TZ="EST5") == (
        b"2001-09-08 20:46:40.000  x\n")
    assert as_json(home)[0]["time"] == "2001-09-09T01:46:40.000000Z"


# --- on a terminal ------------------------------------------------------

def test_a_terminal_gets_colours_and_nothing_else(home):
    job = FakeJob(home, "a-1")
    job.append(b"\033[31mred\033[0m \033[2J\033]0;title\007 \x9b31m \xff\b\n")
    job.append(b"\033[1mopen\n")
    job.append(b"err\n", STDERR)
    job.append(b"still\n")
    clean = (b"red%s \\x1b[2J\\x1b]0;title\\x07 \xef\xbf\xbd31m "
             b"\xef\xbf\xbd\\x08")
    assert shown(home, "logs", "a") == (
        b"\033[31m" + clean % b"\033[0m" + b"\033[0m\n"
        b"\033[1mopen\033[0m\nerr\n\033[1mstill\033[0m\n")
    plain = clean % b"" + b"\nopen\nerr\nstill\n"
    assert shown(home, "logs", "a", NO_COLOR="1") == plain
    assert shown(home, "logs", "a", TERM="dumb") == plain
    raw = call(home, "logs", "a", text=False).stdout
    assert shown(home, "logs", "a", "--raw", NO_COLOR="1") == raw


def test_a_sequence_is_one_however_it_was_written(home):
    job = FakeJob(home, "a-1")
    for byte in b"\033[31mred\033[0m\033]0;x\007\n":
        job.append(bytes([byte]))
        if byte == 0x3b:
            job.rotate()
    assert shown(home, "logs", "a") == (
        b"\033[31mred\033[0m\\x1b]0;x\\x07\033[0m\n")


def test_json_on_a_terminal_is_clean(home):
    FakeJob(home, "a-1").append("\x9b31m\x1b[2J\n".encode())
    seen = shown(home, "logs", "--json", "a")
    assert json.loads(seen)["text"] == "\x9b31m\x1b[2J"
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", seen)


def test_hostile_bytes_never_drive_a_terminal(home):
    """Whatever a job prints, in whatever pieces: only text, newlines and
    colours reach a terminal; and nothing that is text is lost."""
    noise = random.Random(41)
    parts = [b"\033", b"[", b"\033[31m", b"\033[0m", b"\033[2J", b"\033]0;",
             b"\007", b"\033\\", b"\xc2\x9b", b"\xc2", b"\x9b", b"\xff",
             b"\r", b"\n", b"\0", b"\b", b"text ", b"m", b"1;", b"\033P",
             b"\033[?1049h", b"\033[6n", "\u00e9".encode(), b"\x7f", b"\t"]
    job = FakeJob(home, "a-1")
    for _ in range(2000):
        job.append(b"".join(noise.choices(parts, k=noise.randrange(1, 9))),
                   noise.randrange(2))
    for args in ((), ("-t",), ("--grep", "t|m"), ("--json",), ("-n", "50"),
                 ("-f",)):
        seen = shown(home, "logs", *args, "a", code=0)
        bare = re.sub(rb"\033\[[0-9;:]*m", b"", seen)
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", bare), args
        bare.decode()  # valid UTF-8
        assert not re.search("[\x80-\x9f]", bare.decode()), args
    text = shown(home, "logs", "a", NO_COLOR="1")
    folded = [line["text"] for line in as_json(home)]
    assert text.count(b"text ") == "".join(folded).count("text ")


def test_a_colour_that_was_folded_away_is_off(home):
    FakeJob(home, "a-1").append(b"\033[31mred\n\033[0m1%\r2%\nplain\n")
    assert shown(home, "logs", "a") == b"\033[31mred\033[0m\n2%\nplain\n"


# --- the live line ------------------------------------------------------

def test_following_on_a_terminal_shows_the_bar_move(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    terminal = Terminal(home, "logs", "-f", "a", columns=12)
    family.wait_followers()
    job.append(b"10%")
    terminal.read_until(b"10%")
    job.set_status(lines=1)  # wakes it, and is no news
    job.append(b"\r\033[32m20%\033[2J")
    terminal.read_until(b"\r\033[K\033[32m20%\\x1b[2J\033[0m")
    job.append(b"\rlonger than the terminal")
    terminal.read_until(b"\r\033[Klonger than")
    job.append(b"\ndone\n")
    assert b"than the" not in terminal.got
    terminal.read_until(b"\r\033[Klonger than the terminal\ndone\n")
    assert terminal.got.count(b"10%") == 1
    family.finish(0)
    terminal.end()


def test_a_colour_of_the_live_line_counts_once(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    terminal = Terminal(home, "logs", "-f", "a")
    family.wait_followers()
    job.append(b"\033[1mpart")
    terminal.read_until(b"part")
    job.append(b" two\n")
    terminal.read_until(b"\r\033[K\033[1mpart two\033[0m\n")
    family.finish(0)
    terminal.end()


def test_the_live_line_has_its_time_and_ends_as_a_line(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    terminal = Terminal(home, "logs", "-ft", "a")
    family.wait_followers()
    job.append(b"Continue? ", at=1e9)
    terminal.read_until(b"2001-09-09 01:46:40.000  Continue? ")
    family.finish(0)
    assert terminal.end().endswith(
        b"\r\033[K2001-09-09 01:46:40.000  Continue? \n")


def test_no_live_line_on_a_dumb_terminal_or_in_a_pipe(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    terminal = Terminal(home, "logs", "-f", "a", TERM="dumb")
    family.wait_followers()
    job.append(b"one\npart")
    terminal.read_until(b"one\n")
    family.finish(0)
    assert terminal.end() == b"one\npart\n"


# --- which lines --------------------------------------------------------

def test_tail_counts_lines_as_they_are_seen(home):
    job = FakeJob(home, "a-1")
    for n in range(30):
        job.append(b"%d%%\r" % n)
    job.append(b"done\n")
    job.append(b"x" * 200000 + b"\n", STDERR)
    job.append(b"last")
    assert shown(home, "logs", "-n", "1", "a") == b"last\n"
    assert shown(home, "logs", "-n", "3", "a") == (
        b"done\n" + b"x" * 200000 + b"\nlast\n")
    assert [line["offset"] for line in as_json(home, "-n", "2")] == [
        job.end - 200005, job.end - 4]
    assert as_json(home, "-n", "0") == []


@pytest.mark.parametrize("count", [1, 2, 7, 500, 2999, 3000, 9999])
def test_tail_is_the_end_of_all(home, count):
    """Against the whole view; lines of both streams, torn by each other."""
    noise = random.Random(count)
    job = FakeJob(home, "a-1")
    for n in range(3000):
        job.append(b"%d %s" % (n, b"." * noise.randrange(90)),
                   noise.randrange(2))
        if noise.randrange(3) == 0:
            job.append(b"\n", noise.randrange(2))
    assert as_json(home, "-n", str(count)) == as_json(home)[-count:]


def test_tail_ends_at_until(home):
    job = FakeJob(home, "a-1")
    for n in range(10):
        job.append(b"%d\n" % n, at=1e9 + n)
    until = ("--until", rfc3339(1e9 + 6))
    assert call(home, "logs", "a", "-n", "2", *until).stdout == "5\n6\n"
    assert call(home, "logs", "a", "-n", "2", "--stdout",
                *until).stdout == "5\n6\n"
    assert [line["text"] for line in as_json(home, "-n", "2", *until)] == [
        "5", "6"]


def test_since_shows_lines_from_their_begin(home):
    job = FakeJob(home, "a-1")
    job.append(b"old\nbegun be", at=1e9)
    job.append(b"err be", STDERR, at=1e9)
    job.append(b"fore\nnew\n", at=1e9 + 10)
    job.append(b"fore\n", STDERR, at=1e9 + 10)
    job.append(b"10%\r", at=1e9 + 11)
    job.append(b"20%\n", at=1e9 + 20)
    since = ("--since", rfc3339(1e9 + 9))
    assert [line["text"] for line in as_json(home, *since)] == ["new", "20%"]
    assert call(home, "logs", "a", *since, text=False).stdout == (
        b"fore\nnew\nfore\n10%\r20%\n")  # bytes are bytes
    since = ("--since", rfc3339(1e9 + 15))  # a state that came since
    assert [line["text"] for line in as_json(home, *since)] == ["20%"]


@pytest.mark.parametrize("rotated", [False, True])
def test_a_long_line_began_before_since(home, rotated):
    """However long ago: of pieces, too, it is all or nothing."""
    job = FakeJob(home, "a-1")
    job.append(b"started\n" + b"x" * 100_000, at=1e9)
    if rotated:
        job.rotate()
    job.append(b"y" * 90_000, STDERR, at=1e9 + 1)
    job.append(b"x" * 600_000, at=1e9 + 2)
    job.append(b"y" * 600_000 + b"\nerr\n", STDERR, at=1e9 + 10)
    job.append(b"x" * 600_000 + b"\nout\n", at=1e9 + 11)
    for since in (1, 2, 3, 10):
        got = [line["text"] for line in as_json(
            home, "--since", rfc3339(1e9 + since))]
        long = [text for text in got if len(text) > 3]
        assert got[-1] == "out" and "err" in got and "started" not in got
        assert {text[0] for text in long} == ({"y"} if since == 1 else set())
        assert sum(map(len, long)) == (690_000 if since == 1 else 0)


def test_a_long_line_began_with_since(home):
    """The other stream is not within one: its lines are whole."""
    job = FakeJob(home, "a-1")
    job.append(b"before\n", STDERR, at=1e9)
    job.append(b"x" * 100_000, at=1e9)
    job.append(b"first\n", STDERR, at=1e9 + 5)
    job.append(b"x" * 100_000 + b"\nlast\n", at=1e9 + 6)
    got = [line["text"] for line in as_json(home, "--since",
                                            rfc3339(1e9 + 5))]
    assert got == ["first", "last"]


def test_from_an_offset(home):
    job = FakeJob(home, "a-1")
    job.append(b"zero\none\n")
    job.rotate()
    job.append(b"err\n", STDERR)
    job.append(b"two\nthree\n")
    offset = {line["text"]: str(line["offset"]) for line in as_json(home)}

    def start(text, *args):
        return call(home, "logs", "a", "--from", offset[text], *args).stdout

    assert start("one") == "one\nerr\ntwo\nthree\n"
    assert start("one", "-n", "2") == "one\nerr\n"
    assert start("one", "-n", "2", "--stdout") == "one\ntwo\n"
    assert start("one", "-n", "0") == ""
    assert start("one", "-n", "99") == "one\nerr\ntwo\nthree\n"
    assert start("err", "-n", "1", "-t").endswith("  err\n")
    assert [line["text"] for line in as_json(
        home, "--offset", offset["err"], "-n", "2")] == ["err", "two"]
    assert call(home, "logs", "a", "--from", "99999").stdout == ""
    assert "does not stop" in call(
        home, "logs", "a", "-f", "--from", "0", "-n", "1", code=2).stderr


def test_a_reader_that_leaves_ends_a_view(home):
    job = FakeJob(home, "a-1")
    job.append(b"line\n" * 100000)
    done = subprocess.run(
        ["sh", "-c", '"$1" logs -t a | head -1', "sh", JOBWATCH],
        env=environment(home), capture_output=True, timeout=60)
    assert done.stdout.endswith(b"  line\n") and done.stderr == b""


@pytest.mark.parametrize("size", [1, 100000])
def test_a_full_disk_is_told_of_once(home, size):
    FakeJob(home, "a-1").append(b"line\n" * size)
    with open("/dev/full", "w") as full:
        done = start(home, "logs", "-t", "a", stdout=full)
        err = done.communicate(timeout=60)[1]
    assert done.returncode == 125
    assert err == (b"jobwatch: cannot write to stdout: "
                   b"No space left on device\n")


def test_lines_of_a_real_job_have_their_times(jw):
    """Both streams, each line when it came, though a chunk may hold many."""
    job = jw.detach(
        "for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 0.1; done")
    jw.wait_ended(job)
    lines = [json.loads(line)
             for line in jw("logs", job, "--json").stdout.splitlines()]
    for stream, word in (("stdout", "out"), ("stderr", "err")):
        mine = [line for line in lines if line["stream"] == stream]
        assert [line["text"] for line in mine] == [
            f"{word} {i}" for i in (1, 2, 3)]
        times = [time.strptime(line["time"][:19], "%Y-%m-%dT%H:%M:%S")
                 and float(line["time"][17:-1]) for line in mine]
        for before, after in zip(times, times[1:]):
            assert (after - before) % 60 >= 0.09
