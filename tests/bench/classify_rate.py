#!/usr/bin/python3
"""How many lines a second the classifier takes: classify_rate.py [LINES].

Lines of 100 bytes on average, five user rules and the built-ins; the real
program over its real channel. Prints one JSON object.
"""
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
import classifier_peer as peer  # noqa: E402

RULES = [
    {"name": "oom", "pattern": "CUDA out of memory", "severity": "critical"},
    {"name": "nan", "pattern": r"\bloss[=:] ?nan\b"},
    {"name": "disk", "pattern": r"No space left on device"},
    {"name": "ckpt", "pattern": r"^saved checkpoint (\d+)"},
    {"name": "slow", "pattern": r"took \d{4,} ms"},
]
WORDS = ("worker cache request model batch token shard queue reader writer "
         "metric value loader stream layer tensor buffer index epoch rank"
         ).split()


def lines(count, diverse):
    """Training output: steps, or steps among lines of many shapes."""
    choose = random.Random(7)
    made = []
    for step in range(count):
        if diverse and step % 2:
            text = " ".join(choose.choices(WORDS, k=9))
            line = f"2031-05-06 10:{step % 60:02}:07 INFO {text} {step}"
        else:
            line = (f"[step {step}] loss={choose.random():.4f} "
                    f"lr=0.0001 tokens/s={choose.randrange(9000)} "
                    f"mem=41.2GiB grad_norm={choose.random():.3f}")
        made.append(line.ljust(99)[:99] + "\n")
    return "".join(made).encode()


def measure(data, rules):
    with tempfile.TemporaryDirectory() as folder:
        segment = peer.Segment(folder)
        segment.write_many((peer.OUT, data[at:at + 65536])
                           for at in range(0, len(data), 65536))
        with peer.Peer(folder, peer.policy(rules)) as one:
            one.resume()
            one.segment(segment)
            one.grown(0)  # it is up
            before = time.monotonic()
            answers = one.grown(segment.end, final=1)
            seconds = time.monotonic() - before
            peak = one.peak_kib()
    return seconds, peak, answers


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    result = {"lines": count}
    for name, diverse in (("repetitive", False), ("diverse", True)):
        data = lines(count, diverse)
        for label, rules in (("", RULES), ("_without_rules", [])):
            seconds, peak, answers = measure(data, rules)
            assert answers.cursors[-1].lines == count
            result[name + label + "_lines_per_s"] = round(count / seconds)
            result["peak_kib"] = peak
    print(json.dumps(result))


if __name__ == "__main__":
    main()
