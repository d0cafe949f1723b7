#!/usr/bin/python3
"""Runs the suites and ends with one line: N passed, N failed.

    run_all.py [--build DIR] [--only SUITE]... [--list] [PYTEST-ARGUMENTS...]

A suite is a row of SUITES. What each prints goes through as it comes; what
failed is named again at the end. The exit code is 1 when anything failed or
when nothing was run.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
PYTHON = "/usr/bin/python3"


# Where a sanitizer's reports go: to files that no test looks for, so that
# one in any process fails the run, whatever the test thought of it.
REPORTS = tempfile.mkdtemp(prefix="jobwatch-san-")
REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|Sanitizer: CHECK failed")


class Tally:
    def __init__(self):
        self.passed = 0
        self.skipped = 0
        self.failed = []

    def add(self, passed, failed, skipped=0):
        self.passed += passed
        self.skipped += skipped
        self.failed += failed


def environment(build):
    env = dict(os.environ)
    env["JOBWATCH_BIN"] = str(build / "bin")
    env["JOBWATCH"] = str(build / "bin/jobwatch")
    env["JOBWATCH_BUILD"] = str(build)
    env.setdefault("ASAN_OPTIONS", f"detect_leaks=1:abort_on_error=0:log_path={REPORTS}/report")
    env.setdefault("UBSAN_OPTIONS", f"print_stacktrace=1:log_path={REPORTS}/report")
    # A job's own environment is the test's to choose.
    for name in ("JOBWATCH_HOME", "JOBWATCH_JOB", "TRACEPARENT", "PYTHONPATH"):
        env.pop(name, None)
    return env


def is_sanitized(build):
    return b"__asan_init" in (build / "bin/jobwatch-supervisor").read_bytes()


def add_reports(tally, suite):
    """What sanitizers have reported: in files of their own, or, from a
    process that may open none, in the family's log of its job."""
    folder = pathlib.Path(REPORTS)
    for path in sorted([*folder.glob("report.*"), *folder.rglob("family.log")]):
        text = path.read_text(errors="replace")
        if REPORT.search(text):
            print(f"--- {path.relative_to(folder)}\n{text}")
            tally.add(0, [f"{suite}: sanitizer report in {path.relative_to(folder)}"])
    shutil.rmtree(folder)
    folder.mkdir()


def run_unit(build, tally, _arguments):
    """Each program speaks TAP: one "ok" or "not ok" a test."""
    programs = sorted(p for p in (build / "unit").rglob("test_*") if p.suffix == "")
    for program in programs:
        result = subprocess.run([program], capture_output=True, text=True,
                                env={**environment(build), "CMOCKA_MESSAGE_OUTPUT": "TAP"},
                                errors="replace", cwd=ROOT)
        name = program.relative_to(build / "unit")
        good = re.findall(r"^ok \d+", result.stdout, re.M)
        bad = re.findall(r"^not ok \d+ - (\S+)", result.stdout, re.M)
        if result.returncode != 0 and not bad:
            bad = [f"exit code {result.returncode}"]
        print(f"{name}: {len(good)} passed, {len(bad)} failed", flush=True)
        if bad:
            print(result.stdout + result.stderr)
        tally.add(len(good), [f"{name}: {b}" for b in bad])


def run_pytest(build, tally, arguments, *places):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        # Kept until the reports in it were read.
        kept = [f"--basetemp={REPORTS}/cases"] if is_sanitized(build) else []
        code = subprocess.run([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                               f"--junitxml={report}", *kept, *places, *arguments],
                              env=environment(build), cwd=ROOT).returncode
        if not report.exists():
            tally.add(0, [f"pytest {' '.join(places)}: exit code {code}"])
            return
        suite = ElementTree.parse(report).getroot().find("testsuite")
    failed = [f"{case.get('classname')}.{case.get('name')}" for case in suite.iter("testcase")
              if case.find("failure") is not None or case.find("error") is not None]
    skipped = int(suite.get("skipped", 0))
    tally.add(int(suite.get("tests", 0)) - len(failed) - skipped, failed, skipped)


# Most of these wait for something most of the time; each has a home of its
# own.
SIDE_BY_SIDE = ["-n", "3"]


def run_e2e(build, tally, arguments):
    run_pytest(build, tally, [*SIDE_BY_SIDE, *arguments], "tests/e2e")


def run_check(build, tally, arguments):
    run_pytest(build, tally, arguments, "tests/check")


def run_fault(build, tally, arguments):
    run_pytest(build, tally, arguments, "tests/fault")


def run_program(build, tally, name, command):
    code = subprocess.run(command, env=environment(build), cwd=ROOT).returncode
    tally.add(int(code == 0), [] if code == 0 else [f"{name}: exit code {code}"])


def run_bench(build, tally, _arguments):
    run_program(build, tally, "bench --quick", [PYTHON, "tests/bench/bench.py", "--quick"])


def run_user(build, tally, _arguments):
    if os.geteuid() != 0:
        print("as an ordinary user: already are")
        return
    run_program(build, tally, "e2e as an ordinary user", ["tests/e2e/run_as_user.sh", *SIDE_BY_SIDE])


def run_valgrind(build, tally, arguments):
    run_pytest(build, tally, arguments, "tests/valgrind")


SUITES = {
    "unit": run_unit,
    "check": run_check,
    "e2e": run_e2e,
    "user": run_user,
    "fault": run_fault,
    "bench": run_bench,
    "valgrind": run_valgrind,
}
USUAL = ["unit", "check", "e2e", "user", "fault", "bench"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--only", action="append", choices=SUITES)
    parser.add_argument("--list", action="store_true")
    options, arguments = parser.parse_known_args()
    if options.list:
        print("\n".join(SUITES))
        return 0
    tally = Tally()
    for name in options.only or USUAL:
        print(f"--- {name}", flush=True)
        SUITES[name](options.build.resolve(), tally, arguments)
        add_reports(tally, name)
    shutil.rmtree(REPORTS)
    for name in tally.failed:
        print(f"FAILED {name}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {tally.skipped} skipped"
          if tally.skipped else f"{tally.passed} passed, {len(tally.failed)} failed")
    return 1 if tally.failed or tally.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
