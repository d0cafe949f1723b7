#!/usr/bin/python3
"""The store's campaign: each system call of it fails, and is the last, once.

    store.py [--histories N] [--seed N] [--jobs 8] [--only TEXT] [--keep]

A job says a known sequence under a small max_size, with rotation,
compression, archive, on_rotate and retention on, in three variants. What an
undisturbed run does is counted; then for each call that changes something the
process is killed before it, and after it; each kind of call fails with each
errno that it may have; the disk is full from each call on that needs room;
and a supervisor is killed on a full disk. Each history is compared with what
the job has said. --histories takes so many of them, at random, after some
that were found to be hard. It ends with a line of figures, and with 0 only if
nothing was wrong.
"""
import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from errno import EDQUOT, EIO, EMFILE, ENOSPC
from pathlib import Path

from board import Rule
from place import Site, compile_program
from store_job import VARIANTS, Plan, StoreJob
from store_verdict import FIGURES, StoreVerdict

ROOT = Path(__file__).resolve().parents[2]
FULL = (ENOSPC, EDQUOT, EIO)
ERRORS = {"open": (EMFILE, EIO), "create": (*FULL, EMFILE), "read": (EIO,),
          "write": FULL, "pwrite": FULL, "splice": FULL,
          "rename": (ENOSPC, EIO), "unlink": (EIO,), "sync": (ENOSPC, EIO),
          "mkdir": (ENOSPC, EIO), "truncate": (EIO,)}
TORN = ("write", "pwrite", "splice")
# Found to be wrong once: an error between a rotation's renames, a segment that
# goes while it is compressed, a promise that cannot be taken back, a job that
# ends before its supervisor comes up, a compression without room.
SUSPECTS = (
    ("gzip", Rule("rename", 4, "fail", EIO)),
    ("gzip", Rule("splice", 38, "fail", ENOSPC)),
    ("gzip", Rule("room", 119, "fail", EDQUOT, True)),
    ("gzip", Rule("room", 133, "fail", EDQUOT, True)),
    ("zstd", Rule("room", 85, "fail", EDQUOT, True)),
    ("zstd", Rule("rename", 1, "fail", EIO, True)),
    ("zstd", Rule("pwrite", 10, "fail", EIO)),
    ("zstd", Rule("step", 52, "fail", EIO, True)),
    ("gzip", Rule("room", 85, "fail", ENOSPC, True),
     Rule("step", 267, "kill-before")),
    ("block", Rule("room", 1, "fail", EDQUOT, True)),
)
LOOKS = 3  # undisturbed runs of each variant, to see how many calls there are


def kills(calls):
    for n in range(1, calls["step"] + 1):
        yield (Rule("step", n, "kill-before"),)
        yield (Rule("step", n, "kill-after"),)


def errors(calls):
    for kind, codes in ERRORS.items():
        for n in range(1, calls[kind] + 1):
            for code in codes:
                yield (Rule(kind, n, "fail", code),)
            if kind in TORN:
                yield (Rule(kind, n, "tear", ENOSPC),)


def lasting(calls):
    """A full disk, or quota, or a broken disk, for some time."""
    for n in range(1, calls["room"] + 1):
        yield (Rule("room", n, "fail", (ENOSPC, EDQUOT)[n % 2], True),)
    for n in range(1, calls["step"] + 1, 3):
        yield (Rule("step", n, "fail", EIO, True),)
    for n in range(1, calls["rename"] + 1):
        yield (Rule("rename", n, "fail", EIO, True),)


def pairs(calls, dice):
    """A kill on a full disk."""
    for n in range(1, calls["room"] + 1):
        step = dice.randint(n, calls["step"] + 20)
        yield (Rule("room", n, "fail", ENOSPC, True),
               Rule("step", step, dice.choice(("kill-before",
                                               "kill-after"))))


class Store:
    def __init__(self, args):
        self.args = args
        self.dice = random.Random(args.seed)
        self.started = time.monotonic()
        self.lock = threading.Lock()
        self.figures = Counter()
        self.done = Counter()
        self.named = self.spared = 0
        self.failed = 0
        self.number = 0
        shm = Path("/dev/shm")
        place = shm if os.access(shm, os.W_OK) else None
        work = Path(tempfile.mkdtemp(prefix="jobwatch-store-", dir=place))
        self.site = Site(bin=args.bin.resolve(), work=work, hook=None,
                         tag=f"store{os.getpid()}x")
        self.site.talker = compile_program("talker", work)
        self.site.shim = compile_program("shim", work, "-fPIC", "-shared")
        self.site.env = {k: v for k, v in os.environ.items()
                         if not k.startswith("JOBWATCH")}
        self.site.env["JOBWATCH_HOME"] = str(self.site.home)

    # --- which histories there are -----------------------------------------

    def plan(self, variant, rules=()):
        self.number += 1
        return Plan(self.number, variant, rules, self.dice.getrandbits(32))

    def look(self, variant):
        """The most calls of each kind that undisturbed runs make."""
        most = Counter()
        for _ in range(LOOKS):
            job = StoreJob(self.site, self.plan(variant))
            job.live()
            most |= Counter(job.board.calls())
            self.take(job, StoreVerdict(job).judge())
        return most

    def histories(self):
        for variant in VARIANTS:
            calls = self.look(variant)
            print(f"store: {variant.name}: " + ", ".join(
                f"{n} {kind}" for kind, n in calls.items()), flush=True)
            for rules in (*kills(calls), *errors(calls), *lasting(calls),
                          *pairs(calls, self.dice)):
                yield variant, rules

    def plans(self):
        every = list(self.histories())
        by_name = {variant.name: variant for variant in VARIANTS}
        hard = [(by_name[name], rules) for name, *rules in SUSPECTS]
        if self.args.histories:
            every = self.dice.sample(every, self.args.histories)
        plans = [self.plan(variant, tuple(rules))
                 for variant, rules in hard + every]
        return [plan for plan in plans if self.args.only in plan.words()]

    # --- living them -------------------------------------------------------

    def live(self, plan):
        job = StoreJob(self.site, plan)
        try:
            job.live()
            verdict = StoreVerdict(job).judge()
        except Exception:
            verdict = StoreVerdict(job)
            verdict.fail("wrong", traceback.format_exc())
        self.take(job, verdict)

    def take(self, job, verdict):
        with self.lock:
            self.figures.update(verdict.figures)
            self.named += verdict.named
            self.spared += verdict.spared
            self.done["histories"] += 1
            for rule in job.plan.rules if verdict.reached else ():
                self.done["kills" if rule.action.startswith("kill")
                          else "errors"] += 1
            self.done["not reached"] += not verdict.reached
            if verdict.figures:
                self.complain(job, verdict)
            if self.done["histories"] % 100 == 0:
                print(f"{time.monotonic() - self.started:6.1f} s  "
                      f"{self.done['histories']} histories, "
                      f"{self.failed} of them wrong", flush=True)
        if not verdict.figures and not self.args.keep:
            job.clean()

    def complain(self, job, verdict):
        self.failed += 1
        report = job.base.with_suffix(".report")
        report.write_text("\n".join(
            [job.plan.words(), *verdict.words,
             *(call.words() for call in job.board.trace())]) + "\n")
        print(f"  {job.plan.words()} [{job.base}]", flush=True)
        for words in verdict.words[:6]:
            print(f"  ! {words[:700]}", flush=True)

    def run(self):
        plans = self.plans()
        print(f"store: {len(plans)} histories", flush=True)
        with ThreadPoolExecutor(self.args.jobs) as pool:
            list(pool.map(self.live, plans))
        self.finish()
        return 1 if any(self.figures.values()) else 0

    def finish(self):
        done = self.done
        print(f"store: {done['histories']} histories, {done['kills']} kills, "
              f"{done['errors']} errors ({done['not reached']} not reached), "
              f"{self.named} bytes dropped and named, {self.spared} "
              "named by a supervisor that was killed before it dropped them: "
              + ", ".join(f"{self.figures[f]} {f}" for f in FIGURES)
              + f" (seed {self.args.seed}, "
              f"{time.monotonic() - self.started:.0f} s)", flush=True)
        if self.failed or self.args.keep:
            print(f"kept: {self.site.work}")
        else:
            shutil.rmtree(self.site.work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--histories", type=int, default=0,
                        help="so many of all, at random; 0: all")
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--jobs", type=int, default=8,
                        help="so many at once")
    parser.add_argument("--only", default="",
                        help="histories whose description has this text")
    parser.add_argument("--keep", action="store_true",
                        help="the directory, whatever comes")
    parser.add_argument("--bin", type=Path, default=Path(os.environ.get(
        "JOBWATCH_BIN", ROOT / "build" / "bin")))
    args = parser.parse_args()
    print(f"store: seed {args.seed}", flush=True)
    return Store(args).run()


if __name__ == "__main__":
    sys.exit(main())
