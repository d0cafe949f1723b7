"""How long it takes to read a log that came a line at a time, with an index
record for each, beside the tools that people would use on the file."""
import array
import os
import shutil
import subprocess

import search
from views import BEGAN_US, HEADER, ended_job, timed_ms

WORD = "CUDA out of memory"


def write_index(path, sizes, size, streams):
    """A record for each line, a millisecond after the last one; with two
    streams, they take turns."""
    words = array.array("Q", bytes(24 * len(sizes)))
    words[2::3] = array.array("Q", [
        length | number % streams << 32  # the stream's byte
        for number, length in enumerate(sizes)])
    at, when = 0, BEGAN_US
    with path.open("wb") as index:
        index.write(HEADER.pack(b"jwidx01\n", 0, BEGAN_US, 1))
        while at + sum(sizes) < size:
            for number, length in enumerate(sizes):
                words[3 * number] = at
                words[3 * number + 1] = when
                at += length
                when += 1000
            index.write(words)
        index.write(array.array("Q", (at, when, size - at)))


def make_log(folder, size, streams):
    log = folder / "output.log"
    whole = search.write_log(log, size)
    write_index(folder / "output.log.idx",
                [len(line) for line in search.lines()], whole, streams)
    return log


def compare(rig, home, rounds, row):
    what, ours, theirs, budget = row
    env = dict(home.env, LC_ALL="C.UTF-8")
    pairs = [(timed_ms(ours, env), timed_ms(theirs, env))
             for _ in range(rounds)]
    alone = sorted(peer for _, peer in pairs)[len(pairs) // 2]
    rig.add(f"a record a line: {what}", "x",
            [mine / peer for mine, peer in pairs], budget=budget,
            note=f"the other {alone:.0f} ms")


def check(home, job, log):
    whole = subprocess.run(
        ["cmp", "-", log], check=False,
        input=home.call("logs", job)).returncode
    assert whole == 0
    last = home.call("logs", "-t", "--grep", WORD, job)
    assert last.endswith(search.LAST) and last.count(b"\n") == 1


def rows(home, job, log, streams):
    words = ", streams in turns" if streams > 1 else ""
    grep = [shutil.which("grep"), "-aP", WORD, str(log)]
    sed = [shutil.which("sed"), "s/^/2030-01-01 12:00:00.000  /", str(log)]
    cat = [shutil.which("cat"), str(log)]
    for options, peer, budget in (
            ([], cat, 2), (["--grep", WORD], grep, 2),
            (["-t", "--grep", WORD], grep, 2), (["-t"], sed, 3)):
        shown = " ".join(["logs", *options[:-1], "WORD"] if WORD in options
                         else ["logs", *options])
        yield (f"{shown}{words} / {os.path.basename(peer[0])}",
               home.command("logs", *options, job), peer,
               budget if streams == 1 else None)


def measure(rig, rounds):
    rounds = rounds or (3 if rig.quick else 11)
    size = 20_000_000 if rig.quick else 1_000_000_000
    with rig.home(rig.root) as home:
        job = ended_job(home)
        folder = home.directory(job)
        for streams in (1, 2):
            for name in folder.glob("output*"):
                name.unlink()
            log = make_log(folder, size, streams)
            check(home, job, log)
            for row in rows(home, job, log, streams):
                compare(rig, home, rounds, row)
