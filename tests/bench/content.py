"""What produce prints, to hold a log against byte by byte."""
import subprocess

LINE = 100
STEP = 100 * 65536  # the period of produce.c: whole lines and blocks


def read_all(file, size=1 << 20):
    """The bytes of an open file or pipe, piece by piece."""
    while piece := file.read(size):
        yield piece


class Content:
    """Endless; only the modes of the producer differ."""

    def __init__(self, rig, mode):
        self.period = subprocess.run(
            [rig.tool("produce"), mode, str(STEP), "/dev/null"],
            stdout=subprocess.PIPE, check=True).stdout
        assert len(self.period) == STEP
        self.twice = self.period * 2

    def at(self, offset, length):
        where = offset % STEP
        assert length <= STEP
        return self.twice[where:where + length]

    def head(self, volume):
        """Of any length, in memory."""
        return (self.period * (volume // STEP + 1))[:volume]

    def check(self, pieces, volume):
        """That the pieces are its first `volume` bytes, and all of them."""
        at = 0
        for piece in pieces:
            for begin in range(0, len(piece), STEP):
                part = piece[begin:begin + STEP]
                assert part == self.at(at, len(part)), f"not as printed: {at}"
                at += len(part)
        assert at == volume, f"{at} bytes of {volume}"
