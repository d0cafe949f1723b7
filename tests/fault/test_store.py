"""Smokes of the store's two proofs: `make fault` runs them in full.

JOBWATCH_FAULT_SEED changes what is run.
"""
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BUILD = Path(os.environ.get("JOBWATCH_BUILD", HERE.parents[1] / "build"))
SEED = os.environ.get("JOBWATCH_FAULT_SEED")
CALLS = 160  # histories in which a system call fails or kills
HISTORIES = 400  # random ones


def run(*argv):
    done = subprocess.run([*argv, *(["--seed", SEED] if SEED else [])],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout


def test_a_smoke_of_failing_calls():
    run(sys.executable, HERE / "store.py", "--histories", str(CALLS))


def test_a_smoke_of_random_histories():
    run(BUILD / "fault/property", "--histories", str(HISTORIES))
