"""Plays the supervisor to jobwatch-compressor: hands it a segment and two new
files, and puts the result in the segment's place, as jobs/core/segment.h says.
"""

import fcntl
import os
import subprocess

from views import JOBWATCH

COMPRESSOR = os.path.join(os.path.dirname(JOBWATCH), "jobwatch-compressor")
SUFFIX = {"zstd": ".zst", "gzip": ".gz"}
FD_LOG = 3  # index, new log and new index follow: family.h, compressor_fd
READ, NEW = os.O_RDONLY, os.O_RDWR | os.O_CREAT | os.O_EXCL


def built():
    """The codecs that the programs under test were built with."""
    said = subprocess.run([JOBWATCH, "--version"], capture_output=True,
                          text=True, check=True).stdout
    return ["gzip"] + (["zstd"] if "zstd: yes" in said else [])


CODECS = built()


def lines(n, first=0):
    """A log, of which a frame holds some 6,700."""
    return b"".join(b"[step %07d] loss=0.%04d lr=1e-4\n" % (i, i * 7 % 10000)
                    for i in range(first, first + n))


def arrange(fds):
    """In the child: each descriptor at its number, and no others."""
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 500) for fd in fds]
    os.closerange(FD_LOG, 500)
    for number, fd in enumerate(high):
        os.dup2(fd, FD_LOG + number)
    os.closerange(500, 600)


def start(fds, *arguments):
    return subprocess.Popen([COMPRESSOR, *arguments], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, close_fds=False,
                            preexec_fn=lambda: arrange(fds))


def finish(process, code=0):
    """What it said on stderr."""
    said, error = process.communicate(timeout=60)
    assert (process.returncode, said) == (code, ""), (process.returncode, error)
    return error


class Files:
    """A segment's files and the new ones, open; the names of the latter."""

    def __init__(self, log, new, flags=NEW):
        self.new = str(new)
        names = [(str(log), READ), (f"{log}.idx", READ),
                 (self.new, flags), (f"{self.new}.idx", flags)]
        self.fds = [os.open(name, how, 0o600) for name, how in names]

    def __enter__(self):
        return self.fds

    def __exit__(self, *_):
        for fd in self.fds:
            os.close(fd)


def compress(log, new, codec):
    with Files(log, new) as fds:
        assert finish(start(fds, codec)) == ""


def exchange(job, name, codec):
    """One closed segment of a FakeJob."""
    plain, packed = job.path(name), job.path(name + SUFFIX[codec])
    compress(plain, job.path("new"), codec)
    os.rename(job.path("new.idx"), packed + ".idx")
    os.rename(job.path("new"), packed)
    os.unlink(plain + ".idx")
    os.unlink(plain)
    return packed
