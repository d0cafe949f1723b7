"""What a job's output must be, and what the files of its log hold.

The log is read here by a parser of its own (the format is written down in
jobs/core/segment.h), not by the programs under test.
"""
import re
import struct
import subprocess
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

HEADER = struct.Struct("<8sQqQ")  # magic, base, created, sequence
RECORD = struct.Struct("<QqIB3x")  # offset, time, length, stream
MAGIC = b"jwidx01\n"
STREAMS = ("stdout", "stderr")
PLANTED = re.compile(rb"^PLANTED alert [a-z]+ [a-z]+ [a-z]+ [0-9]+$", re.M)


@dataclass(frozen=True)
class Script:
    """What a talker says: its arguments."""
    seed: int
    records: int
    planted: int

    def args(self):
        return [str(self.seed), str(self.records), str(self.planted)]

    def say(self, talker, stream):
        return subprocess.run([talker, "say", *self.args(), stream],
                              stdout=subprocess.PIPE, check=True).stdout


@dataclass(frozen=True)
class Run:
    """Bytes of one stream that lie together in the log."""
    offset: int  # in the log
    at: int  # in the stream
    length: int


class Log:
    """The log of a job that has ended; .problems says what is wrong."""

    def __init__(self, directory):
        self.problems = []
        self.data = bytearray()
        self.runs = {name: [] for name in STREAMS}
        parts = {name: [] for name in STREAMS}
        self.have = dict.fromkeys(STREAMS, 0)
        for index, log in self.segments(Path(directory)):
            self.take(index, log, parts)
        self.streams = {name: b"".join(parts[name]) for name in STREAMS}

    def segments(self, directory):
        found = []
        for path in directory.glob("output*.log.idx"):
            index = path.read_bytes()
            log = path.with_suffix("")
            if len(index) < HEADER.size or not index.startswith(MAGIC):
                self.problems.append(f"{path.name}: no header")
                continue
            if not log.exists():
                self.problems.append(f"{log.name} is missing")
                continue
            found.append((HEADER.unpack_from(index)[1],
                          HEADER.unpack_from(index)[3], index,
                          log.read_bytes(), log.name))
        logs = {p.name for p in directory.glob("output*.log")}
        for name in logs - {row[4] for row in found}:
            self.problems.append(f"{name} has no index")
        found.sort()
        numbers = [row[1] for row in found]
        if numbers != list(range(1, len(numbers) + 1)):
            self.problems.append(f"segments are numbered {numbers}")
        return [(index, log) for _, _, index, log, _ in found]

    def take(self, index, log, parts):
        base = HEADER.unpack_from(index)[1]
        if base != len(self.data):
            self.problems.append(
                f"a segment begins at {base}, the last one ended at "
                f"{len(self.data)}")
        body = index[HEADER.size:]
        body = body[:len(body) // RECORD.size * RECORD.size]
        at = base
        for offset, _, length, stream in RECORD.iter_unpack(body):
            if length == 0:
                continue
            if offset != at:
                self.problems.append(f"index: {offset} follows on {at}")
            name = STREAMS[stream == 1]
            piece = log[at - base:at - base + length]
            self.runs[name].append(Run(at, self.have[name], len(piece)))
            self.have[name] += len(piece)
            parts[name].append(piece)
            at += length
        if at - base != len(log):
            self.problems.append(f"index promises {at - base} bytes, the log "
                                 f"has {len(log)}")
        self.data += log

    def in_stream(self, stream, offset):
        """Where a byte of the log is in its stream; None: in another."""
        runs = self.runs[stream]
        i = bisect_right(runs, offset, key=lambda run: run.offset) - 1
        if i < 0 or offset >= runs[i].offset + runs[i].length:
            return None
        return runs[i].at + offset - runs[i].offset


def planted(stream_bytes):
    """{offset in the stream: text} of the planted alerts."""
    return {m.start(): m.group().decode()
            for m in PLANTED.finditer(stream_bytes)}


@dataclass(frozen=True)
class Difference:
    lost: int
    twice: int
    words: str

    @property
    def is_none(self):
        return self.lost == 0 and self.twice == 0


def common(a, b):
    """Length of the longest common beginning."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def compare(expected, actual, may_end_early=False):
    """How actual differs from what was expected."""
    if actual == expected:
        return Difference(0, 0, "")
    begin = common(expected, actual)
    if may_end_early and begin == len(actual):
        return Difference(0, 0, "")
    end = common(expected[begin:][::-1], actual[begin:][::-1])
    lost = len(expected) - begin - end
    extra = len(actual) - begin - end
    words = (f"from byte {begin} on, {lost} bytes are missing and {extra} are "
             f"too many: expected {expected[begin:begin + 40]!r} after "
             f"{expected[max(0, begin - 24):begin]!r}, found "
             f"{actual[begin:begin + 40]!r}")
    return Difference(lost, extra, words)
