"""A client of jobwatch on a terminal of its own, and our end of it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

from jw import PATIENCE, wait_until


class Terminal:
    """Runs a command in a session whose controlling terminal this is. What
    it shows is kept in `seen`, as it came."""

    def __init__(self, jw, *args, rows=30, columns=100, env=None):
        self.seen = b""
        self.code = None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            # Not before the size is right.
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execve(jw.argv()[0], jw.argv(*args), jw.environment(env))
        os.waitpid(self.pid, os.WUNTRACED)
        self.resize(rows, columns)
        self.found = self.modes()
        os.kill(self.pid, signal.SIGCONT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def close(self):
        if self.master != -1:
            os.close(self.master)
        self.master = -1

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        return termios.tcgetattr(self.master)[:4]

    def is_raw(self):
        return not self.modes()[3] & (termios.ICANON | termios.ISIG)

    def type(self, text):
        os.write(self.master, text)

    def read(self):
        """What there is; b"" at the end."""
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # EIO: nobody has it open any more
            piece = b""
        self.seen += piece
        return piece

    def until(self, text, count=1):
        """Reads on until the text was seen so often."""
        deadline = time.monotonic() + PATIENCE
        while self.seen.count(text) < count:
            assert time.monotonic() < deadline, (text, self.seen)
            if select.select([self.master], [], [], 1)[0]:
                assert self.read(), (text, self.seen)

    def take(self):
        """Reads what is there now."""
        while self.master != -1 and \
                select.select([self.master], [], [], 0)[0] and self.read():
            pass

    def wait(self):
        """Until the command has ended: its exit code, -N for signal N."""
        def ended():
            self.take()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            return pid
        wait_until(ended, what=f"the end of {self.pid}")
        self.take()
        return self.code
