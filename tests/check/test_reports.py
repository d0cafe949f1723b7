"""A sanitizer's report fails the run, whichever process made it."""
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import run_all  # noqa: E402

REPORT = "==12==ERROR: AddressSanitizer: heap-use-after-free on address 0x6\n"


@pytest.fixture(autouse=True)
def reports(tmp_path, monkeypatch):
    folder = tmp_path / "reports"
    folder.mkdir()
    monkeypatch.setattr(run_all, "REPORTS", str(folder))
    return folder


def failures():
    tally = run_all.Tally()
    run_all.add_reports(tally, "e2e")
    return tally.failed


def test_no_report(reports):
    (reports / "cases/test_x0/h/jobs/a-1").mkdir(parents=True)
    (reports / "cases/test_x0/h/jobs/a-1/family.log").write_text("the supervisor was replaced\n")
    assert failures() == []


def test_report_in_a_file(reports):
    (reports / "report.jobwatch.12").write_text(REPORT)
    assert len(failures()) == 1
    assert failures() == []  # it is counted once


def test_report_in_a_family_log(reports):
    job = reports / "cases/test_x0/h/jobs/a-1"
    job.mkdir(parents=True)
    (job / "family.log").write_text("words\nclassifier/line.c:7:3: runtime error: shift\n")
    assert failures() == ["e2e: sanitizer report in cases/test_x0/h/jobs/a-1/family.log"]


@pytest.mark.parametrize("fault", [
    "char *p = malloc(8); free(p); return p[0];",
    "char *volatile p = malloc(8); p = 0; return p != 0;",
    "volatile int n = 2147483647; n = n + 1; return 0;",
])
def test_report_of_a_real_fault(tmp_path, monkeypatch, fault):
    """As check-san builds the programs under test, and with their options."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/faulty"
    subprocess.run(["gcc", "-w", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined",
                    "-static-libasan", "-static-libubsan", "-x", "c", "-", "-o", program], check=True, text=True,
                   input=f"#include <stdlib.h>\nint main(void) {{ {fault} }}\n")
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run([program], env=run_all.environment(tmp_path), capture_output=True)
    assert done.returncode != 0
    assert len(failures()) == 1
