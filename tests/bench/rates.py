"""How many lines a second of one core are classified, beside grep.

Counted in processor time, which other programs on the machine disturb
least; starting the program is part of it.
"""
import resource
import subprocess
import sys

before = list(sys.path)
import classify_rate  # noqa: E402  puts tests/e2e, and its names, first
sys.path[:] = before

ALTERNATIVES = ("error|exception|traceback|fatal|failed|out of memory|"
                "no space left|killed|timeout")
LEAST = {"repetitive": 3.0, "diverse": 0.5}


def cpu_seconds(work):
    """What the children of this program used while it did the work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime
            - before.ru_utime - before.ru_stime)


def classify(data, count):
    _, _, answers = classify_rate.measure(data, classify_rate.RULES)
    assert answers.cursors[-1].lines == count


def grep(path):
    done = subprocess.run(["grep", "-ciE", ALTERNATIVES, path],
                          stdout=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 1)


def measure_log(rig, name, count, rounds):
    data = classify_rate.lines(count, name == "diverse")
    path = rig.shm / f"{name}.log"
    path.write_bytes(data)
    ours, greps, ratios = [], [], []
    for _ in range(rounds):
        own = cpu_seconds(lambda: classify(data, count))
        other = cpu_seconds(lambda: grep(path))
        ours.append(count / own / 1e6)
        greps.append(count / other / 1e6)
        ratios.append(other / own)
    path.unlink()
    rig.add(f"classify, {name} log, 5 rules", "M lines/s", ours,
            budget=LEAST[name], most=False)
    rig.add(f"grep -ciE of 9, {name} log", "M lines/s", greps)
    rig.add(f"classify / grep, {name} log", "×", ratios,
            budget=0.5 if name == "repetitive" else None, most=False)


def measure(rig, rounds):
    peer = classify_rate.peer
    peer.BIN, peer.CLASSIFIER = rig.bin, rig.bin / "jobwatch-classifier"
    count = 20_000 if rig.quick else 1_000_000
    for name in LEAST:
        measure_log(rig, name, count, rounds or (1 if rig.quick else 5))
