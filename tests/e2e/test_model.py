"""make model: what it prints of labelled logs, and what it writes."""
import json
import subprocess

import jw
import pytest

MODEL = jw.BIN.parent / "model/jobwatch-model"
QUIET = ["step {} of 90", "loading part {}", "INFO kept {} things",
         "  part {} looks fine", "options: depth={} width=2"]
LOUD = [("ERROR part {} broke", "failure", "high"),
        ("run {} failed: disk full", "failure", "critical"),
        ("Saved checkpoint to out/{}", "milestone", "low"),
        ("Training finished after {} minutes", "completion", "low")]


def write_log(folder, name, shift):
    rows = []
    for n in range(12):
        rows += [(text.format(n + shift), "QUIET", "noise", "none")
                 for text in QUIET]
        text, kind, severity = LOUD[n % len(LOUD)]
        rows.append((text.format(n + shift), "ALERT", kind, severity))
    (folder / "logs" / f"{name}.log").write_text(
        "".join(row[0] + "\n" for row in rows))
    (folder / "labels" / f"{name}.jsonl").write_text("".join(
        json.dumps({"n": n + 1, "label": row[1], "kind": row[2],
                    "severity": row[3]}) + "\n"
        for n, row in enumerate(rows)))


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "labelled"
    for part in ("logs", "labels"):
        (folder / part).mkdir(parents=True)
    with open(folder / "index.jsonl", "w") as index:
        for shift, name in enumerate(("one", "two", "three")):
            write_log(folder, name, shift)
            index.write(json.dumps({"name": name, "program": name}) + "\n")
    return folder


def train(*arguments):
    return subprocess.run([MODEL, *arguments], capture_output=True,
                          text=True, timeout=60)


def test_the_same_logs_give_the_same_weights(logs, tmp_path):
    files = [tmp_path / "a.inc", tmp_path / "b.inc"]
    for file in files:
        done = train(logs, file)
        assert done.returncode == 0, done.stderr
    assert files[0].read_bytes() == files[1].read_bytes()
    assert "#define PRIOR_CHECK 0x" in files[0].read_text()
    assert '"case: error level"' in files[0].read_text()


def test_each_log_is_reported(logs):
    done = train(logs)
    assert done.returncode == 0, done.stderr
    for name in ("one", "two", "three"):
        assert f" {name} " in done.stdout
    assert "3 logs: P " in done.stdout and "failure recall" in done.stdout


def test_no_text_of_the_logs_is_written(logs, tmp_path):
    train(logs, tmp_path / "a.inc")
    written = (tmp_path / "a.inc").read_text()
    for word in ("broke", "depth", "things"):
        assert word not in written


def test_a_label_that_is_missing_is_named(logs):
    labels = logs / "labels/two.jsonl"
    labels.write_text("".join(labels.read_text().splitlines(True)[:7]))
    done = train(logs)
    assert done.returncode == 1
    assert "label 8 of two" in done.stderr


def test_no_folder(tmp_path):
    done = train(tmp_path / "nowhere")
    assert done.returncode == 1
    assert "index.jsonl" in done.stderr
