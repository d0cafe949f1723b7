"""Plays the supervisor to one jobwatch-classifier.

Writes the log and index files in the format of jobs/core/segment.h, hands
them over a socket pair as jobs/core/message.h says, and collects answers.
"""
import array
import json
import os
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from family_peer import define, enum

BIN = Path(os.environ.get("JOBWATCH_BIN",
                          Path(__file__).parents[2] / "build" / "bin"))
CLASSIFIER = BIN / "jobwatch-classifier"

OUT, ERR = 0, 1
FD_POLICY = 3
FD_PEER = enum("family.h", "family_fd")["FAMILY_FD_PEER"]
NO_SKIP = 2 ** 64 - 1
SEGMENTS_MAX = define("message.h", "MESSAGE_SEGMENTS_MAX")
(MESSAGE_RESUME, MESSAGE_SEGMENT, MESSAGE_GROWN, MESSAGE_CURSOR,
 MESSAGE_FINDING, MESSAGE_NOTE) = range(5, 11)

HEADER = struct.Struct("<8sQqQ")
RECORD = struct.Struct("<QqIB3x")
FINDING = struct.Struct("<QQdIiBBBBIII")
CURSOR = struct.Struct("<QQQII")
SEVERITIES = ["none", "low", "medium", "high", "critical"]


@dataclass(frozen=True)
class Finding:
    offset: int
    fingerprint: int
    score: float
    length: int
    rule: int
    stream: int
    severity: str
    kind: int
    source: str
    message: str
    context: str

    @property
    def at(self):
        return self.stream, self.offset


@dataclass(frozen=True)
class Cursor:
    offset: int
    end: int
    lines: int
    final: int


@dataclass
class Answers:
    findings: list = field(default_factory=list)
    cursors: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    @property
    def at(self):
        return [finding.at for finding in self.findings]


class Segment:
    """One log with its index, under `folder`."""

    def __init__(self, folder, base=0, sequence=1):
        self.base = self.end = base
        stem = Path(folder) / f"segment-{base}-{sequence}"
        self.log = open(stem.with_suffix(".log"), "wb", buffering=0)
        self.index = open(stem.with_suffix(".idx"), "wb", buffering=0)
        self.index.write(HEADER.pack(b"jwidx01\n", base, 0, sequence))

    def write(self, stream, data):
        """A chunk: the record before its bytes, as the supervisor does."""
        self.index.write(RECORD.pack(self.end, 0, len(data), stream))
        self.log.write(data)
        self.end += len(data)

    def write_many(self, chunks):
        records, parts, end = [], [], self.end
        for stream, data in chunks:
            records.append(RECORD.pack(end, 0, len(data), stream))
            parts.append(data)
            end += len(data)
        self.index.write(b"".join(records))
        self.log.write(b"".join(parts))
        self.end = end


def policy(rules=(), base=True, context_lines=20):
    return {
        "rule": [{"stream": "any", "severity": "high", "kind": "failure",
                  "do": "notify", **rule} for rule in rules],
        "classify": {"base": base},
        "notify": {"context_lines": context_lines},
    }


class Peer:
    def __init__(self, folder, wanted=None):
        self.folder = Path(folder)
        path = self.folder / "policy.json"
        path.write_text(json.dumps(wanted or policy()))
        ours, theirs = socket.socketpair(socket.AF_UNIX,
                                         socket.SOCK_SEQPACKET)
        self.socket = ours
        self.log = open(self.folder / "family.log", "ab")
        self.process = spawn(path, theirs, self.log)
        theirs.close()
        ours.settimeout(120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Hangs up; the exit status."""
        self.socket.close()
        return self.process.wait(timeout=60)

    def send(self, kind, body, fds=()):
        control = []
        if fds:
            control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                        array.array("i", fds))]
        self.socket.sendmsg([struct.pack("<I", kind) + body], control)

    def resume(self, cursor=0, lines=0, skip=NO_SKIP, careful=0):
        self.send(MESSAGE_RESUME,
                  struct.pack("<QQQII", cursor, lines, skip, careful, 0))

    def segment(self, segment):
        log = os.open(segment.log.name, os.O_RDONLY)
        index = os.open(segment.index.name, os.O_RDONLY)
        self.send(MESSAGE_SEGMENT, struct.pack("<Q", segment.base),
                  (log, index))
        os.close(log)
        os.close(index)

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError((self.folder / "family.log").read_text())
        return struct.unpack_from("<I", data)[0], data[4:]

    def grown(self, end, final=0):
        """Tells how far the output reaches; all answers up to there."""
        answers = Answers()
        self.send(MESSAGE_GROWN, struct.pack("<QII", end, final, 0))
        while True:
            kind, body = self.receive()
            if kind == MESSAGE_NOTE:
                answers.notes.append(body.decode())
            elif kind == MESSAGE_FINDING:
                answers.findings.append(finding_from(body))
            elif kind == MESSAGE_CURSOR:
                cursor = Cursor(*CURSOR.unpack(body)[:4])
                answers.cursors.append(cursor)
                if cursor.end >= end and cursor.final == final:
                    return answers

    def peak_kib(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
        raise LookupError("VmHWM")


def spawn(policy_path, peer, log):
    """Starts it with the descriptors at their numbers and no others."""
    def arrange():
        source = os.open(policy_path, os.O_RDONLY)
        high = [os.dup2(fd, 100 + i) for i, fd in
                enumerate((source, peer.fileno(), log.fileno()))]
        for target, fd in zip((FD_POLICY, FD_PEER, 2), high):
            os.dup2(fd, target)
        os.closerange(FD_POLICY + 1, FD_PEER)
        os.closerange(FD_PEER + 1, 256)

    return subprocess.Popen([str(CLASSIFIER)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, close_fds=False,
                            preexec_fn=arrange)


def finding_from(body):
    (offset, fingerprint, score, length, rule, stream, severity, kind, _,
     source, message, context) = FINDING.unpack_from(body)
    at = FINDING.size
    texts = []
    for size in (source, message, context):
        texts.append(body[at:at + size].decode())  # strict: valid UTF-8
        at += size
    assert at == len(body)
    return Finding(offset, fingerprint, score, length, rule, stream,
                   SEVERITIES[severity], kind, *texts)


def classify(folder, chunks, wanted=None, **resume):
    """All answers to these chunks, in one segment, read at once."""
    segment = Segment(folder)
    segment.write_many(chunks)
    with Peer(folder, wanted) as peer:
        peer.resume(**resume)
        peer.segment(segment)
        answers = peer.grown(segment.end, final=1)
    assert peer.process.returncode == 0
    return answers


def main():
    """Shows what the classifier finds in a file: classifier_peer.py FILE."""
    import tempfile
    data = Path(sys.argv[1]).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        for finding in classify(folder, [(OUT, data)]).findings:
            print(finding.offset, finding.severity, finding.source,
                  finding.message)


if __name__ == "__main__":
    main()
