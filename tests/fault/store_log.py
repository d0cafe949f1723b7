"""What the files of a job's log hold, read by a parser of its own: closed
segments, plain or compressed, and the active one (jobs/core/segment.h)."""
import re
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from oracle import HEADER, MAGIC, RECORD, STREAMS

MAGIC_PACKED = b"jwidx02\n"
PACKING = struct.Struct("<IIQ")  # codec, reserved, frames
FRAME = struct.Struct("<QQ")  # offset, place
CLOSED = re.compile(r"output-\d{8}T\d{6}Z-(\d{6,})\.log(\.zst|\.gz)?")
TOOLS = {".zst": "zstd", ".gz": "gzip"}


@dataclass
class Segment:
    path: Path
    sequence: int
    base: int
    size: int
    records: list  # (offset, length, stream's name)
    data: bytes = b""

    @property
    def end(self):
        return self.base + self.size

    @property
    def suffix(self):
        return "" if self.path.suffix == ".log" else self.path.suffix


def records_of(body):
    rows = RECORD.iter_unpack(body[:len(body) // RECORD.size * RECORD.size])
    return [(offset, length, STREAMS[stream == 1])
            for offset, _, length, stream in rows if length > 0]


def read_segment(path):
    """A log and its index; ValueError where they are none."""
    index = Path(f"{path}.idx").read_bytes()
    if len(index) < HEADER.size:
        raise ValueError(f"{path.name}: no header")
    magic, base, _, sequence = HEADER.unpack_from(index)
    if magic == MAGIC:
        data = path.read_bytes()
        return Segment(path, sequence, base, len(data),
                       records_of(index[HEADER.size:]), data)
    if magic != MAGIC_PACKED:
        raise ValueError(f"{path.name}: {magic}")
    frames = PACKING.unpack_from(index, HEADER.size)[2]
    rows = HEADER.size + PACKING.size
    end, size = FRAME.unpack_from(index, rows + frames * FRAME.size)
    if size != path.stat().st_size:
        raise ValueError(f"{path.name}: {path.stat().st_size} bytes, its "
                         f"index says {size}")
    return Segment(path, sequence, base, end - base,
                   records_of(index[rows + (frames + 1) * FRAME.size:]))


@dataclass
class Shelf:
    """The segments of a directory, in order."""
    directory: Path
    problems: list = field(default_factory=list)
    segments: list = field(default_factory=list)

    def read(self):
        names = {p.name for p in self.directory.glob("output*")}
        logs = {n for n in names if not n.endswith((".idx", ".tmp", ".next"))}
        for name in sorted(logs):
            if name != "output.log" and not CLOSED.fullmatch(name):
                self.problems.append(f"what is {name}?")
            elif f"{name}.idx" not in names:
                self.problems.append(f"{name} has no index")
            else:
                self.take(self.directory / name)
        for name in sorted(names - logs):
            if name.endswith(".idx") and name[:-4] not in names:
                self.problems.append(f"{name} has no log")
        self.segments.sort(key=lambda s: s.sequence)
        self.judge_numbers()
        self.unpack()
        for segment in self.segments:
            self.judge(segment)
        return self

    def take(self, path):
        try:
            segment = read_segment(path)
        except (OSError, ValueError, struct.error) as error:
            self.problems.append(f"{path.name}: {error}")
            return
        named = CLOSED.fullmatch(path.name)
        if named and int(named[1]) != segment.sequence:
            self.problems.append(f"{path.name} says it is number "
                                 f"{segment.sequence}")
        self.segments.append(segment)

    def judge_numbers(self):
        numbers = [s.sequence for s in self.segments]
        if numbers and numbers != list(range(numbers[0],
                                             numbers[0] + len(numbers))):
            self.problems.append(f"segments are numbered {numbers}")

    def unpack(self):
        """By the common tools, which check sums."""
        for suffix, tool in TOOLS.items():
            packed = [s for s in self.segments if s.suffix == suffix]
            if not packed:
                continue
            paths = [s.path for s in packed]
            test = subprocess.run([tool, "-qt", *paths], capture_output=True)
            done = subprocess.run([tool, "-qdc", *paths], capture_output=True)
            if test.returncode or done.returncode:
                self.problems.append(
                    f"{tool} refuses: {(test.stderr + done.stderr)!r}")
                continue
            if len(done.stdout) != sum(s.size for s in packed):
                self.problems.append(f"{tool} finds {len(done.stdout)} bytes, "
                                     "the indexes say "
                                     f"{sum(s.size for s in packed)}")
            at = 0
            for segment in packed:
                segment.data = done.stdout[at:at + segment.size]
                at += segment.size

    def judge(self, segment):
        at = segment.base
        for offset, length, _ in segment.records:
            if offset != at:
                self.problems.append(f"{segment.path.name}: record {offset} "
                                     f"follows on {at}")
            at = offset + length
        if at != segment.end:
            self.problems.append(f"{segment.path.name}: records end at {at}, "
                                 f"the log at {segment.end}")


@dataclass
class Run:
    """Output that lies together, without a gap."""
    begin: int
    data: bytearray = field(default_factory=bytearray)
    pieces: list = field(default_factory=list)  # (offset, length, stream)

    @property
    def end(self):
        return self.begin + len(self.data)

    def of(self, stream):
        return b"".join(self.data[o - self.begin:o - self.begin + n]
                        for o, n, s in self.pieces if s == stream)

    def starts(self, stream):
        """[(offset of a line's first byte, the line)]; lines end at the
        run's end, too."""
        lines, begin, line = [], None, bytearray()
        for offset, length, of in self.pieces:
            if of != stream:
                continue
            piece = self.data[offset - self.begin:][:length]
            for part in re.findall(rb"[^\n]*\n|[^\n]+", bytes(piece)):
                begin = offset if begin is None else begin
                line += part
                offset += len(part)
                if part.endswith(b"\n"):
                    lines.append((begin, bytes(line)))
                    begin, line = None, bytearray()
        if begin is not None:
            lines.append((begin, bytes(line)))
        return lines


def runs_of(segments):
    """The segments' output as runs, and what overlaps, in words."""
    runs, problems = [], []
    for segment in segments:
        if not runs or segment.base > runs[-1].end:
            runs.append(Run(segment.base))
        if segment.base < runs[-1].end:
            problems.append(f"{segment.path.name} begins at {segment.base}, "
                            f"the one before ends at {runs[-1].end}")
            continue
        runs[-1].data += segment.data
        runs[-1].pieces += segment.records
    return runs, problems
