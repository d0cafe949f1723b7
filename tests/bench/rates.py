"""How many lines a second are classified, beside grep."""
import os
import subprocess
import sys
import time

import classify_rate
from rig import HERE

ALTERNATIVES = ("error|exception|traceback|fatal|failed|out of memory|"
                "no space left|killed|timeout")
LEAST = {"repetitive": 3.0, "diverse": 0.5}


def grep_seconds(path):
    before = time.monotonic()
    done = subprocess.run(["grep", "-ciE", ALTERNATIVES, path],
                          stdout=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 1)
    return time.monotonic() - before


def measure_log(rig, name, count, rounds):
    data = classify_rate.lines(count, name == "diverse")
    path = rig.shm / f"{name}.log"
    path.write_bytes(data)
    ours, greps, ratios = [], [], []
    for _ in range(rounds):
        seconds, _, answers = classify_rate.measure(
            data, classify_rate.RULES)
        assert answers.cursors[-1].lines == count
        grep = grep_seconds(path)
        ours.append(count / seconds / 1e6)
        greps.append(count / grep / 1e6)
        ratios.append(grep / seconds)
    path.unlink()
    rig.add(f"classify, {name} log, 5 rules", "M lines/s", ours,
            budget=LEAST[name], most=False)
    rig.add(f"grep -ciE of 9, {name} log", "M lines/s", greps)
    rig.add(f"classify / grep, {name} log", "×", ratios,
            budget=0.5 if name == "repetitive" else None, most=False)


def measure(rig):
    peer = classify_rate.peer
    peer.BIN, peer.CLASSIFIER = rig.bin, rig.bin / "jobwatch-classifier"
    count = 20_000 if rig.quick else 1_000_000
    for name in LEAST:
        measure_log(rig, name, count, 1 if rig.quick else 5)
