"""Classifier and notifier under valgrind: the end-to-end tests' own peers
talk to them through a wrapper in the program's place.

Built with -DCONFINE_OFF (make check-valgrind), for valgrind itself needs more
system calls than a profile leaves.
"""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("JOBWATCH_BIN", ROOT / "build/bin")).resolve()
REPORTED = 99

WRAPPER = """#!/bin/sh
exec {valgrind} --quiet --error-exitcode={code} --leak-check=full \\
    --errors-for-leak-kinds=definite --child-silent-after-fork=yes \\
    --log-file={logs}/{name}.%p {program} "$@"
"""

# Each of these ends its process by itself, so that leaks are looked for, too;
# those that measure time or memory, or run for long, are left out.
CLASSIFIER = """
    test_findings_at_their_offsets test_chain_and_broken_traceback
    test_rule_names_a_traceback test_growing_is_as_all_at_once
    test_cursor_stays_before_open_lines_and_groups
    test_lost_traceback_does_not_hold_the_cursor test_ugly_bytes
    test_random_bytes test_bad_pattern_is_a_note
    test_catastrophic_pattern_is_switched_off
    test_segments_follow_each_other test_missing_output_is_jumped_over
    test_skip test_careful test_context_is_bounded test_base_off
    test_end_of_channel_is_the_end test_message_before_resume_ends_it
""".split()
NOTIFIER = """
    test_body_has_all_that_the_contract_names
    test_titles_and_messages_are_bounded test_signature test_ntfy
    test_filters test_lines_that_are_no_events_are_passed_over
    test_400_costs_one_message test_fallbacks_in_a_circle_end
    test_a_type_that_is_not_there_yet test_expired_messages_are_given_up
    test_a_bad_address_is_final
    test_a_missing_secret_is_named_by_its_reference
    test_a_damaged_cursor_gives_the_same_ids
    test_a_cursor_past_the_end_steps_back test_the_end_is_told
    test_it_cannot_start_without_a_policy
    test_test_sends_through_the_real_path
    test_test_says_what_failed_and_does_not_retry
    test_test_of_one_channel_and_of_none test_status
""".split()

pytestmark = pytest.mark.skipif(shutil.which("valgrind") is None,
                                reason="valgrind is not installed")


def is_confined(program):
    """A program that was built to be run as it is loads a filter."""
    symbols = subprocess.run(["nm", "-D", "--undefined-only", program], check=True,
                             capture_output=True, text=True).stdout
    return "seccomp_load" in symbols


def wrap(tmp_path, names):
    """A folder of programs, those of `names` under valgrind; and its logs."""
    folder, logs = tmp_path / "bin", tmp_path / "logs"
    logs.mkdir()
    shutil.copytree(BIN, folder)
    for name in names:
        program = folder / f"{name}.real"
        (folder / name).rename(program)
        (folder / name).write_text(WRAPPER.format(
            valgrind=shutil.which("valgrind"), code=REPORTED, logs=logs, name=name,
            program=program))
        (folder / name).chmod(0o755)
    return folder, logs


def reports(logs):
    return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')}"
                     for path in sorted(logs.iterdir()) if path.stat().st_size > 0)


def run_suite(tmp_path, name, suite, tests):
    """Runs tests of an end-to-end suite against the wrapped program."""
    if is_confined(BIN / name):
        pytest.skip("built with its sandbox: make check-valgrind builds without")
    folder, logs = wrap(tmp_path, [name])
    places = [f"tests/e2e/{suite}::{test}" for test in tests]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x",
         f"--basetemp={tmp_path / 'cases'}", *places],
        cwd=ROOT, env={**os.environ, "JOBWATCH_BIN": str(folder)},
        capture_output=True, text=True)
    found = reports(logs)
    assert not found, found
    assert result.returncode == 0, result.stdout + result.stderr
    assert list(logs.iterdir()), "valgrind has not run"


def test_classifier(tmp_path):
    run_suite(tmp_path, "jobwatch-classifier", "test_classifier.py", CLASSIFIER)


def test_notifier(tmp_path):
    run_suite(tmp_path, "jobwatch-notifier", "test_notifier.py", NOTIFIER)


@pytest.mark.parametrize("fault", [
    "char *p = malloc(8); free(p); return p[0];",
    "char *p = malloc(8); return p[0] == 'x' ? 2 : 3;",
    "char *volatile p = malloc(8); p = 0; return p != 0;",
])
def test_a_fault_is_reported(tmp_path, fault):
    """The wrapper itself: that a use after free, an uninitialised value and
    a leak are seen."""
    folder, logs = tmp_path / "bin", tmp_path / "logs"
    folder.mkdir()
    logs.mkdir()
    program = folder / "faulty"
    subprocess.run(["gcc", "-w", "-O0", "-x", "c", "-", "-o", program],
                   input=f"#include <stdlib.h>\nint main(void) {{ {fault} }}\n",
                   text=True, check=True)
    script = folder / "wrapped"
    script.write_text(WRAPPER.format(valgrind=shutil.which("valgrind"), code=REPORTED,
                                     logs=logs, name="faulty", program=program))
    script.chmod(0o755)
    assert subprocess.run([script]).returncode == REPORTED
    assert reports(logs)
