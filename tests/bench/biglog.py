"""Views of a big log as the programs themselves make it: rotated and
compressed, its job still running.

Each figure is of processes started anew; "cold" ones also find no byte of
the segments in memory.
"""
import os
import shutil
import time
from collections import namedtuple

from content import LINE, STEP, Content
from rig import percentile, wait_for
from views import timed_ms

# The flood, and when it is old enough a few lines for --since to find.
JOB = '"$@"; read go <"$0"; seq -f "late %.0f" 1000; read go <"$0"'
LATE = b"".join(b"late %d\n" % n for n in range(1, 1001))

Size = namedtuple("Size", "volume segment age_s since")
FULL = Size(10_000_000_000, "100MB", 60, "1m")
USUAL = Size(1_000_000_000, "100MB", 60, "1m")
QUICK = Size(100_000_000, "10MB", 2, "2s")


def has_room(folder):
    """Its segments may all be there before they are compressed."""
    return shutil.disk_usage(folder).free > 2 * FULL.volume


def compressed(folder):
    """delay_compress leaves the newest closed segment alone."""
    return len(list(folder.glob("output-*.log"))) <= 1


def start(rig, home, size, mode):
    """The job, when its flood is in the log; what it waits for; when."""
    volume = size.volume // STEP * STEP
    home.configure(max_size=size.segment)
    go, times = home.path / "go", home.path / "times"
    os.mkfifo(go)
    job = home.detach("sh", "-c", JOB, go, rig.tool("produce"), mode,
                      volume, times)
    wait_for("log", lambda: home.log_end(job) >= volume, every=0.05)
    return job, go, time.monotonic()


def forget(folder):
    """Takes the segments out of memory, as far as they are on the disk."""
    for path in folder.glob("output*"):
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def offsets(volume, rounds):
    """Line beginnings, every one in another part of what is compressed and
    in the middle of its segment's frames."""
    for number in range(rounds):
        share = 0.1 + 0.7 * number / rounds
        yield int(volume * share) // LINE * LINE


def report(rig, home, folder, label, commands, budgets):
    """budgets: of the median when warm, when cold."""
    for cold in (False, True):
        took = []
        for command in commands:
            if cold:
                forget(folder)
            took.append(timed_ms(home.command(*command), home.env))
        words = label + (", cold" if cold else "")
        rig.add(f"{words}, p50", "ms", took, budget=budgets[cold],
                value=percentile(took, 0.5))
        rig.add(f"{words}, p95", "ms", took, budget=20,
                value=percentile(took, 0.95))


def measure_one(rig, rounds, size, mode, words):
    volume = size.volume // STEP * STEP
    content = Content(rig, mode)
    with rig.home(rig.root) as home:
        job, go, flooded = start(rig, home, size, mode)
        folder = home.directory(job)
        wait_for("compression", lambda: compressed(folder), seconds=600,
                 every=0.1)
        home.check_log(job, content, volume)
        wait_for("age", lambda: time.monotonic() > flooded + size.age_s)
        go.write_text("\n")
        wait_for("last lines", lambda: home.log_end(job) ==
                 volume + len(LATE))
        label = f"{volume / 1e9:.2g} GB {words}: logs"
        since = ("logs", "--since", size.since, job)
        assert home.call(*since) == LATE
        report(rig, home, folder, f"{label} --since {size.since}",
               [since] * rounds, (20, 20))
        tail = ("logs", "-n", "10", job)
        assert home.call(*tail) == b"".join(LATE.splitlines(True)[-10:])
        report(rig, home, folder, f"{label} -n 10", [tail] * rounds, (10, 20))
        lines = []
        for offset in offsets(volume, rounds):
            line = ("logs", "--from", offset, "-n", 1, job)
            assert home.call(*line) == content.at(offset, LINE)
            lines.append(line)
        report(rig, home, folder, f"{label} --from OFFSET -n 1", lines,
               (20, 20))
        go.write_text("\n")


def measure(rig, rounds):
    """A flood in few large writes, and one in a write a line."""
    rounds = rounds or (3 if rig.quick else 41)
    size = FULL if has_room(rig.root) else USUAL
    measure_one(rig, rounds, QUICK if rig.quick else size, "block",
                "as made")
    measure_one(rig, rounds, QUICK if rig.quick else USUAL, "line",
                "as made, a write a line")
