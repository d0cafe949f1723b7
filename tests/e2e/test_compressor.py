"""jobwatch-compressor through its real descriptors, the common tools on what
it makes, and `jobwatch logs` of a job whose segments are compressed."""

import json
import os
import re
import resource
import select
import signal
import subprocess
import time
import zlib
from types import SimpleNamespace

import classifier_peer
import pytest
from compressor_peer import (
    CODECS, COMPRESSOR, NEW, SUFFIX, Files, compress, exchange, finish)
from compressor_peer import start as start_compressor
from fake_job import STDERR, FakeFamily, FakeJob, rfc3339
from views import (  # noqa: F401
    JOBWATCH, PATIENCE, call, ended, environment, home, is_sanitized,
    read_until, start)

FRAME = 256 * 1024
TOOLS = {
    "zstd": {"test": ["zstd", "-qt"], "cat": ["zstd", "-dcq"],
             "grep": ["zstdgrep"]},
    "gzip": {"test": ["gzip", "-t"], "cat": ["gzip", "-dc"],
             "grep": ["zgrep"]},
}
codecs = pytest.mark.parametrize("codec", CODECS)


def lines(n, first=0):
    return b"".join(b"[step %07d] loss=0.%04d lr=1e-4\n" % (i, i * 7 % 10000)
                    for i in range(first, first + n))


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


# --- reading it ----------------------------------------------------------


def mixed(job, codec, segments=6):
    """Both streams over several segments, most of them compressed."""
    everything, streams = b"", (b"", b"")
    for n in range(segments):
        for part in range(20):
            data = lines(part * 130, 100000 * n)
            stream = (n + part) % 2
            if data:
                job.append(data, stream, at=1e9 + 100 * n + part)
            everything += data
            streams = tuple(s + data if i == stream else s
                            for i, s in enumerate(streams))
        if n < segments - 1:
            name = job.rotate()
            if n != 2:
                exchange(job, name, codec)
    return everything, streams


@codecs
def test_logs_are_the_exact_bytes(home, job, codec):
    everything, (out, err) = mixed(job, codec)
    assert call(home, "logs", "a", text=False).stdout == everything
    assert call(home, "logs", "a", "--stdout", text=False).stdout == out
    assert call(home, "logs", "a", "--stderr", text=False).stdout == err


@codecs
def test_logs_into_a_file(home, job, codec, tmp_path):
    everything, _ = mixed(job, codec)
    with open(tmp_path / "out", "wb") as out:
        ended(start(home, "logs", "a", stdout=out), 0)
    assert (tmp_path / "out").read_bytes() == everything


@codecs
def test_logs_tail(home, job, codec):
    everything, (out, _) = mixed(job, codec)
    whole, ours = everything.splitlines(True), out.splitlines(True)
    for n in (1, 10, 3000, 60000, 10**6):
        said = call(home, "logs", "a", "-n", str(n), text=False).stdout
        assert said == b"".join(whole[-n:])
    said = call(home, "logs", "a", "-n", "20000", "--stdout",
                text=False).stdout
    assert said == b"".join(ours[-20000:])


@codecs
def test_logs_since_and_until(home, job, codec):
    everything, _ = mixed(job, codec)
    offset = {}
    at = 0
    for n in range(6):
        for part in range(20):
            offset[1e9 + 100 * n + part] = at
            at += len(lines(part * 130, 100000 * n))
    for since, until in [(0, 103), (107, 312), (299, 300), (0, 1000),
                         (419, 501)]:
        begin = min(o for t, o in offset.items() if t >= 1e9 + since)
        end = min([o for t, o in offset.items() if t > 1e9 + until],
                  default=at)
        said = call(home, "logs", "a", "--since", rfc3339(1e9 + since),
                    "--until", rfc3339(1e9 + until), text=False).stdout
        assert said == everything[begin:end], (since, until)


@codecs
def test_logs_as_lines(home, job, codec):
    job.append(b"one\ntw", at=1e9)
    exchange(job, job.rotate(), codec)
    job.append(b"bad \xff\n", STDERR, at=1e9 + 1)
    exchange(job, job.rotate(), codec)
    job.append(b"o\n", at=1e9 + 2)
    said = [json.loads(line) for line in call(
        home, "logs", "a", "--json").stdout.splitlines()]
    assert said == [
        {"time": rfc3339(1e9), "stream": "stdout", "offset": 0,
         "text": "one"},
        {"time": rfc3339(1e9 + 1), "stream": "stderr", "offset": 6,
         "text": "bad \ufffd"},
        {"time": rfc3339(1e9), "stream": "stdout", "offset": 4,
         "text": "two"},
    ]


@codecs
def test_follow_from_compressed_into_live(home, codec):
    job = FakeJob(home, "train-1")
    job.append(lines(9000))
    exchange(job, job.rotate(), codec)
    family = FakeFamily(job)
    client = start(home, "logs", "-f", "train-1")
    family.wait_followers()
    read_until(client.stdout, lines(1, 8999))
    job.append(b"live\n")
    read_until(client.stdout, b"live\n")
    exchange(job, job.rotate(), codec)  # the one that it stands in
    job.append(b"more\n", STDERR)
    read_until(client.stdout, b"more\n")
    job.append(b"last")
    family.finish(0)
    assert ended(client, 0) == (b"last", b"")


@codecs
def test_slow_reader_loses_nothing(home, job, codec):
    """A pipe that is full in the middle of a frame."""
    data = lines(60000)
    job.append(data)
    exchange(job, job.rotate(), codec)
    client = start(home, "logs", "a")
    got = b""
    while piece := os.read(client.stdout.fileno(), 5000):
        got += piece
    ended(client, 0)
    assert got == data


@codecs
def test_both_are_there(home, job, codec):
    """A crash between the last steps of the exchange."""
    job.append(lines(9000))
    name = job.rotate()
    compress(job.path(name), job.path(name + SUFFIX[codec]), codec)
    job.append(b"next\n")
    assert call(home, "logs", "a", text=False).stdout == lines(9000) + b"next\n"
    os.unlink(job.path(name + ".idx"))
    assert call(home, "logs", "a", text=False).stdout == lines(9000) + b"next\n"


def opened(home, trace, *args):
    subprocess.run(["strace", "-e", "trace=openat,inotify_init1",
                    "-o", trace, JOBWATCH, *args],
                   check=True, timeout=60, stdout=subprocess.DEVNULL,
                   env={**environment(home),
                        "ASAN_OPTIONS": "detect_leaks=0"})  # not traced
    said = trace.read_text()
    assert "inotify_init1" not in said  # to close it takes up to 20 ms
    return len(re.findall(r'openat\([^"]*"output', said))


@codecs
def test_few_of_many_segments_are_opened(home, job, codec, tmp_path):
    """A search opens as many as its depth; each has a log and an index, and
    of a compressed one the plain name is tried first."""
    for n in range(300):
        job.append(b"line %d\n" % n, at=1e9 + n)
        name = job.rotate()
        if n % 100 == 50:
            exchange(job, name, codec)
    job.append(b"end\n", at=1e9 + 300)
    trace = tmp_path / "trace"
    assert opened(home, trace, "logs", "-n", "3", "a") < 100
    assert opened(home, trace, "logs", "--since", rfc3339(1e9 + 299),
                  "a") < 100


@codecs
def test_the_classifier_reads_it(tmp_path, codec):
    """In its sandbox, when it starts again from before the compression."""
    lost = b"ValueError: it was lost\n"
    first = classifier_peer.Segment(tmp_path)
    for part in (lines(20000), lost, lines(20000), b"half a "):
        first.write(classifier_peer.OUT, part)
    os.rename(first.index.name, f"{first.log.name}.idx")
    compress(first.log.name, tmp_path / "new", codec)
    packed = SimpleNamespace(base=0, log=SimpleNamespace(
        name=tmp_path / "new"), index=SimpleNamespace(
            name=tmp_path / "new.idx"))
    second = classifier_peer.Segment(tmp_path, first.end, 2)
    second.write(classifier_peer.OUT, b"line\n" + lost)
    rules = [{"name": "lost", "pattern": "^ValueError: (it was )?lost"}]
    with classifier_peer.Peer(tmp_path, classifier_peer.policy(
            rules, base=False)) as peer:
        peer.resume()
        peer.segment(packed)
        peer.segment(second)
        answers = peer.grown(second.end, final=1)
    assert peer.process.returncode == 0
    assert [at for _, at in answers.at] == [
        len(lines(20000)), first.end + len(b"line\n")]
    assert answers.cursors[-1].lines == 40003


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

