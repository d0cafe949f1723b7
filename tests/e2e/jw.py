"""One home, and the real programs run in it."""

import errno
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("JOBWATCH_BIN", ROOT / "build/bin")).resolve()
PATIENCE = 30  # seconds; only a failing test waits that long
ENDED = ("exited", "failed", "killed", "lost")
PYTHON = "/usr/bin/python3"
# Not from the surroundings of the tests into the jobs.
FOREIGN = ("PYTHONUNBUFFERED", "PYTHONPATH", "TRACEPARENT", "NO_COLOR",
           "NOTIFY_SOCKET", "XDG_STATE_HOME")


def sanitized():
    """The programs were built to find bugs, not to be quick."""
    return b"__asan_init" in (BIN / "jobwatch-supervisor").read_bytes()


def wait_until(condition, timeout=PATIENCE, what=""):
    """The first true value of condition(); fails when time is up."""
    deadline = time.monotonic() + timeout
    pause = 0.002
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, \
            f"not within {timeout} s: {what or condition}"
        time.sleep(pause)  # between two looks
        pause = min(pause * 1.5, 0.05)


def release(fifo):
    """Lets a job go on that reads from a FIFO, which serves only once: what
    is written while a last reader is still leaving would be lost."""
    def opened():
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return None  # nobody reads yet
    fd = wait_until(lambda: opened(), what=f"a reader of {fifo}")
    os.write(fd, b"x\n")
    os.close(fd)


def read_text(path):
    try:
        return pathlib.Path(path).read_bytes().decode(errors="replace")
    except OSError:
        return ""


def state_of(pid):
    """Letter of /proc/PID/stat, or "" when there is no such process."""
    stat = read_text(f"/proc/{pid}/stat")
    return stat.rpartition(")")[2].split()[0] if ")" in stat else ""


def parent_of(pid):
    fields = read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


def is_alive(pid):
    return state_of(pid) not in ("", "Z", "X")


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def environ_of(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def switches_of(pid):
    """How often its threads have gone to sleep so far."""
    return sum(int(line.split()[1])
               for task in os.listdir(f"/proc/{pid}/task")
               for line in read_text(f"/proc/{pid}/task/{task}/status")
               .splitlines() if line.startswith("voluntary_ctxt"))


def cmdline_of(pid):
    return read_text(f"/proc/{pid}/cmdline").split("\0")


class Jobwatch:
    def __init__(self, tmp_path, home=None, programs=BIN):
        self.tmp = tmp_path
        self.home = pathlib.Path(home or tmp_path / "h")
        self.bin = pathlib.Path(programs)
        self.family_may_stay = False  # of a job that has ended
        self.started = []
        self.env = {k: v for k, v in os.environ.items()
                    if k not in FOREIGN and not k.startswith("JOBWATCH_")}
        self.env["JOBWATCH_HOME"] = str(self.home)

    # --- commands -------------------------------------------------------

    def argv(self, *args):
        return [str(self.bin / "jobwatch"), *map(str, args)]

    def environment(self, env):
        return {k: v for k, v in {**self.env, **(env or {})}.items()
                if v is not None}

    def __call__(self, *args, code=0, env=None, timeout=PATIENCE * 2, **more):
        """Runs a command to its end; bytes in stdout and stderr. `code`:
        the exit code that it must have (None: any)."""
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run(self.argv(*args), timeout=timeout,
                              env=self.environment(env), **more)
        assert code is None or done.returncode == code, \
            (args, done.returncode, done.stdout, done.stderr)
        return done

    def start(self, *args, env=None, **more):
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(self.argv(*args),
                                   env=self.environment(env), **more)
        self.started.append(process)
        return process

    def run(self, script, *options, **more):
        """`run` of a shell script, attached."""
        return self("run", *options, "--", "sh", "-c", script, **more)

    def detach(self, script, *options, **more):
        """The same in the background: the job's id."""
        return self.detach_command("sh", "-c", script, options=options, **more)

    def detach_command(self, *command, options=(), **more):
        done = self("run", "-d", *options, "--", *command, **more)
        return done.stdout.decode().strip()

    def python(self, script, *options, **more):
        return self("run", *options, "--", PYTHON, "-c", script, **more)

    def json(self, *args):
        return json.loads(self(*args, "--json").stdout)

    # --- a job ----------------------------------------------------------

    def dir(self, job):
        return self.home / "jobs" / job

    def status(self, job):
        return self.json("status", job)

    def peek(self, job):
        """status.json as it lies on the disk; asks nobody."""
        text = read_text(self.dir(job) / "status.json")
        return json.loads(text) if text else {}

    def log(self, job, *options):
        return self("logs", *options, job).stdout

    def events(self, job, name=None):
        lines = read_text(self.dir(job) / "events.jsonl").splitlines(True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
        return [e for e in events if name in (None, e["event"])]

    def alerts(self, job):
        return self.events(job, "output.alert")

    def wait_events(self, job, name, count=1, timeout=PATIENCE):
        def enough():
            events = self.events(job, name)
            return events if len(events) >= count else None
        return wait_until(enough, timeout, f"{count} {name}")

    def wait_state(self, job, *states, timeout=PATIENCE):
        return wait_until(
            lambda: self.peek(job).get("state") in states, timeout,
            f"{job} {'|'.join(states)}")

    def wait_running(self, job):
        self.wait_events(job, "job.start")
        return wait_until(lambda: self.peek(job).get("pid"))

    def wait_ended(self, job, timeout=PATIENCE):
        self.wait_state(job, *ENDED, timeout=timeout)
        return self.status(job)

    def wait_log(self, job, text, timeout=PATIENCE):
        """Until the active segment contains the text."""
        path = self.dir(job) / "output.log"
        wait_until(lambda: path.exists() and text in path.read_bytes(),
                   timeout, text)

    def policy(self, text):
        path = self.tmp / f"policy-{len(list(self.tmp.glob('policy-*')))}.toml"
        path.write_text(text)
        return path

    # --- processes ------------------------------------------------------

    def mine(self):
        """All processes of this home, by their environment; a notifier
        shows its own to root alone, and is known by its parent."""
        mark = b"JOBWATCH_HOME=" + os.fsencode(self.home)
        alive = [p for p in pids() if is_alive(p)]
        found = [p for p in alive if mark in environ_of(p)]
        return found + [
            p for p in alive if p not in found and parent_of(p) in found
            and cmdline_of(p)[0].startswith("jobwatch-")]

    def family(self, job=None):
        """{program: pid} of the keepers, supervisors and their helpers."""
        found = {}
        for pid in self.mine():
            argv = cmdline_of(pid)
            name = argv[0].partition("jobwatch-")[2]
            if name and (job is None or job in argv or self.serves(pid, job)
                         or job in cmdline_of(parent_of(pid))):
                found.setdefault(name, pid)
        return found

    def serves(self, pid, job):
        """True when a descriptor of the process lies in the job's folder."""
        prefix = str(self.dir(job)) + "/"
        try:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                if (os.readlink(f"/proc/{pid}/fd/{fd}") + "/") \
                        .startswith(prefix):
                    return True
        except OSError:
            pass
        return False

    def switches(self, job):
        """How often the family's threads have gone to sleep so far."""
        return sum(switches_of(pid) for pid in self.family(job).values())

    def family_pids(self):
        return [p for p in self.mine()
                if cmdline_of(p)[0].startswith("jobwatch-")]

    def kill_family(self, job, *names):
        family = self.family(job)
        self.kill([family[name] for name in names])
        wait_until(lambda: not any(is_alive(family[n]) for n in names))

    def massacre(self, job):
        """The whole family at once; the keeper first, for it replaces."""
        family = self.family(job)
        self.kill([family.pop("keeper"), *family.values()])
        wait_until(lambda: not self.family(job))

    # --- the end --------------------------------------------------------

    def kill(self, processes):
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass

    def end(self):
        """Ends what the test left; the family of a job that has ended must
        be gone by itself, when it has compressed the last segment: others
        have the machine first."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            for stream in (process.stdout, process.stderr, process.stdin):
                if stream:
                    stream.close()
            process.wait()
        families = set(self.family_pids())
        self.kill(set(self.mine()) - families)
        try:
            wait_until(lambda: not self.family_pids(),
                       0.2 if self.family_may_stay else 40)
            left = []
        except AssertionError:
            left = [(p, cmdline_of(p)) for p in self.family_pids()]
        while self.mine():  # a keeper that is killed first starts nothing
            self.kill(self.mine())
        assert not left or self.family_may_stay, \
            f"a family outlived its job: {left}"


if __name__ == "__main__":
    sys.exit("not a program")
