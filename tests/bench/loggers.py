"""The loggers of others: how each is started, and what it has kept.

All rotate at the same size and keep every file; s6-log, svlogd and multilog
sync a file that they close, as they always do. None compresses: that
flatters them.
"""
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Callable

from content import LINE, read_all

KEEP = 1000
MULTILOG_MOST = 16777215  # multilog(8): the largest size it takes


def by_name(folder):
    """s6-log, svlogd, multilog: closed files are named by their time."""
    return [*sorted(folder.glob("@*")), folder / "current"]


def by_number(folder, newest_first):
    """log, log.1, log.2, …"""
    files = sorted(folder.glob("log*"),
                   key=lambda path: int(path.suffix[1:] or 0))
    return files[::-1] if newest_first else files


def without_stamps(pieces, stamp):
    """Lines of LINE bytes, each behind a stamp of that many."""
    width = stamp + LINE
    held = b""
    for piece in pieces:
        held += piece
        whole = len(held) // width * width
        yield b"".join([held[at + stamp:at + width]
                        for at in range(0, whole, width)])
        held = held[whole:]
    assert held == b"", held


@dataclass
class Logger:
    """One that reads a pipe: `argv` starts it for a folder and a size."""
    program: str
    argv: Callable
    files: Callable = by_name
    stamp: int = 0  # bytes before each line
    words: bytes = None  # of its own, in the log: a pattern

    def is_there(self):
        return shutil.which(self.program) is not None

    def absence(self):
        return f"not installed: {self.program}"

    def start(self, job, folder, size, errors=subprocess.DEVNULL):
        """Two processes; the logger, the first, ends after the job."""
        producer = subprocess.Popen(job, stdout=subprocess.PIPE)
        with producer.stdout:
            logger = subprocess.Popen(
                self.argv(folder, size), stdin=producer.stdout,
                stdout=subprocess.DEVNULL, stderr=errors)
        return [logger, producer]

    def pieces(self, folder):
        """The job's bytes as they were kept."""
        for path in self.files(folder):
            with path.open("rb") as file:
                if self.stamp:
                    yield from without_stamps(read_all(file), self.stamp)
                else:
                    yield from read_all(file)

    def size(self, folder):
        return sum(path.stat().st_size for path in self.files(folder))

    def own_words(self, log):
        return b"".join(re.findall(self.words, log)) if self.words else b""


SUPERVISORD = """
[supervisord]
nodaemon = true
logfile = /dev/null
logfile_maxbytes = 0
pidfile = {folder}/pid
childlogdir = {folder}
[program:job]
command = {job}
autorestart = false
startsecs = 0
stdout_logfile = {folder}/log
stdout_logfile_maxbytes = {size}
stdout_logfile_backups = {keep}
"""


def quoted(word):
    return "'" + str(word).replace("%", "%%") + "'"


class Supervisord(Logger):
    """It starts the job itself, and does not end with it."""

    def __init__(self):
        super().__init__("supervisord", None,
                         lambda folder: by_number(folder, newest_first=True))

    def start(self, job, folder, size, errors=subprocess.DEVNULL):
        config = folder / "supervisord.conf"
        config.write_text(SUPERVISORD.format(
            folder=folder, size=size, keep=KEEP,
            job=" ".join(map(quoted, job))))
        return [subprocess.Popen(
            ["supervisord", "-c", str(config)], stdin=subprocess.DEVNULL,
            stdout=errors, stderr=errors)]


def s6_log(*flags):
    return lambda folder, size: ["s6-log", *flags, f"n{KEEP}", f"s{size}",
                                 str(folder)]


def svlogd(*flags):
    def argv(folder, size):
        (folder / "config").write_text(f"s{size}\nn0\n")
        return ["svlogd", *flags, str(folder)]
    return argv


def multilog(*flags):
    return lambda folder, size: ["multilog", *flags,
                                 f"s{min(size, MULTILOG_MOST)}", f"n{KEEP}",
                                 str(folder)]


def rotatelogs(folder, size):
    return ["rotatelogs", "-n", str(KEEP), str(folder / "log"), f"{size}B"]


# Stamps: "2026-11-21 17:27:00.191851245  ", "2026-11-21_17:27:00.19785 ",
# "@400000006b01d46e0c2371dc ".
LOGGERS = {
    "s6-log": Logger("s6-log", s6_log()),
    "s6-log -b": Logger("s6-log", s6_log("-b")),
    "s6-log T": Logger("s6-log", s6_log("T"), stamp=31),
    "svlogd": Logger("svlogd", svlogd()),
    "svlogd -tt": Logger("svlogd", svlogd("-tt"), stamp=26),
    "multilog": Logger("multilog", multilog()),
    "multilog t": Logger("multilog", multilog("t"), stamp=26),
    "rotatelogs": Logger("rotatelogs", rotatelogs,
                         lambda folder: by_number(folder,
                                                  newest_first=False),
                         words=rb"Error \d+ writing to log file[^\n]*\n"),
    "supervisord": Supervisord(),
}
