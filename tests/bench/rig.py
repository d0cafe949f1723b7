"""What all figures need: programs, folders, jobs, statistics, rows."""
import json
import os
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from content import read_all

HERE = Path(__file__).resolve().parent
TOOLS = ("produce", "stamp", "receive", "post")
PATIENCE_S = 120
HEADER = struct.Struct("<8sQqQ")  # of an index: jobs/core/segment.h

# Nothing that a figure is made of may go while it is made.
LOG = {"keep": 100000, "total_size": "1TB"}
RULES = """
[[rule]]
name = "oom"
pattern = "CUDA out of memory"
severity = "critical"
[[rule]]
name = "disk"
pattern = "No space left on device"
[[rule]]
name = "slow"
pattern = 'took \\d{5,} ms'
"""


@dataclass
class Row:
    """One figure. ratio is measured / budget when `most` (less is better),
    else budget / measured: at most 1 is within."""
    what: str
    unit: str
    samples: list = field(repr=False)  # none: it could not be measured
    budget: float = None
    most: bool = True
    value: float = None  # the median unless told otherwise
    note: str = ""

    def __post_init__(self):
        if self.value is None and self.samples:
            self.value = statistics.median(self.samples)

    @property
    def ratio(self):
        if self.budget is None or self.value is None:
            return None
        if self.most:
            return self.value / self.budget if self.budget else self.value
        return self.budget / self.value if self.value else float("inf")

    @property
    def verdict(self):
        if self.budget is None or self.value is None:
            return ""
        good = (self.value <= self.budget if self.most
                else self.value >= self.budget)
        return "OK" if good else "over"

    def cells(self):
        budget, ratio = "", ""
        if not self.samples:
            return (self.what, "-", "", "0", "", "", "", self.note)
        if self.budget is not None:
            sign = "≤" if self.most else "≥"
            budget = f"{sign} {self.budget:g} {self.unit}"
            ratio = f"{self.ratio:.2f}" if self.budget else ""
        return (self.what, f"{self.value:.3g} {self.unit}",
                f"{min(self.samples):.3g}–{max(self.samples):.3g}",
                str(len(self.samples)), budget, ratio, self.verdict,
                self.note)

    def public(self):
        made = asdict(self) | {"ratio": self.ratio, "verdict": self.verdict}
        if self.samples:
            made.update(median=statistics.median(self.samples),
                        least=min(self.samples), greatest=max(self.samples))
        return made


HEADS = ("what", "measured", "min–max", "n", "budget", "of it", "", "note")


def aligned(lines):
    """Tuples of cells, as text."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width
                               in zip(line, widths)).rstrip()
                     for line in lines)


def table(rows):
    return aligned([HEADS] + [row.cells() for row in rows])


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Rig:
    """Folders and programs of one run; everything goes at the end."""

    def __init__(self, binaries, folder, quick=False, full=False,
                 against=None):
        self.bin = Path(binaries).resolve()
        self.against = Path(against).resolve() if against else None
        self.quick = quick
        self.full = full
        self.root = Path(tempfile.mkdtemp(prefix="jwbench-", dir=folder))
        self.shm = Path(tempfile.mkdtemp(prefix="jwbench-", dir="/dev/shm"))
        self.rows = []
        self.began = time.monotonic()
        self.compile()

    def places(self):
        return (("disk", self.root), ("tmpfs", self.shm))

    def close(self):
        for folder in (self.root, self.shm):
            shutil.rmtree(folder, ignore_errors=True)

    def compile(self):
        for name in TOOLS:
            subprocess.run(
                [os.environ.get("CC", "cc"), "-std=gnu17", "-D_GNU_SOURCE",
                 "-O2", "-o", self.root / name, HERE / f"{name}.c"],
                check=True)

    def tool(self, name):
        return str(self.root / name)

    def add(self, *args, **keys):
        row = Row(*args, **keys)
        if self.quick:
            row.budget = None  # too few samples to judge
        self.rows.append(row)
        self.say("  ".join(filter(None, row.cells())))

    def absent(self, what, why):
        """A row for what cannot be measured here."""
        self.rows.append(Row(what, "", [], note=why))
        self.say(f"{what}: {why}")

    def say(self, text):
        print(f"[{time.monotonic() - self.began:4.0f}s] {text}", flush=True)

    def home(self, place):
        return Home(self, Path(tempfile.mkdtemp(prefix="home-", dir=place)))


class Home:
    """A jobwatch home of its own."""

    def __init__(self, rig, path, binaries=None):
        self.rig = rig
        self.path = path
        self.bin = binaries or rig.bin
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith("JOBWATCH_")}
        self.env["JOBWATCH_HOME"] = str(path)
        self.policy = path / "bench.toml"
        self.configure()

    def configure(self, rest=RULES, **log):
        """The policy: `log` beyond what is always there, then the rest."""
        self.policy.write_text("[log]\n" + "".join(
            f"{key} = {json.dumps(value)}\n"
            for key, value in (LOG | log).items()) + rest)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for job in self.jobs():
            subprocess.run(self.command("kill", job.name), env=self.env,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
        wait_for("end of the families", lambda: not self.jobs())
        shutil.rmtree(self.path, ignore_errors=True)

    def command(self, *words):
        return [str(self.bin / "jobwatch"), *map(str, words)]

    def call(self, *words, **keys):
        done = subprocess.run(self.command(*words), env=self.env,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=PATIENCE_S,
                              check=True, **keys)
        return done.stdout

    def detach(self, *job, policy=None):
        return self.call("run", "-d", "--policy", policy or self.policy,
                         "--", *job).decode().strip()

    def jobs(self):
        """The marks of those whose families are not done yet."""
        folder = self.path / "running"
        return list(folder.iterdir()) if folder.exists() else []

    def directory(self, job):
        return self.path / "jobs" / job

    def status(self, job):
        return json.loads(self.call("status", job, "--json"))

    def family(self, job):
        return {name: pid for name, pid
                in self.status(job)["processes"].items() if pid}

    def check_log(self, job, content, volume, look=lambda pid: None):
        """As a user gets it, through `logs`: exactly what was printed. look
        is called for each piece of it."""
        with subprocess.Popen(self.command("logs", job), env=self.env,
                              stdout=subprocess.PIPE) as logs:
            def pieces():
                for piece in read_all(logs.stdout):
                    look(logs.pid)
                    yield piece

            content.check(pieces(), volume)

    def log_end(self, job):
        """Bytes that reached the log so far, whatever became of closed
        segments. (The index is read first: a rotation between the two makes
        it too few, never too many.)"""
        folder = self.directory(job)
        try:
            with (folder / "output.log.idx").open("rb") as index:
                base = HEADER.unpack(index.read(HEADER.size))[1]
            return base + (folder / "output.log").stat().st_size
        except (FileNotFoundError, struct.error):
            return 0  # between two names


def wait_for(what, condition, seconds=PATIENCE_S, every=0.005):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise TimeoutError(f"no {what} within {seconds} s")
