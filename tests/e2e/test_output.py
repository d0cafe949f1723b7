"""Every byte of both streams arrives: attached, and in the logs."""

import hashlib
import os
import random
import signal
import subprocess
import threading

import pytest

from jw import PATIENCE, PYTHON, is_alive, release, sanitized, wait_until

ALL = bytes(range(256)) * 40


def both(jw, out, err, script=None, *options):
    """A job that prints `out` and `err`, followed, and read again."""
    (jw.tmp / "out").write_bytes(out)
    (jw.tmp / "err").write_bytes(err)
    done = jw.run(script or "cat out; cat err >&2", *options, cwd=jw.tmp)
    assert done.stdout == out
    assert done.stderr == err
    assert jw.log("sh-1", "--stdout") == out
    assert jw.log("sh-1", "--stderr") == err
    assert len(jw.log("sh-1")) == len(out) + len(err)
    status = jw.status("sh-1")
    assert status["bytes"] == {"stdout": len(out), "stderr": len(err)}
    assert status["log"]["lost_bytes"] == 0
    return done


@pytest.mark.parametrize("out, err", [
    (b"", b""), (b"x", b""), (b"", b"x"), (b"\n", b"\n"), (b"a\nb", b"c\nd"),
    (ALL, ALL[::-1]), (b"\0" * 100000, b"\xff" * 100000),
    (b"\r\x1b[2J\r\n" * 3, b"\x80\xc0\xed\xa0\x80"),
], ids=["nothing", "out", "err", "newlines", "no final newline", "all bytes",
        "NULs and FFs", "control"])
def test_exact_bytes(jw, out, err):
    both(jw, out, err)


def test_a_mebibyte_of_noise_on_both(jw):
    noise = random.Random(7)
    both(jw, noise.randbytes(1 << 20), noise.randbytes(1 << 20),
         "cat out & cat err >&2; wait")


def digest_of_run(jw, *command, **more):
    run = jw.start("run", *command, **more)
    digest, size = hashlib.sha256(), 0
    while piece := run.stdout.read(1 << 20):
        digest.update(piece)
        size += len(piece)
    assert run.wait(PATIENCE * 2) == 0, run.stderr.read()
    return digest.hexdigest(), size


def digest_of_logs(jw, job):
    logs = jw.start("logs", job)
    digest = hashlib.sha256()
    while piece := logs.stdout.read(1 << 20):
        digest.update(piece)
    assert logs.wait(PATIENCE) == 0
    return digest.hexdigest()


def expected(piece, times, last=b""):
    digest = hashlib.sha256()
    for _ in range(times):
        digest.update(piece)
    digest.update(last)
    return digest.hexdigest()


@pytest.mark.slow
def test_a_hundred_megabytes_in_one_line(jw):
    size = 10_000_000 if sanitized() else 100_000_000
    got = digest_of_run(jw, "--", "sh", "-c",
                        f"head -c {size} /dev/zero | tr '\\0' x; echo")
    assert got == (expected(b"x" * 1000, size // 1000, b"\n"), size + 1)
    assert digest_of_logs(jw, "sh-1") == got[0]
    assert jw.status("sh-1")["log"]["lost_bytes"] == 0


@pytest.mark.slow
def test_a_million_short_lines(jw):
    count = 100_000 if sanitized() else 1_000_000
    digest, size = digest_of_run(jw, "--", "seq", count)
    text = "".join(f"{n}\n" for n in range(1, count + 1)).encode()
    assert size == len(text)
    assert digest == hashlib.sha256(text).hexdigest()
    assert digest_of_logs(jw, "seq-1") == digest
    assert jw.status("seq-1")["lines"] <= count


def test_ten_thousand_tiny_writes(jw):
    done = jw.python("import os\n"
                     "for i in range(10000): os.write(1 + i % 2, b'%d\\n' % i)")
    assert done.stdout == b"".join(b"%d\n" % i for i in range(0, 10000, 2))
    assert done.stderr == b"".join(b"%d\n" % i for i in range(1, 10000, 2))
    assert jw.log("python3-1", "--stdout") == done.stdout


def test_four_writers_on_one_stdout(jw):
    """Writes of up to PIPE_BUF bytes are atomic, and stay so."""
    done = jw.python(
        "import os, random\n"
        "for who in range(4):\n"
        "    if os.fork() == 0:\n"
        "        r = random.Random(who)\n"
        "        for i in range(2000):\n"
        "            text = b'%d %d ' % (who, i)\n"
        "            n = r.choice((20, 100, 1000, 4096))\n"
        "            os.write(1, text + b'abcd'[who:who + 1] *"
        " (n - len(text) - 1) + b'\\n')\n"
        "        os._exit(0)\n"
        "for who in range(4): os.wait()")
    seen = [0] * 4
    for line in done.stdout.splitlines():
        who, i, body = line.split(b" ")
        who = int(who)
        assert int(i) == seen[who]
        assert body == b"abcd"[who:who + 1] * len(body)
        seen[who] += 1
    assert seen == [2000] * 4
    assert jw.log("python3-1") == done.stdout


def test_streams_in_turn(jw):
    """Lines on both streams, one after the other with a wait between that
    exceeds a wake-up: the log has them in this order."""
    script = ("import os, sys\n"
              "log = os.path.join(os.path.dirname("
              "os.environ['JOBWATCH_ACTIONS']), 'output.log')\n"
              "total = 0\n"
              "for i in range(200):\n"
              "    total += os.write(1 + i % 2, b'line %d\\n' % i)\n"
              "    while not os.path.exists(log) or"
              " os.path.getsize(log) < total: pass\n")
    done = jw.python(script)
    lines = [b"line %d\n" % i for i in range(200)]
    assert jw.log("python3-1") == b"".join(lines)
    assert done.stdout == b"".join(lines[::2])
    assert done.stderr == b"".join(lines[1::2])


def test_merge_is_exact(jw):
    """One pipe for both: the order of the writes, at full speed."""
    done = jw.python("import os\n"
                     "for i in range(5000): os.write(1 + i % 2, b'%d\\n' % i)",
                     "--set", "job.merge=true")
    assert done.stdout == b"".join(b"%d\n" % i for i in range(5000))
    assert done.stderr == b""
    assert jw.log("python3-1") == done.stdout


def test_job_closes_stdout_and_goes_on(jw):
    done = jw.run("echo a; exec 1>&-; echo b >&2; sleep 0.1; echo c >&2; "
                  "exit 5", code=5)
    assert done.stdout == b"a\n" and done.stderr.startswith(b"b\nc\n")


def test_job_closes_both_and_goes_on(jw):
    run = jw.start("run", "--", "sh", "-c", f"exec >&- 2>&-; "
                   f"touch {jw.tmp}/closed; exec sleep 60")
    wait_until((jw.tmp / "closed").exists)
    jw.wait_running("sh-1")
    assert run.poll() is None and jw.status("sh-1")["state"] == "running"
    jw("stop", "sh-1")
    assert run.wait(PATIENCE) == 143


def test_stdout_is_a_closed_pipe(jw):
    """Nobody reads our stdout: the job knows nothing of it."""
    marker = jw.tmp / "marker"
    read, write = os.pipe()
    run = jw.start("run", "--", "sh", "-c",
                   f"echo one; sleep 0.2; echo two; echo err >&2; "
                   f"touch {marker}; exit 7", stdout=write)
    os.close(write)
    os.close(read)
    _, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 7 and marker.exists()
    assert b"jobwatch: " in err and b"stdout" in err and b"err\n" in err
    assert jw.log("sh-1", "--stdout") == b"one\ntwo\n"


def test_head_of_a_long_output(jw):
    """`jobwatch run … | head -1` ends with the job, not with head."""
    run = jw.start("run", "--", "seq", "300000")
    head = subprocess.run(["head", "-1"], stdin=run.stdout,
                          stdout=subprocess.PIPE)
    run.stdout.close()
    assert head.stdout == b"1\n"
    assert run.wait(PATIENCE) == 0
    assert jw.log("seq-1").splitlines()[-1] == b"300000"


def test_stdout_is_full(jw):
    with open("/dev/full", "wb") as full:
        done = jw.run("echo x; exit 7", stdout=full, code=7)
    assert b"No space left" in done.stderr
    assert jw.log("sh-1") == b"x\n"


def test_other_commands_say_that_stdout_is_full(jw):
    jw.run("echo x")
    for args in (("ps", "-a"), ("status", "sh-1"), ("logs", "sh-1"),
                 ("events", "sh-1"), ("help",)):
        with open("/dev/full", "wb") as full:
            done = jw(*args, stdout=full, code=None)
        assert done.returncode not in (0, None), args
        assert b"No space left" in done.stderr, args


def test_both_closed(jw):
    """Started with no stdout and stderr at all, as from a daemon."""
    job = subprocess.run(
        ["sh", "-c", 'exec "$@" >&- 2>&- <&-', "x",
         *jw.argv("run", "--", "sh", "-c", "echo x; echo y >&2; exit 3")],
        env=jw.environment(None), timeout=PATIENCE)
    assert job.returncode == 3
    assert sorted(jw.log("sh-1")) == sorted(b"x\ny\n")


def test_slow_reader_and_ctrl_c(jw):
    """Our reader takes nothing: the job runs on, and Ctrl-C works."""
    run = jw.start("run", "--", "sh", "-c",
                   "trap 'echo INT >&2; exit 4' INT; seq 300000; "
                   "while :; do sleep 0.02; done")
    wait_until(lambda: jw.log("sh-1").endswith(b"300000\n")
               if (jw.dir("sh-1") / "output.log").exists() else False)
    assert run.poll() is None  # blocked on the full pipe
    run.send_signal(signal.SIGINT)
    jw.wait_state("sh-1", "failed")
    out, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 4
    assert out == b"".join(b"%d\n" % n for n in range(1, 300001))


def test_non_blocking_stdout(jw):
    read, write = os.pipe()
    os.set_blocking(write, False)
    run = jw.start("run", "--", "seq", "200000", stdout=write)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        got = file.read()
    assert run.wait(PATIENCE) == 0
    assert got == b"".join(b"%d\n" % n for n in range(1, 200001))


def test_stdout_and_stderr_are_one_file(jw):
    """run >FILE 2>&1: nothing is overwritten."""
    with open(jw.tmp / "all", "wb") as file:
        jw.run("echo a; echo b >&2; echo c", stdout=file, stderr=file)
    assert sorted((jw.tmp / "all").read_bytes().splitlines()) == \
        [b"a", b"b", b"c"]


def test_appending_stdout(jw):
    with open(jw.tmp / "all", "ab") as file:
        file.write(b"before\n")
        file.flush()
        jw.run("seq 20000", stdout=file)
    got = (jw.tmp / "all").read_bytes()
    assert got == b"before\n" + b"".join(b"%d\n" % n for n in range(1, 20001))


def test_output_comes_as_it_is_printed(jw):
    """Not at the end: each line while the job waits for us to have it."""
    for i in (1, 2, 3):
        os.mkfifo(jw.tmp / f"go{i}")
    run = jw.start("run", "--", "sh", "-c",
                   "for i in 1 2 3; do echo $i; read x < go$i; done",
                   cwd=jw.tmp)
    for i in (1, 2, 3):
        assert run.stdout.readline() == b"%d\n" % i
        release(jw.tmp / f"go{i}")
    assert run.wait(PATIENCE) == 0


def test_attach_begins_now(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo before; read x < {go}; echo after; exit 2")
    jw.wait_log(job, b"before\n")
    attached = jw.start("attach", job)
    from test_exit import has_socket
    wait_until(lambda: has_socket(attached.pid))
    release(go)
    out, _ = attached.communicate(timeout=PATIENCE)
    assert (attached.returncode, out) == (2, b"after\n")


def test_logs_follows_to_the_end(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo before; read x < {go}; echo after; exit 2")
    jw.wait_log(job, b"before\n")
    logs = jw.start("logs", "-f", job)
    assert logs.stdout.readline() == b"before\n"
    release(go)
    out, _ = logs.communicate(timeout=PATIENCE)
    assert (logs.returncode, out) == (0, b"after\n")


def test_rotation_under_a_follower(jw):
    """Many small segments while two clients follow: all bytes, in order."""
    text = b"".join(b"line %d\n" % n for n in range(60000))
    (jw.tmp / "text").write_bytes(text)
    run = jw.start("run", "--set", "log.max_size=64KiB", "--set",
                   "log.keep=1000", "--", "sh", "-c",
                   "split -b 8192 --filter='cat; sleep 0.002' text",
                   cwd=jw.tmp)
    out, err = run.communicate(timeout=PATIENCE)
    assert (run.returncode, err) == (0, b"")
    assert out == text
    assert jw.log("sh-1") == text
    assert jw.status("sh-1")["log"]["segments"] > 3
    assert jw.events("sh-1", "log.rotate")


def test_rotate_command(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo before; read x < {go}; echo after")
    jw.wait_log(job, b"before\n")
    jw("rotate", "--dry-run", job)
    assert jw.status(job)["log"]["segments"] == 1
    jw("rotate", job)
    assert jw.status(job)["log"]["segments"] == 2
    release(go)
    jw("wait", job)
    assert jw.log(job) == b"before\nafter\n"


def exhaust_pipes():
    """Pipes of 1 MiB until the user's quota is used up."""
    import fcntl
    held, ends = 0, []
    while len(ends) < 500:
        read, write = os.pipe()
        ends += [read, write]
        try:
            held += fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 1 << 20)
        except PermissionError:
            return ends
    return ends


@pytest.mark.user
def test_pipe_quota_is_used_up(jw):
    """The kernel then gives pipes of a page or two, not to be enlarged."""
    ends = exhaust_pipes()
    more = [end for _ in range(64) for end in os.pipe()]
    try:
        text = random.Random(3).randbytes(3_000_000)
        (jw.tmp / "text").write_bytes(text)
        done = jw.run("cat text; echo err >&2; exit 3", cwd=jw.tmp, code=3)
        assert done.stdout == text
        assert done.stderr.startswith(b"err\n")
        assert jw.log("sh-1", "--stdout") == text
    finally:
        for end in ends + more:
            os.close(end)


def test_job_s_pipes_are_wide(jw):
    """A slow wake-up of ours does not stop the job at once."""
    code = ("import fcntl\n"
            "print(fcntl.fcntl(1, fcntl.F_GETPIPE_SZ))")
    if os.geteuid() == 0:
        job = jw.python("import time, fcntl\nwhile fcntl.fcntl(1, "
                        "fcntl.F_GETPIPE_SZ) < 131072: time.sleep(0.01)\n"
                        + code, timeout=20)
        assert int(job.stdout) >= 131072
    else:
        assert int(jw.python(code).stdout) >= 4096


def test_killed_client_costs_nothing(jw):
    run = jw.start("run", "--", "sh", "-c",
                   "echo up; while [ ! -e go ]; do sleep 0.01; done; seq 9",
                   cwd=jw.tmp)
    assert run.stdout.readline() == b"up\n"
    run.kill()
    run.wait()
    (jw.tmp / "go").touch()
    jw("wait", "sh-1")
    assert jw.log("sh-1") == b"up\n" + b"".join(b"%d\n" % n
                                               for n in range(1, 10))


def test_two_clients_see_the_same(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"read x < {go}; seq 50000")
    jw.wait_running(job)
    clients = [jw.start("logs", "-f", job) for _ in range(3)]
    release(go)
    outs = {}

    def read(n):
        outs[n] = clients[n].communicate(timeout=PATIENCE)[0]

    threads = [threading.Thread(target=read, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    want = b"".join(b"%d\n" % n for n in range(1, 50001))
    assert all(out == want for out in outs.values()) and len(outs) == 3


def test_the_job_ends_though_a_client_is_stopped(jw):
    run = jw.start("run", "--", "sh", "-c", "echo up; seq 400000; exit 2")
    assert run.stdout.readline() == b"up\n"
    run.send_signal(signal.SIGSTOP)
    jw.wait_state("sh-1", "failed")
    assert is_alive(run.pid)
    run.send_signal(signal.SIGCONT)
    out, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 2 and out.endswith(b"\n400000\n")
