"""jobwatch-compressor through its real descriptors, and the common tools on
what it makes."""

import os
import re
import resource
import select
import signal
import subprocess
import time
import zlib

import pytest
from compressor_peer import (
    CODECS, COMPRESSOR, NEW, Files, exchange, finish, lines)
from compressor_peer import start as start_compressor
from fake_job import FakeJob
from views import PATIENCE, home, is_sanitized  # noqa: F401

FRAME = 256 * 1024
TOOLS = {
    "zstd": {"test": ["zstd", "-qt"], "cat": ["zstd", "-dcq"],
             "grep": ["zstdgrep"]},
    "gzip": {"test": ["gzip", "-t"], "cat": ["gzip", "-dc"],
             "grep": ["zgrep"]},
}
codecs = pytest.mark.parametrize("codec", CODECS)


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)


@pytest.fixture(name="job")
def job_fixture(home):
    return FakeJob(home, "a-1")


# --- what it makes -------------------------------------------------------


@codecs
@pytest.mark.parametrize("data", [b"", b"one line\n", lines(20000) + b"end"],
                         ids=["empty", "small", "frames"])
def test_common_tools_read_it(job, codec, data):
    if data:
        job.append(data)
    packed = exchange(job, job.rotate(), codec)
    tools = TOOLS[codec]
    tested = run(*tools["test"], packed)
    assert (tested.returncode, tested.stderr) == (0, b"")
    assert run(*tools["cat"], packed).stdout == data
    found = run(*tools["grep"], "-c", "line", packed)
    assert found.stdout.strip() == b"%d" % data.count(b"line")


@codecs
def test_grep_across_frames(job, codec):
    job.append(lines(40000))
    packed = exchange(job, job.rotate(), codec)
    found = run(*TOOLS[codec]["grep"], "step 003[0-9]*5]", packed)
    assert found.stdout == b"".join(
        lines(1, i) for i in range(30005, 40000, 10))


def frames_of_zstd(packed):
    fields = run("zstd", "-l", packed).stdout.split(b"\n")[1].split()
    assert fields[1] == b"0" and b"XXH64" in fields  # none is skipped
    return int(fields[0])


def frames_of_gzip(packed):
    with open(packed, "rb") as file:
        rest, count = file.read(), 0
    while rest:
        member = zlib.decompressobj(zlib.MAX_WBITS + 16)
        assert len(member.decompress(rest)) <= FRAME and member.eof
        rest, count = member.unused_data, count + 1
    return count


@codecs
def test_frames_are_bounded_and_checked(job, codec):
    data = lines(40000)
    job.append(data)
    packed = exchange(job, job.rotate(), codec)
    count = {"zstd": frames_of_zstd, "gzip": frames_of_gzip}[codec](packed)
    assert count == -(-len(data) // FRAME)


@codecs
def test_it_is_private_and_smaller(job, codec):
    job.append(lines(40000))
    name = job.rotate()
    size = os.stat(job.path(name)).st_size
    packed = exchange(job, name, codec)
    assert os.stat(packed).st_size < size / 4
    assert os.stat(packed + ".idx").st_size < size / 1000


# --- how it behaves ------------------------------------------------------


def failing(fds, *arguments):
    said = finish(start_compressor(fds, *arguments), 1)
    assert re.fullmatch(r"compressor: [^\n]+\n", said), said
    return said


@pytest.fixture(name="segment")
def segment_fixture(job):
    job.append(lines(100))
    return job.path(job.rotate())


def test_arguments(segment, tmp_path):
    with Files(segment, tmp_path / "new") as fds:
        for arguments in ([], ["none"], ["xz"], ["gzip", "gzip"]):
            assert "zstd or gzip" in failing(fds, *arguments)
        if "zstd" not in CODECS:
            assert "libzstd-dev" in failing(fds, "zstd")
        assert os.fstat(fds[2]).st_size == os.fstat(fds[3]).st_size == 0


def test_version():
    assert re.fullmatch(rb"jobwatch-compressor \d\S*\n",
                        run(COMPRESSOR, "--version").stdout)


@codecs
def test_full_disk(segment, tmp_path, codec):
    with Files(segment, tmp_path / "new") as fds:
        full = os.open("/dev/full", os.O_RDWR)
        assert "No space left" in failing([*fds[:2], full, fds[3]], codec)
        assert "No space left" in failing([*fds[:3], full], codec)
        os.close(full)


@codecs
def test_files_of_another_kind(segment, tmp_path, codec):
    new = tmp_path / "new"
    with Files(segment, new) as fds:
        os.write(fds[3], b"something")
        assert "not empty" in failing(fds, codec)
        assert "not empty" in failing([*fds[:2], fds[0], fds[3]], codec)
        failing(fds[:3], codec)
        failing(fds[1:], codec)
        failing([fds[0], fds[0], *fds[2:]], codec)
    assert new.read_bytes() == b""
    one_way = NEW & ~os.O_RDWR | os.O_WRONLY
    with Files(segment, tmp_path / "once", one_way) as fds:
        assert "read back" in failing(fds, codec)


@pytest.fixture(name="large")
def large_fixture(segment):
    """One that takes long enough to be watched."""
    with open(segment, "ab") as log:
        for n in range(100):
            log.write(lines(10000, 10000 * n))
    return segment


def halted(fds, codec):
    """A compressor in the midst of its work, stopped."""
    process = start_compressor(fds, codec)
    while os.fstat(fds[2]).st_size == 0:
        assert process.poll() is None
    process.send_signal(signal.SIGSTOP)
    deadline = time.monotonic() + PATIENCE
    while stat_of(process.pid)[0] != "T":
        assert time.monotonic() < deadline
    return process


def stat_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(") ", 1)[1].split()


def status_of(pid, key):
    with open(f"/proc/{pid}/status") as file:
        found = re.search(rf"^{key}:\s+(\d+)", file.read(), re.M)
    return int(found.group(1)) if found else None


@codecs
def test_a_log_that_grows_meanwhile(large, tmp_path, codec):
    """Nobody should write to it; who does is not to lose it."""
    with Files(large, tmp_path / "new") as fds:
        process = halted(fds, codec)
        with open(large, "ab") as log:
            log.write(b"more\n")
        process.send_signal(signal.SIGCONT)
        assert "not what was read" in finish(process, 1)


@codecs
def test_it_is_humble(large, tmp_path, codec):
    with Files(large, tmp_path / "new") as fds:
        process = halted(fds, codec)
        assert stat_of(process.pid)[16] == "19"  # nice: proc_pid_stat(5)
        assert status_of(process.pid, "Seccomp") == 2
        assert run("ionice", "-p", str(process.pid)).stdout.strip() == b"idle"
        bound = resource.prlimit(process.pid, resource.RLIMIT_AS)[0]
        assert is_sanitized() or bound == 32 << 20
        process.send_signal(signal.SIGCONT)
        assert finish(process) == ""


@codecs
def test_memory_is_bounded(large, tmp_path, codec):
    """The largest amount that was ever resident, looked at until its end."""
    with Files(large, tmp_path / "new") as fds:
        process = start_compressor(fds, codec)
        most = late = 0
        while process.poll() is None:
            begun, written = (os.fstat(fd).st_size > 0 for fd in fds[2:])
            now = begun and status_of(process.pid, "VmHWM") or 0
            most, late = max(most, now), late + (written and now > 0)
        finish(process)
    assert late > 0  # it was seen comparing, too
    print(f"{codec}: {most} KiB resident at most")
    assert is_sanitized() or 1000 < most <= 16 << 10


@codecs
def test_it_goes_with_its_parent(large, tmp_path, codec):
    with Files(large, tmp_path / "new") as fds:
        reader, writer = os.pipe()
        parent = os.fork()
        if parent == 0:
            process = halted(fds, codec)
            os.write(writer, b"%d\n" % process.pid)
            signal.pause()
        os.close(writer)
        pid = int(os.read(reader, 100))
        handle = os.pidfd_open(pid)
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        gone, _, _ = select.select([handle], [], [], PATIENCE)
        os.close(handle)
        os.close(reader)
    assert gone

