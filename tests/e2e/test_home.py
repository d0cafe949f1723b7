"""Where the home is, and what a person is told who can have none there.

Each test has a mount namespace of its own: the disks in it are small, full
or read-only, and so is the password file.
"""

import subprocess

import pytest
from jw import BIN


def alone():
    """True where we may have namespaces of our own."""
    return subprocess.run(["unshare", "-rm", "true"],
                          capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not alone(), reason="no namespaces here")

# $1 the home, $2 its inodes, $3 more options, then the command.
SMALL = """
home=$1 inodes=$2 options=$3; shift 3
mount -t tmpfs -o "size=1m,nr_inodes=$inodes" none "$home" || exit 99
mkdir "$home/jobs" "$home/counters" "$home/running"
mount -o "remount,$options" "$home"
"$@"
code=$?
ls "$home/jobs"
exit $code
"""


def run_on(jw, inodes, options="rw"):
    """`run` in a home on a disk like this; what it said, and the jobs that
    lie there then."""
    jw.home.mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", SMALL, "sh", jw.home, str(inodes),
         options, *jw.argv("run", "--", "true")],
        env=jw.environment(None), capture_output=True, text=True, timeout=60)
    assert done.returncode == 125, done
    return done.stderr, done.stdout.split()


# The disk's own directory and the three in it are four.
@pytest.mark.parametrize("inodes, what", [
    (4, "number a job true"),
    (5, "make the directory of job true-1"),
    (6, "write the directory of job true-1"),
])
def test_full_disk(jw, inodes, what):
    said, jobs = run_on(jw, inodes)
    assert said == f"jobwatch: cannot {what}: No space left on device: " \
        "make room there (jobwatch prune removes old jobs), or set " \
        "JOBWATCH_HOME to a directory on another disk\n"
    assert jobs == []


def test_read_only_disk(jw):
    said, jobs = run_on(jw, 100, "ro")
    assert said == "jobwatch: cannot number a job true: Read-only file " \
        "system: set JOBWATCH_HOME to a directory that can be written\n"
    assert jobs == []


def test_home_of_the_password_entry(jw):
    """Without HOME, as a unit or a cron job may be started."""
    (jw.tmp / "ann").mkdir()
    (jw.tmp / "passwd").write_text(f"root:x:0:0::{jw.tmp}/ann:/bin/sh\n")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c",
         'mount --bind "$1" /etc/passwd && shift && exec "$@"', "sh",
         jw.tmp / "passwd", BIN / "jobwatch", "run", "--", "true"],
        env=jw.environment({"HOME": None, "JOBWATCH_HOME": None}),
        capture_output=True, timeout=60)
    assert done.returncode == 0, done
    assert (jw.tmp / "ann/.local/state/jobwatch/jobs/true-1").is_dir()
