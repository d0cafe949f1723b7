"""The control socket: whose it is, and that a bad peer harms nobody."""

import json
import os
import shutil
import socket
import subprocess
import time

import pytest

from fake_job import fnv1a
from jw import PATIENCE, PYTHON, cmdline_of, release, wait_until

SLEEPER = "echo up; exec sleep 120"


def up(jw, script=SLEEPER, *options):
    job = jw.detach(script, *options)
    jw.wait_log(job, b"up")
    jw.wait_running(job)
    return job


def abstract(jw, job):
    key = f"{jw.home}\n{job}".encode()
    return "\0jobwatch-%d-%016x" % (os.getuid(), fnv1a(key))


class Peer:
    """A client that may say what it likes."""

    def __init__(self, jw, job, by_path=False):
        self.socket = socket.socket(socket.AF_UNIX)
        if by_path:
            folder = os.open(jw.dir(job), os.O_RDONLY)
            self.socket.connect(f"/proc/self/fd/{folder}/control")
            os.close(folder)
        else:
            self.socket.connect(abstract(jw, job))
        self.socket.settimeout(PATIENCE)
        self.file = self.socket.makefile("rb")

    def say(self, data):
        self.socket.sendall(data)

    def ask(self, request):
        self.say(json.dumps(request).encode() + b"\n")
        return json.loads(self.file.readline())

    def close(self):
        self.file.close()
        self.socket.close()


@pytest.mark.parametrize("by_path", [False, True], ids=["abstract", "path"])
def test_answers(jw, by_path):
    job = up(jw)
    peer = Peer(jw, job, by_path)
    assert peer.ask({"cmd": "status"})["status"]["job"] == job
    assert peer.ask({"cmd": "nothing"})["ok"] is False
    assert peer.ask({"cmd": "signal", "signal": 99})["ok"] is False
    assert peer.ask({"cmd": "signal"})["ok"] is False
    assert peer.ask({"cmd": "stop", "signal": 65})["ok"] is False
    state = peer.ask({"cmd": "follow"})
    assert (state["type"], state["state"]) == ("state", "running")
    other = Peer(jw, job)
    assert other.ask({"cmd": "kill"}) == {"ok": True}
    types = []
    for line in peer.file:
        state = json.loads(line)
        types.append(state["type"])
        if state["type"] == "settled":
            break
    assert types[-1] == "settled" and state["signal"] == 9
    assert state["drained"] and state["end"] == len(jw.log(job))
    assert peer.file.readline() == b""  # the end of the connection


GARBAGE = [
    b"\n", b"\n\n\n", b"{}\n", b"[]\n", b"null\n", b"\0\0\0\n", b"{\n",
    b"\xff\xfe\n", b'{"cmd":7}\n', b'{"cmd":null}\n', b'{"cmd":"stop"\n',
    b'{"cmd":"signal","signal":"9"}\n', b'{"cmd":"signal","signal":-9}\n',
    b'{"cmd":"signal","signal":1e300}\n', b"[" * 3000 + b"\n",
    b'{"cmd":"signal","signal":9223372036854775807}\n',
    b'{"cmd":"signal","signal":4294967305}\n',
    b"GET / HTTP/1.1\r\n\r\n",
]


def test_garbage_is_refused(jw):
    job = up(jw)
    for garbage in GARBAGE:
        peer = Peer(jw, job)
        peer.say(garbage)
        line = peer.file.readline()
        assert line == b"" or json.loads(line)["ok"] is False, garbage
        peer.close()
    assert jw.status(job)["state"] == "running"
    assert jw.status(job)["recoveries"] == 0


def test_a_request_without_end(jw):
    """A line that never ends costs its sender the connection."""
    job = up(jw)
    peer = Peer(jw, job)
    try:
        for _ in range(1000):
            peer.say(b"x" * 65536)
        closed = False
    except (BrokenPipeError, ConnectionResetError):
        closed = True
    assert closed
    assert jw.status(job)["recoveries"] == 0


def test_a_long_line_with_an_end(jw):
    job = up(jw)
    peer = Peer(jw, job)
    try:
        peer.say(b'{"cmd":"status","x":"' + b"x" * 100000 + b'"}\n')
        answer = peer.file.readline()
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    assert answer == b"" or json.loads(answer)["ok"] is False
    assert jw.status(job)["state"] == "running"


def test_requests_that_come_in_pieces_and_in_one(jw):
    job = up(jw)
    peer = Peer(jw, job)
    for byte in b'{"cmd":"status"}\n':
        peer.say(bytes([byte]))
    assert json.loads(peer.file.readline())["ok"]
    peer.say(b'{"cmd":"status"}\n' * 20)
    for _ in range(20):
        assert json.loads(peer.file.readline())["ok"]


def test_a_follower_that_reads_nothing(jw):
    """It asks and asks and never takes the answers."""
    job = up(jw)
    peer = Peer(jw, job)
    peer.socket.settimeout(0.5)
    try:
        while True:
            peer.say(b'{"cmd":"status"}\n' * 100)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass
    began = time.monotonic()
    assert jw.status(job)["state"] == "running"
    jw("stop", job)
    assert time.monotonic() - began < 5


def test_a_full_socket(jw):
    """200 connections that say nothing, or never finish; stop gets through."""
    job = up(jw)
    peers = []
    for n in range(200):
        peer = Peer(jw, job, by_path=n % 2 == 0)
        peers.append(peer)
        try:
            peer.say([b"", b'{"cmd":"fol', b'{"cmd":"follow"}\n',
                      b"garbage" * 100][n % 4])
        except (BrokenPipeError, ConnectionResetError):
            pass
    began = time.monotonic()
    assert jw.status(job)["state"] == "running"
    jw("stop", job)
    assert time.monotonic() - began < 5
    assert jw.status(job)["reason"] == "stopped"
    for peer in peers:
        peer.close()


def test_connections_that_never_cease(jw):
    """A neighbour connects and leaves, again and again, while we stop."""
    job = up(jw)
    flood = subprocess.Popen([PYTHON, "-c", """
import socket, sys
name = '\\0' + sys.argv[1]
while True:
    s = socket.socket(socket.AF_UNIX)
    try: s.connect(name); s.send(b'junk')
    except OSError: pass
    s.close()
""", abstract(jw, job)[1:]])
    try:
        began = time.monotonic()
        jw("stop", job)
        assert time.monotonic() - began < 5
    finally:
        flood.kill()
        flood.wait()
    assert jw.status(job)["reason"] == "stopped"


STRANGER = """
import json, os, socket, sys
kind, where = sys.argv[1:]
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
try:
    s.connect('\\0' + where if kind == 'abstract' else where)
    try: s.sendall(b'{"cmd":"kill"}\\n')
    except BrokenPipeError: pass  # it has answered and hung up already
    print(s.recv(4096).decode())
except ConnectionResetError:
    print('{"ok":false}')
"""


def as_nobody(*argv):
    return subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *argv],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)


@pytest.mark.root
def test_another_user_is_refused(jw):
    """Even where every directory on the way is open to all."""
    job = up(jw)
    path = jw.tmp / "s"  # short enough for an address
    for folder in (jw.home, jw.home / "jobs", jw.dir(job)):
        folder.chmod(0o755)
    (jw.dir(job) / "control").chmod(0o777)
    parent = jw.tmp
    while parent != parent.parent:
        parent.chmod(parent.stat().st_mode | 0o055)
        parent = parent.parent
    os.symlink(jw.dir(job) / "control", path)
    for kind, where in (("abstract", abstract(jw, job)[1:]),
                        ("path", str(path))):
        done = as_nobody(PYTHON, "-c", STRANGER, kind, where)
        assert done.returncode == 0, done.stderr
        answer = done.stdout.decode().strip()
        assert json.loads(answer)["ok"] is False, (kind, answer)
    assert jw.status(job)["state"] == "running"
    assert jw.events(job, "job.stop") == []


@pytest.mark.root
def test_a_false_door_is_not_entered(jw):
    """Another user listens at the abstract address of a dead family: our
    client tells it nothing and takes nothing from it."""
    jw.run("exit 3", code=3)
    wait_until(lambda: not jw.family_pids())
    impostor = subprocess.Popen(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         PYTHON, "-c", """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind('\\0' + sys.argv[1]); s.listen(); print('listening', flush=True)
while True:
    c, _ = s.accept()
    c.sendall(b'{"ok":true,"status":{"state":"running"}}\\n')
    print('got', c.recv(4096), flush=True)
""", abstract(jw, "sh-1")[1:]], stdout=subprocess.PIPE)
    try:
        assert impostor.stdout.readline() == b"listening\n"
        assert jw.status("sh-1")["state"] == "failed"
        jw("wait", "sh-1", code=3)
    finally:
        impostor.kill()
        out = impostor.communicate()[0]
    assert b"cmd" not in out


@pytest.mark.parametrize("length", [90, 120, 250, 900])
def test_a_long_home_path(tmp_path, length):
    """Longer than a socket address: every command works all the same."""
    from jw import Jobwatch
    home = tmp_path
    while len(str(home)) < length:
        home = home / "d" * min(100, max(1, length - len(str(home)) - 1)) \
            if False else home / ("d" * min(100, max(
                1, length - len(str(home)) - 1)))
    jw = Jobwatch(tmp_path, home=home)
    try:
        done = jw.run("echo out; echo err >&2; test -p $JOBWATCH_ACTIONS && "
                      "echo '{}' > $JOBWATCH_ACTIONS; exit 3", code=3)
        assert done.stdout == b"out\n"
        job = up(jw)
        assert jw.status(job)["state"] == "running"
        assert jw.json("ps")[0]["job"] == job
        Peer(jw, job, by_path=True).ask({"cmd": "status"})
        jw("rotate", job)
        assert jw.log(job) == b"up\n"
        attached = jw.start("attach", job)
        jw("events", job)
        jw("stop", job)
        assert attached.wait(PATIENCE) == 143
        jw("wait", job, code=143)
        wait_until(lambda: not jw.family_pids())
        jw("recover"), jw("rm", job), jw("prune", "--older", "0s")
        assert jw.json("ps", "-a") == []
    finally:
        jw.end()


def test_families_of_two_homes_are_apart(jw, tmp_path):
    """The same id in two homes: two addresses."""
    from jw import Jobwatch
    other = Jobwatch(tmp_path, home=tmp_path / "other")
    try:
        first, second = up(jw), up(other)
        assert first == second == "sh-1"
        jw("kill", first)
        assert other.status(second)["state"] == "running"
        other("kill", second)
    finally:
        other.end()


def test_an_old_socket_is_no_family(jw):
    """After a massacre the socket file is there and nobody behind it."""
    job = up(jw)
    family = jw.family(job)
    pid = jw.status(job)["pid"]
    jw.kill([family["keeper"]])
    jw.kill([*family.values(), pid])
    wait_until(lambda: not jw.family_pids())
    assert (jw.dir(job) / "control").exists()
    began = time.monotonic()
    assert jw.status(job)["state"] == "lost"
    jw("stop", job, code=0)
    assert time.monotonic() - began < 5
    jw("recover")


@pytest.mark.slow
def test_a_stopped_supervisor_is_replaced(jw):
    """SIGSTOP to four supervisors: of a job that prints, one that is silent
    and to be killed, one to be stopped, and one that ends by itself."""
    text = "".join(f"line {n}\n" for n in range(30000))
    (jw.tmp / "text").write_text(text)
    go = jw.tmp / "go"
    os.mkfifo(go)
    printing = jw.start("run", "-q", "--name", "printing", "--", "sh", "-c",
                        f"echo up; read x < {go}; cat text; exit 7",
                        cwd=jw.tmp, stdout=open(jw.tmp / "got", "wb"))
    ending = jw.start("run", "-q", "--name", "ending", "--", "sh", "-c",
                      "echo up; while [ ! -e end ]; do sleep 0.02; done; "
                      "exit 8", cwd=jw.tmp)
    jobs = ["printing-1", "ending-1"] + [
        jw.detach(SLEEPER, "--name", n) for n in ("killed", "stopped")]
    for job in jobs:
        wait_until(lambda: (jw.dir(job) / "output.log").exists())
        jw.wait_log(job, b"up\n")
        jw.wait_running(job)
    import signal
    for job in jobs:
        os.kill(jw.peek(job)["processes"]["supervisor"], signal.SIGSTOP)
    began = time.monotonic()
    release(go)
    (jw.tmp / "end").touch()
    clients = [jw.start(c, j) for c, j in (("kill", "killed-1"),
                                           ("stop", "stopped-1"),
                                           ("status", "killed-1"))]
    for client in clients:
        assert client.wait(40) == 0, client.stderr.read()
    assert printing.wait(40) == 7
    assert time.monotonic() - began < 25
    jw("wait", "killed-1", code=137)
    jw("wait", "stopped-1", code=143)
    assert (jw.tmp / "got").read_text() == "up\n" + text
    assert jw.log("printing-1") == b"up\n" + text.encode()
    assert jw.events("printing-1", "job.recovered")
    assert jw.status("printing-1")["recoveries"] == 1
    assert ending.wait(max(1, 25 - (time.monotonic() - began))) == 8
    jw("wait", "ending-1", code=8)


@pytest.mark.slow
def test_the_programs_are_replaced_while_a_job_runs(jw, hook):
    """An upgrade deletes the files; a supervisor that then dies comes back
    from the descriptor that its keeper holds, and so do its helpers."""
    programs = jw.tmp / "bin"
    shutil.copytree(jw.bin, programs)
    jw.bin = programs
    go, on = jw.tmp / "go", jw.tmp / "on"
    os.mkfifo(go), os.mkfifo(on)
    job = jw.detach(f"echo up; read x < {go}; echo 'ERROR: it broke'; "
                    f"read x < {on}; exit 3", "--notify", hook.url())
    jw.wait_log(job, b"up\n")
    jw.wait_running(job)
    for name in os.listdir(programs):
        path = programs / name
        if path.is_file() and name != "jobwatch":
            path.unlink()
            path.write_text("#!/bin/sh\nexit 99\n")
            path.chmod(0o755)
    jw.kill_family(job, "supervisor", "classifier")
    release(go)
    alert = hook.wait(1, 20)[0].json
    assert alert["event"]["message"] == "ERROR: it broke"
    jw.kill_family(job, "supervisor")
    release(on)
    jw("wait", job, code=3)
    assert jw.log(job) == b"up\nERROR: it broke\n"
    assert jw.status(job)["recoveries"] == 2
    assert jw.alerts(job) and len(jw.alerts(job)) == 1
    assert all(cmdline_of(p)[0] != "/bin/sh" for p in jw.family_pids())
