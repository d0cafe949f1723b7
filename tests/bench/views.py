"""How long the commands that people type take."""
import fcntl
import functools
import json
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import time

from rig import HEADER, wait_for

RECORD = struct.Struct("<QqIB3x")  # jobs/core/segment.h
PACKING = struct.Struct("<IIQ")
FRAME = struct.Struct("<QQ")
CHUNK = 65536
CHUNK_US = 1000
SEGMENT = 1600 * CHUNK  # about the default max_size, in whole chunks
BEGAN_US = 1_900_000_000_000_000


def timed_ms(argv, env):
    """From spawn to wait, with as little of Python as there can be."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1)]
    before = time.monotonic()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    took = (time.monotonic() - before) * 1e3
    os.close(null)
    assert status == 0, (argv, status)
    return took


def start(rig, rounds):
    true = shutil.which("true")
    count = rounds or (3 if rig.quick else 40)
    for place, folder in rig.places():
        with rig.home(folder) as home:
            command = home.command("run", "--", true)
            timed_ms(command, home.env)
            pairs = [(timed_ms(command, home.env), timed_ms([true], home.env))
                     for _ in range(count)]
        bare = statistics.median([bare for _, bare in pairs])
        rig.add(f"{place}: run -- true, beyond true", "ms",
                [ours - alone for ours, alone in pairs], budget=30,
                note=f"true itself {bare:.2f} ms")


def ended_job(home):
    job = home.detach("/bin/echo", "done")
    home.call("wait", job)
    wait_for("end", lambda: not home.jobs())
    return job


def copy_job(home, job, copy):
    source, target = home.directory(job), home.directory(copy)
    target.mkdir(mode=0o700)
    for name in source.iterdir():
        if name.name == "actions":
            os.mkfifo(target / "actions", 0o600)
        elif name.name in ("job.json", "status.json"):
            document = json.loads(name.read_text())
            for key in ("job", "id"):
                if key in document:
                    document[key] = copy
            (target / name.name).write_text(json.dumps(document))
        else:
            shutil.copy(name, target / name.name)


def many_jobs(rig, rounds):
    jobs = 50 if rig.quick else 1000
    with rig.home(rig.root) as home:
        job = ended_job(home)
        for number in range(2, jobs + 1):
            copy_job(home, job, f"echo-{number}")
        listed = json.loads(home.call("ps", "-a", "--json"))
        assert len(listed) == jobs, len(listed)
        took = [timed_ms(home.command("ps", "-a"), home.env)
                for _ in range(rounds)]
        rig.add(f"ps -a, {jobs} jobs", "ms", took, budget=50)
        took = [timed_ms(home.command("ps"), home.env)
                for _ in range(rounds)]
        rig.add(f"ps, none of {jobs} running", "ms", took, budget=50)


def write_index(path, base, sequence, size):
    with path.open("wb") as index:
        index.write(HEADER.pack(b"jwidx01\n", base, BEGAN_US, sequence))
        for at in range(0, size, CHUNK):
            offset = base + at
            index.write(RECORD.pack(
                offset, BEGAN_US + offset // CHUNK * CHUNK_US,
                min(CHUNK, size - at), 0))


def write_log(path, size):
    line = b"[step 0000001] loss=0.1234 lr=0.0001".ljust(127, b".") + b"\n"
    block = line * 8192
    with path.open("wb") as log:
        for at in range(0, size, len(block)):
            log.write(block[:size - at])


def one_segment(folder, size):
    write_log(folder / "output.log", size)
    write_index(folder / "output.log.idx", 0, 1, size)


def many_segments(folder, size):
    """Closed segments are one file with many names."""
    count = size // SEGMENT
    first = folder / "output-20300101T000000Z-000001.log"
    write_log(first, SEGMENT)
    for number in range(count):
        name = f"output-20300101T000000Z-{number + 1:06}.log"
        if number == count - 1:
            name = "output.log"
        if number:
            os.link(first, folder / name)
        write_index(folder / f"{name}.idx", number * SEGMENT, number + 1,
                    SEGMENT)


def write_packed_index(path, first, base, sequence):
    """That of the first segment, which begins at nought, moved to base."""
    count = PACKING.unpack_from(first, HEADER.size)[2]
    rows = HEADER.size + PACKING.size
    records = rows + (count + 1) * FRAME.size
    with path.open("wb") as index:
        index.write(HEADER.pack(b"jwidx02\n", base, BEGAN_US, sequence))
        index.write(first[HEADER.size:rows])
        for offset, at in FRAME.iter_unpack(first[rows:records]):
            index.write(FRAME.pack(base + offset, at))
        for offset, when, length, stream in RECORD.iter_unpack(first[records:]):
            index.write(RECORD.pack(base + offset,
                                    when + base // CHUNK * CHUNK_US,
                                    length, stream))


def packed_segments(folder, size, program):
    """All of them closed and compressed; again one file with many names."""
    log = folder / "plain"
    write_log(log, SEGMENT)
    write_index(folder / "plain.idx", 0, 1, SEGMENT)
    names = [folder / f"output-20300101T000000Z-{number + 1:06}.log.zst"
             for number in range(size // SEGMENT)]
    index = pathlib.Path(f"{names[0]}.idx")
    pack(program, log, names[0], index)
    for number, name in enumerate(names):
        if number:
            os.link(names[0], name)
            write_packed_index(pathlib.Path(f"{name}.idx"),
                               index.read_bytes(), number * SEGMENT,
                               number + 1)
    log.unlink()
    (folder / "plain.idx").unlink()


def pack(program, log, new, index):
    """jobs/core/family.h, compressor_fd, says which descriptor is what."""
    fds = [os.open(log, os.O_RDONLY), os.open(f"{log}.idx", os.O_RDONLY),
           os.open(new, os.O_RDWR | os.O_CREAT, 0o600),
           os.open(index, os.O_RDWR | os.O_CREAT, 0o600)]
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 500) for fd in fds]
    pid = os.posix_spawn(program, [program, "zstd"], os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, fd, 3 + number)
        for number, fd in enumerate(high)])
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
    for fd in fds + high:
        os.close(fd)


def big_log(rig, rounds, make, size, words):
    size = size // SEGMENT * SEGMENT
    with rig.home(rig.root) as home:
        job = ended_job(home)
        folder = home.directory(job)
        for name in folder.glob("output*"):
            name.unlink()
        make(folder, size)
        tail = home.call("logs", "-n", 10, job)
        assert tail.count(b"\n") == 10 and len(tail) == 1280
        label = f"{size / 1e9:.2g} GB {words}"
        took = [timed_ms(home.command("logs", "-n", "10", job), home.env)
                for _ in range(rounds)]
        rig.add(f"logs -n 10 of {label}", "ms", took, budget=10)
        chunks = size // CHUNK
        since = stamp(chunks - 2)
        assert len(home.call("logs", "--since", since, job)) == 2 * CHUNK
        took = [timed_ms(home.command("logs", "--since", since, job),
                         home.env) for _ in range(rounds)]
        rig.add(f"logs --since of {label}, its last 128 KiB", "ms", took,
                budget=10)
        middle = ("logs", "--since", stamp(chunks // 2 + 7),
                  "--until", stamp(chunks // 2 + 7), job)
        assert len(home.call(*middle)) == CHUNK
        took = [timed_ms(home.command(*middle), home.env)
                for _ in range(rounds)]
        rig.add(f"logs of {label}, 64 KiB in the middle", "ms", took,
                budget=10)


def stamp(chunk):
    """When it came, as an argument."""
    when = BEGAN_US + chunk * CHUNK_US
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(
        when // 10**6)) + f".{when % 10**6:06}Z"


def measure(rig, rounds):
    rounds = rounds or (3 if rig.quick else 21)
    size = 2 * SEGMENT if rig.quick else 10 * SEGMENT
    many_jobs(rig, rounds)
    big_log(rig, rounds, one_segment, size, "in one segment")
    if not rig.quick:
        size = 100 * SEGMENT
    big_log(rig, rounds, many_segments, size, "in segments")
    packed = functools.partial(packed_segments,
                               program=rig.bin / "jobwatch-compressor")
    big_log(rig, rounds, packed, size, "in compressed segments")
    if rig.full:
        big_log(rig, rounds, one_segment, 100 * SEGMENT, "in one segment")
