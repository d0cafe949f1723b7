"""Closed segments: when one is closed, what becomes of it, what goes."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from jw import PATIENCE, is_alive, release, wait_until

SMALL = ("--set", "log.max_size=100KB")
SEQ = "seq 1 200000"  # 1,288,895 bytes: a dozen of these


def seq_bytes(last=200000):
    return b"".join(b"%d\n" % n for n in range(1, last + 1))


def segments(jw, job, suffix=r"\.log(\.zst|\.gz)?"):
    pattern = re.compile(rf"output-\d{{8}}T\d{{6}}Z-\d{{6,}}{suffix}")
    return sorted(p for p in jw.dir(job).iterdir()
                  if pattern.fullmatch(p.name))


def settled(jw):
    wait_until(lambda: not jw.family_pids())


def triggers(jw, job):
    return [e["data"]["trigger"] for e in jw.events(job, "log.rotate")
            if "trigger" in e["data"]]


# --- what becomes of them ---------------------------------------------------

def test_closed_segments_are_compressed_but_the_newest(jw):
    jw.run(SEQ, *SMALL, "--set", "log.keep=100")
    settled(jw)
    packed, plain = segments(jw, "sh-1", r"\.log\.zst"), \
        segments(jw, "sh-1", r"\.log")
    assert len(packed) >= 9 and len(plain) == 1
    assert plain[0] > packed[-1]
    subprocess.run(["zstd", "-qt", *packed], check=True)
    assert jw.log("sh-1") == seq_bytes()
    assert set(triggers(jw, "sh-1")) == {"size"}


def test_all_are_compressed_without_delay(jw):
    jw.run(SEQ, *SMALL, "--set", "log.keep=100", "--set",
           "log.delay_compress=false", "--set", "log.compress=gzip")
    settled(jw)
    assert not segments(jw, "sh-1", r"\.log")
    packed = segments(jw, "sh-1", r"\.log\.gz")
    subprocess.run(["gzip", "-t", *packed], check=True)
    assert jw.log("sh-1") == seq_bytes()


def test_none_are_compressed(jw):
    jw.run(SEQ, *SMALL, "--set", "log.keep=100", "--set", "log.compress=none")
    settled(jw)
    assert len(segments(jw, "sh-1", r"\.log")) >= 9
    assert jw.log("sh-1") == seq_bytes()


def test_segments_end_at_line_ends(jw):
    jw.run(SEQ, *SMALL, "--set", "log.keep=100", "--set", "log.compress=none")
    for path in segments(jw, "sh-1"):
        assert path.read_bytes().endswith(b"\n")


# --- what goes --------------------------------------------------------------

def read_all(jw, job):
    """What is left, and that it is the end of the whole."""
    left = jw.log(job)
    assert seq_bytes().endswith(left)
    return left


def test_keep(jw):
    jw.detach(SEQ, *SMALL, "--set", "log.keep=3")
    settled(jw)
    assert len(segments(jw, "sh-1")) == 3
    assert len(read_all(jw, "sh-1")) < 600_000


def test_total_size(jw):
    jw.detach(SEQ, *SMALL, "--set", "log.keep=1000", "--set",
              "log.total_size=400KB", "--set", "log.compress=none")
    settled(jw)
    used = sum(p.stat().st_size for p in jw.dir("sh-1").glob("output*"))
    assert 200_000 < used <= 500_000
    read_all(jw, "sh-1")


def test_max_retention(jw):
    """A segment goes by its age, though the job is silent."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo old; read x < {go}; echo new; exec sleep 120",
                    "--set", "log.max_retention=1s")
    jw.wait_log(job, b"old\n")
    jw("rotate", job)
    assert len(segments(jw, job)) == 1
    release(go)
    jw.wait_log(job, b"new\n")
    wait_until(lambda: segments(jw, job) == [])
    assert jw.log(job) == b"new\n"
    jw("kill", job)


def test_a_reader_that_is_behind_keeps_its_segments(jw):
    """`logs -f` into a pipe that nobody reads; then somebody does."""
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"{SEQ}; read x < {go}; {SEQ}; {SEQ}", *SMALL,
                    "--set", "log.keep=100", "--set", "log.compress=none")
    wait_until(lambda: len(segments(jw, job)) >= 9)
    reader = jw.start("logs", "-f", job)
    assert reader.stdout.read(10) == seq_bytes()[:10]
    release(go)
    jw("wait", job)
    rest = reader.stdout.read()
    assert reader.wait(PATIENCE) == 0
    assert rest == (seq_bytes() * 3)[10:]


def test_retention_waits_for_a_reader(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"{SEQ}; read x < {go}; {SEQ}; {SEQ}", *SMALL,
                    "--set", "log.keep=12", "--set", "log.compress=none")
    wait_until(lambda: len(segments(jw, job)) >= 9)
    first = segments(jw, job)[0]
    reader = jw.start("logs", "-f", job)
    reader.stdout.read(10)
    release(go)
    wait_until(lambda: len(segments(jw, job)) > 24)  # twice what is kept
    assert first.exists()
    assert reader.stdout.read() == (seq_bytes() * 3)[10:]
    jw("wait", job)


def test_the_classifier_keeps_what_it_has_not_read(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo up; read x < {go}; echo ValueError: planted; {SEQ}",
                    *SMALL, "--set", "log.keep=2", "--set",
                    "rule.0.name=planted", "--set", "rule.0.pattern=planted")
    jw.wait_log(job, b"up\n")
    classifier = jw.family(job)["classifier"]
    os.kill(classifier, signal.SIGSTOP)
    release(go)
    wait_until(lambda: len(segments(jw, job)) > 5)
    os.kill(classifier, signal.SIGCONT)
    jw("wait", job)
    alerts = jw.wait_events(job, "output.alert")
    assert [a["source"] for a in alerts] == ["rule:planted"]


# --- by age and on request --------------------------------------------------

def test_max_age_of_a_silent_job(jw):
    """Closed by the clock, though nothing more comes; an empty one is not."""
    job = jw.detach("echo once; exec sleep 120", "--set", "log.max_age=1s")
    jw.wait_events(job, "log.rotate")
    assert triggers(jw, job) == ["age"]
    assert len(segments(jw, job)) == 1
    time.sleep(2.5)  # two more ages
    assert len(segments(jw, job)) == 1
    assert jw.log(job) == b"once\n"
    jw("kill", job)


def test_schedule_is_accepted(jw):
    jw.run("echo x", "--set", "log.schedule=hourly")
    jw.run("echo x", "--set", "log.schedule=daily")


def test_rotate_on_request_is_told_as_such(jw):
    job = jw.detach("echo x; exec sleep 120")
    jw.wait_log(job, b"x\n")
    jw("rotate", job)
    jw.wait_events(job, "log.rotate")
    assert triggers(jw, job) == ["request"]
    jw("kill", job)


# --- on_rotate --------------------------------------------------------------

def test_on_rotate_gets_the_path(jw):
    seen = jw.tmp / "seen"
    jw.run(SEQ, *SMALL, "--set", "log.keep=100", "--set",
           f"log.on_rotate=ls -d >> {seen}")
    settled(jw)
    paths = seen.read_text().split()
    assert len(paths) == len(segments(jw, "sh-1"))
    assert all(p.startswith(str(jw.dir("sh-1")) + "/output-") and
               p.endswith(".log") for p in paths)
    assert paths == sorted(paths)


def test_on_rotate_that_fails_is_told_and_costs_nothing(jw):
    job = jw.detach("echo one; exec sleep 120", "--set",
                    "log.on_rotate=sh -c 'exit 3'")
    jw.wait_log(job, b"one\n")
    jw("rotate", job)
    events = jw.wait_events(job, "log.rotate", 2)
    assert events[1]["severity"] == "medium"
    assert events[1]["data"]["error"] == "exit code 3"
    assert events[1]["data"]["step"] == "on_rotate"
    jw("kill", job)


def test_on_rotate_that_hangs_is_ended(jw):
    """With all that it has started, and the next segment has its turn."""
    lock = jw.tmp / "lock"
    job = jw.detach("echo one; exec sleep 120", "--set",
                    f"log.on_rotate=sh -c 'sleep 1000 & echo $! > {lock}; "
                    "wait'", "--set", "log.on_rotate_timeout=1s")
    jw.wait_log(job, b"one\n")
    jw("rotate", job)
    events = jw.wait_events(job, "log.rotate", 2)
    assert "more than 1s" in events[1]["data"]["error"]
    wait_until(lambda: not is_alive(int(lock.read_text())))
    jw("kill", job)


# --- archive ----------------------------------------------------------------

def test_archive(jw):
    """Compressed and copied before retention may take them."""
    archive = jw.tmp / "archive"
    archive.mkdir()
    jw.detach(SEQ, *SMALL, "--set", "log.keep=2", "--set",
              f"log.archive={archive}")
    settled(jw)
    copies = sorted((archive / "sh-1").glob("*.zst"))
    assert len(copies) >= 10 and len(segments(jw, "sh-1")) == 2
    whole = b"".join(subprocess.run(["zstdcat", p], check=True,
                                    stdout=subprocess.PIPE).stdout
                     for p in copies)
    assert whole == seq_bytes()
    assert triggers(jw, "sh-1")[-1] == "end"
    assert all(p.with_name(p.name + ".idx").exists() for p in copies)
    assert not list((archive / "sh-1").glob("*.tmp"))


def test_what_is_not_archived_stays(jw):
    archive = jw.tmp / "archive"
    archive.mkdir()
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"echo up; read x < {go}; {SEQ}; exec sleep 120", *SMALL,
                    "--set", "log.keep=2", "--set", f"log.archive={archive}")
    jw.wait_log(job, b"up\n")
    shutil.rmtree(archive)
    release(go)
    failed = wait_until(lambda: [e for e in jw.events(job, "log.rotate")
                                 if e["data"].get("step") == "archive"])
    assert failed[0]["severity"] == "medium"
    wait_until(lambda: len(segments(jw, job)) >= 9)
    assert jw.log(job).startswith(b"up\n1\n2\n")
    archive.mkdir()
    wait_until(lambda: len(segments(jw, job)) <= 2, PATIENCE * 2)
    jw("kill", job)


def test_an_archive_that_is_no_directory_refuses_the_start(jw):
    done = jw("run", "--set", f"log.archive={jw.tmp / 'none'}", "--", "true",
              code=2)
    assert b"log.archive" in done.stderr
    assert jw.json("ps", "-a") == []


# --- after a crash ----------------------------------------------------------

def test_a_supervisor_killed_while_segments_are_looked_after(jw):
    go = jw.tmp / "go"
    os.mkfifo(go)
    job = jw.detach(f"{SEQ}; read x < {go}; {SEQ}; exit 7", *SMALL,
                    "--set", "log.keep=1000")
    for _ in range(5):
        wait_until(lambda: jw.family(job).get("supervisor"))
        os.kill(jw.family(job)["supervisor"], signal.SIGKILL)
        time.sleep(0.05)
    release(go)
    jw("wait", job, code=7)
    settled(jw)
    assert jw.log(job) == seq_bytes() * 2
    assert len(segments(jw, job, r"\.log")) == 1
    subprocess.run(["zstd", "-qt", *segments(jw, job, r"\.log\.zst")],
                   check=True)


# --- what a rotation would do ------------------------------------------------

def dry_run(jw, job):
    """What is said, by kind; nothing is done meanwhile."""
    before = sorted(p.name for p in jw.dir(job).glob("output*"))
    said = jw("rotate", "--dry-run", job).stdout.decode()
    assert sorted(p.name for p in jw.dir(job).glob("output*")) == before
    rows = {}
    for line in said.splitlines():
        words, name = re.fullmatch(
            rf"{job}: would (close|compress|copy|remove) .*?(output-\S+).*",
            line).groups()
        rows.setdefault(words, []).append(name)
    return rows


def archived(jw, job):
    """The number of the last one that was copied."""
    path = jw.dir(job) / "cursor-segments"
    return json.loads(path.read_text())["archived"] if path.exists() else 0


def one_rotation(jw, job, number, copies):
    planned = dry_run(jw, job)
    before = [p.name for p in segments(jw, job)]
    jw("rotate", job)
    closed, = planned["close"]
    assert segments(jw, job)[-1].name.startswith(closed)
    assert planned.get("remove", []) == (before[:1] if number == 3 else [])
    assert planned.get("copy", []) == ([closed] if copies else [])
    for name in planned.get("compress", []):
        assert name in before + [closed]
        wait_until(lambda: name + ".zst" in names(jw, job) or
                   name + ".gz" in names(jw, job))
    wait_until(lambda: len(names(jw, job)) <= 3)
    assert not set(planned.get("remove", [])) & set(names(jw, job))
    if copies:
        wait_until(lambda: archived(jw, job) == number + 1)


def names(jw, job):
    return [p.name for p in segments(jw, job)]


@pytest.mark.parametrize("rules, copies", [
    ((), False),
    (("--set", "log.delay_compress=false"), False),
    (("--set", "log.archive=kept"), True),
], ids=["delayed", "at once", "archived"])
def test_a_dry_run_says_what_becomes_true(jw, rules, copies):
    go = jw.tmp / "go"
    os.mkfifo(go)
    (jw.tmp / "kept").mkdir()
    rules = [rule.replace("kept", str(jw.tmp / "kept")) for rule in rules]
    job = jw.detach(
        f"exec 3<{go}; for i in 0 1 2 3 4; do echo $i; read x <&3; done",
        "--set", "log.keep=3", *rules)
    with open(go, "w", buffering=1) as steps:
        for number in range(4):
            jw.wait_log(job, b"%d\n" % number)
            one_rotation(jw, job, number, copies)
            steps.write("on\n")
        steps.write("on\n")
    jw("wait", job)
