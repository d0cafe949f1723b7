"""--stdin: the job reads what jobwatch was given to read, and nobody else
does."""

import os
import subprocess

import pytest

from jw import PATIENCE, wait_until
from client_terminal import Terminal

BYTES = bytes(range(256)) * 1000


def test_pipe(jw):
    done = jw("run", "--stdin", "--", "cat", input=BYTES)
    assert done.stdout == BYTES == jw.log("cat-1")


def test_file_from_where_it_stands(jw):
    path = jw.tmp / "input"
    path.write_bytes(BYTES)
    with open(path, "rb") as file:
        os.lseek(file.fileno(), 100, os.SEEK_SET)
        done = jw("run", "--stdin", "--", "sh", "-c",
                  "test -f /dev/fd/0 && cat", stdin=file)
    assert done.stdout == BYTES[100:]


def test_terminal(jw):
    with Terminal(jw, "run", "--stdin", "--", "sh", "-c",
                  "echo up; read line; echo got $line") as terminal:
        terminal.until(b"up\r\n")
        terminal.type(b"hello\n")
        assert terminal.wait() == 0
        assert b"got hello\r\n" in terminal.seen
        assert terminal.modes() == terminal.found
    assert jw.log("sh-1") == b"up\ngot hello\n"


def test_end_of_input_ends_a_reader(jw):
    run = jw.start("run", "--stdin", "--", "cat", stdin=subprocess.PIPE)
    run.stdin.write(b"one\n")
    run.stdin.flush()
    assert run.stdout.readline() == b"one\n"
    assert jw.status("cat-1")["state"] == "running"
    run.stdin.close()
    assert run.wait(PATIENCE) == 0


def test_a_job_that_reads_no_more_is_known_to_its_writer(jw):
    """Neither client nor family keeps the pipe open."""
    run = jw.start("run", "--stdin", "--", "sh", "-c",
                   "exec < /dev/null; echo up; exec sleep 60",
                   stdin=subprocess.PIPE)
    assert run.stdout.readline() == b"up\n"

    def is_broken():
        try:
            os.write(run.stdin.fileno(), b"x")
        except BrokenPipeError:
            return True
    wait_until(is_broken)
    jw("kill", "sh-1")


@pytest.mark.parametrize("options", [(), ("-d",)])
def test_without_it_nothing_is_taken(jw, options):
    """What is in the pipe is there for whoever comes next."""
    script = f"{' '.join(jw.argv('run', *options, '--', 'cat'))} >/dev/null; cat"
    done = subprocess.run(["sh", "-c", script], input=BYTES, timeout=PATIENCE,
                          stdout=subprocess.PIPE, env=jw.environment(None))
    assert done.stdout == BYTES
    jw("wait", "cat-1")
    assert jw.log("cat-1") == b""


def test_detached_with_a_pipe(jw):
    read, write = os.pipe()
    job = jw.detach_command("cat", options=("--stdin",), stdin=read)
    os.close(read)
    os.write(write, b"one\n")
    jw.wait_log(job, b"one\n")
    os.write(write, b"two\n")
    os.close(write)
    jw("wait", job)
    assert jw.log(job) == b"one\ntwo\n"


def test_detached_with_a_terminal_is_refused(jw):
    with Terminal(jw, "run", "-d", "--stdin", "--", "cat") as terminal:
        assert terminal.wait() == 2
        assert b"jobwatch: run: --stdin with -d " in terminal.seen
    assert jw.json("ps", "-a") == []


def test_an_empty_input_of_ours_is_empty(jw):
    assert jw("run", "--stdin", "--", "cat",
              stdin=subprocess.DEVNULL).stdout == b""
