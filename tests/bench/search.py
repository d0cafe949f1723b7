"""How long a search takes, beside the tools that people would use on the
file: grep -P, and rg where it is installed."""
import os
import shutil
import subprocess

from views import ended_job, timed_ms, write_index

LAST = b"2030-01-01 12:00:00,000 ERROR trainer: CUDA out of memory\n"
PATTERNS = (
    ("a word", "CUDA out of memory"),
    ("a word in a pattern", r"ERROR \w+: .*memory$"),
    ("a pattern without one", r"[A-Z]{4} (out|in) of"),
    ("caseless", "(?i)cuda OUT of"),
)


def lines():
    """A few megabytes of a training run's log."""
    for step in range(40_000):
        yield (b"2030-01-01 %02d:%02d:%02d,%03d INFO trainer.loop: [step "
               b"%07d] loss=%d.%04d lr=0.0001 grad_norm=%d.%03d tok/s=%d\n" % (
                   step // 3600 % 24, step // 60 % 60, step % 60, step % 1000,
                   step, step % 3, step * 7919 % 10000, step % 11,
                   step * 104729 % 1000, step * 31 % 90000 + 10000))


def write_log(path, size):
    block = b"".join(lines())
    with path.open("wb") as log:
        for _ in range(size // len(block)):
            log.write(block)
        log.write(LAST)
    return os.path.getsize(path)


def peers(pattern, path):
    """(name, command) of those that are there."""
    yield "grep -P", [shutil.which("grep"), "-aP", pattern, str(path)]
    if shutil.which("rg"):
        yield "rg -P", [shutil.which("rg"), "-aP", pattern, str(path)]


def measure_pattern(rig, home, job, rounds, pattern):
    words, text = pattern
    path = home.directory(job) / "output.log"
    env = dict(home.env, LC_ALL="C.UTF-8")
    ours = home.command("logs", "--grep", text, job)
    for name, theirs in peers(text, path):
        for command in (ours, theirs):  # each finds the one line
            assert subprocess.run(command, env=env, check=True,
                                  stdout=subprocess.PIPE).stdout == LAST
        pairs = [(timed_ms(ours, env), timed_ms(theirs, env))
                 for _ in range(rounds)]
        alone = sorted(theirs for _, theirs in pairs)[len(pairs) // 2]
        rig.add(f"logs --grep / {name}: {words}", "x",
                [mine / other for mine, other in pairs], budget=1.5,
                note=f"{name} {alone:.0f} ms")


def measure(rig, rounds):
    size = 20_000_000 if rig.quick else 1_000_000_000
    with rig.home(rig.root) as home:
        job = ended_job(home)
        folder = home.directory(job)
        for name in folder.glob("output*"):
            name.unlink()
        whole = write_log(folder / "output.log", size)
        write_index(folder / "output.log.idx", 0, 1, whole)
        for pattern in PATTERNS:
            measure_pattern(rig, home, job,
                            rounds or (3 if rig.quick else 11), pattern)
