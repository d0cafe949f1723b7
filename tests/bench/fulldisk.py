"""What a full disk does to a job and to its log.

One disk of a few megabytes for every logger, another's file on it that
leaves little room: the job floods, ticks, and floods a little once more.
While it ticks the file goes away. Did the job stand still, what is missing
from the log, does anything say so, and does it go on by itself?

Two things can be wished for, and the table says who grants which: that the
job runs on and whatever is lost is named to the byte (drop-oldest), or that
nothing is lost and somebody is told that the job waits (block). Neither
counts when it takes memory for all that the disk does not take. No logger
may rotate before the disk is full, so none can make room from its own.
"""
import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from content import Content
from loggers import LOGGERS
from memory import peak_mib
from rig import PATIENCE_S, Home, aligned, wait_for

DISK = 48 << 20
ROOM = 2 << 20  # what the other file leaves
FLOOD = 30_000_000  # bytes, in a write a line
MOST_MIB = 8  # more of memory, meanwhile
AFTER = 1_000_000
NO_SIZE = 10**8  # at which to rotate: never comes
OURS = {"jobwatch drop-oldest": "drop-oldest", "jobwatch block": "block"}
QUICK = ("s6-log -b", "supervisord")
NEVER = float("inf")

JOB = """
: >"$2/up"
until [ -e "$2/start" ]; do
	sleep 0.05
done
"$1" line {flood} "$2/flood"
n=0
while ! [ -e "$2/go" ]; do
	echo "tick $n"
	n=$((n + 1))
	sleep 0.05
done
echo $n >"$2/ticks"
"$1" line {after} "$2/after"
"""


@dataclass
class Outcome:
    stalled: bool = False
    held_s: float = 0  # how long the flood took
    resumed_s: float = NEVER  # from room to the next byte kept
    ended: bool = False  # the job, by itself
    grown_mib: float = NEVER  # the one that grew most, while it was full
    lost: int = NEVER
    unnamed: int = NEVER
    told: str = ""  # where somebody can read of it; "": nowhere

    @property
    def goes_on(self):
        return self.ended and self.resumed_s < NEVER

    @property
    def is_small(self):
        return self.grown_mib <= MOST_MIB

    @property
    def runs_on(self):
        return (self.goes_on and self.is_small and not self.stalled and
                self.unnamed == 0)

    @property
    def keeps(self):
        return (self.goes_on and self.is_small and self.lost == 0 and
                self.told != "")

    def cells(self):
        return ("stood still" if self.stalled else f"{self.held_s:.2f} s",
                f"{self.lost} B", f"{self.unnamed} B", self.told or "no",
                f"{self.resumed_s:.1f} s" if self.goes_on else "never",
                f"{self.grown_mib:+.0f} MiB",
                "passes" if self.runs_on else "fails",
                "passes" if self.keeps else "fails")


HEADS = ("logger", "the job's flood", "lost", "silently", "told",
         "went on after", "memory", "runs on, losses named",
         "nothing lost, told")


class Peer:
    """A logger of others on the small disk."""

    def __init__(self, logger):
        self.logger = logger

    def start(self, _, disk, job):
        self.folder = disk / "log"
        self.folder.mkdir()
        self.errors = disk.parent / "errors"
        with self.errors.open("wb") as errors:
            self.processes = self.logger.start(job, self.folder, NO_SIZE,
                                               errors)

    def size(self):
        try:
            return self.logger.size(self.folder)
        except FileNotFoundError:
            return 0

    def log(self):
        return b"".join(self.logger.pieces(self.folder))

    def settle(self, whole, outcome):
        """What is missing; it is named when the number of its bytes is, in
        whatever words."""
        log = self.log()
        own, errors = self.logger.own_words(log), self.errors.read_text()
        outcome.lost = len(whole) - (len(log) - len(own))
        outcome.unnamed = 0 if str(outcome.lost) in errors else outcome.lost
        outcome.told = " and ".join(
            place for place, words in (("stderr", errors),
                                       ("the log", own.decode()))
            if "space" in words)

    def pids(self):
        return [self.processes[0].pid]

    def end(self):
        """svlogd keeps trying through a SIGTERM while the disk is full."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Jobwatch:
    """Ours, with its home on the small disk."""

    def __init__(self, mode):
        self.mode = mode

    def start(self, rig, disk, job):
        (disk / "home").mkdir()
        self.home = Home(rig, disk / "home")
        self.home.configure(on_full=self.mode)
        self.job = self.home.detach(*job)

    def size(self):
        return self.home.log_end(self.job)

    def settle(self, whole, outcome):
        """The events are to say which bytes exactly are missing."""
        self.home.call("wait", self.job)
        log = self.home.call("logs", self.job, stderr=subprocess.DEVNULL)
        events = [event for event in map(json.loads, self.home.call(
            "events", self.job, "--json").splitlines())
            if event["severity"] == "critical"]
        named = [(event["data"]["offset"], event["data"]["length"])
                 for event in events if event["event"] == "log.loss"]
        outcome.lost = len(whole) - len(log)
        outcome.unnamed = 0 if log == without(whole, named) else \
            max(outcome.lost, 1)
        outcome.told = " and ".join(
            sorted({event["event"] for event in events}))

    def pids(self):
        return self.home.family(self.job).values()

    def end(self):
        self.home.__exit__()


def without(whole, ranges):
    for offset, length in sorted(ranges, reverse=True):
        whole = whole[:offset] + whole[offset + length:]
    return whole


def fill(path, disk):
    """Takes all room of the disk but ROOM."""
    free = os.statvfs(disk)
    left = free.f_bavail * free.f_frsize - ROOM
    path.write_bytes(bytes(left))


def is_true(condition, seconds):
    try:
        wait_for("", condition, seconds=seconds)
    except TimeoutError:
        return False
    return True


def printed(content, place):
    ticks = int((place / "ticks").read_text())
    return (content.head(FLOOD) +
            b"".join(b"tick %d\n" % n for n in range(ticks)) +
            content.head(AFTER))


def flood_s(place):
    first, last = map(int, (place / "flood").read_text().split())
    return (last - first) / 1e9


def act(outcome, subject, place, filler, watch_s):
    flooded = (place / "flood").exists
    wait_for("start", (place / "up").exists)
    first = {pid: peak_mib(pid) for pid in subject.pids()}
    (place / "start").touch()
    outcome.stalled = not is_true(flooded, watch_s)
    outcome.grown_mib = max(peak_mib(pid) - mib
                            for pid, mib in first.items())
    before = subject.size()
    filler.unlink()
    room = time.monotonic()
    if is_true(lambda: subject.size() > before, PATIENCE_S / 4):
        outcome.resumed_s = time.monotonic() - room
    if is_true(flooded, PATIENCE_S / 4):
        outcome.held_s = flood_s(place)
    (place / "go").touch()
    outcome.ended = is_true((place / "after").exists, PATIENCE_S / 4)


@contextmanager
def small_disk(place):
    disk = place / "disk"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700",
                    "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def run(rig, content, name, subject, watch_s):
    place = rig.root / ("disk " + name).replace(" ", "-")
    outcome = Outcome()
    with small_disk(place) as disk:
        fill(disk / "filler", disk)
        script = place / "job.sh"
        script.write_text(JOB.format(flood=FLOOD, after=AFTER))
        try:
            subject.start(rig, disk, ["sh", str(script), rig.tool("produce"),
                                      str(place)])
            act(outcome, subject, place, disk / "filler", watch_s)
            if outcome.ended:
                wait_quiet(subject)
                subject.settle(printed(content, place), outcome)
        finally:
            subject.end()
    return outcome


def wait_quiet(subject):
    """Until the logger has nothing more to write."""
    last, since = -1, time.monotonic()
    while time.monotonic() < since + 0.5:
        size = subject.size()
        if size != last:
            last, since = size, time.monotonic()
        time.sleep(0.02)


def show(rig, outcomes):
    rig.say("a full disk:")
    print(aligned([HEADS] + [(name, *outcome.cells())
                             for name, outcome in outcomes.items()]))


def report(rig, outcomes):
    drop, block = (outcomes[name] for name in OURS)
    for name, outcome in outcomes.items():
        ours = name in OURS
        rig.add(f"full disk, {name}: lost and not named", "B",
                [outcome.unnamed], budget=0 if ours else None,
                note="the job stood still" if outcome.stalled else "")
        rig.add(f"full disk, {name}: memory grew by", "MiB",
                [outcome.grown_mib], budget=MOST_MIB if ours else None)
        rig.add(f"full disk, {name}: goes on after there is room", "s",
                [outcome.resumed_s if outcome.ended else NEVER],
                budget=2 if ours else None)
    rig.add("full disk, jobwatch drop-oldest: the job's flood", "s",
            [NEVER if drop.stalled else drop.held_s], budget=1)
    rig.add("full disk, jobwatch block: lost", "B", [block.lost], budget=0)
    rig.add("full disk, jobwatch block: told", "events",
            [len(block.told.split())], budget=1, most=False, note=block.told)


def can_mount():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "-m", "true"], stderr=subprocess.DEVNULL,
        check=False).returncode == 0


def subjects(rig):
    made = {name: Jobwatch(mode) for name, mode in OURS.items()}
    for name, logger in LOGGERS.items():
        if logger.stamp or (rig.quick and name not in QUICK):
            continue
        if logger.is_there():
            made[name] = Peer(logger)
        else:
            rig.absent(f"full disk, {name}", logger.absence())
    return made


def measure(rig, _):
    if not can_mount():
        rig.absent("full disk", "it takes root to mount a small one")
        return
    content = Content(rig, "line")
    chosen = subjects(rig)
    watch_s = 1.5 if rig.quick else 5
    with ThreadPoolExecutor(len(chosen)) as threads:
        runs = {name: threads.submit(run, rig, content, name, subject,
                                     watch_s)
                for name, subject in chosen.items()}
        outcomes = {name: made.result() for name, made in runs.items()}
    show(rig, outcomes)
    report(rig, outcomes)
