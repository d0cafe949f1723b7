"""A terminal for the program under test: what it prints there, byte for
byte, and keys that are typed."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from views import JOBWATCH, PATIENCE, environment


class Terminal:
    """`jobwatch ARGS` on a terminal of its own, which is its controlling
    one. `got` is all that came so far."""

    def __init__(self, home, *args, columns=80, rows=24, **env):
        self.master, slave = pty.openpty()
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.OPOST  # "\n" stays what it is
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))
        told = {**environment(home), "JOBWATCH_PAGER": "cat", **env}
        self.process = subprocess.Popen(
            [JOBWATCH, *args], stdin=slave, stdout=slave, stderr=slave,
            env={k: v for k, v in told.items() if v is not None},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.got = b""

    def read_some(self, seconds):
        """False when the other side is closed."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # EIO: the last one has closed it
            return False
        self.got += piece
        return bool(piece)

    def read_until(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.got:
            assert time.monotonic() < deadline, self.got
            assert self.read_some(0.2) or wanted in self.got, self.got
        return self.got

    def type(self, keys):
        os.write(self.master, keys)

    def end(self, code=0):
        """All that was printed, once the program is over."""
        deadline = time.monotonic() + PATIENCE
        while self.read_some(0.2):
            assert time.monotonic() < deadline, self.got
        assert self.process.wait(timeout=PATIENCE) == code, self.got
        os.close(self.master)
        return self.got

    def kill(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def shown(home, *args, code=0, **env):
    return Terminal(home, *args, **env).end(code)
