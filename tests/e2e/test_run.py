"""What the job gets: environment, descriptors, signals; names and ids."""

import json
import os
import re
import signal
import stat
import subprocess
import threading

import pytest

from jw import PATIENCE, PYTHON, release, wait_until

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")


def job_sees(jw, expression, *options, **more):
    """The value of a Python expression, evaluated in a job."""
    code = ("import json, os, resource, signal, stat, sys\n"
            f"print(json.dumps({expression}))")
    return json.loads(jw.python(code, *options, **more).stdout)


def job_env(jw, *options, **more):
    return job_sees(jw, "dict(os.environ)", *options, **more)


# --- environment ---------------------------------------------------------

def test_variables_that_every_job_gets(jw):
    env = job_env(jw)
    assert env["JOBWATCH_JOB"] == "python3-1"
    assert env["JOBWATCH_ATTEMPT"] == "1"
    assert TRACEPARENT.match(env["TRACEPARENT"])
    identity = json.loads((jw.dir("python3-1") / "job.json").read_text())
    assert identity["trace_id"] == env["TRACEPARENT"][3:35] != "0" * 32
    assert identity["correlation_id"] == env["JOBWATCH_CORRELATION_ID"]
    for event in jw.events("python3-1"):
        assert event["trace_id"] == identity["trace_id"]
        assert event["correlation_id"] == identity["correlation_id"]


def test_ids_are_new_for_each_job(jw):
    a, b = job_env(jw), job_env(jw)
    assert a["TRACEPARENT"][3:35] != b["TRACEPARENT"][3:35]
    assert a["JOBWATCH_CORRELATION_ID"] != b["JOBWATCH_CORRELATION_ID"]


def test_ids_are_inherited(jw):
    trace = "0af7651916cd43dd8448eb211c80319c"
    env = job_env(jw, env={
        "JOBWATCH_CORRELATION_ID": "pipeline-7",
        "TRACEPARENT": f"00-{trace}-b7ad6b7169203331-01"})
    assert env["JOBWATCH_CORRELATION_ID"] == "pipeline-7"
    assert TRACEPARENT.match(env["TRACEPARENT"])
    assert env["TRACEPARENT"][3:35] == trace
    status = jw.status("python3-1")
    assert (status["correlation_id"], status["trace_id"]) == \
        ("pipeline-7", trace)


@pytest.mark.parametrize("wrong", [
    "", "x", "00-" + "0" * 32 + "-b7ad6b7169203331-01",
    "00-" + "A" * 32 + "-b7ad6b7169203331-01",
    "00-" + "a" * 32 + "-" + "0" * 16 + "-01",
    "ff-" + "a" * 32 + "-b7ad6b7169203331-01"])
def test_a_traceparent_that_is_none_is_replaced(jw, wrong):
    got = job_env(jw, env={"TRACEPARENT": wrong})["TRACEPARENT"]
    assert TRACEPARENT.match(got) and got != wrong


def test_job_in_a_job_belongs_to_it(jw):
    """A nested run inherits the ids, and is a job of its own."""
    inner = f"{jw.bin}/jobwatch run -q --name inner -- env"
    outer = jw.run(f"env; echo ---; {inner}")
    envs = [dict(line.split(b"=", 1) for line in part.splitlines()
                 if b"=" in line) for part in outer.stdout.split(b"---\n")]
    assert envs[0][b"JOBWATCH_JOB"] == b"sh-1"
    assert envs[1][b"JOBWATCH_JOB"] == b"inner-1"
    assert envs[0][b"JOBWATCH_CORRELATION_ID"] == \
        envs[1][b"JOBWATCH_CORRELATION_ID"]
    assert envs[0][b"TRACEPARENT"][3:35] == envs[1][b"TRACEPARENT"][3:35]


def test_correlation_id_of_the_policy(jw):
    env = job_env(jw, "--set", "job.correlation_id=night-1",
                  env={"JOBWATCH_CORRELATION_ID": "other"})
    assert env["JOBWATCH_CORRELATION_ID"] == "night-1"


def test_actions_fifo(jw):
    seen = jw.python(
        "import os, stat, time\n"
        "path = os.environ['JOBWATCH_ACTIONS']\n"
        "print(stat.S_ISFIFO(os.stat(path).st_mode))\n"
        "fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)\n"
        "print(os.write(fd, b'{\"action\":\"begin\",\"id\":\"1\","
        "\"name\":\"x\"}\\n'))\n"
        "for i in range(2000): os.write(fd, b'no record\\n')\n"
        "print('done')")
    assert seen.stdout.splitlines()[0] == b"True"
    assert seen.stdout.splitlines()[2] == b"done"


def test_env_of_option_and_policy(jw):
    policy = jw.policy('[job]\nenv = { A = "policy", B = "policy" }\n')
    env = job_env(jw, "--policy", policy, "--env", "B=option",
                  "--env", "C=a=b c", "--env", "D=", env={"A": "outer"})
    assert (env["A"], env["B"], env["C"], env["D"]) == \
        ("policy", "option", "a=b c", "")


def test_everything_else_is_as_it_was(jw):
    """Nothing but what the contract names is changed."""
    plain = json.loads(subprocess.run(
        [PYTHON, "-c", "import json, os; print(json.dumps(dict(os.environ)))"],
        env=jw.environment({"ODD": "\n x=ü"}),
        stdout=subprocess.PIPE).stdout)
    env = job_env(jw, "--set", "job.python_buffering=keep",
                  env={"ODD": "\n x=ü"})
    added = {"JOBWATCH_JOB", "JOBWATCH_ACTIONS", "JOBWATCH_ATTEMPT",
             "JOBWATCH_CORRELATION_ID", "TRACEPARENT", "NOTIFY_SOCKET"}
    assert {k: v for k, v in env.items() if k not in added} == plain
    assert set(env) - set(plain) <= added


def test_cwd(jw):
    folder = jw.tmp / "here"
    folder.mkdir()
    assert job_sees(jw, "os.getcwd()", "--cwd", folder) == str(folder)
    assert job_sees(jw, "os.getcwd()", "--set", f"job.cwd={folder}") == \
        str(folder)
    assert job_sees(jw, "os.getcwd()", cwd=folder) == str(folder)
    assert jw.status("python3-1")["cwd"] == str(folder)


def test_command_is_found_from_the_cwd(jw):
    folder = jw.tmp / "here"
    folder.mkdir()
    script = folder / "tool"
    script.write_text("#!/bin/sh\necho found\n")
    script.chmod(0o755)
    assert jw("run", "--cwd", folder, "./tool").stdout == b"found\n"


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_umask_is_inherited(jw, mask):
    code = "(lambda m: (os.umask(m), m)[1])(os.umask(0))"
    old = os.umask(mask)
    try:
        assert job_sees(jw, code) == mask
    finally:
        os.umask(old)


def test_umask_of_the_policy(jw):
    code = "(lambda m: (os.umask(m), m)[1])(os.umask(0))"
    assert job_sees(jw, code, "--set", 'job.umask="027"') == 0o027


def test_nice(jw):
    base = os.nice(0)
    assert job_sees(jw, "os.nice(0)") == base
    assert job_sees(jw, "os.nice(0)", "--set", "job.nice=5") == \
        min(base + 5, 19)


def test_stdin_is_dev_null(jw):
    got = job_sees(jw, "[os.readlink('/proc/self/fd/0'), "
                   "len(sys.stdin.read())]", stdin=subprocess.PIPE)
    assert got == ["/dev/null", 0]


def test_descriptors_are_three(jw):
    """Nothing of ours or of whoever started us leaks into the job."""
    inherited = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    done = jw("run", "--", "ls", "-l", "/proc/self/fd", pass_fds=[inherited])
    os.close(inherited)
    found = {line.split()[-3]: line.split()[-1]
             for line in done.stdout.decode().splitlines() if "->" in line}
    found = {fd: target for fd, target in found.items()
             if not re.match(r"/proc/\d+/fd\Z", target)}
    assert set(found) == {"0", "1", "2"}
    assert all(found[fd].startswith("pipe:") for fd in "12")


def test_own_session_and_group(jw):
    pid, sid, group, status_pid = job_sees(
        jw, "[os.getpid(), os.getsid(0), os.getpgid(0), os.getppid()]")
    assert pid == sid == group
    assert jw.status("python3-1")["pid"] == pid


def test_signals_are_as_new(jw):
    """Dispositions and mask, whatever the starter had."""
    def ignore():
        for number in (signal.SIGPIPE, signal.SIGUSR1, signal.SIGINT,
                       signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK,
                               {signal.SIGTERM, signal.SIGUSR2})

    text = jw("run", "--", "cat", "/proc/self/status",
              preexec_fn=ignore).stdout.decode()
    for field in ("SigBlk", "SigIgn", "SigCgt"):
        value = re.search(rf"^{field}:\s*([0-9a-f]+)", text, re.M).group(1)
        # 32 and 33 are glibc's own, which it lets nobody set.
        assert int(value, 16) & ~(3 << 31) == 0, (field, value)


def test_sigpipe_ends_a_job(jw):
    done = jw.run("yes | head -1 >/dev/null; echo ok")
    assert done.stdout == b"ok\n"
    jw.run("(sleep 0; exec yes) | true; exit 0")
    assert jw("run", "--", "bash", "-c",
              "yes | true; exit ${PIPESTATUS[0]}", code=141)


def test_limits_are_unchanged(jw):
    text = jw("run", "--", "cat", "/proc/self/limits").stdout
    with open("/proc/self/limits", "rb") as file:
        assert text == file.read()


def test_limits_of_the_starter_reach_the_job(jw):
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 400))

    got = job_sees(jw, "[resource.getrlimit(resource.RLIMIT_CORE), "
                   "resource.getrlimit(resource.RLIMIT_NOFILE)]",
                   preexec_fn=limit)
    assert got == [[0, 0], [300, 400]]


def test_arguments_arrive_as_they_are(jw):
    odd = ["", " ", "a b", "*", "$HOME", "'\"", "\n", "ü", "-x", "--", "\\"]
    done = jw("run", "--", PYTHON, "-c",
              "import sys; print(ascii(sys.argv[1:]))", *odd)
    assert done.stdout.decode().strip() == ascii(odd)
    assert jw.status("python3-1")["argv"][3:] == odd


def test_argument_that_is_no_utf8(jw):
    done = subprocess.run(jw.argv("run", "--", "printf", "%s") + [b"\xff\xfe"],
                          env=jw.environment(None), stdout=subprocess.PIPE)
    assert done.stdout == b"\xff\xfe"
    assert jw.status("printf-1")["state"] == "exited"


def test_options_after_the_command_are_the_command_s(jw):
    assert jw("run", "echo", "-d", "--name", "x", "--help").stdout == \
        b"-d --name x --help\n"


def test_many_and_long_arguments(jw):
    done = jw("run", "--", PYTHON, "-c",
              "import sys; print(len(sys.argv), len(sys.argv[1]))",
              "x" * 120000, *["y"] * 5000)
    assert done.stdout == b"5002 120000\n"


# --- secrets -------------------------------------------------------------

SECRET = "s3cr3t-" + "7f0c" * 6
SECRET_POLICY = """
[[channel]]
name = "hook"
type = "webhook"
url = "env:JW_HOOK_URL"
secret = "env:JW_HOOK_SECRET"
"""


def files_with(root, needle):
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                with open(path, "rb") as file:
                    if needle in file.read():
                        found.append(path)
    return found


def test_secret_is_nowhere(jw, hook):
    """Not in the job, no file, and no process's arguments or environment."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    url = hook.url("/" + SECRET)
    run = jw.start("run", "--policy", jw.policy(SECRET_POLICY), "--", "sh",
                   "-c", f"env; echo 'ERROR: it broke'; read x < {go}; exit 3",
                   env={"JW_HOOK_URL": url,
                        "JW_HOOK_SECRET": SECRET})
    hook.wait(1)
    family = jw.family("sh-1")
    assert set(family) >= {"keeper", "supervisor", "classifier", "notifier"}
    needle = SECRET.encode()
    for pid in jw.mine():
        if pid == run.pid:
            continue  # it was given the variables by us
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    assert needle not in file.read(), (pid, name)
            except PermissionError:
                assert os.geteuid() != 0  # not even for its own user
    for args in (("status", "sh-1"), ("status", "sh-1", "--json"), ("ps",),
                 ("events", "sh-1", "--json")):
        assert needle not in jw(*args).stdout
    release(go)
    out, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 3
    assert b"JW_HOOK" not in out and needle not in out + err
    assert files_with(jw.home, needle) == []
    assert b"env:JW_HOOK_URL" in (jw.dir("sh-1") / "policy.json").read_bytes()
    assert hook.accepted()[0].path == "/" + SECRET


def test_secret_from_a_file(jw, hook):
    secret = jw.tmp / "hook"
    secret.write_text(hook.url("/" + SECRET) + "\n")
    jw.run("echo 'ERROR: it broke'", "--set", "channel.0.type=webhook",
           "--set", f"channel.0.url=file:{secret}")
    assert hook.wait(1)[0].path == "/" + SECRET
    assert files_with(jw.home, SECRET.encode()) == []


def test_missing_secret_refuses_the_start(jw):
    done = jw.run("true", "--policy", jw.policy(SECRET_POLICY), code=2)
    assert b"JW_HOOK_" in done.stderr
    assert not (jw.home / "jobs" / "sh-1").exists()


def test_home_is_private(jw):
    jw.run("echo x")
    for folder, folders, names in os.walk(jw.home):
        for name in folders + names:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode):
                assert stat.S_IMODE(mode) & 0o077 == 0, (path, oct(mode))
    assert stat.S_IMODE(jw.home.stat().st_mode) == 0o700


# --- Python --------------------------------------------------------------

PRINTS = ("import sys, os\nprint('now')\n"
          "with open(os.environ['GO']) as f: f.read()\n")


def prints_at_once(jw, *options):
    """A line printed without flush, while the job waits for us."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    run = jw.start("run", *options, "--env", f"GO={go}", "--", PYTHON, "-c",
                   PRINTS)
    os.set_blocking(run.stdout.fileno(), False)
    got = bytearray()  # unbuffered, the newline is a write of its own

    def line():
        got.extend(run.stdout.read() or b"")
        return got == b"now\n"
    try:
        arrived = wait_until(line, timeout=1.5)
    except AssertionError:
        arrived = False
    release(go)
    assert run.wait(PATIENCE) == 0
    assert jw.log("python3-1") == b"now\n"
    return arrived


@pytest.mark.parametrize("mode, at_once", [(None, True), ("line", True),
                                           ("none", True), ("keep", False)])
def test_python_buffering(jw, mode, at_once):
    options = ("--set", f"job.python_buffering={mode}") if mode else ()
    assert prints_at_once(jw, *options) == at_once


def test_python_buffering_none_is_unbuffered(jw):
    env = job_env(jw, "--set", "job.python_buffering=none")
    assert env["PYTHONUNBUFFERED"] == "1" and "PYTHONPATH" not in env


def test_own_sitecustomize_still_runs(jw):
    mine = jw.tmp / "mine"
    mine.mkdir()
    (mine / "sitecustomize.py").write_text("print('chained', __file__)\n")
    (mine / "other.py").write_text("value = 7\n")
    done = jw.python("import other, sys; print(other.value, "
                     "sys.modules['sitecustomize'].__file__)",
                     env={"PYTHONPATH": str(mine)})
    path = str(mine / "sitecustomize.py").encode()
    assert done.stdout == b"chained %s\n7 %s\n" % (path, path)


def test_broken_sitecustomize_is_told_as_ever(jw):
    """As without jobwatch: Python says so on stderr and goes on."""
    mine = jw.tmp / "mine"
    mine.mkdir()
    (mine / "sitecustomize.py").write_text("raise ValueError('mine')\n")
    done = jw.python("print('on')", env={"PYTHONPATH": str(mine)})
    assert done.stdout == b"on\n" and b"mine" in done.stderr


def test_python_path_as_the_job_sees_it(jw):
    """Isolated mode does without us, and is not broken by us."""
    assert jw("run", "--", PYTHON, "-I", "-c", "print(1)").stdout == b"1\n"


# --- names and ids -------------------------------------------------------

@pytest.mark.parametrize("argv, name", [
    (("sh", "-c", "true"), "sh"),
    (("/bin/echo",), "echo"),
    (("env", "X=1", "true"), "true"),
    ((PYTHON, "-c", "0"), "python3"),
    (("nice", "true"), "true"),
])
def test_derived_names(jw, argv, name):
    jw("run", "--", *argv)
    assert [job["job"] for job in jw.json("ps", "-a")] == [name + "-1"]


@pytest.mark.parametrize("script, argv, name", [
    ("train.py", (PYTHON, "{}"), "train"),
    ("train.py", (PYTHON, "-u", "{}", "--epochs", "3"), "train"),
    ("deploy.sh", ("sh", "{}"), "deploy"),
    ("a b.py", (PYTHON, "{}"), "a-b"),
    ("_x.py", (PYTHON, "{}"), "x"),
])
def test_name_of_the_script(jw, script, argv, name):
    path = jw.tmp / script
    path.write_text("")
    jw("run", "--", *[a.format(path) for a in argv])
    assert [job["name"] for job in jw.json("ps", "-a")] == [name]


def test_name_of_a_module(jw):
    jw("run", "--", PYTHON, "-m", "json.tool", "--help")
    assert jw.json("ps", "-a")[0]["name"] == "json.tool"


def test_explicit_names(jw):
    policy = jw.policy('[job]\nname = "of-policy"\n')
    jw("run", "--policy", policy, "true")
    jw("run", "--policy", policy, "--name", "of-option", "true")
    jw("run", "--name", "A.b_c-9", "true")
    assert {job["job"] for job in jw.json("ps", "-a")} == \
        {"of-policy-1", "of-option-1", "A.b_c-9-1"}


def test_counting(jw):
    for n in (1, 2, 3):
        assert jw.detach("exit 0") == f"sh-{n}"
    assert jw.detach_command("true") == "true-1"


def test_never_used_again(jw):
    jw.run("true"), jw.run("true")
    jw("rm", "sh-2", "sh-1")
    assert jw.json("ps", "-a") == []
    assert jw.detach("true") == "sh-3"


def test_name_means_the_newest(jw):
    jw.run("exit 1", code=1), jw.run("exit 2", code=2)
    jw("wait", "sh", code=2)
    jw("wait", "sh-1", code=1)
    jw("rm", "sh-2")
    jw("wait", "sh", code=1)


def test_exact_id_beats_a_name(jw):
    """A job named x-1 does not hide the job x-1."""
    jw.run("exit 1", "--name", "x", code=1)
    jw.run("exit 2", "--name", "x-1", code=2)
    jw("wait", "x-1", code=1)
    jw("wait", "x-1-1", code=2)


def test_hundredth_is_newer_than_ninth(jw):
    for n in range(1, 12):
        jw("run", "-q", "--name", "n", "--", "sh", "-c", f"exit {n}", code=n)
    jw("wait", "n", code=11)


@pytest.mark.slow
def test_two_hundred_at_once(jw):
    """Started all at the same time, each gets a number and ends properly."""
    ids, errors = [], []

    def launch(n):
        try:
            ids.append(jw.detach_command(
                "sh", "-c", f"echo {n}; exit {n % 5}",
                options=("--name", "many"), timeout=120))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=launch, args=(n,)) for n in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(ids) == sorted(f"many-{n}" for n in range(1, 201))
    for job in ids:
        jw.wait_state(job, "exited", "failed", timeout=60)
    outputs = sorted(int(jw.log(job)) for job in ids)
    assert outputs == list(range(200))
    for job in ids:
        assert jw.peek(job)["exit_code"] == int(jw.log(job)) % 5
    wait_until(lambda: not jw.family_pids(), what="all families gone")


# --- ps and status -------------------------------------------------------

KEYS = set(
    "job name kind state pid exit_code signal reason detail started_at "
    "ended_at last_output_at runtime_s restarts argv cwd host user "
    "correlation_id trace_id bytes lines alerts progress attempt lag_bytes "
    "dropped_keys stalled actions_open muted_until processes recoveries log "
    "resources templates".split())


def check_shape(job):
    assert KEYS <= set(job)
    assert set(job["bytes"]) >= {"stdout", "stderr"}
    assert set(job["alerts"]) >= {"critical", "high", "medium", "low"}
    assert set(job["processes"]) >= {"keeper", "supervisor", "classifier",
                                     "notifier"}
    assert set(job["log"]) >= {"dir", "segments", "bytes", "lost_bytes"}
    assert set(job["resources"]) >= {"cpu_s", "rss_bytes", "gpu"}
    for key in ("started_at", "ended_at", "last_output_at"):
        assert job[key] is None or re.match(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z", job[key]), key


def test_status_through_the_life(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"printf 12345; printf 123 >&2; echo; read x < {go}; "
                    "trap 'exit 3' TERM; echo again; "
                    "while :; do sleep 0.02; done", "--set", "job.kind=training")
    jw.wait_running(job)
    status = wait_until(lambda: (lambda s: s if s["bytes"] == {
        "stdout": 6, "stderr": 3} else None)(jw.status(job)))
    check_shape(status)
    assert status["state"] == "running" and status["job"] == job
    assert (status["name"], status["kind"]) == ("sh", "training")
    assert status["exit_code"] is status["signal"] is status["ended_at"] \
        is status["progress"] is status["muted_until"] is None
    assert (status["attempt"], status["restarts"], status["recoveries"]) == \
        (1, 0, 0)
    assert status["argv"][:2] == ["sh", "-c"]
    assert status["log"]["dir"] == str(jw.dir(job))
    for pid in (status["pid"], status["processes"]["keeper"],
                status["processes"]["supervisor"],
                status["processes"]["classifier"]):
        assert os.path.exists(f"/proc/{pid}")
    assert [j["job"] for j in jw.json("ps")] == [job]
    release(go)
    jw.wait_log(job, b"again")
    jw("stop", job)
    status = jw.status(job)
    check_shape(status)
    assert (status["state"], status["exit_code"], status["reason"]) == \
        ("failed", 3, "stopped")
    assert status["ended_at"] > status["started_at"]
    assert jw.json("ps") == [] and len(jw.json("ps", "-a")) == 1


def test_status_file_is_prompt(jw):
    """status.json of a job that printed before it was seen to run: what
    matters is in it soon, though the output alone would let it wait."""
    for n in range(1, 6):
        job = jw.detach("echo x; exec sleep 60")
        jw.wait_events(job, "job.start")
        wait_until(lambda: jw.peek(job).get("state") == "running", 2)
        jw("kill", job)


def test_stopping_is_a_state(jw):
    job = jw.detach("trap '' TERM; echo up; while :; do sleep 0.05; done",
                    "--set", "stop.grace=30s")
    jw.wait_log(job, b"up")
    stop = jw.start("stop", job)
    wait_until(lambda: jw.status(job)["state"] == "stopping")
    assert jw.json("ps")[0]["state"] == "stopping"
    assert stop.poll() is None
    jw("kill", job)
    assert stop.wait(PATIENCE) == 0
    assert jw.status(job)["state"] == "killed"


def test_ps_shape_and_order(jw):
    first = jw.detach("sleep 60")
    jw.wait_running(first)
    second = jw.detach("sleep 60", "--name", "other")
    jw.wait_running(second)
    jw.run("true")
    assert [j["job"] for j in jw.json("ps")] == [second, first]
    everything = jw.json("ps", "-a")
    assert [j["job"] for j in everything] == ["sh-2", second, first]
    for job in everything:
        check_shape(job)
    header = jw("ps").stdout.decode().splitlines()[0].split()
    assert header == ["JOB", "STATE", "RUNTIME", "LAST-OUTPUT", "PROGRESS",
                      "ALERTS", "COMMAND"]


def test_ps_of_an_empty_home(jw):
    assert jw.json("ps") == [] and jw("ps").returncode == 0


def test_rm_refuses_a_running_job(jw):
    job = jw.detach("sleep 60")
    jw.wait_running(job)
    done = jw("rm", job, code=1)
    assert b"running" in done.stderr and jw.dir(job).is_dir()
    jw("kill", job)
    wait_until(lambda: not jw.family_pids())
    jw("rm", job)
    assert not jw.dir(job).exists()
    jw("status", job, code=3)


def test_home_from_xdg_and_home(jw):
    env = {"JOBWATCH_HOME": None, "XDG_STATE_HOME": str(jw.tmp / "xdg"),
           "HOME": str(jw.tmp / "user")}
    jw.run("true", env=env)
    wait_until(lambda: (jw.tmp / "xdg/jobwatch/jobs/sh-1").is_dir())
    jw.run("true", env={**env, "XDG_STATE_HOME": None})
    wait_until(lambda: (jw.tmp / "user/.local/state/jobwatch/jobs/sh-1")
               .is_dir())


def test_relative_home(jw):
    jw.run("true", env={"JOBWATCH_HOME": "rel"}, cwd=jw.tmp)
    assert (jw.tmp / "rel/jobs/sh-1").is_dir()


def test_notices_of_keys_that_wait_for_a_later_version(jw):
    done = jw.run("true", "--set", "restart.on=failure")
    assert b"[restart]" in done.stderr or jw.status("sh-1")["restarts"] == 0
