"""stop, kill, rotate, rm and prune, on jobs written by hand."""

import os
import time

from fake_job import FakeFamily, FakeJob, rfc3339
from views import attached, call, ended, home, start  # noqa: F401


# --- stop, kill, rotate ----------------------------------------------


def test_stop_returns_when_the_job_has_ended(home):
    job, family, client = attached(home)
    family.on_stop = lambda: family.finish(0, 10, reason="stopped")
    call(home, "stop", "train", "--signal", "SIGUSR1", "--grace", "1m30s")
    assert {"cmd": "stop", "signal": 10, "grace_ms": 90000} in family.asked
    ended(client, 138)
    assert "has ended already: killed" in call(home, "stop", "train").stdout
    assert "has ended already" in call(home, "kill", "train").stdout


def test_kill(home):
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    family.on_stop = lambda: family.finish(0, 9)
    call(home, "kill", "train")
    assert family.asked[0] == {"cmd": "kill"}


def test_stop_asks_the_next_supervisor(home):
    """The first one dies with the question unanswered."""
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    honest = family.answer

    def first(request):
        family.answer = honest

    family.answer = first
    family.on_stop = lambda: family.finish(0)
    call(home, "stop", "train")
    assert [r["cmd"] for r in family.asked].count("stop") == 2


def test_stop_what_is_lost_or_far(home):
    FakeJob(home, "lost-1")
    assert "has ended already: lost" in call(home, "stop", "lost").stdout
    FakeJob(home, "far-1", host="elsewhere")
    assert "elsewhere" in call(home, "stop", "far", code=125).stderr


def test_rotate(home):
    job = FakeJob(home, "train-1")
    family = FakeFamily(job)
    family.rotation = {"ok": True, "segment": "output-x.log",
                       "bytes": 1200000}
    out = call(home, "rotate", "train").stdout
    assert out == "train-1: closed output-x.log (1.2 MB)\n"
    assert family.asked[-1] == {"cmd": "rotate", "dry_run": False}
    assert "would close" in call(home, "rotate", "--dry-run",
                                 "train").stdout
    family.finish(0)
    assert "has ended" in call(home, "rotate", "train", code=1).stderr


# --- rm and prune ----------------------------------------------------


def test_rm_refuses_a_running_job(home):
    job = FakeJob(home, "train-1")
    FakeFamily(job)
    FakeJob(home, "over-1").finish(0)
    done = call(home, "rm", "train-1", "over-1", code=1)
    assert "running" in done.stderr and "jobwatch stop train-1" in done.stderr
    assert os.listdir(home / "jobs") == ["train-1"]


def test_rm_of_several_and_the_running_list(home):
    for n in (1, 2):
        job = FakeJob(home, "a-%d" % n)
        job.mark()
        os.makedirs(job.path("deep/er"))
        job.finish(0)
    call(home, "rm", "a-1", "a-2")
    assert os.listdir(home / "jobs") == os.listdir(home / "running") == []


def test_rm_waits_for_a_family_that_is_leaving(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    family.finish(0)
    client = start(home, "rm", "a-1")
    time.sleep(0.1)  # either way the outcome is the same
    family.vanish()
    ended(client, 0)


def test_rm_while_alerts_are_delivered(home):
    job = FakeJob(home, "a-1")
    family = FakeFamily(job)
    family.finish(0, settle=False)
    assert "delivered" in call(home, "rm", "a-1", code=1).stderr
    family.vanish()


def test_rm_leaves_what_a_link_points_to(home, tmp_path):
    (tmp_path / "precious").write_text("x")
    job = FakeJob(home, "a-1")
    os.symlink(tmp_path, job.path("link"))
    job.finish(0)
    call(home, "rm", "a-1")
    assert (tmp_path / "precious").exists()


def test_rm_of_a_job_elsewhere(home):
    FakeJob(home, "a-1", host="elsewhere")
    assert "another host" in call(home, "rm", "a-1", code=1).stderr


def test_prune(home):
    old = time.time() - 3 * 86400
    for name, ended_at in (("old-1", old), ("new-1", time.time())):
        job = FakeJob(home, name)
        job.append(b"x" * 1000)
        job.finish(0)
        job.set_status(ended_at=rfc3339(ended_at))
    FakeFamily(FakeJob(home, "live-1"))
    dry = call(home, "prune", "--older", "2d", "--dry-run").stdout
    assert "would remove old-1" in dry and "would remove 1 jobs" in dry
    assert len(os.listdir(home / "jobs")) == 3
    assert "removed old-1 (" in call(home, "prune", "--older", "2d").stdout
    assert sorted(os.listdir(home / "jobs")) == ["live-1", "new-1"]
