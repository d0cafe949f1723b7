#!/usr/bin/python3
"""The kill campaign: jobwatch must lose nothing, whoever is killed when.

    campaign.py [--kills 320] [--seed N] [--jobs 3] [--stops 3] [--keep]

Jobs that say a known sequence run under jobwatch while its processes get
SIGKILL at random instants; afterwards the logs, events, states, exit codes
and delivered alerts are compared with what is known. It ends with a line of
figures, and with 0 only if nothing was wrong.
"""
import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from family import argv_of, pids, send
from hook import Hook
from job import Job
from place import Site, compile_program
from plan import WEIGHTS, Ledger, make_plan
from verdict import FIGURES, Verdict

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Campaign:
    def __init__(self, args):
        self.args = args
        self.dice = random.Random(args.seed)
        self.ledger = Ledger(args.kills, args.weights)
        self.stops = args.stops
        self.started = time.monotonic()
        self.lock = threading.Lock()
        self.figures = Counter()
        self.jobs = 0
        self.bytes = 0
        self.planted = 0
        self.failed = []
        work = Path(tempfile.mkdtemp(prefix="jobwatch-fault-"))
        self.site = Site(bin=args.bin.resolve(), work=work,
                         hook=Hook(args.seed),
                         tag=f"fault{os.getpid()}x")
        self.site.talker = compile_program("talker", work)
        self.site.deny = compile_program("deny", work)
        self.site.env = {k: v for k, v in os.environ.items()
                         if not k.startswith("JOBWATCH")}
        self.site.env["JOBWATCH_HOME"] = str(self.site.home)

    def next_plan(self):
        """None when no kills are owed any more."""
        with self.lock:
            number = self.jobs + 1
            if self.args.only and number > self.args.only:
                return None
            if self.stops > 0 and number % 5 == 1:
                fate, self.stops = "stopped", self.stops - 1
            elif self.ledger.left() == 0 or number > self.args.kills:
                return None
            else:
                fate = None
            self.jobs += 1
            return make_plan(self.dice, self.ledger, number, fate,
                             self.args.most)

    def work_off(self):
        while (plan := self.next_plan()) is not None:
            job = Job(self.site, plan, self.ledger)
            try:
                job.live()
                verdict = Verdict(job).judge()
            except Exception:
                verdict = Verdict(job)
                verdict.fail("families stuck", traceback.format_exc())
            self.take(job, verdict)

    def take(self, job, verdict):
        with self.lock:
            self.bytes += verdict.bytes
            self.planted += verdict.planted
            self.figures.update(verdict.figures)
            done = sum(self.ledger.done.values())
            kills = " ".join(f"{k[:3]}{n}" for k, n in job.kills.items() if n)
            print(f"{time.monotonic() - self.started:6.1f} s  "
                  f"{done}/{self.args.kills}  {job.id} {job.plan.fate}"
                  f"{' denied' if job.plan.deny else ''} [{kills}] "
                  f"{verdict.bytes} bytes, {verdict.planted} planted: "
                  f"{'WRONG' if verdict.figures else 'fine'}", flush=True)
            if verdict.figures:
                self.failed.append(job)
                self.complain(job, verdict)
        if not verdict.figures and not self.args.keep:
            job.clean()

    def complain(self, job, verdict):
        print(f"  in {job.dir}\n  {job.plan.words()}")
        for words in verdict.words[:20]:
            print(f"  ! {words[:2000]}")
        report = self.site.work / f"job{job.plan.number}.report"
        report.write_text("\n".join([job.plan.words(), *job.notes,
                                     *verdict.words]) + "\n")
        print(f"  all of it in {report}", flush=True)

    def abort(self, signo, frame):
        """Told to end: leaves no process behind, but the files."""
        marks = self.site.tag, str(self.site.work)
        for _ in range(5):  # a keeper that was missed starts others
            for pid in pids():
                if pid != os.getpid() and any(
                        m in arg for arg in argv_of(pid) for m in marks):
                    send(pid, signal.SIGKILL, lambda: True)
        print(f"fault: ended by signal {signo}; kept: {self.site.work}",
              flush=True)
        os._exit(128 + signo)

    def run(self):
        for signo in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signo, self.abort)
        with ThreadPoolExecutor(self.args.jobs) as pool:
            workers = [pool.submit(self.work_off)
                       for _ in range(self.args.jobs)]
        for worker in workers:
            worker.result()
        self.finish()
        return 1 if any(self.figures.values()) else 0

    def finish(self):
        for job in self.failed:
            for pid in job.family.members():
                send(pid, signal.SIGKILL, lambda: True)
        self.site.hook.close()
        done = self.ledger.done
        kills = ", ".join(f"{k} {done[k]}" for k in WEIGHTS)
        zero = {f: self.figures.get(f, 0) for f in FIGURES}
        print(f"fault: {sum(done.values())} kills ({kills}; stopped "
              f"{self.ledger.stopped}) in {self.jobs} jobs, {self.bytes} "
              f"bytes, {self.planted} planted alerts: "
              + ", ".join(f"{n} {f}" for f, n in zero.items()), flush=True)
        if self.failed or self.args.keep:
            print(f"kept: {self.site.work} (seed {self.args.seed})")
        else:
            shutil.rmtree(self.site.work)


def weights_of(text):
    pairs = dict(pair.split("=") for pair in text.split(","))
    if not set(pairs) <= set(WEIGHTS):
        raise ValueError(text)
    return {kind: int(share) for kind, share in pairs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=320)
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--jobs", type=int, default=3,
                        help="so many at once")
    parser.add_argument("--most", type=int, default=12,
                        help="kills of a job")
    parser.add_argument("--stops", type=int, default=None,
                        help="supervisors to be stopped (10 s each)")
    parser.add_argument("--only", type=int, default=0,
                        help="end after so many jobs")
    parser.add_argument("--weights", type=weights_of, metavar="K=N,…",
                        help="shares of the kinds: supervisor=40,…")
    parser.add_argument("--keep", action="store_true",
                        help="the directory, whatever comes")
    parser.add_argument("--bin", type=Path, default=Path(os.environ.get(
        "JOBWATCH_BIN", ROOT / "build" / "bin")))
    args = parser.parse_args()
    if args.stops is None:
        args.stops = 3 if args.kills >= 200 else 0
    print(f"fault: seed {args.seed}", flush=True)
    return Campaign(args).run()


if __name__ == "__main__":
    sys.exit(main())
