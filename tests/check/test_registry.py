"""docs/events.md holds the registry's own table, and nothing older."""
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("JOBWATCH_BIN", ROOT / "build/bin"))
ROW = re.compile(r"^\|.*\|$", re.M)


def printed():
    return subprocess.run([BIN / "jobwatch", "events", "--docs"], check=True,
                          capture_output=True, text=True).stdout


def test_docs_hold_the_printed_table():
    page = (ROOT / "docs/events.md").read_text()
    assert printed().strip() in page


def test_docs_name_no_other_event():
    page = (ROOT / "docs/events.md").read_text()
    names = re.findall(r"^\| `([a-z.]+)` \|", page, re.M)
    assert names == re.findall(r"^\| `([a-z.]+)` \|", printed(), re.M)


def test_table_has_a_row_for_each_event_of_the_header():
    header = (ROOT / "jobs/core/registry.h").read_text()
    defined = re.findall(r'X\([A-Z_]+,\s*"([a-z.]+)"', header)
    rows = [row for row in ROW.findall(printed()) if row.startswith("| `")]
    assert len(defined) > 20
    assert [row.split("`")[1] for row in rows] == defined
