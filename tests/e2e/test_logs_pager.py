"""`jobwatch logs` on a terminal goes through a pager, as git's output does."""

import pytest
from fake_job import FakeJob
from terminal import Terminal, shown
from views import call, home  # noqa: F401

LINES = b"".join(b"line %d\n" % n for n in range(1, 201))


@pytest.fixture
def job(home):
    made = FakeJob(home, "a-1")
    made.append(LINES)
    return made


def pager(tmp_path, script, name="pager"):
    path = tmp_path / name
    path.write_text("#!/bin/sh\n" + script + "\n")
    path.chmod(0o700)
    return str(path)


def test_which_pager(home, job, tmp_path):
    mine = pager(tmp_path, "sed -n '1s/^/mine: /p'; cat >/dev/null")
    theirs = pager(tmp_path, "sed -n '1s/^/theirs: /p'; cat >/dev/null",
                   "other")
    assert shown(home, "logs", "a", JOBWATCH_PAGER=mine,
                 PAGER=theirs) == b"mine: line 1\n"
    assert shown(home, "logs", "a", JOBWATCH_PAGER=None,
                 PAGER=theirs) == b"theirs: line 1\n"
    for none in ("", "cat", "  "):
        assert shown(home, "logs", "a", JOBWATCH_PAGER=none,
                     PAGER=theirs) == LINES
    assert shown(home, "logs", "a", "--no-pager",
                 JOBWATCH_PAGER=mine) == LINES


def test_who_needs_none(home, job, tmp_path):
    mine = pager(tmp_path, "echo paged")
    assert shown(home, "logs", "a", "--raw", JOBWATCH_PAGER=mine) == LINES
    job.finish(0)
    assert shown(home, "logs", "-f", "a", JOBWATCH_PAGER=mine) == LINES
    assert call(home, "logs", "a", "-t").stdout.count("line") == 200
    assert b"paged" not in shown(home, "logs", "nobody", code=3,
                                 JOBWATCH_PAGER=mine)
    assert b"paged" not in shown(home, "logs", "a", "-g", "(", code=2,
                                 JOBWATCH_PAGER=mine)


def test_a_command_in_words_or_for_the_shell(home, job, tmp_path):
    mine = pager(tmp_path, 'echo "$@"; cat >/dev/null')
    assert shown(home, "logs", "a",
                 JOBWATCH_PAGER=mine + "  -x  y") == b"-x y\n"
    assert shown(home, "logs", "a",
                 JOBWATCH_PAGER="tail -n 2 | head -n 1") == b"line 199\n"


@pytest.mark.parametrize("missing", ["no-such-pager", "no-such-pager -R",
                                     "no-such-pager | cat >/dev/null; exit 127"])
def test_a_pager_that_is_missing(home, job, missing):
    assert LINES in shown(home, "logs", "a", JOBWATCH_PAGER=missing)


def test_a_reader_that_quits_early(home, job, tmp_path):
    job.append(b"x" * 1000000)
    mine = pager(tmp_path, "head -n 1")
    assert shown(home, "logs", "a", JOBWATCH_PAGER=mine) == b"line 1\n"
    assert shown(home, "logs", "a", "-g", "line", NO_COLOR="1",
                 JOBWATCH_PAGER=mine) == b"line 1\n"
    assert shown(home, "logs", "a", "-g", "zzz", code=1,
                 JOBWATCH_PAGER=mine) == b""


def test_the_environment_of_less(home, job, tmp_path):
    mine = pager(tmp_path, 'cat >/dev/null; echo "$LESS/$LV"')
    assert shown(home, "logs", "a", JOBWATCH_PAGER=mine, LESS=None,
                 LV=None) == b"FRX/-c\n"
    assert shown(home, "logs", "a", JOBWATCH_PAGER=mine, LESS="-M",
                 LV="x") == b"-M/x\n"


def test_colours_and_errors_reach_the_pager(home, tmp_path):
    job = FakeJob(home, "a-1")
    job.append(b"gone\n")
    name = job.rotate()
    job.append(b"\033[31mred\033[2J\n")
    job.drop(name)
    mine = pager(tmp_path, "sed 's/^/> /'")
    seen = shown(home, "logs", "a", JOBWATCH_PAGER=mine)
    assert b"> \033[31mred\\x1b[2J\033[0m\n" in seen
    assert b"> jobwatch: a-1: 5 bytes" in seen


def test_ctrl_c_is_the_pagers(home, job, tmp_path):
    mine = pager(tmp_path, "trap 'echo interrupted; exit 0' INT; "
                           "cat >/dev/null; echo ready; "
                           "while :; do sleep 0.1; done")
    terminal = Terminal(home, "logs", "a", JOBWATCH_PAGER=mine)
    terminal.read_until(b"ready\n")
    terminal.type(b"\x03")
    assert terminal.end().endswith(b"interrupted\n")


def test_less_itself(home, job):
    terminal = Terminal(home, "logs", "a", JOBWATCH_PAGER=None, PAGER=None,
                        LESS=None)
    terminal.read_until(b"line 23")
    assert b"line 24" not in terminal.got
    terminal.type(b"q")
    terminal.end()
    short = shown(home, "logs", "a", "-n", "3", JOBWATCH_PAGER=None,
                  PAGER=None, LESS=None)
    assert b"line 198" in short and b"line 200" in short
