"""Plays the supervisor to one jobwatch-notifier.

Makes a job directory, starts the program on the descriptors that
jobs/core/family.h fixes, and speaks the messages of jobs/core/message.h
with it. Numbers are read from the headers.
"""
import json
import os
import re
import select
import signal
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(os.environ.get("JOBWATCH_BIN", ROOT / "build" / "bin"))
NOTIFIER = BIN / "jobwatch-notifier"


def enum(header, name, first=0):
    """The members of a C enum, in order, as {NAME: value}."""
    text = (ROOT / "jobs" / "core" / header).read_text()
    body = re.search(r"enum %s \{(.*?)\};" % name, text, re.S).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    values, value = {}, first
    for member in filter(None, (m.strip() for m in body.split(","))):
        key, _, given = (p.strip() for p in member.partition("="))
        value = int(given, 0) if given else value
        values[key] = value
        value += 1
    return values


def define(header, name):
    """A number that a header defines."""
    text = (ROOT / "jobs" / "core" / header).read_text()
    return int(re.search(r"^#define %s (\d+)" % name, text, re.M).group(1))


FD = enum("family.h", "family_fd")
TYPE = enum("message.h", "message_type")
OUTCOME = {v: k for k, v in
           enum("message.h", "message_delivery_outcome").items()}

HEAD = struct.Struct("<I")
EVENTS = struct.Struct("<Q")
DELIVERY = struct.Struct("<QIIII")
OUTBOX = struct.Struct("<QQII")
UID = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Delivery:
    seq: int
    outcome: str
    attempts: int
    permanent: bool
    channel: str
    id: str
    error: str


@dataclass(frozen=True)
class Outbox:
    cursor: int
    end: int  # of the events, as it has heard
    pending: int
    within_ms: int


class Job:
    """A job directory with its events; keeps no process."""

    def __init__(self, path, channels, notify=None, policy=None):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.seq = 0
        self.write("policy.json", {
            "notify": notify or {}, "channel": channels, **(policy or {})})
        self.write("job.json", {
            "id": "train-1", "name": "train", "kind": "training",
            "argv": ["python", "train.py"], "cwd": "/w", "host": "node7",
            "user": "ann", "uid": UID, "correlation_id": "corr-1",
            "trace_id": "t", "created": "2026-03-02T14:00:00.000000Z"})
        self.write("status.json", {
            "job": "train-1", "state": "running",
            "started_at": "2026-03-02T14:00:00.000000Z",
            "progress": {"step": 3, "steps": 10}})
        self.events = self.path / "events.jsonl"
        self.events.touch()

    def write(self, name, document):
        (self.path / name).write_text(json.dumps(document))

    def event(self, event="output.alert", severity="high", kind="failure",
              message="boom", **more):
        """Appends one event; how many bytes there are now."""
        self.seq += 1
        record = {
            "seq": self.seq, "time": "2026-03-02T14:01:03.200000Z",
            "job": "train-1", "event": event, "severity": severity,
            "kind": kind, "message": message, "source": "rule:x",
            "fingerprint": f"{self.seq:016x}", "count": 1,
            "correlation_id": "corr-1", "trace_id": "t", "data": {}}
        record.update(more)
        with self.events.open("a") as out:
            out.write(json.dumps(record, separators=(",", ":"),
                                 ensure_ascii=False) + "\n")
        return self.events.stat().st_size

    def outbox(self):
        """cursor-notify, or None."""
        try:
            return json.loads((self.path / "cursor-notify").read_text())
        except FileNotFoundError:
            return None


class Notifier:
    """One process. Use as a context: it is killed at the end."""

    def __init__(self, job, env=None, secrets=None):
        self.job = job
        self.deliveries = []
        self.outboxes = []
        ours, theirs = socket.socketpair(socket.AF_UNIX,
                                         socket.SOCK_SEQPACKET)
        self.peer = ours
        log = os.open(job.path / "family.log",
                      os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        directory = os.open(job.path, os.O_RDONLY | os.O_DIRECTORY)
        fds = {2: log, FD["FAMILY_FD_DIR"]: directory,
               FD["FAMILY_FD_PEER"]: theirs.detach()}
        if secrets is not None:
            memory = os.memfd_create("secrets")
            os.write(memory, json.dumps(secrets).encode())
            fds[FD["FAMILY_FD_SECRETS"]] = memory
        self.started = time.monotonic()
        self.pid = self._spawn(fds, env)
        self.status = None
        for fd in fds.values():
            os.close(fd)

    @staticmethod
    def _spawn(fds, env):
        # Up and away first, so that no source lies where a target goes.
        high = {target: os.dup2(fd, 200 + i, inheritable=False)
                for i, (target, fd) in enumerate(fds.items())}
        actions = [(os.POSIX_SPAWN_DUP2, fd, target)
                   for target, fd in high.items()]
        try:
            return os.posix_spawn(
                NOTIFIER, [str(NOTIFIER)],
                dict(os.environ, **(env or {})), file_actions=actions)
        finally:
            for fd in high.values():
                os.close(fd)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.kill()
        self.peer.close()

    def kill(self, signo=signal.SIGKILL):
        if self.status is None:
            os.kill(self.pid, signo)
            self.wait()

    def wait(self, timeout=10):
        """The exit code; negative: a signal."""
        end = time.monotonic() + timeout
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError("the notifier did not end")
            else:
                select.select([self.peer], [], [], 0.005)
        return self.status

    def send(self, type_name, body):
        self.peer.send(HEAD.pack(TYPE[type_name]) + body)

    def poke(self, end=None):
        end = self.job.events.stat().st_size if end is None else end
        self.send("MESSAGE_EVENTS", EVENTS.pack(end))

    def event(self, **fields):
        self.poke(self.job.event(**fields))

    def _take(self, record):
        (kind,), body = HEAD.unpack_from(record), record[HEAD.size:]
        if kind == TYPE["MESSAGE_DELIVERY"]:
            seq, outcome, attempts, permanent, _ = DELIVERY.unpack_from(body)
            texts = body[DELIVERY.size:].decode().split("\0")
            assert len(texts) == 4 and texts[3] == "", texts
            self.deliveries.append(Delivery(
                seq, OUTCOME[outcome], attempts, bool(permanent), *texts[:3]))
        elif kind == TYPE["MESSAGE_OUTBOX"]:
            self.outboxes.append(Outbox(*OUTBOX.unpack(body)))
        else:
            raise AssertionError(f"message type {kind}")

    def wait_for(self, done, timeout=10):
        """Reads messages until done(self) is true."""
        end = time.monotonic() + timeout
        while not done(self):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.peer], [], [], left)[0]:
                raise AssertionError(
                    f"waited {timeout} s: {self.deliveries} "
                    f"{self.outboxes[-1:]} {self.log()}")
            record = self.peer.recv(65536)
            if not record:
                raise AssertionError(f"the notifier is gone: {self.log()}")
            self._take(record)
        return self

    def settled(self, timeout=10):
        """Waits until all events are read and nothing is owed."""
        size = self.job.events.stat().st_size
        return self.wait_for(
            lambda n: n.outboxes and n.outboxes[-1].cursor == size and
            n.outboxes[-1].pending == 0, timeout)

    def of(self, outcome):
        return [d for d in self.deliveries if d.outcome == outcome]

    def log(self):
        return (self.job.path / "family.log").read_text()
