#!/usr/bin/python3
"""Measures jobwatch against the budgets of the design, one row a figure.

  bench.py [--quick] [--json FILE] [--dir FOLDER] [--bin FOLDER]
           [--against FOLDER] [--only NAMES] [--full] [--rounds N]

Ratios are taken side by side in one run and are what counts; the raw
medians say only what they were made of. --quick checks that everything can
be measured and that no log lacks a byte; it asserts no time. --against
measures a second build in the same rounds. Peers: contrib/deps.sh bench.
"""
import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import family  # noqa: E402
import latency  # noqa: E402
import lines  # noqa: E402
import rates  # noqa: E402
import search  # noqa: E402
import throughput  # noqa: E402
import views  # noqa: E402
from rig import Rig, table  # noqa: E402

BIN = Path(__file__).resolve().parents[2] / "build" / "bin"

FIGURES = {
    "throughput": throughput.measure,
    "latency": latency.measure,
    "start": views.start,
    "idle": family.idle,
    "views": views.measure,
    "search": search.measure,
    "lines": lines.measure,
    "classify": rates.measure,
    "memory": family.memory,
}


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--dir", default=os.environ.get("TMPDIR", "/var/tmp"))
    parser.add_argument("--bin", default=os.environ.get("JOBWATCH_BIN", BIN))
    parser.add_argument("--against", metavar="FOLDER")
    parser.add_argument("--only", default=",".join(FIGURES),
                        help=", ".join(FIGURES))
    parser.add_argument("--full", action="store_true",
                        help="the sizes that the design names")
    parser.add_argument("--rounds", type=int)
    return parser.parse_args()


def main():
    given = options()
    rig = Rig(given.bin, given.dir, given.quick, given.full, given.against)
    print("load", *os.getloadavg(), f"on {os.cpu_count()} processors")
    try:
        for name in given.only.split(","):
            FIGURES[name](rig, given.rounds)
    finally:
        rig.close()
    print("\n" + table(rig.rows))
    if given.json:
        Path(given.json).write_text(json.dumps(
            [row.public() for row in rig.rows], indent=1))


if __name__ == "__main__":
    main()
