"""Policies as users meet them: check, show, init, and run's refusal.

tests/policy/bad holds one mistake (or a few) in each file; its first lines
say what jobwatch must answer: `# expect: LINE:COLUMN: TEXT`.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOBWATCH = os.environ.get("JOBWATCH", str(ROOT / "build/bin/jobwatch"))
BAD = sorted((ROOT / "tests/policy/bad").glob("*.toml"))
GOOD = sorted((ROOT / "tests/policy/good").glob("*.toml"))
STARTERS = {
    "training": "train.toml",
    "deploy": "deploy.toml",
    "pipeline": "pipeline.toml",
    "service": "service.toml",
}

each_bad = pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
each_good = pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)


def jobwatch(*args, cwd=None, env=None):
    return subprocess.run(
        [JOBWATCH, *map(str, args)], capture_output=True, cwd=cwd,
        env={**os.environ, **(env or {})}, timeout=60)


def policy(*args, **kwargs):
    return jobwatch("policy", *args, **kwargs)


def show(*args, **kwargs):
    done = policy("show", "--json", *args, **kwargs)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expected(path):
    lines = path.read_bytes().split(b"\n")
    mark = b"# expect: "
    found = [line[len(mark):].decode() for line in lines
             if line.startswith(mark)]
    assert found, f"{path} expects nothing"
    return [f"{path}:{line}" for line in found]


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="policy.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return write_text


class TestCheck:
    def test_there_are_enough(self):
        assert len(BAD) >= 60
        assert len(GOOD) >= 10

    @each_bad
    def test_bad(self, path):
        done = policy("check", path)
        assert done.stderr.decode().splitlines() == expected(path)
        assert done.returncode == 2
        assert done.stdout == b""

    @each_bad
    def test_bad_json(self, path):
        done = policy("check", "--json", path)
        assert done.returncode == 2
        found = [f"{p['file']}:{p['line']}:{p['column']}: {p['message']}"
                 for p in json.loads(done.stdout)]
        # The terminal shows control bytes as \xNN, JSON as they are.
        assert [text.replace("\x1b", "\\x1b") for text in found] == \
            expected(path)

    @each_good
    def test_good(self, path):
        done = policy("check", path)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def test_several_files(self):
        done = policy("check", GOOD[0], BAD[0], GOOD[1], BAD[1])
        assert done.returncode == 2
        assert done.stderr.decode().splitlines() == \
            expected(BAD[0]) + expected(BAD[1])
        done = policy("check", "--json", *GOOD)
        assert (done.returncode, json.loads(done.stdout)) == (0, [])

    def test_missing_file(self, tmp_path):
        done = policy("check", tmp_path / "none.toml")
        assert done.returncode == 2
        assert f"{tmp_path}/none.toml: cannot read it: No such file" in \
            done.stderr.decode()

    def test_directory(self, tmp_path):
        done = policy("check", tmp_path)
        assert done.returncode == 2
        assert "Is a directory" in done.stderr.decode()

    def test_huge_file(self, write):
        done = policy("check", write(b"# a comment\n" * 100_000))
        assert done.returncode == 2
        assert "larger than 1048576 bytes" in done.stderr.decode()

    @pytest.mark.parametrize("text", [
        "a." * 400_000 + "a = 1",
        "[" + "a." * 400_000 + "a]",
        "a = " + "[" * 900_000,
        "a = " + "{a=" * 300_000,
        "a = " + '"""' + "\\" * 900_000,
        "'" * 900_000,
    ], ids=["dotted", "header", "arrays", "tables", "escapes", "quotes"])
    def test_hostile(self, write, text):
        done = policy("check", write(text))
        assert done.returncode == 2
        assert done.stderr.decode().startswith(f"{write(text)}:1:")

    def test_many_problems(self, write):
        path = write("[job]\n" + "".join(f"zzz{i} = 1\n" for i in range(500)))
        lines = policy("check", path).stderr.decode().splitlines()
        assert lines[0].startswith(f"{path}:2:1: unknown key \"zzz0\"")
        assert lines[-1] == f"{path}: 436 more problems are not shown"

    def test_registry(self, write, tmp_path):
        path = write('[job]\nevents = "events.toml"\n')
        registry = write('[[event]]\nname = "job.start"\n[job]\n',
                         "events.toml")
        done = policy("check", path)
        assert done.returncode == 2
        assert done.stderr.decode().splitlines() == [
            f"{registry}:2:8: event.name: \"job.start\" is an event of "
            "jobwatch's own: choose another name",
            f"{registry}:3:2: a registry of events has only [[event]]"]

    @pytest.mark.parametrize("args", [
        [], ["check"], ["frob"], ["check", "--frob", "x"], ["show", "a", "b"],
        ["init"], ["init", "a", "b"], ["show", "--set"],
        ["check", "--set", "a=b", "x"],
    ], ids=str)
    def test_usage(self, args):
        done = policy(*args)
        assert done.returncode == 2
        assert done.stderr.startswith(b"jobwatch: policy: ")
        assert done.stdout == b""


class TestShow:
    def round_trip(self, write, *args):
        text = policy("show", *args)
        assert text.returncode == 0, text.stderr
        assert text.stderr == b""
        assert show(write(text.stdout, "shown.toml")) == show(*args)

    @each_good
    def test_good(self, write, path):
        self.round_trip(write, path)

    @pytest.mark.parametrize("name", STARTERS.values())
    def test_starters(self, write, name):
        self.round_trip(write, ROOT / "contrib/policies" / name)

    def test_defaults(self, write):
        self.round_trip(write)
        shown = show()
        assert shown["stop"] == {"signal": "TERM", "grace": "30s",
                                 "strays": "leave"}
        assert shown["notify"] == {
            "min_severity": "medium", "dedup": "30m", "group_wait": "2s",
            "max_per_hour": 30, "context_lines": 20, "linger": "15s",
            "threshold": []}
        assert shown["rule"] == []

    def test_odd_text(self, write):
        value = "a\"b\\c\td\x7fe\u00e9\U0001f4a5\n'''"
        path = write("[[rule]]\nname = 'x'\npattern = 'y'\ntitle = "
                     + json.dumps(value, ensure_ascii=False)
                     .replace("\x7f", "\\u007f") + "\n")
        self.round_trip(write, path)
        assert show(path)["rule"][0]["title"] == value

    def test_secrets_are_hidden(self, write):
        path = write("""
            [heartbeat]
            url = "https://hc.example/S3CRET"
            [[channel]]
            type = "slack"
            url = "https://hooks.example/services/S3CRET"
            secret = "S3CRET"
            [[channel]]
            type = "webhook"
            url = "https://user:S3CRET@example.org:8443?key=S3CRET"
            [[channel]]
            type = "pushover"
            token = "S3CRET"
            user = "S3CRET"
            [[channel]]
            type = "email"
            url = "smtp://mail.example"
            from = "a@b"
            to = "c@d"
            password = "S3CRET"
            [[channel]]
            type = "ntfy"
            url = "env:NTFY_URL"
            token = "file:/run/secrets/ntfy"
            """)
        text = policy("show", path)
        assert text.returncode == 0
        assert b"S3CRET" not in text.stdout
        assert b"# 7 secret values are hidden" in text.stdout
        assert b'"https://hooks.example/***"' in text.stdout
        assert b'"https://***@example.org:8443/***"' in text.stdout
        assert b'"smtp://mail.example"' in text.stdout
        assert b'"env:NTFY_URL"' in text.stdout
        assert b'"file:/run/secrets/ntfy"' in text.stdout
        assert b"S3CRET" not in policy("show", "--json", path).stdout
        # What is shown loads, but says that it is not the same.
        assert policy("check", write(text.stdout, "s.toml")).returncode == 0

    def test_secrets_stay_out_of_errors(self, write):
        path = write("""
            [[channel]]
            type = "webhook"
            url = "htp://S3CRET"
            secret = "file:S3CRET"
            token = "S3CRET"
            """)
        for args in (["check", path], ["check", "--json", path],
                     ["show", path, "--set", "channel.0.url=S3CRET"]):
            done = policy(*args)
            assert done.returncode == 2
            assert b"S3CRET" not in done.stdout + done.stderr

    def test_references_need_not_exist(self, write):
        path = write('[heartbeat]\nurl = "env:SURELY_NOT_SET"\n')
        assert show(path)["heartbeat"]["url"] == "env:SURELY_NOT_SET"

    def test_bad_file(self):
        done = policy("show", BAD[0])
        assert done.returncode == 2
        assert done.stderr.decode().splitlines() == expected(BAD[0])
        assert done.stdout == b""

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([JOBWATCH, "policy", "show"], stdout=full,
                                  stderr=subprocess.PIPE)
        assert done.returncode == 125
        assert b"No space left" in done.stderr

    def test_paths(self, write, tmp_path):
        (tmp_path / "sub").mkdir()
        (tmp_path / "work").mkdir()
        write("""
            [classify]
            spec = "spec.txt"
            program = "p.jwp"
            [log]
            archive = "old"
            [sandbox]
            write = ["/tmp", "out"]
            """, "sub/p.toml")
        shown = show("../sub/p.toml", cwd=tmp_path / "work")
        work = str(tmp_path / "work")
        assert shown["classify"]["spec"] == f"{work}/../sub/spec.txt"
        assert shown["classify"]["program"] == f"{work}/../sub/p.jwp"
        assert shown["log"]["archive"] == f"{work}/old"
        assert shown["sandbox"]["write"] == ["/tmp", f"{work}/out"]
        shown = show(tmp_path / "sub/p.toml", "--set", "classify.spec=s.txt",
                     "--set", "classify.program=abc", cwd=tmp_path / "work")
        assert shown["classify"]["spec"] == f"{work}/s.txt"
        assert shown["classify"]["program"] == "abc"

    def test_registry(self):
        shown = show(ROOT / "tests/policy/good/events.toml")
        assert [event["name"] for event in shown["event"]] == \
            ["epoch.done", "shard.loaded", "model.saved"]
        assert "events" not in shown["job"]


class TestSet:
    def test_wins_over_the_file(self, write):
        path = write('[stall]\ntimeout = "1m"\ndo = "kill"\n')
        shown = show(path, "--set", "stall.timeout=2m", "--set",
                     "stall.timeout=3m")
        assert shown["stall"]["timeout"] == "3m"
        assert shown["stall"]["do"] == "kill"

    def test_repairs_the_file(self, write):
        path = write("[stall]\ntimeout = 10\n")
        assert show(path, "--set", "stall.timeout=10s")["stall"]["timeout"] \
            == "10s"

    @pytest.mark.parametrize("text,value", [
        ("restart.max=7", 7),
        ("restart.max=1_000", 1000),
        ("job.pty=true", True),
        ("classify.threshold=0.75", 0.75),
        ("classify.threshold=1", 1.0),
        ('classify.focus=["a", "b"]', ["a", "b"]),
        ("job.name=train", "train"),
        ('job.name="train"', "train"),
        ("job.name='train'", "train"),
        ("job.umask=022", "022"),
        ("job.env.HOME_DIR=/x y=z", None),
        ("notify.quiet_hours=23:00-07:00", "23:00-07:00"),
        ("stop.signal=SIGINT", "SIGINT"),
        ("job.kind=", None),
        ("job.correlation_id=a # b", "a # b"),
    ])
    def test_values(self, text, value):
        key = text.split("=")[0].split(".")
        if value is None:
            value = text.split("=", 1)[1]
        if text == "job.kind=":
            assert policy("show", "--set", text).returncode == 2
            return
        shown = show("--set", text)
        for part in key:
            shown = shown[part]
        assert shown == value
        assert type(shown) is type(value)

    def test_arrays(self, write):
        path = write('[[rule]]\nname = "a"\npattern = "x"\n'
                     '[[rule]]\nname = "b"\npattern = "y"\n')
        shown = show(path, "--set", "rule.1.severity=low",
                     "--set", "rule.2.name=c", "--set", "rule.2.pattern=z",
                     "--set", "metrics.alarm.0.metric=loss",
                     "--set", "metrics.alarm.0.when=nan",
                     "--set", "channel.0.type=file",
                     "--set", "channel.0.path=/tmp/x")
        assert [(r["name"], r["severity"]) for r in shown["rule"]] == \
            [("a", "high"), ("b", "low"), ("c", "high")]
        assert shown["metrics"]["alarm"][0]["when"] == "nan"
        assert shown["channel"][0]["path"] == "/tmp/x"

    @pytest.mark.parametrize("text,line", [
        ("stall", "--set stall: must be KEY=VALUE, as in stall.timeout=10m"),
        ("stall.timeout=10", "--set stall.timeout: must be a "
         "duration with its unit (ms, s, m, h, d) in quotes, as in \"10m\", "
         "or \"auto\", not an integer"),
        ("job.env.N=[]", "--set job.env.N: must be a string, not a list"),
        ("stall.kill_after=1m", "--set stall.kill_after: counts from a "
         "stall: set stall.timeout, too"),
        ("stall={timeout=10}", "--set stall: stall.timeout: must be a "
         "duration with its unit (ms, s, m, h, d) in quotes, as in \"10m\", "
         "or \"auto\", not an integer"),
        ("channel.0={type=\"webhook\", url=\"x\"}", "--set channel.0: "
         "channel.url: must be a whole address, such as "
         "\"https://host/path\", or \"env:NAME\""),
        ("channel.0.url=x", "--set channel.0.url: must be a whole address, "
         "such as \"https://host/path\", or \"env:NAME\""),
        ("stall.timeot=1m", "--set stall.timeot: unknown key \"timeot\" in "
         "[stall]; did you mean \"timeout\"?"),
        ("rule.1.name=x", "--set rule.1.name: 1 is beyond the end: the list "
         "has 0, so the next is 0"),
        ("rule.0.pattern=(", "--set rule.0.pattern: [[rule]] needs \"name\""),
        ("job.na\x1b[me=x", "--set job.na\\x1b[me: unknown key "
         "\"na\\x1b[me\" in [job]; did you mean \"name\"?"),
    ])
    def test_problems(self, text, line):
        done = policy("show", "--set", text)
        assert done.returncode == 2
        assert "jobwatch: " + line in done.stderr.decode().splitlines()

    def test_order(self, write):
        path = write("[job]\npty = 1\n")
        done = policy("show", path, "--set", "a=1", "--set", "b=1")
        assert [re.match(r"(jobwatch: )?[^:]*(:\d+:\d+)?", line)[0]
                for line in done.stderr.decode().splitlines()] == \
            [f"{path}:2:7", "jobwatch: --set a", "jobwatch: --set b"]


class TestSecrets:
    """A value that cannot be used is refused before anything starts; it is
    never shown."""

    CASES = [
        ("url", "https://host/S3CRET\r\nX: y", "must not contain a line break"),
        ("url", "https://host/S3CRET\ny", "must not contain a line break"),
        ("url", "https://host/S3CRET y",
         "must not contain spaces or control characters"),
        ("url", "S3CRET", "must be a whole address, such as "
         "\"https://host/path\""),
        ("secret", "whsec_S3CRET!", "must be base64 behind \"whsec_\""),
        ("secret", "whsec_S3CRET==", None),
        ("secret", "any S3CRET\nat all", None),
        ("secret", "S3CRET" * 86, "must be a key of at most 512 bytes"),
    ]
    COMMANDS = [("policy", "check"), ("notify", "test", "--policy"),
                ("run", "--policy")]

    @pytest.fixture(params=["env", "file"])
    def reference(self, request, tmp_path):
        """Puts a value where a reference finds it: that, and the
        environment."""
        def put(value):
            if request.param == "env":
                return "env:JW_TEST_VALUE", {"JW_TEST_VALUE": value}
            (tmp_path / "value").write_bytes(value.encode() + b"\n")
            return f"file:{tmp_path}/value", {}
        return put

    def call(self, command, path, env):
        home = path.parent / "home"
        more = ("--", "true") if command[0] == "run" else ()
        return home, jobwatch(*command, path, *more,
                              env={"JOBWATCH_HOME": str(home), **env})

    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    @pytest.mark.parametrize("key,value,words", CASES, ids=str)
    def test_unfit(self, write, reference, command, key, value, words):
        text, env = reference(value)
        url = "" if key == "url" else 'url = "http://127.0.0.1:9/"\n'
        path = write(f'[[channel]]\ntype = "webhook"\n{url}{key} = "{text}"\n')
        if words is None:  # sent nowhere: checked, that is all
            assert self.call(self.COMMANDS[0], path, env)[1].returncode == 0
            return
        home, done = self.call(command, path, env)
        line = 3 + url.count("\n")
        assert done.stderr.decode() == f"{path}:{line}:{len(key) + 4}: " \
            f"channel.{key}: {text} {words}\n"
        assert (done.returncode, done.stdout) == (2, b"")
        assert not list(home.glob("jobs/*"))

    def test_mail_needs_another_scheme(self, write, reference):
        text, env = reference("smtp://S3CRET")
        path = write(f'[heartbeat]\nurl = "{text}"\n')
        done = self.call(self.COMMANDS[0], path, env)[1]
        assert done.stderr.decode() == f"{path}:2:7: heartbeat.url: the " \
            "address must begin with http:// or https://\n"

    @pytest.mark.parametrize("command", [("run",), ("notify", "test")],
                             ids=" ".join)
    def test_read_but_once(self, tmp_path, command):
        """What a shell's <(…) gives is left for the one who needs it."""
        read, write = os.pipe()
        os.write(write, b"http://127.0.0.1:9/S3CRET\nx\n")
        os.close(write)
        done = subprocess.run(
            [JOBWATCH, *command, "--set", "channel.0.type=webhook", "--set",
             f"channel.0.url=file:/dev/fd/{read}",
             *(("true",) if command == ("run",) else ())],
            env={**os.environ, "JOBWATCH_HOME": str(tmp_path / "home")},
            pass_fds=[read], capture_output=True, timeout=60)
        os.close(read)
        assert done.stderr.decode() == "jobwatch: channel.url: " \
            f"file:/dev/fd/{read} must not contain a line break\n"
        assert done.returncode == 2
        assert not list(tmp_path.glob("home/jobs/*"))

    def test_what_cannot_be_had_is_no_problem_of_the_file(self, write):
        path = write('[heartbeat]\nurl = "env:SURELY_NOT_SET"\n'
                     '[[channel]]\ntype = "ntfy"\nurl = "file:/dev/null"\n'
                     'token = "file:/surely/not/there"\n')
        assert policy("check", path).returncode == 0


class TestInit:
    @pytest.mark.parametrize("name", STARTERS)
    def test_starter(self, write, name):
        done = policy("init", name)
        assert done.returncode == 0
        file = ROOT / "contrib/policies" / STARTERS[name]
        assert done.stdout == file.read_bytes()
        path = write(done.stdout)
        assert policy("check", path).returncode == 0
        assert show(path)["rule"]

    def test_unknown(self):
        done = policy("init", "cooking")
        assert done.returncode == 2
        assert done.stdout == b""
        for name in STARTERS:
            assert name.encode() in done.stderr


class TestRun:
    """A policy that is wrong starts nothing."""

    def refused(self, home, *args, env=None):
        mark = home.parent / "started"
        done = jobwatch("run", *args, "--", "touch", mark,
                        env={"JOBWATCH_HOME": str(home), **(env or {})})
        assert done.returncode == 2
        assert done.stdout == b""
        assert not mark.exists()
        if home.exists():
            jobs = home / "jobs"
            assert not jobs.exists() or not list(jobs.iterdir())
        return done.stderr.decode()

    @each_bad
    def test_bad(self, tmp_path, path):
        said = self.refused(tmp_path / "home", "--policy", path)
        for line in expected(path):
            assert line in said

    def test_bad_set(self, tmp_path):
        said = self.refused(tmp_path / "home", "--set", "stall.timeot=1m")
        assert 'did you mean "timeout"?' in said

    @pytest.mark.parametrize("args,line", [
        (("--stall", "10"), '--stall: "10" is not a duration: write a whole '
         'number and a unit (ms, s, m, h, d), as in "10m" or "1h30m"'),
        (("--set", "stall.timeout=10"), "--set stall.timeout: must be a "
         "duration with its unit (ms, s, m, h, d) in quotes, as in \"10m\", "
         "or \"auto\", not an integer"),
        (("--notify", "https://:80/"), "--notify: must name a host after "
         "\"https://\""),
    ])
    def test_flags_are_named_as_typed(self, tmp_path, args, line):
        assert self.refused(tmp_path / "home", *args) == f"jobwatch: {line}\n"

    def test_flags_stand_behind_the_file(self, tmp_path, write):
        path = write("[job]\npty = 1\n")
        said = self.refused(tmp_path / "home", "--stall", "soon", "--policy",
                            path).splitlines()
        assert said[0].startswith(f"{path}:2:7: job.pty: must be ")
        assert said[1].startswith('jobwatch: --stall: "soon" is not ')

    def test_missing_secret(self, tmp_path, write):
        path = write('[heartbeat]\nurl = "env:SURELY_NOT_SET"\n')
        said = self.refused(tmp_path / "home", "--policy", path)
        assert "SURELY_NOT_SET" in said

    def test_missing_secret_file(self, tmp_path, write):
        path = write('[heartbeat]\nurl = "file:/surely/not/there"\n')
        said = self.refused(tmp_path / "home", "--policy", path)
        assert "/surely/not/there" in said
