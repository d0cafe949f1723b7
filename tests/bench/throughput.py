"""How long a job takes that prints as fast as it can, and how long until
all of it is in the log, beside tee, s6-log and svlogd.

A round runs every variant once, in an order of its own, so that each pair
within it met the same machine; ratios are medians of those pairs.
"""
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from rig import Home, PATIENCE_S

LINE = 100
STEP = 100 * 65536  # the producer's period: whole lines and blocks
TARGET_S = 1.2
MOST = {"disk": 1 << 30, "tmpfs": 2 << 30}


class Run:
    """One variant's result: seconds of the job, seconds until drained."""

    def __init__(self, volume, job_s, drained_s):
        self.volume = volume
        self.job = volume / job_s
        self.drained = volume / drained_s
        self.job_s = job_s


class Throughput:
    def __init__(self, rig, place, folder, mode):
        self.rig, self.place, self.mode = rig, place, mode
        self.folder = folder
        self.times = folder / "times"
        self.variants = {"jobwatch -d": self.jobwatch_detached,
                         "jobwatch": self.jobwatch_attached,
                         "tee": self.tee}
        if rig.against:
            self.variants["against -d"] = lambda volume: \
                self.jobwatch_detached(volume, rig.against)
        if shutil.which("s6-log"):
            self.variants["s6-log T"] = self.s6_log
        if shutil.which("svlogd"):
            self.variants["svlogd -tt"] = lambda v: self.svlogd(v, ["-tt"])
            self.variants["svlogd"] = lambda v: self.svlogd(v, [])

    def producer(self, volume):
        return [self.rig.tool("produce"), self.mode, str(volume),
                str(self.times)]

    def result(self, volume, end=None):
        first, last = map(int, self.times.read_text().split())
        self.times.unlink()
        return Run(volume, (last - first) / 1e9,
                   ((end or time.monotonic()) * 1e9 - first) / 1e9)

    def through(self, volume, reader):
        with subprocess.Popen(self.producer(volume),
                              stdout=subprocess.PIPE) as job, \
             subprocess.Popen(reader, stdin=job.stdout,
                              stdout=subprocess.DEVNULL) as logger:
            job.stdout.close()
            assert logger.wait(PATIENCE_S) == 0, reader
        return self.result(volume)

    def tee(self, volume):
        log = self.folder / "tee.log"
        made = self.through(volume, ["tee", str(log)])
        assert log.stat().st_size == volume
        log.unlink()
        return made

    def stamped(self, volume, reader, folder):
        made = self.through(volume, reader)
        lines = 0
        for log in [folder / "current", *folder.glob("@*")]:
            lines += int(subprocess.run(
                ["wc", "-l", str(log)], stdout=subprocess.PIPE,
                check=True).stdout.split()[0])
        assert lines == volume // LINE, (reader, lines, volume)
        shutil.rmtree(folder)
        return made

    def s6_log(self, volume):
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        return self.stamped(volume, ["s6-log", "T", "s268435455", "n100",
                                     str(folder)], folder)

    def svlogd(self, volume, flags):
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "config").write_text("s0\nn0\n")
        return self.stamped(volume, ["svlogd", *flags, str(folder)], folder)

    def complete(self, home, volume, made):
        job = next((home.path / "jobs").iterdir()).name
        kept = home.log_bytes(job)
        assert kept == volume, (kept, volume)
        return made

    def jobwatch_detached(self, volume, binaries=None):
        with self.home(binaries) as home:
            job = home.detach(*self.producer(volume))
            folder = home.directory(job)
            end = self.watch(folder, volume)
            home.call("wait", job)
            return self.complete(home, volume, self.result(volume, end))

    def jobwatch_attached(self, volume):
        with self.home(None) as home:
            subprocess.run(home.command(
                "run", "-q", "--policy", home.policy, "--",
                *self.producer(volume)), env=home.env, check=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                timeout=PATIENCE_S)
            return self.complete(home, volume, self.result(volume))

    def home(self, binaries):
        return Home(self.rig, Path(tempfile.mkdtemp(
            prefix="home-", dir=self.folder)), binaries)

    @staticmethod
    def watch(folder, volume):
        """When the log holds everything, seen by its files' sizes."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            size = 0
            for log in folder.glob("output*.log"):
                try:
                    size += log.stat().st_size
                except FileNotFoundError:
                    pass  # renamed by a rotation: counted next time
            if size >= volume:
                return time.monotonic()
            time.sleep(0.004)
        raise TimeoutError("the log never was complete")

    def volume(self, run):
        """Bytes for a run of about TARGET_S, in whole periods."""
        if self.rig.quick:
            return STEP
        sample = 10 * STEP
        volume = int(run(sample).job * TARGET_S)
        volume = max(STEP, min(volume, MOST[self.place]))
        return (volume + STEP - 1) // STEP * STEP

    def volumes(self):
        made = {name: self.volume(run)
                for name, run in self.variants.items()}
        ours = [name for name in made
                if name.startswith(("jobwatch", "tee", "against"))]
        same = min(made[name] for name in ours)
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
PEERS = (("tee", 1 / 1.3), ("s6-log T", 3), ("svlogd -tt", 5),
         ("svlogd", 5))


DRAINED = {"jobwatch -d": "log complete", "jobwatch": "classified, returned"}


def pairs(ours, theirs, key):
    return [getattr(a, key) / getattr(b, key)
            for a, b in zip(ours, theirs)]


def report(rig, label, results, budgeted):
    """The peers' budgets are for blocks: a job that makes a system call for
    each line cannot print faster than that."""
    for name, runs in results.items():
        rig.add(f"{label}: {name}, job", "MB/s",
                [run.job / 1e6 for run in runs],
                note=f"in {statistics.median([r.job_s for r in runs]):.2f} s")
    for ours in ("jobwatch -d", "jobwatch"):
        rig.add(f"{label}: {ours}, job's time / tee's", "×",
                pairs(results["tee"], results[ours], "job"), budget=1.3)
        rig.add(f"{label}: {ours}, {DRAINED[ours]}, time / tee's", "×",
                pairs(results["tee"], results[ours], "drained"))
    for peer, least in PEERS[1:]:
        if peer in results:
            rig.add(f"{label}: jobwatch -d / {peer}", "×",
                    pairs(results["jobwatch -d"], results[peer], "drained"),
                    budget=least if budgeted else None, most=False)
    if "against -d" in results:
        rig.add(f"{label}: -d, job's time / --against's", "×",
                pairs(results["against -d"], results["jobwatch -d"], "job"))


def measure(rig, rounds):
    rounds = rounds or (1 if rig.quick else 5)
    for place, folder in rig.places():
        for mode, words in MODES:
            results = Throughput(rig, place, folder, mode).measure(rounds)
            report(rig, f"{place}, {words}", results, mode == "block")
