"""`jobwatch logs --alerts`: the lines that raised events."""

import json
import re

import pytest
from fake_job import STDERR, STDOUT, FakeFamily, FakeJob
from jw import wait_until
from terminal import shown
from views import attached, call, ended, home, read_until  # noqa: F401


def alert(job, line, severity="high", stream=STDOUT, name="output.alert"):
    """Appends the line and the event that it raised."""
    offset = job.end
    job.append(line + b"\n", stream, at=1e9)
    job.event(name, severity, line.decode(), offset=offset,
              length=len(line), stream=("stdout", "stderr")[stream])


def judge(job):
    """The classifier has come to the end of what there is."""
    job.write("cursor-classifier", json.dumps({"offset": job.end,
                                               "lines": 0}))


@pytest.fixture
def job(home):
    made = FakeJob(home, "a-1")
    made.append(b"quiet\n", at=1e9)
    alert(made, b"disk nearly full", "medium")
    made.append(b"more\n", STDERR, at=1e9)
    made.rotate()
    alert(made, b"out of memory", "critical", STDERR)
    made.append(b"torn ", at=1e9)
    made.event("job.stall", "high", "no line of output")
    made.event("log.loss", "critical", "not of a line", offset=0, length=3)
    made.append(b"off\n", at=1e9)
    alert(made, b"checkpoint saved", "low", name="output.milestone")
    return made


def alerts(home, *args, **more):
    return call(home, "logs", "a", "--alerts", *args, **more).stdout


def test_lines_with_their_severity(home, job):
    assert alerts(home) == ("medium    disk nearly full\n"
                            "critical  out of memory\n"
                            "low       checkpoint saved\n")
    assert alerts(home, "--stderr") == "critical  out of memory\n"
    assert alerts(home, "-n", "1") == "low       checkpoint saved\n"
    assert alerts(home, "-t", "-n", "1") == (
        "2001-09-09 01:46:40.000  low       checkpoint saved\n")
    assert alerts(home, "--grep", "^d") == "medium    disk nearly full\n"
    assert alerts(home, "--grep", "quiet", code=1) == ""


def test_those_that_are_grave_enough(home, job):
    assert alerts(home, "--severity", "medium") == (
        "medium    disk nearly full\ncritical  out of memory\n")
    assert call(home, "logs", "a", "-s", "critical").stdout == (
        "critical  out of memory\n")
    assert "not a severity" in call(home, "logs", "a", "-s", "bad",
                                    code=2).stderr


def test_with_lines_around(home, job):
    blank = " " * 8
    assert alerts(home, "-C1") == (
        blank + "- quiet\n"
        "medium  : disk nearly full\n" + blank + "- more\n"
        "critical: out of memory\n" + blank + "- torn off\n"
        "low     : checkpoint saved\n")
    assert alerts(home, "-B1", "-s", "critical") == (
        blank + "- more\ncritical: out of memory\n")
    assert alerts(home, "-A1", "-s", "critical", "-t").splitlines()[1] == (
        "2001-09-09 01:46:40.000  " + blank + "- torn off")


def test_as_json(home, job):
    lines = [json.loads(line)
             for line in alerts(home, "--json", "-B1").splitlines()]
    assert [(line["text"], line.get("severity"), line.get("seq"),
             line.get("context")) for line in lines] == [
        ("quiet", None, None, True), ("disk nearly full", "medium", 1, None),
        ("more", None, None, True), ("out of memory", "critical", 2, None),
        ("torn off", None, None, True), ("checkpoint saved", "low", 5, None)]


def test_on_a_terminal(home, job):
    assert shown(home, "logs", "a", "-s", "critical") == (
        b"\033[1;31mcritical\033[0m  out of memory\n")


def test_none(home):
    made = FakeJob(home, "a-1")
    made.append(b"quiet\n")
    assert alerts(home) == ""
    made.event("job.start")
    assert alerts(home) == ""


def test_a_line_of_two_events_and_a_folded_one(home):
    made = FakeJob(home, "a-1")
    alert(made, b"one", "medium")
    made.event("output.alert", "high", "one again", offset=0, length=3,
               stream="stdout")
    offset = made.end
    made.append(b"10%\r20%\rfailed\n")
    made.event("output.alert", "low", "failed", offset=offset, length=14,
               stream="stdout")
    assert alerts(home) == "high      one\nlow       failed\n"
    seq = [json.loads(line)["seq"]
           for line in alerts(home, "--json").splitlines()]
    assert seq == [2, 3]


def test_a_line_that_another_parts(home):
    """The stream tells whose the event is."""
    made = FakeJob(home, "a-1")
    made.append(b"torn ")
    alert(made, b"bad", stream=STDERR)
    made.append(b"off\n")
    assert alerts(home) == "high      bad\n"


def test_many_among_more(home):
    """Most of the log is passed over: the lines around are still right."""
    made = FakeJob(home, "a-1")
    for n in range(5000):
        line = b"%d %s" % (n, b"." * (n % 70))
        if n % 1700 == 3:
            alert(made, line, stream=n % 2)
        else:
            made.append(line + b"\n", n % 2)
    got = re.findall(r"(\d+) ", re.sub(r"[a-z]+", "", alerts(home, "-C1")))
    assert [int(n) for n in got] == [
        n + i for n in (3, 1703, 3403) for i in (-1, 0, 1)]


def test_following_waits_for_the_verdict(home):
    job, family, client = attached(home, "logs", "-f", "--alerts", "-A1")
    job.append(b"one\n")
    alert(job, b"bad", "high")  # the event comes after the line
    job.append(b"two\nthree\n")
    judge(job)
    assert read_until(client.stdout, b"two\n") == (
        b"high    : bad\n        - two\n")
    alert(job, b"worse", "critical", STDERR)
    family.finish(1, settle=False)
    judge(job)
    assert ended(client, 0)[0] == b"--\ncritical: worse\n"
    family.settle()


def test_following_ends_with_a_family_that_judges_no_more(home):
    job, family, client = attached(home, "logs", "-f", "--alerts")
    alert(job, b"bad", "high")
    family.finish(1)  # settled, and no cursor was ever written
    assert ended(client, 0)[0] == b"high      bad\n"


def test_of_a_real_job(jw):
    policy = jw.policy('[[rule]]\nname = "bad"\npattern = "^BAD"\n'
                       'severity = "medium"\n')
    follower_ready = jw.tmp / "go"
    job = jw.detach(
        f"echo start; while [ ! -e {follower_ready} ]; do sleep 0.05; done; "
        "echo ok; echo BAD thing; echo next; printf 'BAD end'",
        "--policy", policy)
    follower = jw.start("logs", "-f", "--alerts", "-A1", job)
    jw.wait_log(job, b"start")
    follower_ready.touch()
    out, err = follower.communicate(timeout=60)
    assert (follower.returncode, err) == (0, b"")
    assert out == b"medium  : BAD thing\n        - next\nmedium  : BAD end\n"
    jw.wait_ended(job)
    wait_until(lambda: len(jw.alerts(job)) == 2)
    assert jw("logs", "--alerts", job).stdout == (
        b"medium    BAD thing\nmedium    BAD end\n")
    for event in jw.alerts(job):  # an event's offset leads to its line
        line = jw("logs", job, "--from", event["offset"], "-n", 1).stdout
        assert line.decode().rstrip("\n") == event["message"]


def test_a_traceback_is_marked_by_its_last_line(jw):
    job = jw.detach_command("/usr/bin/python3", "-c",
                            "print('before'); {}['x']")
    jw.wait_ended(job)
    wait_until(lambda: jw.alerts(job))
    got = jw("logs", "--alerts", "-B9", job).stdout.decode().splitlines()
    assert got[-1].endswith(": KeyError: 'x'")
    assert any(line.endswith("- Traceback (most recent call last):")
               for line in got)
