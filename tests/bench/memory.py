"""What the largest of everything costs in memory: a line of a gigabyte, and
a progress bar that never ends its line."""
import subprocess
import time
from functools import partial
from pathlib import Path

from content import STEP, Content
from latency import POLICY, Receiver
from rig import wait_for

MIB = 1 << 20
MOST_MIB = 32
BAR_MB_PER_S = 50

# An alert before and behind it wakes the notifier, and has its context.
JOB = 'echo ALARM before; sleep 0.5; "$@"; echo; echo ALARM behind; sleep 1'
BEFORE, BEHIND = b"ALARM before\n", b"\nALARM behind\n"


def peak_mib(pid):
    """VmHWM: the most that was ever resident; 0: it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid):
    """(name, pid) of those that a process has now."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                yield Path(f"/proc/{child}/comm").read_text().strip(), child
        except OSError:
            pass  # it ended


class Peaks:
    """The highest of every process of a family, by name."""

    def __init__(self, family):
        self.family = family
        self.mib = {}

    def note(self, name, pid):
        self.mib[name] = max(self.mib.get(name, 0), peak_mib(pid))

    def look(self):
        for name, pid in self.family.items():
            self.note(name, pid)
        for name, pid in children(self.family["supervisor"]):
            if name.startswith("jobwatch-comp"):
                self.note("compressor", pid)


def trimmed(pieces, before, behind):
    """The pieces without what the whole begins and ends with."""
    held = b""
    for piece in pieces:
        held += piece
        if before and len(held) > len(before):
            assert held.startswith(before), held[:99]
            held, before = held[len(before):], b""
        if not before and len(held) > len(behind):
            yield held[:-len(behind)]
            held = held[-len(behind):]
    assert held == behind, held


class Trimmed(Content):
    def check(self, pieces, volume):
        super().check(trimmed(pieces, BEFORE, BEHIND), volume)


def watch(rig, home, receiver, producer):
    """Runs the job, attached; its id and the peaks of its family."""
    with subprocess.Popen(
            home.command("run", "-q", "--policy", home.policy, "--",
                         "sh", "-c", JOB, "sh", *producer),
            env=home.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL) as client:
        job = wait_for("job", lambda: [p.name for p in home.jobs()])[0]
        wait_for("notifier", lambda: "notifier" in home.family(job))
        peaks = Peaks(home.family(job) | {"attached client": client.pid})
        while client.poll() is None:
            peaks.look()
            time.sleep(0.01)
        assert client.returncode == 0
    receiver.take(2)
    return job, peaks


def measure_one(rig, receiver, words, producer, size):
    mode, volume = producer[0], producer[1]
    with rig.home(rig.root) as home:
        times = home.path / "times"
        home.configure(POLICY.format(port=receiver.port),
                       max_size=f"{size}B")
        job, peaks = watch(rig, home, receiver, [
            rig.tool("produce"), mode, str(volume), times,
            *map(str, producer[2:])])
        first, last = map(int, times.read_text().split())
        status = home.status(job)
        assert status["recoveries"] == 0, "nobody looked at a new process"
        home.check_log(job, Trimmed(rig, mode), volume,
                       look=partial(peaks.note, "logs"))
    assert "compressor" in peaks.mib
    rig.add(f"{words}: the job", "MB/s", [volume * 1e3 / (last - first)])
    for name, mib in peaks.mib.items():
        rig.add(f"{words}: peak of {name}", "MiB", [mib], budget=MOST_MIB,
                note="VmHWM")


def measure(rig, _):
    line = 2 * STEP if rig.quick else 1 << 30
    bar = 2 * STEP if rig.quick else 10 * BAR_MB_PER_S * 10**6
    size = 4 * MIB if rig.quick else 10**8
    receiver = Receiver(rig)
    try:
        measure_one(rig, receiver, f"a line of {line / 2**30:.2g} GiB",
                    ("endless", line), size)
        measure_one(rig, receiver, f"{bar / 1e6:.0f} MB of \\r at "
                    f"{BAR_MB_PER_S} MB/s", ("bar", bar, BAR_MB_PER_S), size)
    finally:
        receiver.close()
