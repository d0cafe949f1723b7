"""The registry's documentation is what the program prints."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("JOBWATCH_BIN", ROOT / "build/bin"))


def printed():
    return subprocess.run([BIN / "jobwatch", "events", "--docs"], check=True,
                          capture_output=True, text=True).stdout


def test_docs_are_up_to_date():
    assert (ROOT / "docs/events.md").read_text().endswith(printed())


def test_every_event_of_the_contract_has_a_row():
    names = """job.start job.exit job.restart job.stop job.lost job.recovered
        job.stall job.stall.clear job.limit output.alert output.milestone
        action.begin action.end action.cancel action.error action.timeout
        metric.alarm resource.alarm log.rotate log.loss notify.sent
        notify.failed notify.gaveup feedback.given""".split()
    rows = [line.split("|")[1].strip(" `") for line in printed().splitlines()[2:]]
    assert rows == names


def test_events_carry_only_keys_of_their_row(tmp_path):
    """What a real family writes is what the table allows."""
    env = {**os.environ, "JOBWATCH_HOME": str(tmp_path)}
    subprocess.run([BIN / "jobwatch", "run", "-q", "--name", "keys", "--", "sh", "-c",
                    "echo 'ERROR: out of cheese'; sleep 4 & exit 3"],
                   env=env, capture_output=True, timeout=60, check=False)
    table = {row.split("|")[1].strip(" `"): row.split("|")[3].split()
             for row in printed().splitlines()[2:]}
    events = [json.loads(line) for line in (tmp_path / "jobs/keys-1/events.jsonl").open()]
    assert {"job.start", "job.exit"} <= {event["event"] for event in events}
    for event in events:
        assert set(event["data"]) <= set(table[event["event"]]), event
