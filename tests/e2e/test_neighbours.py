"""Other people's tools on the directory of a living job: they find what they
look for, and do no damage."""

import os
import re
import subprocess

import pytest

from jw import read_text, release, wait_until

CLOSED = re.compile(r"output-\d{8}T\d{6}Z-\d{6,}\.log(\.zst|\.gz)?")
SEQ = "seq 1 200000"  # a dozen of segments
GREP = {"zstd": "zstdgrep", "gzip": "zgrep"}
SUFFIX = {"zstd": "zst", "gzip": "gz"}


def closed(jw, job, pattern="*"):
    return sorted(p for p in jw.dir(job).glob(f"output-{pattern}")
                  if CLOSED.fullmatch(p.name))


def contents(jw, job):
    """Of all files of the log, by name."""
    return {p.name: p.read_bytes() for p in jw.dir(job).glob("output*")}


@pytest.fixture(name="live")
def live_job(jw, request):
    """A job that has said SEQ, all closed segments compressed, and waits."""
    codec = getattr(request, "param", "zstd")
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"{SEQ}; echo quiet; read x < {go}; {SEQ}; echo loud",
                    "--set", "log.max_size=100KB", "--set", "log.keep=1000",
                    "--set", f"log.compress={codec}",
                    "--set", "log.delay_compress=false")
    jw.wait_log(job, b"quiet\n")
    wait_until(lambda: len(closed(jw, job)) >= 10 and not
               closed(jw, job, "*.log"))
    yield jw, job, go, codec
    if jw.family(job):
        jw("kill", job)


def expect_whole(jw, job, go):
    """The job goes on to its end, and nothing of it is missing."""
    release(go)
    jw("wait", job)
    numbers = b"".join(b"%d\n" % n for n in range(1, 200001))
    assert jw.log(job) == numbers + b"quiet\n" + numbers + b"loud\n"
    assert jw.events(job, "log.loss") == []


@pytest.mark.parametrize("live", GREP, indirect=True)
def test_grep_of_compressed_segments(live):
    jw, job, go, codec = live
    before = contents(jw, job)
    packed = closed(jw, job, f"*.{SUFFIX[codec]}")
    # Their exit code is that of the last segment, or of the first without.
    found = subprocess.run([GREP[codec], "-h", "^7777[0-9]$", *packed],
                           stdout=subprocess.PIPE, check=False).stdout
    assert found == b"".join(b"7777%d\n" % n for n in range(10))
    counts = subprocess.run([GREP[codec], "-c", "7", *packed],
                            stdout=subprocess.PIPE, check=True).stdout
    assert len(counts.splitlines()) == len(packed)
    assert contents(jw, job) == before
    expect_whole(jw, job, go)


def follow(jw, job, flag, out):
    """tail of the active segment, to a file; it has printed what is there."""
    with open(out, "wb") as file:
        process = subprocess.Popen(
            ["tail", flag, "-n", "1", str(jw.dir(job) / "output.log")],
            stdout=file, stderr=subprocess.DEVNULL)
    jw.started.append(process)
    wait_until(lambda: read_text(out) == "quiet\n")
    return process


def test_tail_follows_the_active_segment(live):
    """-f its descriptor, to the segment's end; -F its name, to the job's."""
    jw, job, go, _ = live
    by_fd, by_name = jw.tmp / "by_fd", jw.tmp / "by_name"
    tails = [follow(jw, job, "-f", by_fd), follow(jw, job, "-F", by_name)]
    expect_whole(jw, job, go)
    wait_until(lambda: by_name.read_bytes().endswith(b"\nloud\n"))
    whole = jw.log(job)
    wait_until(lambda: len(by_fd.read_bytes()) > 1000)
    assert b"quiet\n1\n2\n" in by_fd.read_bytes()
    assert by_fd.read_bytes() in whole
    for tail in tails:
        tail.kill()
    jw("rotate", job, code=None)  # to an ended job: nothing, and no damage
    assert jw.log(job) == whole


def test_logrotate_considers_and_leaves_it(live):
    """-d says what it would do, and does nothing."""
    jw, job, go, _ = live
    config, state = jw.tmp / "logrotate.conf", jw.tmp / "logrotate.state"
    config.write_text(f"\"{jw.dir(job)}/output*.log\" {{\n\tsize 1k\n"
                      "\trotate 3\n\tcompress\n\tcopytruncate\n}\n")
    config.chmod(0o600)
    before = contents(jw, job)
    done = subprocess.run(["logrotate", "-d", "-s", state, config],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=True, text=True)
    assert f"considering log {jw.dir(job)}/output.log" in done.stdout
    assert "error" not in done.stdout
    assert contents(jw, job) == before
    expect_whole(jw, job, go)
