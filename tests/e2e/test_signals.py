"""What signals to an attached client mean to the job."""

import os
import signal
import time

import pytest

from jw import PATIENCE, PYTHON, is_alive, read_text, wait_until
from client_terminal import Terminal

LOOP = "while :; do sleep 0.02; done"
COUNTS_INT = f"trap 'echo INT' INT; trap 'echo TERM; exit 5' TERM; echo up; {LOOP}"


def up(jw, script, *options, **more):
    run = jw.start("run", *options, "--", "sh", "-c", script, **more)
    assert run.stdout.readline() == b"up\n"
    jw.wait_running("sh-1")
    return run


def passed(seconds):
    """A condition: the time itself is what is waited for."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= end, seconds + 5)


def test_interrupt_is_passed_on(jw):
    run = up(jw, f"trap 'echo INT; exit 9' INT; echo up; {LOOP}")
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out) == (9, b"INT\n")
    assert jw.status("sh-1")["reason"] == "exit"
    assert jw.events("sh-1", "job.stop") == []


def test_interrupt_that_kills(jw):
    run = up(jw, "echo up; exec sleep 60")
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE) == 130


PARENT = """
import os, signal, sys, time
def heard(*_):
    if child: os.wait()
    os.write(1, b"parent\\n" if child else b"child\\n")
    os._exit(3 if child else 0)
signal.signal(signal.SIGINT, heard)
child = os.fork()
if child: os.write(1, b"up\\n")
while True: time.sleep(60)
"""


def test_interrupt_reaches_the_whole_group(jw):
    # A shell would make its background child ignore the interrupt.
    run = up(jw, f"exec {PYTHON} -c '{PARENT}'")
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out) == (3, b"child\nparent\n")


def test_second_interrupt_starts_the_stop_sequence(jw):
    run = up(jw, COUNTS_INT)
    run.send_signal(signal.SIGINT)
    assert run.stdout.readline() == b"INT\n"
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out) == (5, b"TERM\n")
    assert jw.status("sh-1")["reason"] == "stopped"


def test_second_interrupt_kills_in_the_end(jw):
    run = up(jw, f"trap '' TERM; trap 'echo INT' INT; echo up; {LOOP}",
             "--set", "stop.grace=300ms")
    run.send_signal(signal.SIGINT)
    assert run.stdout.readline() == b"INT\n"
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE) == 137


def test_late_second_interrupt_is_an_interrupt(jw):
    run = up(jw, COUNTS_INT)
    run.send_signal(signal.SIGINT)
    assert run.stdout.readline() == b"INT\n"
    passed(2.2)
    run.send_signal(signal.SIGINT)
    assert run.stdout.readline() == b"INT\n"
    run.terminate()
    assert run.wait(PATIENCE) == 5


def test_terminate_starts_the_stop_sequence(jw):
    run = up(jw, COUNTS_INT)
    run.terminate()
    out, _ = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out) == (5, b"TERM\n")
    status = jw.status("sh-1")
    assert (status["state"], status["reason"]) == ("failed", "stopped")


def test_terminate_uses_the_policy_s_signal_and_grace(jw):
    run = up(jw, f"trap 'echo USR1' USR1; trap '' TERM; echo up; {LOOP}",
             "--set", "stop.signal=USR1", "--set", "stop.grace=200ms")
    run.terminate()
    out, _ = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out) == (137, b"USR1\n")


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGUSR1,
                                    signal.SIGUSR2])
def test_others_are_passed_on(jw, number):
    name = number.name[3:]
    run = up(jw, f"trap 'echo {name}; exit 4' {name}; echo up; {LOOP}")
    run.send_signal(number)
    out, _ = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out) == (4, name.encode() + b"\n")


def test_hangup_detaches(jw):
    run = up(jw, f"trap 'echo HUP' HUP; echo up; while [ ! -e go ]; do "
             "sleep 0.01; done; echo last; exit 6", cwd=jw.tmp)
    run.send_signal(signal.SIGHUP)
    out, err = run.communicate(timeout=PATIENCE)
    assert out == b"" and b"sh-1" in err
    assert jw.status("sh-1")["state"] == "running"
    attached = jw.start("attach", "sh-1")
    from test_exit import has_socket
    wait_until(lambda: has_socket(attached.pid))
    (jw.tmp / "go").touch()
    out, _ = attached.communicate(timeout=PATIENCE)
    assert (attached.returncode, out) == (6, b"last\n")
    assert b"HUP" not in jw.log("sh-1")


def test_ctrl_c_on_a_terminal(jw):
    """Once: the terminal does not send it to the job as well."""
    with Terminal(jw, "run", "--", "sh", "-c",
                  f"trap 'echo INT' INT; trap 'exit 8' TERM; "
                  f"echo up; {LOOP}") as terminal:
        terminal.until(b"up")
        jw.wait_running("sh-1")
        terminal.type(b"\x03")
        terminal.until(b"INT")
        terminal.type(b"\x03")
        assert terminal.wait() == 8
    assert jw.log("sh-1").count(b"INT") == 1


def test_closed_terminal_detaches(jw):
    with Terminal(jw, "run", "--", "sh", "-c",
                  "echo up; while [ ! -e %s ]; do sleep 0.01; "
                  "done; echo on; exit 6" % (jw.tmp / "go")) as terminal:
        terminal.until(b"up")
        job = jw.wait_running("sh-1")
        terminal.close()
        terminal.wait()
    assert is_alive(job)
    (jw.tmp / "go").touch()
    jw("wait", "sh-1", code=6)
    assert jw.log("sh-1") == b"up\non\n"


def test_family_is_out_of_the_terminal_s_reach(jw):
    """Own sessions, no controlling terminal, and no signal from it."""
    with Terminal(jw, "run", "--", "sh", "-c",
                  "echo up; exec sleep 60") as terminal:
        terminal.until(b"up")
        jw.wait_running("sh-1")
        for process in jw.family("sh-1").values():
            stat = read_text(f"/proc/{process}/stat").rpartition(")")[2]
            assert stat.split()[4] == "0", process  # tty_nr
            assert os.getsid(process) != os.getsid(terminal.pid)
        terminal.type(b"\x03")
        assert terminal.wait() == 130


def test_nohup_is_honoured(jw):
    """Started with SIGHUP ignored: it stays attached."""
    run = up(jw, "echo up; while [ ! -e go ]; do sleep 0.01; done; echo on; "
             "exit 6", cwd=jw.tmp,
             preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    run.send_signal(signal.SIGHUP)
    (jw.tmp / "go").touch()
    out, _ = run.communicate(timeout=PATIENCE)
    assert (run.returncode, out) == (6, b"on\n")


def test_attach_leaves_the_job_alone(jw):
    """attach passes on like run's terminal: Ctrl-C goes to the job."""
    job = jw.detach(f"trap 'echo INT; exit 3' INT; echo up; {LOOP}")
    jw.wait_log(job, b"up")
    attached = jw.start("attach", job)
    from test_exit import has_socket
    wait_until(lambda: has_socket(attached.pid))
    attached.send_signal(signal.SIGINT)
    out, _ = attached.communicate(timeout=PATIENCE)
    if attached.returncode == 3:
        assert out == b"INT\n"
    else:  # or it only leaves; then the job must still be there
        assert jw.status(job)["state"] == "running"
