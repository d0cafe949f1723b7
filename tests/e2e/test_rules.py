"""From a line to an event and a message: rules, counts, floods, the body."""

import json
import os
import re
import time

import pytest

from jw import PATIENCE, release, wait_until


def rule(name, pattern, **keys):
    lines = [f"name = {json.dumps(name)}", f"pattern = {json.dumps(pattern)}"]
    lines += [f"{k} = {json.dumps(v)}" for k, v in keys.items()]
    return "[[rule]]\n" + "\n".join(lines) + "\n"


def alerts(jw, script, *rules, base=False, **more):
    """Alerts of a job with these rules, and without the built-in ones."""
    text = "".join(rules)
    if not base:
        text += "[classify]\nbase = false\n"
    jw.run(script, "--policy", jw.policy(text), **more)
    return jw.events("sh-1", "output.alert") + \
        jw.events("sh-1", "output.milestone")


def test_severity_and_kind(jw):
    found = alerts(
        jw, "echo a boom here; echo a thump; echo a whisper; echo none",
        rule("loud", "boom", severity="critical", kind="failure"),
        rule("dull", "thump", severity="medium", kind="warning"),
        rule("soft", "whisper", severity="low", kind="milestone"))
    got = {e["source"]: (e["severity"], e["kind"]) for e in found}
    assert got == {"rule:loud": ("critical", "failure"),
                   "rule:dull": ("medium", "warning"),
                   "rule:soft": ("low", "milestone")}


def test_where_the_line_is(jw):
    found = alerts(jw, "echo one; echo two boom three; echo four",
                   rule("loud", "boom", severity="high"))
    event, = found
    assert (event["stream"], event["offset"], event["length"]) == \
        ("stdout", 4, len("two boom three"))
    assert event["message"] == "two boom three"
    assert jw.log("sh-1")[event["offset"]:][:event["length"]] == \
        b"two boom three"
    assert "two boom three" in event["context"]
    assert event["count"] == 1 and re.match(r"[0-9a-f]{16}\Z",
                                            event["fingerprint"])


@pytest.mark.parametrize("stream, expected", [
    ("any", {"stdout", "stderr"}), ("stdout", {"stdout"}),
    ("stderr", {"stderr"})])
def test_stream(jw, stream, expected):
    found = alerts(jw, "echo a boom; echo b boom >&2",
                   rule("loud", "boom", stream=stream, severity="high"))
    assert {e["stream"] for e in found} == expected


def test_pcre(jw):
    found = alerts(jw, "echo loss=nan step=3; echo loss=1.5 step=4; "
                   "echo LOSS=NAN step=5",
                   rule("nan", r"(?i)\bloss=(?!\d)\w+(?= step)",
                        severity="high"))
    assert [e["message"] for e in found] == ["loss=nan step=3",
                                             "LOSS=NAN step=5"]


def test_every_match_by_default(jw):
    found = alerts(jw, "for i in 1 2 3 4 5; do echo boom $i; done",
                   rule("loud", "boom", severity="high"))
    assert [e["message"] for e in found] == [f"boom {i}" for i in range(1, 6)]


def test_count(jw):
    """At its third match within the window, then again at the sixth."""
    found = alerts(jw, "for i in 1 2 3 4 5 6 7; do echo boom $i; done",
                   rule("loud", "boom", severity="high", count=3,
                        window="1m"))
    assert [e["message"] for e in found] == ["boom 3", "boom 6"]


def test_count_not_reached(jw):
    assert alerts(jw, "echo boom; echo boom",
                  rule("loud", "boom", severity="high", count=3,
                       window="1m")) == []


def test_window_passes(jw):
    """Three matches, but never three within the window."""
    found = alerts(jw, "for i in 1 2 3 4; do echo boom $i; sleep 0.4; done",
                   rule("loud", "boom", severity="high", count=3,
                        window="500ms"))
    assert found == []


def test_window_by_arrival(jw):
    found = alerts(jw, "echo boom 1; sleep 0.8; echo boom 2; echo boom 3; "
                   "echo boom 4",
                   rule("loud", "boom", severity="high", count=3,
                        window="500ms"))
    assert [e["message"] for e in found] == ["boom 4"]


def test_cooldown(jw):
    found = alerts(jw, "echo boom 1; echo boom 2; echo boom 3; sleep 0.7; "
                   "echo boom 4; echo boom 5",
                   rule("loud", "boom", severity="high", cooldown="500ms"))
    assert [e["message"] for e in found] == ["boom 1", "boom 4"]


def test_a_rule_that_kills_at_its_count(jw):
    policy = jw.policy(rule("loud", "boom", severity="critical", count=3,
                            window="1m", do="kill"))
    go = jw.tmp / "go"
    os.mkfifo(go)
    run = jw.start("run", "--policy", policy, "--", "sh", "-c",
                   f"echo boom; echo boom; echo up; read x < {go}; "
                   "echo boom; exec sleep 60")
    for _ in range(3):
        run.stdout.readline()
    assert jw.status("sh-1")["state"] == "running"
    release(go)
    assert run.wait(PATIENCE) == 124
    assert "loud" in jw.status("sh-1")["detail"]


def test_fingerprint_is_of_the_kind_not_the_number(jw):
    found = alerts(jw, "echo 'boom at step 17 in /tmp/a/b.py id 3f2a99c0'; "
                   "echo 'boom at step 123456 in /home/x.py id 77ab01ff'; "
                   "echo 'boom of another sort'",
                   rule("loud", "boom", severity="high"))
    prints = [e["fingerprint"] for e in found]
    assert prints[0] == prints[1] != prints[2]


def test_traceback_is_one_alert_with_its_context(jw):
    code = ("def f(x):\n    g(x)\ndef g(x):\n    raise ValueError('bad %d' % x)"
            "\nprint('before')\nf(3)")
    jw.python(code, code=1)
    found = [e for e in jw.alerts("python3-1")]
    assert any("ValueError: bad 3" in e["message"] for e in found)
    assert len(found) <= 2
    text = "\n".join(found[-1]["context"])
    assert "Traceback" in text and "ValueError: bad 3" in text


def test_quiet_output_has_no_alerts(jw):
    jw.run("for i in 1 2 3 4 5 6 7 8 9; do "
           "echo \"[step $i] loss=0.0$i lr=0.0001\"; done")
    assert jw.alerts("sh-1") == []


def test_alerts_are_counted(jw):
    alerts(jw, "echo boom 1; echo boom 2; echo thump; exit 0",
           rule("loud", "boom", severity="critical"),
           rule("dull", "thump", severity="medium"))
    assert jw.status("sh-1")["alerts"] == {"critical": 2, "high": 0,
                                           "medium": 1, "low": 1}


@pytest.mark.slow
def test_flood_is_capped(jw):
    """100,000 alert lines of one kind: few events, none uncounted."""
    jw.run("yes 'ERROR: cannot reach node 7' | head -100000")
    wait_until(lambda: jw.events("sh-1", "job.exit"))
    found = jw.alerts("sh-1")
    assert len(found) <= 100
    assert sum(e["count"] for e in found) == 100000
    assert len({e["fingerprint"] for e in found}) == 1
    events = (jw.dir("sh-1") / "events.jsonl").stat().st_size
    assert events < (jw.dir("sh-1") / "output.log").stat().st_size
    assert jw.status("sh-1")["state"] == "exited"


@pytest.mark.slow
def test_flood_of_many_kinds_is_capped(jw):
    """Lines that all differ in words: the sum is bounded as well."""
    script = ("import sys\n"
              "w = 'alpha beta gamma delta omega sigma kappa lambda'.split()\n"
              "for i in range(20000):\n"
              "    n, t = i, []\n"
              "    for _ in range(5): t.append(w[n % 8]); n //= 8\n"
              "    print('ERROR: failed in', '-'.join(t))\n")
    jw.python(script)
    found = jw.alerts("python3-1")
    assert sum(e["count"] for e in found) == 20000
    assert len(found) <= 2000
    assert (jw.dir("python3-1") / "events.jsonl").stat().st_size < \
        2 * (jw.dir("python3-1") / "output.log").stat().st_size


# --- to the phone --------------------------------------------------------

def test_alert_arrives_within_a_second(jw, hook):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"read x < {go}; date +%s.%N; echo 'ERROR: it broke'; "
                    "exec sleep 60", "--notify", hook.url())
    jw.wait_running(job)
    release(go)
    request = hook.wait(1)[0]
    assert request.wall - float(jw.log(job).split()[0]) < 1.0
    jw("kill", job)


def test_body(jw, hook):
    jw.run("echo context; echo 'ERROR: it broke' >&2; exit 3", "--notify",
           hook.url(), "--name", "train", "--set", "job.kind=training",
           code=3, env={"JOBWATCH_CORRELATION_ID": "pipe-1"})
    requests = hook.wait_for(lambda rs: len(rs) >= 2)
    request = next(r for r in requests
                   if r.json["event"]["event"] == "output.alert")
    assert request.headers["content-type"].startswith("application/json")
    assert request.headers["user-agent"].startswith("jobwatch/")
    assert request.id.startswith("msg_")
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 60
    body = request.json
    assert body["id"] == request.id
    assert (body["type"], body["severity"]) == ("alert", "high")
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z", body["time"])
    assert "train-1" in body["title"] and "ERROR: it broke" in body["message"]
    job = body["job"]
    assert (job["id"], job["name"], job["kind"]) == ("train-1", "train",
                                                     "training")
    assert job["correlation_id"] == "pipe-1"
    assert job["argv"][0] == "sh" and job["host"] and job["user"]
    assert job["state"] in ("running", "failed")
    assert isinstance(job["runtime_s"], (int, float))
    assert body["event"] == jw.alerts("train-1")[0]
    assert body["count"] == 1 and body["suppressed"] == 0
    end = next(r.json for r in requests
               if r.json["event"]["event"] == "job.exit")
    assert end["event"]["data"]["exit_code"] == 3
    sent = jw.events("train-1", "notify.sent")
    assert {s["data"]["message_id"] for s in sent} == {r.id for r in requests}


def test_min_severity(jw, hook):
    policy = rule("mild", "thump", severity="medium") + \
        rule("bad", "boom", severity="high") + f"""
[[channel]]
name = "all"
type = "webhook"
url = "{hook.url('/all')}"

[[channel]]
name = "bad"
type = "webhook"
url = "{hook.url('/bad')}"
min_severity = "high"
"""
    jw.run("echo thump; echo boom; exit 0", "--policy", jw.policy(policy))
    requests = hook.wait_for(lambda rs: len(rs) >= 3)
    wait_until(lambda: not jw.family_pids())
    assert sorted((r.path, r.json["event"]["message"])
                  for r in hook.requests) == \
        [("/all", "boom"), ("/all", "thump"), ("/bad", "boom")]
    assert len(requests) == 3


def test_nothing_to_say_starts_no_notifier(jw, hook):
    jw.run("echo fine", "--notify", hook.url())
    wait_until(lambda: not jw.family_pids())
    assert hook.requests == []


def test_runbook_and_title_travel(jw, hook):
    jw.run("echo boom", "--notify", hook.url(), "--policy", jw.policy(
        rule("loud", "boom", severity="high", title="It went boom",
             runbook="https://wiki.example.org/boom")))
    body = hook.wait(1)[0].json
    assert body["runbook"] == "https://wiki.example.org/boom"
    assert "It went boom" in body["title"]


def test_run_stays_until_its_alerts_are_delivered(jw, hook):
    """A receiver that takes its time: run waits for it, within linger."""
    from receiver import Answer
    hook.tell(Answer(delay=1.5, times=4))
    began = time.monotonic()
    jw.run("echo 'ERROR: it broke'; exit 3", "--notify", hook.url(), code=3)
    assert 1.4 < time.monotonic() - began < 12
    assert jw.events("sh-1", "notify.sent")


def test_linger_is_a_limit(jw, hook):
    hook.gate.clear()
    began = time.monotonic()
    jw.run("echo 'ERROR: it broke'; exit 3", "--notify", hook.url(),
           "--set", "notify.linger=300ms", code=3)
    assert time.monotonic() - began < 5
    assert jw.family_pids()  # the family stays, with the message
    hook.gate.set()
    wait_until(lambda: not jw.family_pids())
    assert jw.events("sh-1", "notify.sent")
