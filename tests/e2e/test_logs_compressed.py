"""`jobwatch logs`, and the classifier, of a job whose segments are compressed.
"""

import json
import os
import re
import subprocess
from types import SimpleNamespace

import classifier_peer
import pytest
from compressor_peer import CODECS, SUFFIX, compress, exchange, lines
from fake_job import STDERR, FakeFamily, FakeJob, rfc3339
from views import (  # noqa: F401
    JOBWATCH, call, ended, environment, home, read_until, start)

codecs = pytest.mark.parametrize("codec", CODECS)


@pytest.fixture(name="job")
def job_fixture(home):
    return FakeJob(home, "a-1")



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
