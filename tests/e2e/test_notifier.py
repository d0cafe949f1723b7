"""jobwatch-notifier, driven over its socket, against a real receiver."""
import base64
import contextlib
import hashlib
import hmac
import json
import os
import random
import re
import select
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from family_peer import NOTIFIER, UID, Job, Notifier, Outbox
from receiver import Answer, Receiver

SECRET_PATH = "/hook/T0PSECRET"


def webhook(receiver, name="hook", path="/hook", **more):
    return {"name": name, "type": "webhook", "url": receiver.url(path),
            **more}


def message_id(seq, channel="hook"):
    text = f"{UID}\n{seq}\n{channel}".encode()
    return "msg_" + hashlib.sha256(text).hexdigest()


def free_port():
    """A port of this host that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def receiver():
    with Receiver() as r:
        yield r


# ---------------------------------------------------------------- content


def test_body_has_all_that_the_contract_names(tmp_path, receiver):
    job = Job(tmp_path, [webhook(receiver)], {"context_lines": 2}, {
        "rule": [{"name": "x", "pattern": "boom",
                  "runbook": "https://wiki/oom"}]})
    context = ["one", "two", "thr\u00e9e"]
    with Notifier(job) as n:
        n.event(message="CUDA out of memory", context=context, count=3,
                data={"suppressed": 2})
        n.settled()
    request, = receiver.requests
    body, headers = request.json, request.headers
    assert headers["content-type"] == "application/json"
    assert re.fullmatch(r"jobwatch/\d+\.\d+\.\d+", headers["user-agent"])
    assert abs(int(headers["webhook-timestamp"]) - request.wall) < 5
    assert "webhook-signature" not in headers
    event = json.loads(job.events.read_text())
    assert body == {
        "id": message_id(1), "type": "alert",
        "time": "2026-03-02T14:01:03.200000Z", "severity": "high",
        "title": "train-1: CUDA out of memory",
        "message": "CUDA out of memory\n\ntwo\nthr\u00e9e",
        "job": {"id": "train-1", "name": "train", "kind": "training",
                "host": "node7", "user": "ann", "state": "running",
                "argv": ["python", "train.py"], "runtime_s": 63.2,
                "correlation_id": "corr-1",
                "progress": {"step": 3, "steps": 10}},
        "event": event, "count": 3, "suppressed": 2,
        "runbook": "https://wiki/oom", "links": {}}
    assert headers["webhook-id"] == body["id"]
    sent, = n.of("DELIVERY_SENT")
    assert (sent.seq, sent.channel, sent.id, sent.attempts) == (
        1, "hook", message_id(1), 1)


@pytest.mark.parametrize("event,data,kind,state", [
    ("job.exit", {"exit_code": 0, "reason": "exit"}, "finished", "exited"),
    ("job.exit", {"exit_code": 3, "reason": "exit"}, "finished", "failed"),
    ("job.exit", {"signal": 9, "reason": "signal"}, "finished", "killed"),
    ("job.exit", {"exit_code": 0, "reason": "stall"}, "finished", "killed"),
    ("job.lost", {}, "alert", "lost"),
    ("job.stall", {}, "alert", "running"),
    ("job.stall.clear", {}, "resolved", "running"),
])
def test_type_and_state_follow_the_event(tmp_path, receiver, event, data,
                                         kind, state):
    job = Job(tmp_path, [webhook(receiver, min_severity="low")])
    with Notifier(job) as n:
        n.event(event=event, severity="low",
                data={"runtime_s": 7.5, **data})
        n.settled()
    body = receiver.requests[0].json
    assert (body["type"], body["job"]["state"]) == (kind, state)
    assert body["job"]["runtime_s"] == 7.5


def test_titles_and_messages_are_bounded(tmp_path, receiver):
    job = Job(tmp_path, [webhook(receiver)])
    long = "\u00e9" * 9000
    with Notifier(job) as n:
        n.event(message="line\none\x07" + long, context=["c" * 3000] * 12)
        n.settled()
    body = receiver.requests[0].json
    assert body["title"] == "train-1: line one " + "\u00e9" * 111
    assert len(body["message"].encode()) <= 16384
    assert body["message"].endswith("c" * 3000)
    assert body["event"]["message"].endswith(long)


@pytest.mark.parametrize("secret,key", [
    ("plain words", b"plain words"),
    ("whsec_" + base64.b64encode(b"0123456789abcdefghijklmnop").decode(),
     b"0123456789abcdefghijklmnop"),
])
@pytest.mark.parametrize("how", ["literal", "memory", "environment", "file"])
def test_signature(tmp_path, receiver, secret, key, how):
    reference, secrets, env = secret, None, {}
    if how == "memory":
        reference, secrets = "env:HOOK_KEY", {"env:HOOK_KEY": secret}
    elif how == "environment":  # after a reboot there is no memory file
        reference, env = "env:HOOK_KEY", {"HOOK_KEY": secret}
    elif how == "file":
        (tmp_path / "key").write_text(secret + "\n")
        reference = f"file:{tmp_path / 'key'}"
    job = Job(tmp_path / "job", [webhook(receiver, secret=reference)])
    with Notifier(job, env, secrets) as n:
        n.event()
        n.settled()
    request, = receiver.requests
    signed = b".".join([request.id.encode(),
                        request.headers["webhook-timestamp"].encode(),
                        request.body])
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == (
        "v1," + base64.b64encode(digest).decode())


def test_ntfy(tmp_path, receiver):
    message = "head " + "\u00e9" * 4000 + " tail"
    job = Job(tmp_path, [
        {"name": "phone", "type": "ntfy",
         "url": receiver.url("/base/my-topic?x=1"), "token": "env:TOK"},
        {"name": "loud", "type": "ntfy", "url": receiver.url("/t"),
         "priority": 5}])
    with Notifier(job, secrets={"env:TOK": "tk_123"}) as n:
        n.event(severity="high", message=message)
        n.settled()
    by_topic = {r.json["topic"]: r for r in receiver.requests}
    request = by_topic["my-topic"]
    assert request.path == "/base/?x=1"
    assert request.headers["authorization"] == "Bearer tk_123"
    body = request.json
    assert body["title"].startswith("train-1: head \u00e9")
    assert body["priority"] == 4
    assert body["tags"] == ["warning", "high", "train-1"]
    assert 4080 < len(body["message"].encode()) <= 4096
    assert body["message"].startswith("head \u00e9")
    assert "\n\u2026\n" in body["message"]
    assert body["message"].endswith("\u00e9 tail")
    assert by_topic["t"].path == "/"
    assert by_topic["t"].json["priority"] == 5
    assert "authorization" not in by_topic["t"].headers


# ---------------------------------------------------------------- routing


def test_filters(tmp_path, receiver):
    job = Job(tmp_path, [
        webhook(receiver, "all", "/all"),
        webhook(receiver, "low", "/low", min_severity="low"),
        webhook(receiver, "crit", "/crit", min_severity="critical"),
        webhook(receiver, "kinds", "/kinds", kinds=["milestone"],
                min_severity="none"),
        webhook(receiver, "mine", "/mine", jobs=["tra*"]),
        webhook(receiver, "other", "/other", jobs=["deploy"]),
    ], {"min_severity": "medium"})
    with Notifier(job) as n:
        job.event(severity="none", kind="noise")
        job.event(severity="low", kind="milestone")
        job.event(severity="medium", kind="warning")
        job.event(severity="critical", kind="failure")
        job.event(event="notify.gaveup", severity="critical")
        n.poke()
        n.settled()
    got = {}
    for r in receiver.requests:
        got.setdefault(r.path, set()).add(r.seq)
    assert got == {"/all": {3, 4}, "/low": {2, 3, 4}, "/crit": {4},
                   "/kinds": {2}, "/mine": {3, 4}}


def test_lines_that_are_no_events_are_passed_over(tmp_path, receiver):
    job = Job(tmp_path, [webhook(receiver)])
    with job.events.open("a") as out:
        out.write("not json\n[]\n{}\n" + "x" * 70000 + "\n")
    with Notifier(job) as n:
        n.event()
        n.settled()
    assert [r.id for r in receiver.requests] == [message_id(1)]


def test_only_up_to_the_end_that_was_told(tmp_path, receiver):
    job = Job(tmp_path, [webhook(receiver)])
    end = job.event()
    job.event()
    with Notifier(job) as n:
        n.poke(end)
        n.wait_for(lambda n: n.outboxes[-1:] == [Outbox(end, end, 0, 0)])
        n.poke()
        n.settled()
    assert [r.seq for r in receiver.requests] == [1, 2]


# ------------------------------------------------------- failures, retries


RETRIED = {
    "500": Answer(500), "503": Answer(503), "408": Answer(408),
    "425": Answer(425), "429": Answer(429),
    "302": Answer(302, (("Location", "/elsewhere"),)),
    "closed": Answer(close=True),
    "negative": Answer(503, (("Retry-After", "-5"),)),
    "no number": Answer(503, (("Retry-After", "soon"),)),
    "zero": Answer(503, (("Retry-After", "0"),)),
}


def test_retries_keep_the_id(tmp_path):
    """One channel for each way to fail, all at once: it takes a while."""
    with contextlib.ExitStack() as stack:
        receivers = {name: stack.enter_context(Receiver(answer))
                     for name, answer in RETRIED.items()}
        job = Job(tmp_path, [webhook(r, name)
                             for name, r in receivers.items()])
        with Notifier(job) as n:
            n.event()
            n.settled()
    for name, receiver in receivers.items():
        first, second = receiver.requests
        assert first.id == second.id == message_id(1, name), name
        assert {first.path, second.path} == {"/hook"}, "redirect followed"
        assert 0.4 < second.time - first.time < 5.5, name
        failed, sent = (d for d in n.deliveries if d.channel == name)
        assert (failed.outcome, failed.permanent) == (
            "DELIVERY_FAILED", False), name
        assert (sent.outcome, sent.attempts) == ("DELIVERY_SENT", 2), name
        assert failed.id == sent.id == first.id, name


def test_retry_after_holds_the_whole_channel(tmp_path, receiver):
    receiver.tell(Answer(429, (("Retry-After", "2"),)))
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        n.event()
        n.wait_for(lambda n: n.of("DELIVERY_FAILED"))
        n.event()
        n.settled()
    first, *rest = receiver.requests
    assert {r.seq for r in rest} == {1, 2}
    assert all(1.9 < r.time - first.time < 3.5 for r in rest)


def test_400_costs_one_message(tmp_path, receiver):
    receiver.tell(Answer(400))
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        n.event()
        n.event()
        n.settled()
    failed, = n.of("DELIVERY_FAILED")
    assert failed.permanent and failed.error == "HTTP 400"
    sent, = n.of("DELIVERY_SENT")
    assert {failed.seq, sent.seq} == {1, 2}


@pytest.mark.parametrize("status", [401, 404, 410])
def test_a_closed_channel_is_left_for_its_fallback(tmp_path, receiver,
                                                   status):
    receiver.choose = lambda body: Answer(200)
    with Receiver(Answer(status, times=99)) as gone:
        job = Job(tmp_path, [
            webhook(gone, "first", SECRET_PATH, fallback="second"),
            webhook(receiver, "second", min_severity="critical")])
        with Notifier(job) as n:
            n.event()
            n.settled()
            n.event()
            n.settled()
            n.event(severity="critical")
            n.settled()
        with Notifier(job) as again:  # and it stays closed
            again.event()
            again.settled()
    assert [r.seq for r in gone.requests] == [1]
    assert [(r.seq, r.id) for r in receiver.requests] == [
        (seq, message_id(seq, "second")) for seq in (1, 2, 3, 4)]
    failed, = n.of("DELIVERY_FAILED")
    assert (failed.seq, failed.channel, failed.permanent, failed.error) == (
        1, "first", True, f"HTTP {status}")
    assert job.outbox()["closed"] == ["first"]
    assert n.log().count("not used any more") == 1


def test_fallbacks_in_a_circle_end(tmp_path):
    with Receiver(Answer(400, times=99)) as r:
        job = Job(tmp_path, [
            webhook(r, "a", "/a", fallback="b", min_severity="critical"),
            webhook(r, "b", "/b", fallback="a", min_severity="critical"),
            webhook(r, "c", "/c", fallback="a")])
        with Notifier(job) as n:
            n.event()
            n.settled()
    assert 3 <= len(r.requests) <= 5


def test_a_type_that_is_not_there_yet(tmp_path, receiver):
    job = Job(tmp_path, [
        {"name": "chat", "type": "slack", "url": "https://hooks.invalid/x",
         "fallback": "hook"},
        webhook(receiver, min_severity="critical")])
    with Notifier(job) as n:
        n.event()
        n.settled()
        n.event()
        n.settled()
    failed, = n.of("DELIVERY_FAILED")
    assert failed.permanent
    assert failed.error == "channel type slack is not there yet"
    assert n.log().count("slack is not there yet") == 1
    assert {r.seq for r in receiver.requests} == {1, 2}


def test_expired_messages_are_given_up(tmp_path):
    with Receiver(Answer(500, times=99)) as r:
        job = Job(tmp_path, [webhook(r, expire="1s")])
        with Notifier(job) as n:
            n.event()
            n.settled()
    gaveup, = n.of("DELIVERY_GAVEUP")
    assert gaveup.error == "HTTP 500" and gaveup.attempts >= 2
    assert len(r.requests) == gaveup.attempts


def test_order_within_a_fingerprint(tmp_path, receiver):
    bad = {1: 1, 4: 1}  # seq: how often it fails

    def choose(body):
        seq = body["event"]["seq"]
        bad[seq] = bad.get(seq, 0) - 1
        return Answer(500 if bad[seq] >= 0 else 200,
                      delay=random.random() / 100)

    receiver.choose = choose
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        for i in range(12):
            job.event(fingerprint=f"{i % 2:016x}")
        n.poke()
        n.settled(30)
    for parity in (0, 1):
        got = [r.seq for r in receiver.accepted() if r.seq % 2 == parity]
        assert got == sorted(got) and len(got) == 6


def test_a_stalls_end_does_not_overtake_it(tmp_path, receiver):
    receiver.tell(Answer(500))
    job = Job(tmp_path, [webhook(receiver, min_severity="low")])
    with Notifier(job) as n:
        job.event(event="job.stall")
        job.event(event="job.stall.clear", severity="low")
        n.poke()
        n.settled()
    assert [r.json["type"] for r in receiver.accepted()] == [
        "alert", "resolved"]


def test_unreachable_host(tmp_path):
    port = free_port()
    url = f"http://user:pa55@127.0.0.1:{port}{SECRET_PATH}?k=S3CRET"
    job = Job(tmp_path, [{"name": "hook", "type": "webhook", "url": url}])
    with Notifier(job) as n:
        n.event()
        n.wait_for(lambda n: n.of("DELIVERY_FAILED"))
        failed, = n.of("DELIVERY_FAILED")
        assert not failed.permanent
        assert failed.error.startswith(f"http://127.0.0.1:{port}: ")
        text = failed.error + n.log() + json.dumps(job.outbox())
    for secret in ("T0PSECRET", "S3CRET", "pa55", "user"):
        assert secret not in text


def test_a_bad_address_is_final(tmp_path):
    job = Job(tmp_path, [
        {"name": "hook", "type": "webhook", "url": "env:HOOK"}])
    with Notifier(job, secrets={"env:HOOK": "gopher://S3CRET/x"}) as n:
        n.event()
        n.settled()
    failed, = n.of("DELIVERY_FAILED")
    assert failed.permanent and "/x" not in failed.error


def test_a_missing_secret_is_named_by_its_reference(tmp_path, receiver):
    job = Job(tmp_path, [
        webhook(receiver, secret="env:NO_SUCH_KEY", fallback="other"),
        webhook(receiver, "file", "/f", secret="file:/no/such/key"),
        webhook(receiver, "other", min_severity="critical")])
    with Notifier(job) as n:
        n.event()
        n.wait_for(lambda n: len(n.of("DELIVERY_FAILED")) == 2 and
                   n.of("DELIVERY_SENT"))
    by_channel = {d.channel: d for d in n.of("DELIVERY_FAILED")}
    assert "env:NO_SUCH_KEY" in by_channel["hook"].error
    assert by_channel["hook"].permanent
    assert "file:/no/such/key" in by_channel["file"].error
    assert not by_channel["file"].permanent
    assert [r.id for r in receiver.requests] == [message_id(1, "other")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_private_addresses_can_be_refused(tmp_path, host):
    """Not even a connection is made."""
    family = socket.AF_INET6 if host == "[::1]" else socket.AF_INET
    with socket.create_server(("", 0), family=family) as server:
        job = Job(tmp_path, [
            {"name": "strict", "type": "webhook", "allow_private": False,
             "url": f"http://{host}:{server.getsockname()[1]}/x"}])
        with Notifier(job) as n:
            n.event()
            n.settled()
        assert select.select([server], [], [], 0)[0] == []
    failed, = n.of("DELIVERY_FAILED")
    assert failed.permanent and "allow_private" in failed.error


def test_no_use_of_a_connection_that_another_channel_made(tmp_path, receiver):
    job = Job(tmp_path, [
        webhook(receiver, "open", kinds=["failure"]),
        webhook(receiver, "strict", kinds=["warning"], allow_private=False)])
    with Notifier(job) as n:
        n.event(kind="failure")
        n.settled()
        n.event(kind="warning")  # the connection is still there
        n.settled()
    assert [r.id for r in receiver.requests] == [message_id(1, "open")]
    failed, = n.of("DELIVERY_FAILED")
    assert "allow_private" in failed.error


def test_a_dead_name_server_delays_nobody(tmp_path, receiver):
    job = Job(tmp_path, [
        {"name": "dead", "type": "webhook",
         "url": "https://no-such-host.jobwatch.invalid/x"},
        webhook(receiver)])
    with Notifier(job) as n:
        before = time.monotonic()
        n.event()
        receiver.wait(1, 1)
        assert receiver.requests[0].time - before < 1
        n.event()
        receiver.wait(2, 1)


def alone():
    """True where we may have namespaces of our own."""
    return subprocess.run(["unshare", "-rmn", "true"],
                          capture_output=True).returncode == 0


@pytest.mark.skipif(not alone(), reason="no namespaces here")
def test_a_name_server_that_never_answers(tmp_path):
    """A resolver thread hangs; deliveries, retries and our end do not."""
    (tmp_path / "resolv.conf").write_text(
        "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    done = subprocess.run(
        ["unshare", "-rmn", "sh", "-c",
         'mount --bind "$1/resolv.conf" /etc/resolv.conf && '
         'mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf && '
         'exec "$2" "$3" "$1/job"', "sh", tmp_path, sys.executable,
         Path(__file__).with_name("silent_dns.py")],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "http://no-such-host.example.org: " \
        "Timeout was reached\n"


# ------------------------------------------------------------ persistence


def test_killed_at_any_instant_nothing_is_lost(tmp_path, receiver):
    total, dice = 150, random.Random(7)
    receiver.choose = lambda body: Answer(delay=dice.random() / 300)
    job = Job(tmp_path, [webhook(receiver)])
    kills = 0
    while job.seq < total or len(receiver.accepted()) < total:
        with Notifier(job) as n:
            n.poke()
            end = time.monotonic() + dice.random() * 0.12
            while time.monotonic() < end:
                if job.seq < total:
                    n.event(message=f"m{job.seq}")
                time.sleep(dice.random() / 200)
        kills += 1
        for name in ("cursor-notify", "policy.json"):
            path = job.path / name
            assert not path.exists() or json.loads(path.read_text())
        assert kills < 200
    with Notifier(job) as n:
        n.poke()
        n.settled()
        n.peer.shutdown(socket.SHUT_RDWR)
        assert n.wait() == 0
    ids = {r.seq: set() for r in receiver.requests}
    for r in receiver.requests:
        ids[r.seq].add(r.id)
    assert kills > 5
    assert ids == {seq: {message_id(seq)} for seq in range(1, total + 1)}


def test_a_letter_is_on_disk_before_its_first_attempt(tmp_path, receiver):
    receiver.gate.clear()
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        n.event()
        receiver.wait(1)
        box = job.outbox()
        assert box["cursor"] == job.events.stat().st_size
        assert [p["id"] for p in box["pending"]] == [message_id(1)]
        n.kill()
    with Notifier(job) as n:  # needs no poke: it is owed
        assert n.wait_for(lambda n: n.outboxes).outboxes[0].pending == 1
        receiver.wait(2)
        receiver.gate.set()
        n.settled()
    assert {r.id for r in receiver.requests} == {message_id(1)}


@pytest.mark.parametrize("damage", [
    "", "{", "[]", '{"version":2}', '{"version":1,"cursor":-1}',
    '{"version":1,"cursor":5,"seq":1,"pending":[{"id":"x"}]}'])
def test_a_damaged_cursor_gives_the_same_ids(tmp_path, receiver, damage):
    job = Job(tmp_path, [webhook(receiver)])
    job.event()
    job.event()
    (job.path / "cursor-notify").write_text(damage)
    with Notifier(job) as n:
        n.poke()
        n.settled()
    assert {r.id for r in receiver.requests} == {message_id(1),
                                                 message_id(2)}
    assert "damaged" in n.log()


def test_a_cursor_past_the_end_steps_back(tmp_path, receiver):
    job = Job(tmp_path, [webhook(receiver)])
    job.event()
    with Notifier(job) as n:
        n.poke()
        n.settled()
    job.events.write_text("")  # the machine went down before the sync
    with Notifier(job) as n:
        n.poke()
        n.settled()
        n.event()
        n.settled()
    assert [r.seq for r in receiver.requests] == [1, 2]


def test_a_cursor_that_cannot_be_saved_holds_nothing_back(tmp_path,
                                                          receiver):
    job = Job(tmp_path, [webhook(receiver)])
    (job.path / "cursor-notify.tmp").mkdir()
    with Notifier(job) as n:
        n.event()
        n.settled()
        n.event()
        n.settled()
    assert [r.seq for r in receiver.requests] == [1, 2]
    assert n.log().count("cannot write cursor-notify") == 1


def test_the_outbox_is_bounded(tmp_path, receiver):
    total = 1300
    receiver.gate.clear()
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        for _ in range(total):
            job.event()
        n.poke()
        n.wait_for(lambda n: n.outboxes[-1:] and n.outboxes[-1].pending)
        assert n.outboxes[-1].pending == 1000
        assert n.outboxes[-1].cursor < job.events.stat().st_size
        assert n.outboxes[-1].end == job.events.stat().st_size
        receiver.gate.set()
        n.settled(60)
    assert sorted(r.seq for r in receiver.requests) == list(
        range(1, total + 1))


# ------------------------------------------------------------------ family


def test_the_end_is_told(tmp_path, receiver):
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        n.wait_for(lambda n: n.outboxes == [Outbox(0, 0, 0, 0)])
        n.event()
        n.settled()
        told = len(n.outboxes)
        n.poke()
        n.wait_for(lambda n: len(n.outboxes) > told)
        size = job.events.stat().st_size
        assert n.outboxes[-1] == Outbox(size, size, 0, 0)
        assert len(n.outboxes) == told + 1  # one answer for a question
        n.peer.shutdown(socket.SHUT_RDWR)
        assert n.wait() == 0


def test_it_says_by_when_it_will_be_heard_of(tmp_path):
    """While an answer is out, while a retry waits; and it keeps its word."""
    script = Answer(503, (("Retry-After", "1"),)), Answer(delay=1)
    with Receiver(*script) as receiver:
        job = Job(tmp_path, [webhook(receiver)])
        with Notifier(job) as n:
            n.event()
            n.wait_for(lambda n: n.of("DELIVERY_FAILED"))
            flying = [o.within_ms for o in n.outboxes if o.pending]
            told = len(n.outboxes)
            n.wait_for(lambda n: len(n.outboxes) > told)
            waits, since = n.outboxes[-1], time.monotonic()
            n.wait_for(lambda n: len(n.outboxes) > told + 1)
            took = time.monotonic() - since
            n.settled()
    assert flying == [30000]
    assert 0 < waits.within_ms <= 1001
    assert took * 1000 <= waits.within_ms + 500
    assert [o.within_ms for o in n.outboxes[told + 1:]] == [30000, 0]


@pytest.mark.parametrize("record", [
    b"", b"\0", b"\xff\xff\xff\xff", b"\0\0\0\0" + b"x" * 100])
def test_a_bad_message_ends_it(tmp_path, receiver, record):
    if not record:
        record = b"\x01\0\0\0"  # a ping is not for the notifier
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        n.peer.send(record)
        assert n.wait() == 1


def test_a_supervisor_that_does_not_read(tmp_path, receiver):
    """Its socket fills; deliveries go on as far as reports can wait."""
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        for _ in range(1200):
            job.event()
        n.poke()
        receiver.wait(300, 20)
        n.settled(30)
    assert len(n.of("DELIVERY_SENT")) == 1200


def test_it_cannot_start_without_a_policy(tmp_path, receiver):
    job = Job(tmp_path, [])
    (job.path / "policy.json").unlink()
    with Notifier(job) as n:
        assert n.wait() == 1
    assert "cannot read policy.json" in n.log()


def test_latency(tmp_path, receiver):
    """Poke to request: a few milliseconds once there is a connection, where
    the machine has nothing else to do; the bench says how many."""
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        n.event()
        cold = receiver.wait(1)[0].time - n.started
        n.settled()
        warm = []
        for i in range(30):
            end = job.event()
            before = time.monotonic()
            n.poke(end)
            warm.append(receiver.wait(i + 2)[-1].time - before)
            n.settled()
    print(f"first {cold * 1e3:.1f} ms, warm "
          f"{statistics.median(warm) * 1e3:.2f} ms")
    assert min(warm) < 0.01 and statistics.median(warm) < 0.1
    assert cold < 0.5


def test_a_connection_is_used_again(tmp_path, receiver):
    job = Job(tmp_path, [webhook(receiver)])
    with Notifier(job) as n:
        for _ in range(5):
            n.event()
            n.settled()
    assert len({r.peer for r in receiver.requests}) == 1


# ------------------------------------------------------------- the commands


def run_mode(*args, **fds):
    """jobwatch-notifier MODE --NAME-fd N…; fds are given by name."""
    words = [f"--{name}-fd={fd}" for name, fd in fds.items()]
    return subprocess.run([NOTIFIER, *args, *words], pass_fds=fds.values(),
                          capture_output=True, text=True, timeout=60)


def memory(document):
    fd = os.memfd_create("test")
    os.write(fd, json.dumps(document).encode())
    return fd


def run_test(policy, *args, secrets=None):
    fds = {"policy": memory(policy)}
    if secrets is not None:
        fds["secrets"] = memory(secrets)
    try:
        return run_mode("test", *args, **fds)
    finally:
        for fd in fds.values():
            os.close(fd)


def test_test_sends_through_the_real_path(receiver):
    policy = {"job": {"name": "train"}, "channel": [
        webhook(receiver, secret="env:KEY"),
        {"name": "phone", "type": "ntfy", "url": receiver.url("/topic")}]}
    done = run_test(policy, "--severity", "low", secrets={"env:KEY": "k"})
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"hook \(webhook\): ok, HTTP 200 in \d+ ms\n"
                        r"phone \(ntfy\): ok, HTTP 200 in \d+ ms\n",
                        done.stdout)
    by_path = {r.path: r for r in receiver.requests}
    body = by_path["/hook"].json
    assert body["type"] == "test" and body["severity"] == "low"
    assert body["title"].startswith("train: a test notification")
    assert body["event"]["message"] in body["message"]
    assert "webhook-signature" in by_path["/hook"].headers
    assert by_path["/"].json["topic"] == "topic"


def test_test_says_what_failed_and_does_not_retry(receiver):
    receiver.choose = lambda body: Answer(503)
    port = free_port()
    url = f"http://127.0.0.1:{port}{SECRET_PATH}"
    policy = {"channel": [
        webhook(receiver), {"name": "down", "type": "webhook", "url": url},
        {"name": "chat", "type": "slack", "url": url}]}
    done = run_test(policy, "--json")
    assert done.returncode == 1
    assert "T0PSECRET" not in done.stdout + done.stderr
    rows = {row["channel"]: row for row in json.loads(done.stdout)}
    assert rows["hook"]["http"] == 503 and not rows["hook"]["ok"]
    assert rows["down"]["error"].startswith(f"http://127.0.0.1:{port}: ")
    assert "not there yet" in rows["chat"]["error"]
    assert len(receiver.requests) == 1


def test_test_of_one_channel_and_of_none(receiver):
    policy = {"channel": [webhook(receiver, "a"), webhook(receiver, "b")]}
    done = run_test(policy, "--channel", "b")
    assert done.returncode == 0 and done.stdout.startswith("b (webhook)")
    assert len(receiver.requests) == 1
    for policy, args in ((policy, ("--channel", "c")), ({}, ())):
        done = run_test(policy, *args)
        assert done.returncode == 1 and "channel" in done.stderr
    assert run_test(policy, "--severity", "odd").returncode == 2


def owing(home, name, count):
    """A job that owes so many messages; its directory."""
    job = Job(home / "jobs" / name, [])
    (home / "running").mkdir(exist_ok=True)
    (home / "running" / name).touch()
    job.write("cursor-notify", {
        "version": 1, "cursor": 1, "seq": 1, "closed": [], "pending": [
            {"id": f"msg_{i}", "seq": i, "channel": "hook", "attempts": 0,
             "first_at": 1, "next_at": 1, "error": None}
            for i in range(1, count + 1)]})
    return job.path


def status_page(**fds):
    """The events that a person is told of, and how many more there are."""
    text = run_mode("status", **fds).stdout
    more = [int(n) for n in
            re.findall(r"^  and (\d+) more; --json has all$", text, re.M)]
    return [int(n) for n in re.findall("event ([0-9]+) for hook", text)], more


@pytest.mark.parametrize("count, more", [(20, []), (21, [1]), (1000, [980])])
def test_status_shows_a_person_the_newest(tmp_path, count, more):
    fd = os.open(owing(tmp_path, "train-1", count), os.O_RDONLY)
    assert status_page(dir=fd) == (
        list(range(max(1, count - 19), count + 1)), more)
    whole = json.loads(run_mode("status", "--json", dir=fd).stdout)
    assert len(whole["pending"]) == count
    os.close(fd)


def test_status_of_all_jobs_is_a_page(tmp_path):
    for i in range(5):
        owing(tmp_path, f"train-{i}", 30)
    fd = os.open(tmp_path, os.O_RDONLY)
    shown, more = status_page(home=fd)
    assert shown == list(range(11, 31)) and more == [10, 30, 30, 30, 30]
    whole = json.loads(run_mode("status", "--json", home=fd).stdout)
    assert [len(job["pending"]) for job in whole] == [30] * 5
    os.close(fd)


def test_status(tmp_path, receiver):
    home = tmp_path / "home"
    job = Job(home / "jobs" / "train-1", [webhook(receiver)])
    (home / "running").mkdir()
    (home / "running" / "train-1").touch()
    receiver.tell(Answer(200), Answer(400), Answer(503, times=9))
    with Notifier(job) as n:
        for outcome in ("DELIVERY_SENT", "DELIVERY_FAILED"):
            n.event()
            n.wait_for(lambda n: n.of(outcome))
        n.event()
        n.wait_for(lambda n: len(n.of("DELIVERY_FAILED")) == 2)
        while job.outbox()["pending"][0]["error"] is None:
            time.sleep(0.001)  # the report comes before the file
    names = {"DELIVERY_SENT": "sent", "DELIVERY_FAILED": "failed"}
    for d in n.deliveries:  # as the supervisor would
        job.event(event="notify." + names[d.outcome], severity="none", data={
            "channel": d.channel, "of": d.seq, "message_id": d.id,
            "attempts": d.attempts, "error": d.error,
            "permanent": d.permanent})
    fd = os.open(job.path, os.O_RDONLY)
    home_fd = os.open(home, os.O_RDONLY)
    one = json.loads(run_mode("status", "--json", dir=fd).stdout)
    assert (one["job"], one["delivered"], one["failed"]) == ("train-1", 1, 1)
    waiting, = one["pending"]
    assert (waiting["seq"], waiting["error"]) == (3, "HTTP 503")
    assert one["last_delivered"]["message_id"] == message_id(1)
    assert json.loads(run_mode("status", "--json", home=home_fd).stdout) == [
        one]
    text = run_mode("status", dir=fd).stdout
    assert text.startswith("train-1: 1 waiting, 1 delivered, 1 failed")
    assert "event 3 for hook, 1 failed (HTTP 503)" in text
    assert "last delivered: event 1 to hook" in text
    (home / "running" / "train-1").unlink()
    assert "no job owes" in run_mode("status", home=home_fd).stdout
    assert run_mode("status").returncode == 2
    os.close(fd)
    os.close(home_fd)
