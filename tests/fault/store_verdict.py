"""Was the store as it must be? Compares a history's files and views with
what the job is known to have said."""
import json
from collections import Counter
from errno import EDQUOT, EFBIG, ENOSPC

from oracle import STREAMS, compare
from store_job import EXIT
from store_log import Shelf, runs_of

FIGURES = ("lost", "twice", "wrong", "stuck")
ABOUT_ROOM = (ENOSPC, EDQUOT, EFBIG)
SURE = 24  # bytes that are found in the job's output at one place only
# What a family leaves; all else is somebody's temporary file.
KEPT = {"actions", "actions.log", "control", "cursor-classifier",
        "cursor-notify", "cursor-segments", "events.jsonl", "family.log",
        "job.json", "lock", "losses", "pins", "policy.json", "policy.toml",
        "status.json"}


class StoreVerdict:
    def __init__(self, job):
        self.job = job
        self.plan = job.plan
        self.variant = job.plan.variant
        self.figures = Counter()
        self.words = []
        self.named = 0  # bytes that log.loss names
        self.spared = 0  # named by a supervisor that was killed before it
        # could drop them
        self.reached = all(f > 0 for f in
                           job.board.fired()[:len(job.plan.rules)])
        # Where room is short, the oldest segments may go, then new bytes.
        self.short = self.variant.full == "drop-oldest" and any(
            rule.error in ABOUT_ROOM for rule in job.plan.rules)
        self.lossy = self.variant.full == "drop-oldest" and (
            self.short or any(rule.lasting for rule in job.plan.rules))

    def fail(self, figure, words, count=1):
        self.figures[figure] += max(1, count)
        self.words.append(f"{figure}: {words}")

    def judge(self):
        if self.job.stuck:
            self.fail("stuck", self.job.stuck)
        self.events = self.read_events()
        self.status = json.loads(self.job.site.run(
            "status", self.job.id, "--json").stdout)
        self.shelf = Shelf(self.job.dir).read()
        self.copies = Shelf(self.archive()).read()
        for words in self.shelf.problems + self.copies.problems:
            self.fail("wrong", words)
        self.runs, problems = runs_of(self.shelf.segments)
        for words in problems:
            self.fail("twice", words)
        self.judge_end()
        self.judge_leftovers()
        self.judge_output()
        self.judge_views()
        self.judge_care()
        return self

    def archive(self):
        """Where the copies are; a folder without any, where none are made."""
        made = self.job.archive / self.job.id
        return made if made.exists() else self.job.archive

    # --- the job's end -----------------------------------------------------

    def read_events(self):
        text = (self.job.dir / "events.jsonl").read_bytes()
        if text and not text.endswith(b"\n"):
            self.fail("wrong", f"events.jsonl is torn: {text[-80:]!r}")
        events = [json.loads(line) for line in text.split(b"\n")[:-1]]
        numbers = [e["seq"] for e in events]
        if numbers != list(range(1, len(numbers) + 1)):
            self.fail("wrong", f"seq is {numbers}")
        return events

    def judge_end(self):
        told = (self.job.code, self.status["state"],
                self.status["exit_code"])
        if told != (EXIT, "failed", EXIT):
            self.fail("wrong", f"the job's end: {told}; "
                      f"{self.job.err.read_bytes()[-300:]!r}")
        names = Counter(e["event"] for e in self.events)
        if names["job.exit"] != 1 or names["job.start"] != 1:
            self.fail("wrong", f"{names['job.start']} job.start, "
                      f"{names['job.exit']} job.exit")
        if self.status["log"]["lost_bytes"] != sum(
                n for _, n in self.losses()):
            self.fail("wrong", f"status says {self.status['log']}, events: "
                      f"{self.losses()}")

    def losses(self):
        return [(e["data"]["offset"], e["data"]["length"])
                for e in self.events if e["event"] == "log.loss"]

    # --- files -------------------------------------------------------------

    def judge_leftovers(self):
        left = {p.name for p in self.job.dir.iterdir()} - KEPT
        odd = sorted(n for n in left if not n.startswith("output") or
                     n.endswith((".tmp", ".next")))
        odd += sorted(str(p) for p in self.archive().glob("*.tmp"))
        if odd:
            self.fail("wrong", f"left: {odd}")
        if self.variant.archive:
            return
        if any(self.job.archive.iterdir()):
            self.fail("wrong", "an archive that nobody asked for")

    # --- output ------------------------------------------------------------

    def gaps(self):
        """[(offset, length)] between what is there."""
        end, gaps = 0, []
        for run in self.runs:
            if run.begin > end:
                gaps.append((end, run.begin - end))
            end = run.end
        return gaps

    def judge_output(self):
        expected = {s: self.plan.variant.script.say(self.job.site.talker, s)
                    for s in STREAMS}
        total = sum(map(len, expected.values()))
        named, gaps = self.losses(), self.gaps()
        for (a, n), (b, _) in zip(named, named[1:]):
            if a + n > b:
                self.fail("twice", f"log.loss overlaps: {named}")
        if named and not self.lossy:
            self.fail("lost", f"log.loss {named}", sum(n for _, n in named))
        self.named = sum(n for _, n in named)
        end = max([o + n for o, n in named] +
                  [self.runs[-1].end if self.runs else 0])
        if end != total:
            self.judge_total(total, end)
        torn = bool(named or gaps or end != total)
        self.judge_gaps(named, gaps)
        for stream in STREAMS:
            self.judge_stream(stream, expected[stream], torn)

    def judge_total(self, total, end):
        """What is to be dropped is named before: a kill between the two
        leaves bytes that are named and there."""
        words = f"{total} bytes were written, the log ends at {end}"
        if end > total and self.lossy and self.plan.kills:
            self.spared = end - total
        else:
            self.fail("lost" if end < total else "twice", words,
                      abs(total - end))

    def judge_gaps(self, named, gaps):
        """What is not there has a name, but for the oldest segments, where
        those may go."""
        whole = []
        for offset, length in named:
            if whole and sum(whole[-1]) == offset:
                whole[-1] = (whole[-1][0], whole[-1][1] + length)
            else:
                whole.append((offset, length))
        last = self.runs[-1].end if self.runs else 0
        inside = [r for r in whole if r[0] < last]
        if gaps and gaps[0][0] == 0 and gaps[0] not in inside:
            oldest = gaps.pop(0)
            inside = [r for r in inside if sum(r) > oldest[1]]
            if not self.variant.retains and not self.short:
                self.fail("lost", f"the oldest {oldest[1]} bytes are gone",
                          oldest[1])
        if gaps != inside:
            self.fail("lost", f"gaps {gaps}, log.loss names {inside}",
                      sum(n for _, n in gaps))

    def judge_stream(self, stream, expected, torn):
        found = [run.of(stream) for run in self.runs]
        if not torn:
            difference = compare(expected, b"".join(found))
            if difference.lost:
                self.fail("lost", f"{stream}: {difference.words}",
                          difference.lost)
            if difference.twice:
                self.fail("twice", f"{stream}: {difference.words}",
                          difference.twice)
            return
        at = 0
        for piece in found:
            place = expected.find(piece, at)
            if place == -1:
                self.fail("wrong", f"{stream}: {piece[:40]!r}… does not "
                          f"follow on byte {at}")
                return
            at = place + len(piece) if len(piece) >= SURE else at

    # --- views -------------------------------------------------------------

    def judge_views(self):
        site, job = self.job.site, self.job.id
        shown = site.run("logs", job)
        whole = b"".join(bytes(run.data) for run in self.runs)
        if shown.stdout != whole or shown.returncode != 0:
            self.fail("wrong", "`logs`: "
                      f"{compare(whole, shown.stdout).words} {shown.stderr}")
        told = site.run("logs", job, "--json").stdout
        lines = [json.loads(line) for line in told.splitlines()]
        for stream in STREAMS:
            self.judge_lines(stream, [line for line in lines
                                      if line["stream"] == stream])
        if not self.named and not self.spared and not self.gaps():
            self.judge_client()

    def judge_lines(self, stream, lines):
        starts = [row for run in self.runs for row in run.starts(stream)]
        told = [line["offset"] for line in lines]
        if told != [offset for offset, _ in starts]:
            odd = set(told) ^ {offset for offset, _ in starts}
            self.fail("wrong", f"offsets of {stream}: {sorted(odd)[:10]}, "
                      f"{len(told)} of {len(starts)} lines")
            return
        for line, (offset, text) in zip(lines, starts):
            text = text.rstrip(b"\n")
            if text.isascii() and text.decode().isprintable() and \
                    not text.decode().startswith(line["text"][:4096]):
                self.fail("wrong", f"{offset} is {text[:60]!r}, not "
                          f"{line['text'][:60]!r}")

    def judge_client(self):
        """What `run` has printed, when nothing is missing."""
        for stream, path in zip(STREAMS, (self.job.out, self.job.err)):
            expected = b"".join(run.of(stream) for run in self.runs)
            if path.read_bytes() != expected:
                self.fail("wrong", f"`run` on {stream}: "
                          f"{compare(expected, path.read_bytes()).words}")

    # --- what becomes of closed segments -----------------------------------

    def closed(self):
        return [s for s in self.shelf.segments if s.path.name != "output.log"]

    def judge_care(self):
        closed, variant = self.closed(), self.variant
        if self.job.only_captures():
            return  # they are left to `jobwatch recover`
        if variant.retains and len(closed) > variant.keep:
            self.fail("wrong", f"{len(closed)} segments are kept")
        last = closed[-1:] if variant.delay else []
        plain = [s.path.name for s in closed if not s.suffix and
                 s not in last]
        if plain:
            self.fail("wrong", f"not compressed: {plain}")
        if variant.archive:
            self.judge_archive(closed)
        if variant.hook:
            self.judge_hook(closed)

    def judge_archive(self, closed):
        copies = {s.sequence: s for s in self.copies.segments}
        runs, problems = runs_of(self.copies.segments)
        for words in problems:
            self.fail("twice", f"archive: {words}")
        last = max((s.sequence for s in closed), default=0)
        if closed and sorted(copies) != list(range(1, last + 1)):
            self.fail("lost", f"archived: {sorted(copies)} of {last}")
        for segment in closed:
            copy = copies.get(segment.sequence)
            if copy and copy.data != segment.data:
                self.fail("wrong", f"{copy.path} is not what it copies")

    def judge_hook(self, closed):
        """Each one once; again only where a kill fell into it."""
        paths = self.job.hooked.read_text().split()
        heard = Counter(path.rpartition("-")[2].split(".")[0]
                        for path in paths)
        first = min((s.sequence for s in closed), default=1)
        last = max((s.sequence for s in closed), default=0)
        for number in range(first, last + 1):
            count = heard.get(f"{number:06d}", 0)
            if count == 0 or count > 1 + self.plan.kills:
                self.fail("wrong", f"on_rotate saw number {number} {count} "
                          "times")


