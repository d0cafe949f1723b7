"""Odd surroundings: a disk that hangs, being PID 1, another user's rights."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from jw import PATIENCE, PYTHON, ROOT, Jobwatch, is_alive, release, state_of, wait_until
from receiver import Answer

SOURCE = ROOT / "tests/e2e/hangfs.c"


# --- a disk that hangs ---------------------------------------------------

def build_hangfs(folder):
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if flags.returncode != 0:
        pytest.skip("no libfuse3 to build the hanging file system with")
    program = folder / "hangfs"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", "-O1",
                    "-Wall", "-Wextra", "-o", program, SOURCE,
                    *flags.stdout.decode().split()], check=True)
    return program


class HangFs:
    """A mount below `folder` whose every operation can be made to wait."""

    def __init__(self, folder):
        program = build_hangfs(folder)
        self.source, self.mount = folder / "source", folder / "mount"
        self.gate = folder / "gate"
        self.source.mkdir(), self.mount.mkdir()
        self.device = os.stat(self.mount).st_dev
        self.log = open(folder / "hangfs.log", "wb")
        self.process = subprocess.Popen(
            [program, self.source, self.gate, self.mount, "-f"],
            stderr=self.log)
        wait_until(lambda: self.process.poll() is not None or
                   os.stat(self.mount).st_dev != self.device, 10)
        if self.process.poll() is not None:
            self.log.close()
            why = (folder / "hangfs.log").read_text().strip()
            pytest.skip(f"/dev/fuse cannot be used here: {why}")

    def hang(self):
        self.gate.touch()

    def release(self):
        self.gate.unlink(missing_ok=True)

    def close(self):
        self.release()
        for command in (["umount", "-l"], ["fusermount3", "-u", "-z"]):
            if shutil.which(command[0]) and subprocess.run(
                    [*command, self.mount],
                    stderr=subprocess.DEVNULL).returncode == 0:
                break
        self.process.kill()
        self.process.wait()
        self.log.close()


@pytest.fixture
def hanging(tmp_path):
    """jw with its home on such a mount."""
    fs = HangFs(tmp_path)
    world = Jobwatch(tmp_path, home=fs.mount / "h")
    world.fs = fs
    try:
        yield world
    finally:
        fs.release()
        world.end()
        fs.close()


# Says outside of the hanging disk how far it has come.
COUNTER = """
import os, sys
go, count = sys.argv[1:3]
print('up', flush=True)
open(go).read()
fd = os.open(count, os.O_RDWR | os.O_CREAT)
line, total = b'0123456789abcde\\n', 0
while total < 8 << 20:
    total += os.write(1, line * 64)
    os.pwrite(fd, b'%12d' % total, 0)
print('end')
sys.exit(7)
"""


def counted(path):
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def steady(path):
    """The count once it has stood still for half a second."""
    last, since = counted(path), time.monotonic()

    def still():
        nonlocal last, since
        now = counted(path)
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > 0.5
    wait_until(still)
    return last


@pytest.mark.slow
def test_hung_disk_does_not_stop_the_job_at_once(hanging):
    """It prints on until the pipes are full; after the hang all is there."""
    jw = hanging
    go, count = jw.tmp / "go", jw.tmp / "count"
    os.mkfifo(go)
    job = jw.detach_command(PYTHON, "-c", COUNTER, go, count)
    jw.wait_log(job, b"up\n")
    pid = jw.wait_running(job)
    jw.fs.hang()
    release(go)
    written = steady(count)
    assert written >= 64 << 10
    # Waiting in a write, which a signal can end: not stuck in the kernel.
    assert state_of(pid) == "S"
    jw.fs.release()
    jw("wait", job, code=7)
    lines = (8 << 20) // 16
    assert jw.log(job) == b"up\n" + b"0123456789abcde\n" * lines + b"end\n"
    assert jw.status(job)["log"]["lost_bytes"] == 0


@pytest.mark.slow
def test_kill_while_the_disk_hangs(hanging):
    """By exact id: the client asks the family without touching the disk."""
    jw = hanging
    job = jw.detach("echo up; exec sleep 120")
    jw.wait_log(job, b"up\n")
    pid = jw.wait_running(job)
    jw.fs.hang()
    try:
        kill = jw.start("kill", job)
        wait_until(lambda: not is_alive(pid), 10, "the job's death")
        assert kill.wait(10) == 0
    finally:
        jw.fs.release()
    jw("wait", job, code=137)


@pytest.mark.slow
def test_timers_run_while_the_disk_hangs(hanging):
    """wall_time ends the job; the events are written when they can be."""
    jw = hanging
    job = jw.detach("echo up; exec sleep 120", "--set",
                    "limits.wall_time=2s")
    jw.wait_log(job, b"up\n")
    pid = jw.wait_running(job)
    jw.fs.hang()
    try:
        wait_until(lambda: not is_alive(pid), 10, "the end by wall_time")
    finally:
        jw.fs.release()
    jw("wait", job, code=124)
    assert jw.wait_events(job, "job.limit")


@pytest.mark.slow
def test_a_hang_that_passes_is_nobody_s_crash(hanging):
    """Longer than the keeper's patience: the supervisor is alive, so it is
    not replaced, and nothing is lost."""
    jw = hanging
    go, count = jw.tmp / "go", jw.tmp / "count"
    os.mkfifo(go)
    job = jw.detach_command(PYTHON, "-c", COUNTER, go, count)
    jw.wait_log(job, b"up\n")
    jw.wait_running(job)
    jw.fs.hang()
    release(go)
    end = time.monotonic() + 13
    wait_until(lambda: time.monotonic() > end)
    jw.fs.release()
    jw("wait", job, code=7)
    assert jw.log(job).endswith(b"abcde\nend\n")
    assert jw.status(job)["recoveries"] == 0


# --- PID 1 of a container ------------------------------------------------

def unshare():
    command = ["unshare", "-p", "-f", "--mount-proc"]
    if os.geteuid() != 0:
        command = ["unshare", "-U", "-r", "-p", "-f", "--mount-proc"]
    probe = subprocess.run([*command, "true"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE)
    if probe.returncode != 0:
        pytest.skip("no PID namespace here: " + probe.stderr.decode().strip())
    return command


@pytest.mark.slow
def test_alert_leaves_though_pid_1_ends(jw, hook):
    """A job that dies at once in a container, and a slow receiver: what it
    had to say is delivered before the container goes."""
    hook.tell(Answer(delay=5, times=3))
    began = time.monotonic()
    done = subprocess.run(
        [*unshare(), *jw.argv("run", "--notify", hook.url(), "--", "sh", "-c",
                              "echo 'ERROR: it broke'; exit 3")],
        env=jw.environment(None), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == 3, done.stderr
    assert 4.5 < time.monotonic() - began < 14
    assert done.stdout == b"ERROR: it broke\n"
    messages = {r.json["event"]["message"] for r in hook.requests}
    assert "ERROR: it broke" in messages
    assert jw.events("sh-1", "notify.sent")


def test_receiver_that_never_answers_holds_a_container_for_linger(jw, hook):
    hook.gate.clear()
    began = time.monotonic()
    done = subprocess.run(
        [*unshare(), *jw.argv("run", "--notify", hook.url(), "--set",
                              "notify.linger=1s", "--", "sh", "-c",
                              "echo 'ERROR: it broke'; exit 3")],
        env=jw.environment(None), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == 3
    assert 0.9 < time.monotonic() - began < 8
    hook.gate.set()
    # The namespace took the family along; what is owed is not forgotten.
    assert jw.status("sh-1")["state"] == "failed"
    jw("recover")
    hook.wait_for(lambda rs: len({r.id for r in rs}) >= 2, 30)
    wait_until(lambda: not jw.family_pids())


ORPHANS = """
import os, sys, time
def orphan():
    if os.fork() == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.wait()
for _ in range(20): orphan()
def zombies():
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try: stat = open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()
        except OSError: continue
        if stat[0] == 'Z': found.append((pid, stat[1]))
    return found
end = time.monotonic() + 10
while zombies() and time.monotonic() < end: time.sleep(0.01)
print(len(zombies()), os.getppid() != 1 or 'child of 1')
"""


def test_zombies_are_reaped_in_a_container(jw):
    done = subprocess.run(
        [*unshare(), *jw.argv("run", "-q", "--", PYTHON, "-c", ORPHANS)],
        env=jw.environment(None), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == b"0"


def children(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append((int(name), fields[0]))
    return found


@pytest.mark.root
def test_pid_1_reaps_what_others_leave(jw):
    """As `docker exec` does: orphans that were never the job's."""
    run = subprocess.Popen(
        [*unshare(), *jw.argv("run", "-q", "--", "sh", "-c",
                              "echo up; exec sleep 120")],
        env=jw.environment(None), stdout=subprocess.PIPE)
    jw.started.append(run)
    assert run.stdout.readline() == b"up\n"
    first = wait_until(lambda: [p for p, _ in children(run.pid)])[0]
    subprocess.run(["nsenter", "-t", str(first), "-p", "-m", "sh", "-c",
                    "for i in 1 2 3 4 5; do (sleep 0.05 &) ; done"],
                   check=True, timeout=PATIENCE)
    wait_until(lambda: [s for _, s in children(first)].count("Z") == 0
               and not any(os.path.exists(f"/proc/{p}") and
                           b"sleep\x000.05" in
                           open(f"/proc/{p}/cmdline", "rb").read()
                           for p, _ in children(first)))
    os.kill(first, signal.SIGTERM)  # what a container runtime sends
    assert run.wait(PATIENCE) == 143


def test_terminate_as_pid_1(jw):
    """PID 1 has no default actions: SIGTERM must be taken by us."""
    run = subprocess.Popen(
        [*unshare(), *jw.argv("run", "-q", "--", "sh", "-c",
                              "trap 'exit 9' TERM; echo up; "
                              "while :; do sleep 0.02; done")],
        env=jw.environment(None), stdout=subprocess.PIPE)
    jw.started.append(run)
    assert run.stdout.readline() == b"up\n"
    first = wait_until(lambda: [p for p, _ in children(run.pid)])[0]
    os.kill(first, signal.SIGTERM)
    assert run.wait(PATIENCE) == 9


# --- limits and rights ---------------------------------------------------

@pytest.mark.root
def test_a_job_that_gives_up_its_rights(jw):
    """setpriv in the job: it is signalled and reaped all the same."""
    run = jw.start("run", "--", "setpriv", "--reuid=65534", "--regid=65534",
                   "--clear-groups", "sh", "-c", "id -u; exec sleep 60")
    assert run.stdout.readline() == b"65534\n"
    jw("stop", "setpriv-1")
    assert run.wait(PATIENCE) == 143


def test_few_descriptors_are_enough(jw):
    """ulimit -n 64, as some batch systems set it."""
    import resource
    done = jw.run("ulimit -n; echo x; exit 3", code=3,
                  preexec_fn=lambda: resource.setrlimit(
                      resource.RLIMIT_NOFILE, (64, 64)))
    assert done.stdout == b"64\nx\n"


@pytest.mark.parametrize("soft", [20, 30, 48])
def test_the_job_alone_has_few_descriptors(jw, soft):
    """The soft limit is raised for the family; the job has its own."""
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    done = jw.run("ulimit -n; exit 3", code=3,
                  preexec_fn=lambda: resource.setrlimit(
                      resource.RLIMIT_NOFILE, (soft, hard)))
    assert done.stdout == b"%d\n" % soft


def test_too_few_descriptors_start_nothing(jw):
    import resource
    done = jw.run("echo x", code=125,
                  preexec_fn=lambda: resource.setrlimit(
                      resource.RLIMIT_NOFILE, (40, 40)))
    assert done.stdout == b""
    assert b"limit of open files is 40" in done.stderr
    assert b"ulimit -Hn" in done.stderr
    assert jw.json("ps", "-a") == []


def test_home_that_is_deleted(jw):
    """The home disappears under a running job: it ends as it would."""
    run = jw.start("run", "-q", "--", "sh", "-c",
                   "echo up; while [ ! -e go ]; do sleep 0.01; done; exit 7",
                   cwd=jw.tmp)
    assert run.stdout.readline() == b"up\n"
    jw.wait_running("sh-1")
    shutil.rmtree(jw.home)
    (jw.tmp / "go").touch()
    assert run.wait(PATIENCE) in (7, 125)
    wait_until(lambda: not jw.family_pids())
