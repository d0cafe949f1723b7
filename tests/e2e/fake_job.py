"""A job directory written by hand, and a family that is a few threads.

Views are tested against this: it can show them every state, also those that
a real supervisor passes through in a millisecond or is not meant to reach.
The formats are those of segment.h, control.h and the contract.
"""

import fcntl
import json
import os
import socket
import struct
import threading
import time
from datetime import datetime, timezone

F_OFD_SETLK = 37
STDOUT, STDERR = 0, 1


def rfc3339(seconds):
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def boot_id():
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


class FakeJob:
    """One job directory; `append` makes its output grow as capture would."""

    def __init__(self, home, id, argv=("sleep", "9"), host=None, boot=None):
        self.home, self.id = str(home), id
        self.dir = os.path.join(self.home, "jobs", id)
        for path in (self.dir, os.path.join(self.home, "running"),
                     os.path.join(self.home, "counters")):
            os.makedirs(path, 0o700, exist_ok=True)
        self.started = time.time()
        self.identity = {
            "id": id, "name": id.rsplit("-", 1)[0], "kind": "training",
            "argv": list(argv), "cwd": "/tmp",
            "host": host or socket.gethostname(), "user": "tester",
            "created": rfc3339(self.started), "correlation_id": "c" * 8,
            "trace_id": "0" * 32, "boot_id": boot or boot_id(),
        }
        self.write("job.json", json.dumps(self.identity))
        self.end = 0
        self.sequence = 0
        self.seq = 0
        self.lock_fd = -1
        self.open_segment()
        self.status = {
            "job": id, "name": self.identity["name"], "kind": "training",
            "state": "running", "pid": 1, "exit_code": None, "signal": None,
            "reason": None, "detail": None,
            "started_at": rfc3339(self.started), "ended_at": None,
            "last_output_at": None, "runtime_s": 0.0, "restarts": 0,
            "argv": list(argv), "cwd": "/tmp",
            "host": self.identity["host"], "user": "tester",
            "correlation_id": "c" * 8, "trace_id": "0" * 32,
            "bytes": {"stdout": 0, "stderr": 0}, "lines": 0,
            "alerts": {"critical": 0, "high": 0, "medium": 0, "low": 0},
            "progress": None, "attempt": 1, "lag_bytes": 0,
            "dropped_keys": 0, "stalled": False, "actions_open": 0,
            "muted_until": None, "processes": {
                "keeper": 2, "supervisor": 3, "classifier": 4,
                "notifier": None},
            "recoveries": 0, "log": {"dir": self.dir, "segments": 1,
                                     "bytes": 0, "lost_bytes": 0},
            "resources": {"cpu_s": 0.0, "rss_bytes": 0, "gpu": []},
            "policy_ended": False, "spawn_errno": 0,
        }
        self.set_status()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name + ".tmp"), "w") as file:
            file.write(text)
        os.rename(self.path(name + ".tmp"), self.path(name))

    def set_status(self, **changes):
        self.status.update(changes)
        self.write("status.json", json.dumps(self.status))

    # --- output ---------------------------------------------------------

    def open_segment(self):
        self.sequence += 1
        self.base = self.end
        with open(self.path("output.log.idx"), "wb") as index:
            index.write(struct.pack("<8sQqQ", b"jwidx01\n", self.base,
                                    int(time.time() * 1e6), self.sequence))
        open(self.path("output.log"), "wb").close()

    def append(self, data, stream=STDOUT, at=None):
        when = int((at or time.time()) * 1e6)
        with open(self.path("output.log.idx"), "ab") as index:
            index.write(struct.pack("<QqIB3x", self.end, when, len(data),
                                    stream))
        with open(self.path("output.log"), "ab") as log:
            log.write(data)
        self.end += len(data)

    def promise(self, length, stream=STDOUT):
        """An index record whose bytes are still to come."""
        with open(self.path("output.log.idx"), "ab") as index:
            index.write(struct.pack("<QqIB3x", self.end,
                                    int(time.time() * 1e6), length, stream))

    def deliver(self, data):
        with open(self.path("output.log"), "ab") as log:
            log.write(data)
        self.end += len(data)

    def rotate(self):
        name = "output-20260101T000000Z-%06d.log" % self.sequence
        os.rename(self.path("output.log.idx"), self.path(name + ".idx"))
        os.rename(self.path("output.log"), self.path(name))
        self.open_segment()
        return name

    def drop(self, name):
        os.unlink(self.path(name))
        os.unlink(self.path(name + ".idx"))

    def event(self, name, severity="none", message="", **more):
        self.seq += 1
        record = {"seq": self.seq, "time": rfc3339(time.time()),
                  "job": self.id, "event": name, "severity": severity,
                  "kind": "noise", "message": message, "count": 1,
                  "data": {}, **more}
        with open(self.path("events.jsonl"), "a") as file:
            file.write(json.dumps(record) + "\n")

    # --- life -----------------------------------------------------------

    def mark(self):
        open(os.path.join(self.home, "running", self.id), "w").close()

    def lock(self):
        self.mark()
        self.lock_fd = os.open(self.path("lock"), os.O_RDWR | os.O_CREAT)
        fcntl.fcntl(self.lock_fd, F_OFD_SETLK, struct.pack(
            "hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))

    def unlock(self):
        if self.lock_fd != -1:
            os.close(self.lock_fd)
            self.lock_fd = -1

    def finish(self, code=0, signal=None, state=None, **more):
        if state is None:
            state = "killed" if signal else "failed" if code else "exited"
        self.set_status(
            state=state, exit_code=None if signal else code, signal=signal,
            ended_at=rfc3339(time.time()),
            runtime_s=time.time() - self.started,
            reason=more.pop("reason", "signal" if signal else "exit"), **more)


class FakeFamily:
    """Answers on `control` as control.h says, and notes what it was asked."""

    def __init__(self, job, short=False):
        self.job = job
        self.asked = []
        self.followers = []
        self.rotation = {"ok": True, "segment": None, "bytes": 0}
        self.refuse = None
        self.on_stop = None
        self.mutex = threading.Condition()
        self.drained = self.ended = self.settled = False
        self.listeners = [self.listen(short)]
        job.lock()
        self.accepting = True
        threading.Thread(target=self.accept, daemon=True).start()

    def listen(self, short):
        listener = socket.socket(socket.AF_UNIX)
        if short:
            key = self.job.home + "\n" + self.job.id
            listener.bind("\0jobwatch-%d-%016x" % (
                os.getuid(), fnv1a(key.encode())))
        else:
            dir = os.open(self.job.dir, os.O_RDONLY)
            if os.path.exists(self.job.path("control")):
                os.unlink(self.job.path("control"))
            listener.bind("/proc/self/fd/%d/control" % dir)
            os.close(dir)
        listener.listen(64)
        return listener

    def accept(self):
        while self.accepting:
            try:
                client, _ = self.listeners[0].accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        try:
            line = client.makefile().readline()
        except OSError:
            return
        if not line:
            client.close()
            return
        request = json.loads(line)
        with self.mutex:
            self.asked.append(request)
            self.mutex.notify_all()
        if request["cmd"] == "follow":
            with self.mutex:
                self.followers.append(client)
                self.say(client, self.state())
                if self.settled:
                    self.say(client, {"type": "settled"})
            return
        answer = self.answer(request)
        if answer is not None:  # else it dies with the question
            self.say(client, answer)
        client.close()

    def answer(self, request):
        if self.refuse:
            return {"ok": False, "error": self.refuse}
        if request["cmd"] == "status":
            return {"ok": True, "status": dict(self.job.status, pid=4711)}
        if request["cmd"] == "rotate":
            return self.rotation
        if request["cmd"] in ("stop", "kill") and self.on_stop:
            threading.Thread(target=self.on_stop, daemon=True).start()
        return {"ok": True}

    def state(self):
        status = self.job.status
        state = {key: status[key] for key in (
            "state", "exit_code", "signal", "reason", "detail",
            "policy_ended", "spawn_errno")}
        return dict(state, type="state", ended=self.ended, end=self.job.end,
                    drained=self.drained)

    def say(self, client, message):
        try:
            client.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            pass

    def tell(self, message=None):
        with self.mutex:
            for client in self.followers:
                self.say(client, message or self.state())

    def finish(self, code=0, signal=None, settle=True, **more):
        self.job.finish(code, signal, **more)
        self.ended = self.drained = True
        self.tell()
        if settle:
            self.settle()

    def settle(self):
        self.settled = True
        self.tell({"type": "settled"})

    def wait_asked(self, test, timeout=20):
        """Blocks until a request passes the test, and returns it."""
        def found():
            return next((r for r in self.asked if test(r)), None)
        with self.mutex:
            assert self.mutex.wait_for(found, timeout), self.asked
            return found()

    def wait_followers(self, count=1, timeout=20):
        """Blocks until so many have asked to follow."""
        with self.mutex:
            assert self.mutex.wait_for(
                lambda: len(self.followers) >= count, timeout)

    def drop_followers(self):
        with self.mutex:
            for client in self.followers:
                client.shutdown(socket.SHUT_RDWR)
                client.close()
            self.followers = []

    def vanish(self):
        """All of the family is killed at once."""
        self.accepting = False
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.job.unlock()
        self.drop_followers()
