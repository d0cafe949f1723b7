"""Finds the processes of a job's family, and kills one of them.

By /proc alone: `jobwatch status` lags behind when its supervisor has just
been killed. A process is looked at again through its pidfd before the
signal goes out, so that a pid that was used anew is never hit.
"""
import os
import select
import signal
import time

KEEPER = "jobwatch-keeper"
SUPERVISOR = "jobwatch-supervisor"
CHILDREN = {"classifier": "jobwatch-classifier",
            "notifier": "jobwatch-notifier"}


def argv_of(pid):
    """A process's arguments; [] for a zombie, or none at all."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            text = file.read()
    except OSError:
        return []
    return [a.decode("utf-8", "replace") for a in text.split(b"\0")[:-1]]


def stat_of(pid):
    """(state, parent), or (None, 0) when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None, 0
    return fields[0].decode(), int(fields[1])


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return [int(p) for p in file.read().split()]
    except OSError:
        return []


def is_alive(pid):
    state, _ = stat_of(pid)
    return state is not None and state not in "ZX"


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


class Family:
    """The processes of one job; pids are looked up at each call."""

    def __init__(self, job):
        self.job = job
        self.keeper_pid = None

    def is_program(self, pid, name):
        argv = argv_of(pid)
        return argv[:1] == [name] and argv[1:2] == [self.job]

    def scan(self, name):
        return [p for p in pids() if self.is_program(p, name)]

    def keeper(self):
        """Not one of its forks that have yet to exec, which look alike."""
        if self.keeper_pid is not None:
            return self.keeper_pid if is_alive(self.keeper_pid) else None
        for pid in self.scan(KEEPER):
            parent = stat_of(pid)[1]
            if is_alive(pid) and not self.is_program(parent, KEEPER):
                self.keeper_pid = pid
                return pid
        return None

    def supervisor(self):
        keeper = self.keeper()
        if keeper is not None:
            found = [p for p in children_of(keeper)
                     if self.is_program(p, SUPERVISOR)]
        else:
            found = [p for p in self.scan(SUPERVISOR)
                     if not self.is_program(stat_of(p)[1], SUPERVISOR)]
        found = [p for p in found if is_alive(p)]
        return found[0] if found else None

    def heir(self):
        """A supervisor that is no adopter, as `recover` and each `run` in
        passing start them for a job that has lost its family."""
        pid = self.supervisor()
        return None if pid is None or "--recover" in argv_of(pid) else pid

    def newborn(self, job_pid):
        """A supervisor that may be a fork of the keeper still; needs to know
        the job's own process, which looks alike before its exec."""
        keeper = self.keeper()
        if keeper is None or job_pid is None:
            return None
        for pid in children_of(keeper):
            if pid != job_pid and is_alive(pid):
                return pid
        return None

    def child(self, kind):
        supervisor = self.supervisor()
        if supervisor is None:
            return None
        for pid in children_of(supervisor):
            if argv_of(pid)[:1] == [CHILDREN[kind]] and is_alive(pid):
                return pid
        return None

    def find(self, kind):
        if kind == "keeper":
            return self.keeper()
        if kind == "supervisor":
            return self.supervisor()
        return self.child(kind)

    def members(self):
        """All that are left and would go on without the campaign."""
        return [p for p in self.scan(KEEPER) + self.scan(SUPERVISOR)
                if is_alive(p)]

    def is_gone(self):
        return not self.members()


def send(pid, signo, still):
    """Signals pid if `still()` finds the same one behind the pidfd. True
    when a living process got it."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not still() or not is_alive(pid):
            return False
        signal.pidfd_send_signal(fd, signo)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(fd)


def wait_for_end(pid, seconds):
    """True when the process has ended (zombies have) within the time."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return True
    try:
        return bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)


def wait_until(condition, seconds, pause=0.01):
    """The condition's value as soon as it is true; None when time is up."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= until:
            return None
        time.sleep(pause)
