"""How long a job takes that prints as fast as it can, and how long until
all of it is in the log, beside tee and the loggers of others.

All but tee rotate, ours compresses too; what is not compressed yet when the
log is complete is done by the family afterwards, and is a row of its own. A
round runs every variant once, in an order of its own, so that each pair
within it met the same machine; ratios are medians of those pairs. Every log
is compared with what was printed.
"""
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from content import STEP, Content, read_all
from loggers import LOGGERS
from rig import Home, PATIENCE_S, wait_for

TARGET_S = 1.2
MOST = 1_000_000_000
DEFAULT_SIZE = 10**8  # log.max_size
TURNS = 1.5  # segments that a log has at the least
OUR_TURNS = 5  # that ours has, so that it compresses while it is written


@dataclass
class Run:
    """One variant's result."""
    volume: int
    job_s: float
    drained_s: float  # until the log was complete
    packed_s: float = None  # until it was compressed, where it ever is
    closed: int = 0  # segments
    packed: int = 0  # of them, compressed when the log was complete

    @property
    def job(self):
        return self.volume / self.job_s

    @property
    def drained(self):
        return self.volume / self.drained_s

    @property
    def compressed(self):
        return self.volume / self.packed_s


@dataclass
class Setting:
    """Where, how and beside whom."""
    folder: Path
    mode: str
    peers: tuple
    size: int  # at which a log is rotated


def segments(folder):
    """How many are closed, and how many of these compressed."""
    packed = sum(path.suffix in (".zst", ".gz")
                 for path in folder.glob("output-*"))
    plain = len(list(folder.glob("output-*.log")))
    return plain + packed, packed


class Throughput:
    def __init__(self, rig, setting):
        self.rig, self.setting = rig, setting
        self.folder, self.mode = setting.folder, setting.mode
        self.times = self.folder / "times"
        self.content = Content(rig, self.mode)
        self.variants = {"jobwatch -d": self.jobwatch_detached,
                         "jobwatch": self.jobwatch_attached,
                         "tee": self.tee}
        if rig.against:
            self.variants["against -d"] = lambda volume: \
                self.jobwatch_detached(volume, rig.against)
        self.absent = [name for name in setting.peers
                       if not LOGGERS[name].is_there()]
        for name in setting.peers:
            if name not in self.absent:
                self.variants[name] = self.logger(name)

    def producer(self, volume):
        return [self.rig.tool("produce"), self.mode, str(volume),
                str(self.times)]

    def is_timed(self):
        return self.times.exists() and self.times.stat().st_size > 0

    def result(self, volume, end=None):
        first, last = map(int, self.times.read_text().split())
        self.times.unlink()
        return Run(volume, (last - first) / 1e9,
                   ((end or time.monotonic()) * 1e9 - first) / 1e9)

    def tee(self, volume):
        log = self.folder / "tee.log"
        with subprocess.Popen(self.producer(volume),
                              stdout=subprocess.PIPE) as job, \
             subprocess.Popen(["tee", str(log)], stdin=job.stdout,
                              stdout=subprocess.DEVNULL) as tee:
            job.stdout.close()
            assert tee.wait(PATIENCE_S) == 0
        made = self.result(volume)
        with log.open("rb") as file:
            self.content.check(read_all(file), volume)
        log.unlink()
        return made

    def logger(self, name):
        logger = LOGGERS[name]

        def run(volume):
            folder = Path(tempfile.mkdtemp(dir=self.folder))
            processes = logger.start(self.producer(volume), folder,
                                     self.setting.size)
            end = None
            if name == "supervisord":  # which stays
                end = self.watch(lambda: logger.size(folder), volume)
                wait_for("end of the job", self.is_timed)
                processes[0].kill()
            for process in processes:
                process.wait(PATIENCE_S)
            made = self.result(volume, end)
            self.content.check(logger.pieces(folder), volume)
            shutil.rmtree(folder)
            return made

        return run

    def complete(self, home, volume, made):
        job = next((home.path / "jobs").iterdir()).name
        home.check_log(job, self.content, volume)
        return made

    def jobwatch_detached(self, volume, binaries=None):
        with self.home(binaries) as home:
            job = home.detach(*self.producer(volume))
            end = self.watch(lambda: home.log_end(job), volume)
            closed, packed = segments(home.directory(job))
            home.call("wait", job)
            made = self.result(volume, end)
            wait_for("compression", lambda: not home.jobs())
            made.packed_s = made.drained_s + time.monotonic() - end
            made.closed, made.packed = closed, packed
            closed, packed = segments(home.directory(job))
            assert packed == max(closed - 1, 0), (closed, packed)
            return self.complete(home, volume, made)

    def jobwatch_attached(self, volume):
        with self.home(None) as home:
            subprocess.run(home.command(
                "run", "-q", "--policy", home.policy, "--",
                *self.producer(volume)), env=home.env, check=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                timeout=PATIENCE_S)
            return self.complete(home, volume, self.result(volume))

    def home(self, binaries):
        home = Home(self.rig, Path(tempfile.mkdtemp(
            prefix="home-", dir=self.folder)), binaries)
        home.configure(max_size=f"{self.setting.size}B")
        return home

    @staticmethod
    def watch(size, volume):
        """When the log holds everything, seen by its files' sizes."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if size() >= volume:
                    return time.monotonic()
            except FileNotFoundError:
                pass  # renamed by a rotation: counted next time
            time.sleep(0.004)
        raise TimeoutError("the log never was complete")

    def volume(self, run):
        """Bytes for a run of about TARGET_S, in whole periods."""
        if self.rig.quick:
            return STEP
        sample = 10 * STEP
        volume = int(run(sample).job * TARGET_S)
        volume = min(max(volume, int(self.setting.size * TURNS)), MOST)
        return volume // STEP * STEP

    def volumes(self):
        made = {name: self.volume(run)
                for name, run in self.variants.items()}
        ours = [name for name in made
                if name.startswith(("jobwatch", "tee", "against"))]
        same = min(made[name] for name in ours)
        if not self.rig.quick:
            same = max(same, OUR_TURNS * self.setting.size // STEP * STEP)
        return made | {name: same for name in ours}

    def measure(self, rounds):
        volumes = self.volumes()
        results = {name: [] for name in self.variants}
        names = list(self.variants)
        order = random.Random(rounds)  # who follows whom must not matter
        for _ in range(rounds):
            order.shuffle(names)
            for name in names:
                results[name].append(self.variants[name](volumes[name]))
        return results


MODES = (("block", "64 KiB writes"), ("line", "a write a line"))
# The design's budgets.
LEAST = {"s6-log T": 3, "svlogd -tt": 5, "svlogd": 5}
ALL = (*LEAST, "s6-log", "multilog", "multilog t", "rotatelogs",
       "supervisord")
DRAINED = {"jobwatch -d": "log complete", "jobwatch": "classified, returned"}


def pairs(ours, theirs, key):
    return [getattr(a, key) / getattr(b, key)
            for a, b in zip(ours, theirs)]


def seconds(runs):
    made = (f"{runs[0].volume / 1e6:.0f} MB in "
            f"{statistics.median([run.job_s for run in runs]):.2f} s")
    if runs[0].packed_s is not None:
        made += (f"; then {min(run.packed for run in runs)} to "
                 f"{max(run.packed for run in runs)} of "
                 f"{runs[0].closed} segments were compressed")
    return made


def report(rig, label, results, budgeted):
    """The peers' budgets are for blocks: a job that makes a system call for
    each line cannot print faster than that."""
    for name, runs in results.items():
        rig.add(f"{label}: {name}, job", "MB/s",
                [run.job / 1e6 for run in runs], note=seconds(runs))
    for ours in ("jobwatch -d", "jobwatch"):
        rig.add(f"{label}: {ours}, job's time / tee's", "×",
                pairs(results["tee"], results[ours], "job"), budget=1.3)
        rig.add(f"{label}: {ours}, {DRAINED[ours]}, time / tee's", "×",
                pairs(results["tee"], results[ours], "drained"))
    rig.add(f"{label}: jobwatch -d, all compressed", "MB/s",
            [run.compressed / 1e6 for run in results["jobwatch -d"]])
    for peer in filter(results.__contains__, ALL):
        rig.add(f"{label}: jobwatch -d / {peer}", "×",
                pairs(results["jobwatch -d"], results[peer], "drained"),
                budget=LEAST.get(peer) if budgeted else None, most=False)
    if "against -d" in results:
        rig.add(f"{label}: -d, job's time / --against's", "×",
                pairs(results["against -d"], results["jobwatch -d"], "job"))


def measure_one(rig, label, rounds, setting):
    throughput = Throughput(rig, setting)
    report(rig, label, throughput.measure(rounds), setting.mode == "block")
    for name in throughput.absent:
        rig.absent(f"{label}: {name}", LOGGERS[name].absence())


def measure(rig, rounds):
    """Rotation as it is by default, on a disk and without one."""
    for place, folder in rig.places():
        peers = ALL if place == "disk" else tuple(LEAST)
        for mode, words in MODES:
            setting = Setting(folder, mode, peers, DEFAULT_SIZE)
            measure_one(rig, f"{place}, {words}",
                        rounds or (1 if rig.quick else 5), setting)


def rotation(rig, rounds):
    """Rotation ten times as often."""
    size = DEFAULT_SIZE // (50 if rig.quick else 10)
    for mode, words in MODES[:1] if rig.quick else MODES:
        measure_one(rig, f"disk, rotated at {size / 1e6:g} MB, {words}",
                    rounds or (1 if rig.quick else 3),
                    Setting(rig.root, mode, ALL, size))
