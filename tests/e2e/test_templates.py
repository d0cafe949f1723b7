"""The shapes of a job's lines, counted: `templates` of its status."""

import json

import pytest
from jw import release, wait_until

STEPS = 'for i in 1 2 3 4 5; do echo "step $i took ${i}00ms, 0 errors"; done; '


def counts(status):
    return {row["template"]: row["count"]
            for row in status["templates"]["top"]}


def test_an_ended_jobs_templates(jw):
    jw.run(STEPS + 'echo "open /a/b failed: -1"; echo "open /c failed: -22"')
    status = jw.peek("sh-1")
    assert counts(status) == {"step <N> took <TIME>, 0 errors": 5,
                              "open <PATH> failed: -<N>": 2}
    assert jw.status("sh-1")["templates"] == status["templates"]
    assert status["templates"]["known"] == 2
    assert status["templates"]["other_lines"] == 0
    first, second = status["templates"]["top"]
    line = len("step 1 took 100ms, 0 errors\n")
    assert (first["first_offset"], first["last_offset"]) == (0, 4 * line)
    assert second["first_offset"] == 5 * line


def test_a_template_has_the_fingerprint_of_its_alerts(jw):
    rule = '[[rule]]\nname = "boom"\npattern = "boom"\n'
    jw.run("echo fine; echo boom 17; echo boom 4", "--policy", jw.policy(rule))
    alerts = {event["fingerprint"] for event in jw.alerts("sh-1")}
    top = jw.peek("sh-1")["templates"]["top"]
    assert alerts == {row["fingerprint"] for row in top
                      if row["template"] == "boom <N>"}


def test_a_silent_jobs_templates_are_there_while_it_runs(jw, tmp_path):
    gate = tmp_path / "gate"
    job = jw.detach(f"mkfifo {gate}; {STEPS} read x < {gate}")
    wait_until(lambda: counts(jw.status(job)) ==
               {"step <N> took <TIME>, 0 errors": 5}, what="its templates")
    release(gate)
    jw.wait_ended(job)


@pytest.mark.parametrize("byte", ["\\001", "\\303\\251", "\\377", '\\"'])
def test_any_text_fits_in_a_status(jw, byte):
    """Twenty shapes of odd bytes, longer than what is kept of one."""
    jw.run("for w in a b c d e f g h i j k l m n o p q r s t; do "
           f"printf '%s' $w; for i in $(seq 200); do printf '{byte}'; done; "
           "echo; done")
    path = jw.dir("sh-1") / "status.json"
    templates = json.loads(path.read_text())["templates"]
    assert templates["known"] == 20 and len(templates["top"]) == 10
    for row in templates["top"]:
        assert 40 < len(row["template"].encode()) <= 96 or byte == "\\001"


# --- novelty -------------------------------------------------------------

BEGINNING = 'seq 600 | sed "s/.*/step & of 600/"; '


def novelties(jw, script, policy):
    jw.run(script, "--policy", jw.policy(policy))
    return [(event["severity"], event["message"])
            for event in jw.alerts("sh-1") if event["source"] == "novelty"]


def test_a_new_shape_is_told_once(jw):
    told = novelties(
        jw, "echo odd; " + BEGINNING + "echo odd; echo never 7 so; "
        "echo never 8 so; echo step 700 of 900; echo other >&2",
        '[classify]\nnovelty = "medium"\n')
    assert sorted(told) == [("medium", "never 7 so"), ("medium", "other")]


def test_what_is_known_of_a_line_comes_first(jw):
    jw.run(BEGINNING + "echo a boom 7; echo ERROR: it broke",
           "--policy", jw.policy('[classify]\nnovelty = "low"\n'
                                 '[[rule]]\nname = "b"\npattern = "boom"\n'))
    assert sorted(event["source"] for event in jw.alerts("sh-1")) == \
        ["prior", "rule:b"]


def test_no_line_of_a_traceback_is_news(jw):
    script = ("echo 'Traceback (most recent call last):'; "
              "echo '  File \"a.py\", line 3, in f'; echo '    strange(x)'; "
              "echo 'ValueError: x'")
    assert not novelties(jw, BEGINNING + script,
                         '[classify]\nnovelty = "high"\n')


@pytest.mark.parametrize("policy", ["", '[classify]\nnovelty = "off"\n'])
def test_nobody_asked(jw, policy):
    assert not novelties(jw, BEGINNING + "echo never 7 so", policy)
