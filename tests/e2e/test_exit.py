"""The exit codes of run, wait and attach, and how a job's end is named."""

import json
import os
import re
import signal
import subprocess

import pytest

from jw import PATIENCE, release, wait_until


def no_jobs(jw):
    jobs = jw.home / "jobs"
    return not jobs.exists() or list(jobs.iterdir()) == []


def same_everywhere(jw, job, code):
    assert jw("wait", job, code=code).stdout == b""
    jw("attach", job, code=code)
    return jw.status(job)


@pytest.mark.parametrize("code", [0, 1, 2, 3, 124, 125, 255])
def test_own_code(jw, code):
    done = jw.run(f"exit {code}", code=code)
    status = same_everywhere(jw, "sh-1", code)
    assert status["exit_code"] == code and status["signal"] is None
    assert status["state"] == ("failed" if code else "exited")
    assert status["reason"] == "exit"
    exit = jw.events("sh-1", "job.exit")[0]
    assert exit["severity"] == ("high" if code else "low")
    assert exit["data"]["exit_code"] == code
    assert done.stdout == b""
    assert done.stderr == b"" or done.stderr.startswith(b"jobwatch: sh-1 ")
    assert (done.stderr == b"") == (code == 0)


@pytest.mark.parametrize("name", ["TERM", "KILL", "SEGV", "ABRT", "INT",
                                  "HUP", "PIPE", "USR1"])
def test_signal(jw, name):
    number = signal.Signals["SIG" + name].value
    jw.run(f"ulimit -c 0; kill -{name} $$", code=128 + number)
    status = same_everywhere(jw, "sh-1", 128 + number)
    assert (status["state"], status["reason"]) == ("killed", "signal")
    assert status["signal"] == number and status["exit_code"] is None
    exit = jw.events("sh-1", "job.exit")[0]
    assert exit["severity"] == "critical"
    assert exit["data"]["signal"] == number


def test_real_time_signal(jw):
    jw.python("import os; os.kill(os.getpid(), 40)", code=168)
    assert jw.status("python3-1")["signal"] == 40


def by_policy(jw, script, reason, *options, policy=None):
    if policy:
        options += ("--policy", jw.policy(policy))
    done = jw.run(script, *options, code=124)
    status = same_everywhere(jw, "sh-1", 124)
    assert (status["state"], status["reason"]) == ("killed", reason)
    assert status["detail"]
    return done, status


def test_stall_kills(jw):
    _, status = by_policy(
        jw, "echo x; exec sleep 60", "stall",
        policy='[stall]\ntimeout = "200ms"\ndo = "kill"\n')
    assert status["signal"] == signal.SIGTERM
    assert jw.events("sh-1", "job.stall")


def test_stall_kills_though_the_job_then_exits_0(jw):
    _, status = by_policy(
        jw, "trap 'exit 0' TERM; echo x; while :; do sleep 0.05; done",
        "stall", "--set", "stall.timeout=200ms", "--set", "stall.do=kill")
    assert status["exit_code"] == 0 and status["signal"] is None


def test_wall_time(jw):
    _, status = by_policy(jw, "while :; do echo x; sleep 0.02; done",
                          "wall-limit", "--set", "limits.wall_time=300ms")
    assert jw.events("sh-1", "job.limit")[0]["source"] == "limit:wall_time"
    assert 0.25 <= status["runtime_s"] < 10


def test_wall_time_with_exit_7_on_term(jw):
    by_policy(jw, "trap 'exit 7' TERM; while :; do sleep 0.02; done",
              "wall-limit", "--set", "limits.wall_time=200ms")


RULE = """
[[rule]]
name = "doomed"
pattern = "all is lost"
severity = "critical"
do = "kill"
"""


def test_rule_kills(jw):
    by_policy(jw, "echo all is lost; exec sleep 60", "rule", policy=RULE)
    assert "doomed" in jw.status("sh-1")["detail"]
    assert jw.alerts("sh-1")[0]["source"] == "rule:doomed"


def test_rule_kills_though_the_job_then_exits_0(jw):
    by_policy(jw, "trap 'exit 0' TERM; echo all is lost; "
              "while :; do sleep 0.02; done", "rule", policy=RULE)


def test_rule_of_a_job_that_has_already_ended_kills_nothing(jw):
    jw.run("echo all is lost; exit 3", "--policy", jw.policy(RULE), code=3)
    assert jw.status("sh-1")["reason"] == "exit"


def test_home_below_a_file(jw):
    blocker = jw.tmp / "file"
    blocker.write_text("")
    done = jw.run("touch %s" % (jw.tmp / "ran"), code=125,
                  env={"JOBWATCH_HOME": str(blocker / "home")})
    assert re.match(rb"jobwatch: .*home.*\n\Z", done.stderr)
    assert not (jw.tmp / "ran").exists()


@pytest.mark.user
def test_home_in_a_directory_without_permission(jw):
    locked = jw.tmp / "locked"
    locked.mkdir(0o500)
    done = jw.run("true", code=125, env={"JOBWATCH_HOME": str(locked / "h")})
    assert done.stderr.startswith(b"jobwatch: ")


def test_not_executable(jw):
    plain = jw.tmp / "plain"
    plain.write_text("echo no\n")
    plain.chmod(0o644)
    done = jw("run", plain, code=126)
    assert b"ermission denied" in done.stderr
    status = same_everywhere(jw, "plain-1", 126)
    assert (status["state"], status["reason"]) == ("failed", "spawn-failed")


def test_a_directory_is_not_executable(jw):
    jw("run", jw.tmp, code=126)
    assert jw.json("ps", "-a")[0]["reason"] == "spawn-failed"


def test_wrong_format_is_not_executable(jw):
    broken = jw.tmp / "broken"
    broken.write_bytes(b"\x7fELF nothing like it")
    broken.chmod(0o755)
    # execvp(3) hands it to the shell, as a shell would; the shell fails.
    assert jw("run", broken, code=None).returncode in (126, 127, 2)


def test_interpreter_that_is_missing(jw):
    script = jw.tmp / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    jw("run", script, code=127)


@pytest.mark.parametrize("command", ["no-such-command-at-all",
                                     "/no/such/command", "./nothing"])
def test_not_found(jw, command):
    done = jw("run", "--name", "x", command, code=127)
    assert b"No such file" in done.stderr
    status = same_everywhere(jw, "x-1", 127)
    assert (status["state"], status["reason"]) == ("failed", "spawn-failed")
    assert status["exit_code"] is None


@pytest.mark.user
def test_not_found_though_path_has_a_locked_folder(jw):
    """As a shell says: not found, and not that a folder was locked."""
    locked = jw.tmp / "locked"
    locked.mkdir()
    (locked / "hidden").touch(0o755)
    locked.chmod(0o000)
    path = {"PATH": f"{locked}:/usr/bin:/bin"}
    jw("run", "no-such-command-at-all", env=path, code=127)
    assert jw("run", "echo", "x", env=path).stdout == b"x\n"
    plain = jw.tmp / "plain"
    plain.mkdir()
    (plain / "tool").touch(0o644)
    jw("run", "tool", env={"PATH": f"{locked}:{plain}"}, code=126)


def test_not_found_in_the_background(jw):
    job = jw.detach_command("no-such-command-at-all")
    jw("wait", job, code=127)


def test_quiet_says_what_could_not_be_started(jw):
    assert jw("run", "-q", "no-such-command-at-all", code=127).stderr


def test_quiet_says_nothing_of_a_failed_job(jw):
    assert jw.run("exit 4", "-q", code=4).stderr == b""


@pytest.mark.parametrize("args", [
    (), ("--",), ("--no-such-option", "true"), ("--name",),
    ("--name", "../x", "true"), ("--name", "", "true"),
    ("--name", "-x", "true"), ("--name", "a" * 64, "true"),
    ("--env", "x", "true"), ("--env", "=x", "true"),
    ("--cwd", "/no/such/dir", "true"), ("--cwd", "/dev/null", "true"),
    ("--set", "x", "true"), ("--set", "no.such.key=1", "true"),
    ("--set", "stall.timeout=10", "true"), ("--stall", "10", "true"),
    ("--stall", "soon", "true"), ("--policy", "/no/such/file", "true"),
    ("--notify", "not-a-url", "true"),
    ("--local", "--notify", "http://127.0.0.1:9/x", "true"),
])
def test_usage(jw, args):
    done = jw("run", *args, code=2)
    # Problems of a file are said as `policy check` does: FILE: WHAT.
    assert done.stdout == b"" and done.stderr.startswith(
        (b"jobwatch: ", b"/no/such/file: "))
    assert no_jobs(jw)


@pytest.mark.parametrize("args", [("",), ("--", ""), ("", "x"), ("-d", ""),
                                  ("-q", "--name", "x", "")], ids=str)
def test_empty_command_is_not_found(jw, args):
    """As with a shell and env(1), and nothing has run."""
    done = jw("run", *args, code=127)
    assert done.stdout == b"" and re.fullmatch(
        rb'jobwatch: cannot execute "": [^\n]*empty[^\n]*\n', done.stderr)
    assert no_jobs(jw)


@pytest.mark.parametrize("text", [
    "[stall\n", "[stal]\n", '[stall]\ntimeot = "5m"\n',
    '[stall]\ntimeout = 5\n', '[[rule]]\nname = "x"\npattern = "("\n',
    '[[channel]]\ntype = "pigeon"\n',
    '[[channel]]\ntype = "webhook"\nurl = "env:JW_TEST_NOT_SET"\n',
    '[[channel]]\ntype = "webhook"\nurl = "file:/no/such/file"\n',
])
def test_wrong_policy_starts_nothing(jw, text):
    done = jw.run("touch %s" % (jw.tmp / "ran"), "--policy", jw.policy(text),
                  code=2)
    assert done.stderr and no_jobs(jw)
    assert not (jw.tmp / "ran").exists()


@pytest.mark.parametrize("trap, code", [("exit 0", 0), ("exit 9", 9), (None, 143)])
def test_stopped_by_the_user_gives_the_own_code(jw, trap, code):
    handler = f"trap '{trap}' TERM; " if trap else ""
    run = jw.start("run", "--", "sh", "-c",
                   handler + "echo up; while :; do sleep 0.02; done")
    assert run.stdout.readline() == b"up\n"
    jw("stop", "sh-1")
    assert run.wait(PATIENCE) == code
    status = same_everywhere(jw, "sh-1", code)
    assert status["reason"] == "stopped"
    assert status["state"] == {0: "exited", 9: "failed", 143: "killed"}[code]


def test_wait_and_attach_of_a_running_job(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"read x < {go}; echo last; exit 6")
    jw.wait_running(job)
    waiting, attached = jw.start("wait", job), jw.start("attach", job)
    wait_until(lambda: has_socket(waiting.pid) and has_socket(attached.pid))
    release(go)
    out, _ = attached.communicate(timeout=PATIENCE)
    assert (attached.returncode, out) == (6, b"last\n")
    out, _ = waiting.communicate(timeout=PATIENCE)
    assert (waiting.returncode, out) == (6, b"")


def has_socket(pid):
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
                   for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


@pytest.mark.parametrize("command", ["wait", "attach", "status", "logs",
                                     "events", "stop", "kill", "rm", "rotate"])
def test_no_such_job(jw, command):
    jw.run("true")
    for name in ("nothing", "nothing-1", "sh-2", "../sh-1", "sh-1/", ""):
        done = jw(command, name, code=None)
        assert done.returncode == (2 if name == "" else 3) or \
            done.returncode == 3, (command, name, done)
        assert done.stderr.startswith(b"jobwatch: ")
        assert done.stdout == b""
    assert jw.status("sh-1")["state"] == "exited"


def test_unknown_command(jw):
    assert jw("rnu", "true", code=2).stderr.startswith(b"jobwatch: ")
    assert jw(code=2).stdout == b""


def later_commands(jw):
    """Names of the contract that no help lists yet."""
    names = ("watch restart compile programs classify feedback trace action "
             "metrics mute ack timeline report collect serve llm fake doctor")
    listed = re.findall(rb"^  (\S+)", jw("help").stdout, re.M)
    return [n for n in names.split() if n.encode() not in listed]


def test_commands_still_to_come_say_so(jw):
    for name in later_commands(jw):
        done = jw(name, code=1)
        assert done.stdout == b"" and re.search(rb"not .*yet|not there",
                                                done.stderr)


def test_version_and_help_go_to_stdout(jw):
    assert jw("--version").stdout.startswith(b"jobwatch ")
    assert jw("run", "--help").stdout.startswith(b"usage: jobwatch run")


def test_events_command_agrees_with_the_file(jw):
    jw.run("exit 3", code=3)
    lines = jw("events", "sh-1", "--json").stdout.decode().splitlines()
    assert [json.loads(line) for line in lines] == jw.events("sh-1")


def test_job_is_lost_when_nobody_saw_its_end(jw):
    """Keeper and supervisor killed, then the job: never a guess."""
    run = jw.start("run", "--", "sh", "-c", "echo up; exec sleep 60")
    assert run.stdout.readline() == b"up\n"
    pid = jw.wait_running("sh-1")
    jw.kill_family("sh-1", "keeper", "supervisor")
    os.kill(pid, signal.SIGKILL)
    assert run.wait(PATIENCE) == 125
    assert b"lost" in run.stderr.read()
    jw("wait", "sh-1", code=125)
    assert jw.status("sh-1")["state"] == "lost"


def test_stdout_of_detach_is_the_id_alone(jw):
    done = jw("run", "-d", "--", "true")
    assert done.stdout == b"true-1\n" and done.stderr == b""
    assert subprocess.run(jw.argv("wait", "true-1"),
                          env=jw.environment(None)).returncode == 0
