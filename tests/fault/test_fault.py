"""A smoke of the kill campaign: `make fault` runs it in full.

JOBWATCH_FAULT_KILLS and JOBWATCH_FAULT_SEED change what is run.
"""
import os
import subprocess
import sys
from pathlib import Path

CAMPAIGN = Path(__file__).with_name("campaign.py")


def test_a_smoke_of_kills_loses_nothing():
    seed = os.environ.get("JOBWATCH_FAULT_SEED")
    done = subprocess.run(
        [sys.executable, CAMPAIGN,
         "--kills", os.environ.get("JOBWATCH_FAULT_KILLS", "20"),
         *(["--seed", seed] if seed else [])],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
