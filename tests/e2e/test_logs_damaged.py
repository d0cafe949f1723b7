"""`jobwatch logs` of a log in which a compressed segment is damaged: what can
be read is shown, what cannot is named, and the exit status says so."""

import json
import os
import struct

import pytest
from compressor_peer import CODECS, exchange, lines
from fake_job import FakeFamily, FakeJob
from views import call, ended, home, read_until, start  # noqa: F401

FRAME = 256 * 1024
HEADER, PACKING, ROW = 32, struct.Struct("<IIQ"), struct.Struct("<QQ")


WHOLE = lines(40000)  # more than five frames
LIVE = b"another\nnext\n"


def frames(packed):
    """Where each begins, in the output and in the file."""
    with open(packed + ".idx", "rb") as index:
        index.seek(HEADER)
        count = PACKING.unpack(index.read(PACKING.size))[2]
        return [ROW.unpack(index.read(ROW.size)) for _ in range(count + 1)]


def damage(packed, number):
    """Returns the frame's begin and end, and its byte in the file."""
    rows = frames(packed)
    (begin, at), (end, stop) = rows[number:number + 2]
    with open(packed, "r+b") as file:
        file.seek((at + stop) // 2)
        file.write(bytes(8))
    return begin, end, at


def words(packed, begin, end, at):
    folder, name = os.path.split(packed)
    return (f"jobwatch: a-1: {end - begin} bytes of output from offset "
            f"{begin} on cannot be read: {name} is damaged at byte {at} "
            f"(in {folder})\n")


@pytest.fixture(name="job")
def job_fixture(home):
    return FakeJob(home, "a-1")


@pytest.fixture(name="packed")
def packed_fixture(job, request):
    job.append(WHOLE)
    packed = exchange(job, job.rotate(), request.param)
    job.append(LIVE)
    return packed


segments = pytest.mark.parametrize("packed", CODECS, indirect=True)


@segments
def test_the_bytes_around_it(home, packed):
    begin, end, at = damage(packed, 2)
    done = call(home, "logs", "a", code=125, text=False)
    assert done.stdout == WHOLE[:begin] + WHOLE[end:] + LIVE
    assert done.stderr.decode() == words(packed, begin, end, at)
    assert call(home, "logs", "--from", str(end), "a",
                text=False).stdout == WHOLE[end:] + LIVE


@segments
def test_frames_in_a_row_are_one_gap(home, packed):
    begin, _, at = damage(packed, 1)
    _, end, _ = damage(packed, 2)
    done = call(home, "logs", "a", code=125, text=False)
    assert done.stdout == WHOLE[:begin] + WHOLE[end:] + LIVE
    assert done.stderr.decode() == words(packed, begin, end, at)


@segments
def test_the_last_lines_behind_it(home, packed):
    damage(packed, 2)
    done = call(home, "logs", "-n", "9", "a", text=False)
    assert done.stdout == lines(7, 39993) + LIVE
    done = call(home, "logs", "-n", "3", "--grep", "step", "a", text=False)
    assert done.stdout == lines(3, 39997)


@segments
@pytest.mark.parametrize("how", [(), ("--stdout",)], ids=["plain", "stream"])
def test_the_last_lines_across_it(home, packed, how):
    """What is damaged has no newlines to be counted."""
    begin, end, at = damage(packed, len(frames(packed)) - 2)  # the last
    done = call(home, "logs", "-n", "5", *how, "a", code=125, text=False)
    kept = WHOLE[:begin]
    first = len(kept) - len(b"".join(kept.splitlines(True)[-4:]))
    assert done.stdout == kept[first:] + LIVE
    assert done.stderr.decode() == words(packed, begin, end, at)


@segments
def test_a_line_begins_in_it(home, packed):
    """The line that ends behind it, and the one that ends in it, are not
    taken for one."""
    begin, end, at = damage(packed, 2)
    done = call(home, "logs", "--json", "a", code=125)
    texts = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    want = (WHOLE[:begin].decode().splitlines() +
            (WHOLE[end:] + LIVE).decode().splitlines())
    assert texts == want
    assert done.stderr == words(packed, begin, end, at)


@segments
def test_a_search_that_it_may_have_answered(home, packed):
    begin, end, at = damage(packed, 2)
    done = call(home, "logs", "--grep", "no such line", "a", code=125)
    assert done.stdout == ""
    assert done.stderr == words(packed, begin, end, at)


@segments
def test_a_pipe_is_followed_past_it(home, job, packed):
    begin, end, at = damage(packed, 0)
    family = FakeFamily(job)
    client = start(home, "logs", "-f", "a")
    read_until(client.stdout, WHOLE[end:] + LIVE)
    family.wait_followers()
    job.append(b"last\n")
    family.finish(0)
    out, said = ended(client, 125)
    assert (out, said.decode()) == (b"last\n", words(packed, begin, end, at))


@segments
def test_nobody_knows_where_frames_are(home, packed):
    rows = frames(packed)
    with open(packed + ".idx", "r+b") as index:
        index.seek(HEADER + PACKING.size + 2 * ROW.size)
        index.write(ROW.pack(rows[2][0], 1 << 40))
    done = call(home, "logs", "a", code=125, text=False)
    assert done.stdout == WHOLE[:rows[1][0]] + LIVE
    assert os.path.basename(packed) in done.stderr.decode()


def test_a_codec_that_is_not_built(home, job):
    job.append(b"line\n")
    packed = exchange(job, job.rotate(), "gzip")
    with open(packed + ".idx", "r+b") as index:
        index.seek(HEADER)
        index.write(b"\1")  # segment.h: CODEC_ZSTD
    os.rename(packed, packed[:-3] + ".zst")
    os.rename(packed + ".idx", packed[:-3] + ".zst.idx")
    for how in ([], ["-n", "1", "--json"]):
        done = call(home, "logs", *how, "a", code=125)
        if "zstd" not in CODECS:
            assert "libzstd-dev" in done.stderr
        assert os.path.basename(packed[:-3] + ".zst") in done.stderr


@pytest.mark.parametrize("name", [None, "output.log"])
def test_an_index_that_lost_its_tail(home, job, name):
    """After a power cut the log may have what its index does not tell of."""
    job.append(b"one\n")
    job.append(b"two\n", stream=1)
    name = name or job.rotate()
    kept = HEADER + 24  # the first record
    os.truncate(job.path(name + ".idx"), kept)
    if name != "output.log":
        job.append(b"three\n")
    done = call(home, "logs", "a", code=125, text=False)
    assert done.stdout == (b"one\n" if name == "output.log"
                           else b"one\nthree\n")
    assert done.stderr.decode() == words(job.path(name + ".idx"), 4, 8, kept)
    shown = call(home, "logs", "-t", "a", code=125).stdout.splitlines()
    assert [line.split("  ")[1] for line in shown][0] == "one"
