"""A disk that is full: the job goes on, what was lost is named, and all is
well again by itself when there is room."""

import os
import resource
import subprocess

import pytest

from jw import PATIENCE, PYTHON, Jobwatch, release, state_of, wait_until

MIB = 1 << 20


def can_mount():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "-m", "true"], capture_output=True).returncode == 0


needs_mount = pytest.mark.skipif(not can_mount(), reason="needs a mount")


@pytest.fixture
def small(tmp_path):
    """jw with its home on a disk of 4 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700",
                    "tmpfs", disk], check=True)
    world = Jobwatch(tmp_path, home=disk / "h")
    world.disk = disk
    try:
        yield world
    finally:
        world.end()
        subprocess.run(["umount", "-l", disk], check=True)


def fill(jw):
    """Takes all room that there is; the file that holds it."""
    path = jw.disk / "filler"
    with open(path, "wb") as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    os.write(file.fileno(), b"x" * size)
            except OSError:
                pass
    return path


# Numbered lines of 16 bytes; counts them where the disk is not full.
PRINTER = """
import os, sys
go, count, total = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.write(1, b'up\\n')
open(go).read()
fd = os.open(count, os.O_RDWR | os.O_CREAT)
for n in range(total // 1600):
    os.write(1, b''.join(b'%015d\\n' % (n * 100 + i) for i in range(100)))
    os.pwrite(fd, b'%12d' % ((n + 1) * 1600), 0)
open(go).read()
os.write(1, b'FATAL: the end\\n')
sys.exit(7)
"""


def start(jw, total, *options):
    go, count = jw.tmp / "go", jw.tmp / "count"
    os.mkfifo(go)
    job = jw.detach_command(PYTHON, "-c", PRINTER, go, count, str(total),
                            options=("--set", "log.max_size=256KiB",
                                     "--set", "log.keep=1000",
                                     "--set", "log.compress=none", *options))
    jw.wait_log(job, b"up\n")
    return job, go, count


def written(total):
    lines = b"".join(b"%015d\n" % n for n in range(total // 16))
    return b"up\n" + lines[:total // 1600 * 1600] + b"FATAL: the end\n"


def counted(path):
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def losses(jw, job):
    """[(offset, length)] of log.loss, which follow each other."""
    ranges = [(e["data"]["offset"], e["data"]["length"])
              for e in jw.events(job, "log.loss")]
    assert ranges == sorted(ranges)
    for (offset, length), (after, _) in zip(ranges, ranges[1:]):
        assert offset + length <= after
    return ranges


def without(whole, ranges):
    for offset, length in reversed(ranges):
        whole = whole[:offset] + whole[offset + length:]
    return whole


@needs_mount
def test_the_oldest_segments_go_first(small):
    """Twice the disk's size: the job does not wait, nothing is dropped."""
    jw = small
    job, go, count = start(jw, 8 * MIB)
    release(go)
    wait_until(lambda: counted(count) >= 8 * MIB - 1600)
    release(go)
    jw("wait", job, code=7)
    assert losses(jw, job) == []
    whole = written(8 * MIB)
    left = jw.log(job)
    assert whole.endswith(left) and MIB < len(left) < 4 * MIB


@needs_mount
def test_new_bytes_are_dropped_and_named(small, hook):
    """No segment to remove: the job never waits; offsets are exact; capture
    resumes when there is room; a person hears of it at once."""
    jw = small
    job, go, count = start(jw, 4 * MIB, "--notify", hook.url(),
                           "--set", "log.max_size=1GB")
    filler = fill(jw)
    release(go)
    wait_until(lambda: counted(count) >= 4 * MIB - 1600)  # it did not wait
    jw.wait_events(job, "log.loss")
    hook.wait_for(lambda rs: any(r.json["event"]["event"] == "log.loss"
                                 for r in rs), PATIENCE)
    filler.unlink()
    wait_until(lambda: jw.status(job)["log"]["lost_bytes"] > 0)
    # All that was dropped is told, then the disk takes bytes again.
    wait_until(lambda: sum(n for _, n in losses(jw, job)) ==
               jw.status(job)["log"]["lost_bytes"])
    wait_until(lambda: len(list(jw.dir(job).glob("output-*.log"))) == 1)
    release(go)
    jw("wait", job, code=7)
    ranges = losses(jw, job)
    assert ranges
    assert jw.log(job) == without(written(4 * MIB), ranges)
    loss = jw.events(job, "log.loss")[0]
    assert loss["severity"] == "critical"
    assert loss["data"]["reason"] == "No space left on device"
    assert jw.status(job)["log"]["lost_bytes"] == sum(n for _, n in ranges)
    # The classifier has found its way across what is missing.
    assert [a["offset"] for a in jw.alerts(job)] == [len(written(4 * MIB)) - 15]


@needs_mount
def test_a_supervisor_killed_on_a_full_disk(small):
    """Its successor does not give the offsets of lost bytes to others."""
    jw = small
    job, go, count = start(jw, 2 * MIB, "--set", "log.max_size=1GB")
    filler = fill(jw)
    release(go)
    wait_until(lambda: counted(count) >= 2 * MIB - 1600)
    jw.wait_events(job, "log.loss")
    jw.kill_family(job, "supervisor")
    told = losses(jw, job)
    filler.unlink()
    wait_until(lambda: len(list(jw.dir(job).glob("output-*.log"))) == 1)
    release(go)
    jw("wait", job, code=7)
    assert jw.log(job).endswith(b"FATAL: the end\n")
    assert losses(jw, job)[:len(told)] == told


@needs_mount
def test_block_makes_the_job_wait(small, hook):
    """Nothing is lost: the job stands in its write until there is room."""
    jw = small
    job, go, count = start(jw, 2 * MIB, "--set", "log.on_full=block",
                           "--notify", hook.url())
    pid = jw.wait_running(job)
    filler = fill(jw)
    release(go)
    alarm, = jw.wait_events(job, "resource.alarm")
    assert alarm["severity"] == "critical"
    assert "the job waits" in alarm["message"]
    hook.wait_for(lambda rs: any(r.json["event"]["event"] == "resource.alarm"
                                 for r in rs), PATIENCE)
    wait_until(lambda: state_of(pid) == "S")
    assert counted(count) < MIB
    filler.unlink()
    wait_until(lambda: counted(count) >= 2 * MIB - 1600)
    release(go)
    jw("wait", job, code=7)
    assert jw.log(job) == written(2 * MIB)
    assert losses(jw, job) == []


@needs_mount
@pytest.mark.parametrize("mode", ["drop-oldest", "block"])
def test_kill_returns_on_a_full_disk(small, mode):
    jw = small
    job, go, count = start(jw, 2 * MIB, "--set", f"log.on_full={mode}")
    jw.wait_running(job)
    filler = fill(jw)
    release(go)
    wait_until(lambda: counted(count) > 0)
    jw("kill", job, timeout=PATIENCE)
    filler.unlink()
    jw("wait", job, code=137)


@needs_mount
def test_rotate_goes_at_the_oldest_segments_cost(small):
    jw = small
    job, go, count = start(jw, 2 * MIB, "--set", "log.max_size=256KiB",
                           "--set", "log.compress=none")
    release(go)
    wait_until(lambda: counted(count) >= 2 * MIB - 1600)
    oldest = min(jw.dir(job).glob("output-*.log"))
    filler = fill(jw)
    assert b"closed output-" in jw("rotate", job).stdout
    assert not oldest.exists()
    filler.unlink()
    release(go)
    jw("wait", job, code=7)


@needs_mount
@pytest.mark.parametrize("mode", ["drop-oldest", "block"])
def test_rotate_says_that_the_disk_is_full(small, mode):
    """At once, and does it when there is room."""
    jw = small
    job, go, count = start(jw, 2 * MIB, "--set", f"log.on_full={mode}",
                           "--set", "log.max_size=1GB")
    jw.wait_running(job)
    filler = fill(jw)
    release(go)
    jw.wait_events(job, "log.loss" if mode == "drop-oldest"
                   else "resource.alarm")
    done = jw("rotate", job, code=125, timeout=PATIENCE)
    assert b"No space left on device" in done.stderr
    filler.unlink()
    wait_until(lambda: list(jw.dir(job).glob("output-*.log")))
    wait_until(lambda: counted(count) >= 2 * MIB - 1600)
    release(go)
    jw("wait", job, code=7)


@needs_mount
def test_there_is_room_for_events(small):
    """Taken while there is some, and given back at the end."""
    jw = small
    job = jw.detach("echo up; exec sleep 120")
    jw.wait_log(job, b"up\n")
    events = jw.dir(job) / "events.jsonl"
    assert events.stat().st_blocks * 512 >= 32 << 10 > events.stat().st_size
    jw("kill", job)
    wait_until(lambda: not jw.family_pids())
    assert events.stat().st_blocks * 512 <= 8 << 10


@needs_mount
def test_disk_free_is_an_alarm_before(small):
    jw = small
    job = jw.detach("exec sleep 120", "--set", "limits.disk_free=1GB")
    alarm, = jw.wait_events(job, "resource.alarm")
    assert alarm["data"]["limit"] == 10 ** 9
    assert alarm["data"]["value"] < 4 * MIB
    jw("kill", job)


def test_a_limit_on_the_size_of_files(jw):
    """RLIMIT_FSIZE: segments are closed below it, nothing is lost."""
    limit = 300_000
    done = jw.run("seq 1 200000; exit 3", "--set", "log.compress=none",
                  "--set", "log.keep=1000", code=3,
                  preexec_fn=lambda: resource.setrlimit(
                      resource.RLIMIT_FSIZE, (limit, limit)))
    whole = b"".join(b"%d\n" % n for n in range(1, 200001))
    assert done.stdout == whole
    assert jw.log("sh-1") == whole
    assert jw.events("sh-1", "log.loss") == []
