"""`jobwatch classify`: a job's engine over a file or standard input."""
import array
import fcntl
import json
import os
import pty
import random
import re
import select
import subprocess
import termios

import pytest

from jw import BIN, PATIENCE, sanitized, wait_until

KEYS = ["n", "output", "severity", "kind", "score", "source", "group"]
TRACE = ("Traceback (most recent call last):\n"
         '  File "a.py", line 3, in f\n'
         "    g(x)\n"
         "ValueError: bad value\n")
POLICY = """
[[rule]]
name = "boom"
pattern = "boom"
severity = "critical"
"""


def classify(data, *args, code=0, cwd=None):
    """Feeds data to the command; the finished process."""
    if isinstance(data, str):
        data = data.encode()
    done = subprocess.run([BIN / "jobwatch", "classify", *args], input=data,
                          capture_output=True, timeout=PATIENCE * 4, cwd=cwd)
    assert done.returncode == code, done.stderr
    return done


def rows(data, *args):
    return [json.loads(line)
            for line in classify(data, "--json", *args).stdout.splitlines()]


def outputs(data, *args):
    """A letter for each line."""
    return "".join(row["output"][0] for row in rows(data, *args))


def test_an_object_for_each_line():
    made = rows("step 1\n\n" + TRACE + "ERROR: no\n")
    assert [row["n"] for row in made] == list(range(1, 8))
    assert all(list(row) == KEYS for row in made)
    assert "".join(row["output"][0] for row in made) == "QQACCAA"
    assert [row["group"] for row in made] == [None] * 2 + [1] * 4 + [None]
    assert made[2]["severity"] == made[5]["severity"] == "high"
    assert made[3]["severity"] == "none"
    assert all(0 <= row["score"] <= 1 for row in made)
    assert [row["score"] >= 0.5 for row in made] == [
        row["output"] == "ALERT" for row in made]
    assert made[6] == {"n": 7, "output": "ALERT", "severity": "high",
                       "kind": "failure", "score": made[6]["score"],
                       "source": "prior",
                       "group": None}


def test_no_newline_at_the_end():
    assert outputs("step 1\nFATAL: the end") == "QA"
    assert outputs(TRACE[:-1]) == "ACCA"
    assert outputs("") == ""
    assert outputs("\n") == "Q"


def test_a_header_is_as_bad_as_its_end():
    worse = TRACE.replace("ValueError: bad value",
                          "torch.OutOfMemoryError: CUDA out of memory")
    made = rows(worse)
    assert made[0]["severity"] == made[3]["severity"] == "critical"


def test_an_alert_behind_a_trace_is_one():
    assert outputs(TRACE + "  more\n  Killed\nend\n") == "ACCACAQ"


def test_a_trace_without_an_end():
    assert outputs(TRACE[:60]) == "AC"
    assert outputs(TRACE[:60] + "\nstep 2\n") == "ACQ"


def test_ranks_have_their_own_groups():
    lines = TRACE.splitlines()
    text = "".join(f"[rank{rank}]: {line}\n"
                   for line in lines for rank in range(3))
    groups = [row["group"] for row in rows(text)]
    assert groups == [1, 2, 3] * 4


def test_rules_of_the_policy(tmp_path):
    (tmp_path / "p.toml").write_text(POLICY)
    made = rows("boom\nok\n" + TRACE.replace("g(x)", "boom()"), "--policy",
                tmp_path / "p.toml")
    assert made[0]["source"] == "rule:boom"
    assert made[0]["score"] == 1
    # A rule speaks for a line within a group, too.
    assert "".join(row["output"][0] for row in made) == "AQACAA"
    assert (made[4]["severity"], made[4]["group"]) == ("critical", 1)


def test_only_alerts():
    made = rows("step 1\n" + TRACE, "--only-alerts")
    assert [row["n"] for row in made] == [2, 5]
    text = classify("step 1\n" + TRACE, "--only-alerts").stdout.decode()
    assert text.splitlines() == [
        "high          2:Traceback (most recent call last):",
        "high          5:ValueError: bad value"]


def test_for_people():
    done = classify("step 1\n" + TRACE + "Killed\n")
    assert done.stdout.decode().splitlines() == [
        "              1:step 1",
        "high          2:Traceback (most recent call last):",
        '       |      3:  File "a.py", line 3, in f',
        "       |      4:    g(x)",
        "high          5:ValueError: bad value",
        "critical      6:Killed"]
    assert done.stderr.startswith(b"6 lines, 1 critical, 2 high (")
    assert done.stderr.endswith(b" lines/s)\n")
    quiet = classify("step 1\n")
    assert quiet.stderr.startswith(b"1 lines, no alerts (")
    assert classify("step 1\n", "--json").stderr == b""


def test_explain():
    made = rows("oom-killed\n", "--explain")
    assert made[0]["reason"] == "oom-killed"
    text = classify("oom-killed\n", "--explain").stdout.decode()
    assert "prior: oom-killed, score 0." in text


def test_colour_on_a_terminal(tmp_path):
    (tmp_path / "log").write_text("FATAL: x\n")
    ours, theirs = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm"}
    subprocess.run([BIN / "jobwatch", "classify", tmp_path / "log"],
                   stdout=theirs, stderr=subprocess.DEVNULL, check=True,
                   env=environment)
    os.close(theirs)
    assert b"\x1b[1;31mcritical\x1b[0m" in os.read(ours, 4096)
    os.close(ours)


def test_a_file_as_its_bytes(tmp_path):
    (tmp_path / "log").write_text(TRACE)
    done = classify(b"", "--json", "log", cwd=tmp_path)
    assert done.stdout == classify(TRACE, "--json", "-").stdout


@pytest.mark.parametrize("name, words", [
    ("missing", "cannot read missing: No such file or directory"),
    (".", "cannot read .: Is a directory"),
])
def test_what_cannot_be_read(tmp_path, name, words):
    done = classify(b"", name, code=2, cwd=tmp_path)
    assert done.stderr.decode() == f"jobwatch: {words}\n"
    assert done.stdout == b""


def test_wrong_usage(tmp_path):
    assert b"usage: jobwatch classify" in classify(b"", "--x", code=2).stderr
    assert b"one log" in classify(b"", "a", "b", code=2).stderr
    (tmp_path / "p.toml").write_text("[[rule]]\nnome = 1\n")
    done = classify(b"", "--policy", tmp_path / "p.toml", code=2)
    assert b"p.toml:2:1:" in done.stderr
    assert b"--only-alerts" in classify(b"", "--help").stdout


def test_full_disk_is_an_error():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BIN / "jobwatch", "classify", "--json"],
                              input=b"x\n", stdout=full,
                              stderr=subprocess.PIPE)
    assert done.returncode == 125
    assert done.stderr == (b"jobwatch: cannot write the answers: "
                           b"No space left on device\n")


def test_what_a_terminal_would_show():
    """The last state of a progress bar, without escapes and broken bytes."""
    data = b" 10%\r 90%\x1b[K\rFATAL: torn\n\x1b[31mKilled\x1b[0m\n\xff\x00\n"
    done = classify(data)
    assert done.stdout.decode().splitlines() == [
        "critical      1:FATAL: torn", "critical      2:Killed",
        "              3:\ufffd "]


class Fed:
    """The command, with its input still open."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [BIN / "jobwatch", "classify", "--json"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(timeout=PATIENCE) == 0

    def row(self):
        assert select.select([self.process.stdout], [], [], PATIENCE)[0]
        return json.loads(self.process.stdout.readline())


def test_answers_come_while_the_input_is_open():
    with Fed() as fed:
        fed.process.stdin.write(b"step 1\n")
        assert fed.row()["output"] == "QUIET"
        # Not even an open trace is waited for without end.
        fed.process.stdin.write(TRACE[:35].encode())
        assert fed.row()["output"] == "ALERT"
        fed.process.stdin.write(TRACE[35:].encode())
        rest = [fed.row() for _ in range(3)]
        assert [row["output"] for row in rest] == ["CONTEXT", "CONTEXT",
                                                   "ALERT"]
        assert {row["group"] for row in rest} == {1}


def peak_kib(pieces):
    """The most memory the command has taken when it has read all pieces."""
    with subprocess.Popen([BIN / "jobwatch", "classify"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.flush()
        left = array.array("i", [0])

        def is_read():
            fcntl.ioctl(process.stdin, termios.FIONREAD, left)
            return left[0] == 0

        wait_until(is_read)
        status = open(f"/proc/{process.pid}/status").read()
        process.stdin.close()
        assert process.wait(timeout=PATIENCE) == 0
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def test_held_answers_are_bounded():
    """A box that never ends, of more lines than are held."""
    data = "fatal: [a]: FAILED! => {\n" + "\n" * 300_000 + "end\n"
    made = rows(data)
    assert len(made) == 300_002
    assert made[0]["output"] == "ALERT"
    if not sanitized():
        assert peak_kib([data.encode()]) < 16 * 1024


def test_endless_line_takes_bounded_memory():
    if not sanitized():
        assert peak_kib([b"x" * 2 ** 20] * 64) < 16 * 1024


@pytest.mark.parametrize("seed", range(6))
def test_random_bytes(seed):
    """An answer for each line, whatever is in it; the same twice."""
    choose = random.Random(seed)
    pieces = [TRACE.encode(), b"{\n", b'  "a": 1,\n', b"}\n", b"\n",
              b"=" * 60 + b"\n", b"train.py FAILED\n", b"panic: x\n",
              b"\tat a.b(C.java:1)\n", b"a.b.CException: x\n", b"[rank1]: ",
              b"2031-05-06 10:11:12 ERROR ", b"\r", b"\x1b[0m", b"\xff\n",
              "╷\n".encode(), "│ Error: x\n".encode(), "╵\n".encode()]
    data = b"".join(choose.choice(pieces) if choose.random() < 0.9
                    else choose.randbytes(9) for _ in range(4000))
    first = classify(data, "--json").stdout
    count = data.count(b"\n") + (not data.endswith(b"\n"))
    made = [json.loads(line) for line in first.splitlines()]
    assert [row["n"] for row in made] == list(range(1, count + 1))
    assert classify(data, "--json").stdout == first


def test_confined(tmp_path):
    """As in a job: it may read, compute and answer."""
    with Fed() as fed:
        fed.process.stdin.write(b"x\n")
        fed.row()
        status = open(f"/proc/{fed.process.pid}/status").read()
        assert "\nSeccomp:\t2\n" in status
