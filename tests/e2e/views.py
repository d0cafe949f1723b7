"""What the tests of the client side share: calls of the program under test
on a home that is written by hand."""

import os
import select
import subprocess
import time

import pytest
from fake_job import FakeFamily, FakeJob

JOBWATCH = os.path.abspath(os.environ.get("JOBWATCH", "build/bin/jobwatch"))
PATIENCE = 20  # seconds; only a failing test waits that long

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
