"""`--since` and `--until` in words."""

import subprocess
import time

import pytest
from fake_job import FakeJob
from views import JOBWATCH, call, environment, home  # noqa: F401

DAY = 86400


@pytest.fixture
def job(home):
    made = FakeJob(home, "a-1")
    for hours in (200, 100, 49, 5, 3, 1):
        made.append(b"%d\n" % hours, at=time.time() - 3600 * hours)
    return made


def since(home, *args, **more):
    return call(home, "logs", "a", "--since", *args, **more).stdout.split()


def with_env(home, *args, **env):
    return subprocess.run([JOBWATCH, "logs", "a", *args],
                          env={**environment(home), **env},
                          capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words, want", [
    ("4h", ["3", "1"]), ("4 hours", ["3", "1"]), ("4 hours ago", ["3", "1"]),
    ("2 days", ["5", "3", "1"]), ("1 week", ["100", "49", "5", "3", "1"]),
    ("1 hour 61 minutes", ["1"]), ("-4 hours", ["3", "1"]),
])
def test_amounts(home, job, words, want):
    assert since(home, words) == want


def test_days(home):
    job = FakeJob(home, "a-1")
    midnight = time.time() // DAY * DAY  # TZ is UTC here
    for name, at in ((b"old", midnight - DAY - 1), (b"then", midnight - DAY),
                     (b"now", midnight)):
        job.append(name + b"\n", at=at)
    assert since(home, "yesterday") == ["then", "now"]
    assert since(home, "today") == ["now"]
    assert since(home, "yesterday", "--until", "today") == ["then", "now"]
    day = time.strftime("%Y-%m-%d", time.gmtime(midnight - DAY))
    assert since(home, day) == ["then", "now"]
    assert since(home, day + " 00:01") == ["now"]
    assert since(home, "00:00") == ["now"]


def test_the_zone_is_the_users(home):
    job = FakeJob(home, "a-1")
    job.append(b"x\n", at=1e9)  # 01:46:40 UTC
    assert since(home, "2001-09-09 01:46") == ["x"]
    done = call(home, "logs", "a", "--since", "Sep 9 2001 00:00")
    assert done.stdout == "x\n"
    done = with_env(home, "--until", "2001-09-08 20:47", TZ="EST5")
    assert done.stdout == "x\n"


@pytest.mark.parametrize("words", ["rubbish", "10", "", "5 x", "25:99"])
def test_what_is_no_time(home, words):
    FakeJob(home, "a-1")
    said = call(home, "logs", "a", "--since", words, code=2).stderr
    assert f'"{words}" is no time' in said and "last monday" in said


def test_what_lies_ahead(home, job):
    done = call(home, "logs", "a", "--since", "tomorrow")
    assert done.stdout == "" and "lies ahead" in done.stderr


def test_without_date(home, job):
    """Words need it; durations and plain times do not."""
    done = with_env(home, "--since", "yesterday", PATH="/nowhere")
    assert done.returncode == 2
    assert "cannot ask date(1)" in done.stderr
    done = with_env(home, "--since", "4h", PATH="/nowhere")
    assert done.stdout == "3\n1\n"
