"""Was it as it must be? Compares what a job's files, clients and receiver
hold with what the job is known to have said and done."""
import json
from collections import Counter
from datetime import datetime

from oracle import STREAMS, Log, compare, planted

FIGURES = ("bytes lost", "bytes twice", "second copies", "false statuses",
           "alerts missed", "alerts twice", "deliveries missed",
           "unstable ids", "events wrong", "logs wrong", "clients",
           "families stuck")
SEVERITIES = ("none", "low", "medium", "high", "critical")


def is_about(one, other):
    """The same; of times and spans, within 10 ms: one of two clocks that
    were read one after the other may be the source."""
    try:
        if isinstance(one, float):
            return abs(one - other) < 0.01
        return abs(datetime.fromisoformat(one) -
                   datetime.fromisoformat(other)).total_seconds() < 0.01
    except (TypeError, ValueError):
        return one == other


class Verdict:
    def __init__(self, job):
        self.job = job
        self.plan = job.plan
        self.figures = Counter()
        self.words = []
        self.bytes = 0
        self.planted = 0
        for figure, words in job.wrong:
            self.fail(figure, words)

    def fail(self, figure, words, count=1):
        self.figures[figure] += count
        self.words.append(f"{figure}: {words}")

    def judge(self):
        if self.plan.fate == "stillborn" and not self.job.marks() and \
                not (self.job.dir / "events.jsonl").exists():
            return self  # it never was
        self.log = Log(self.job.dir)
        for words in self.log.problems:
            self.fail("logs wrong", words)
        self.events = self.read_events()
        self.status = json.loads(
            self.job.site.run("status", self.job.id, "--json").stdout)
        self.judge_copies()
        self.judge_output()
        self.judge_state()
        self.judge_clients()
        self.judge_events()
        self.judge_alerts()
        self.judge_deliveries()
        return self

    # --- the job -----------------------------------------------------------

    def judge_copies(self):
        marks = self.job.marks()
        starts = [m for m in marks if m[0] == "start"]
        if len(starts) > 1:
            self.fail("second copies", f"{starts}", len(starts) - 1)
        if not starts and not self.job.recovered:
            self.fail("false statuses", "the job was never started")

    def finished(self):
        return self.job.ended_us() is not None

    # --- its output --------------------------------------------------------

    def judge_output(self):
        job = self.job
        if not job.recovered and not self.finished():
            self.fail("bytes lost", "the job was cut off: it died early")
        for stream in STREAMS:
            expected = self.plan.script.say(job.site.talker, stream)
            found = self.log.streams[stream]
            shown = job.site.run("logs", f"--{stream}", job.id).stdout
            self.bytes += len(found)
            self.judge_bytes(f"{stream} in the files", expected, found,
                             job.recovered)
            self.judge_bytes(f"{stream} by `logs`", found, shown)
            told = self.status["bytes"][stream]
            if told != len(found) and not job.recovered:
                self.fail("false statuses", f"bytes of {stream}: {told} of "
                          f"{len(found)}")
        shown = job.site.run("logs", job.id).stdout
        self.judge_bytes("`logs`", bytes(self.log.data), shown)

    def judge_bytes(self, where, expected, found, may_end_early=False):
        difference = compare(expected, found, may_end_early)
        if difference.lost:
            self.fail("bytes lost", f"{where}: {difference.words}",
                      difference.lost)
        if difference.twice:
            self.fail("bytes twice", f"{where}: {difference.words}",
                      difference.twice)

    # --- how it ended ------------------------------------------------------

    def is_true(self):
        end, status = self.plan.end, self.status
        state = "exited" if end == 0 else "failed" if end > 0 else "killed"
        return status["state"] == state and \
            status["exit_code"] == (end if end >= 0 else None) and \
            status["signal"] == (-end if end < 0 else None) and \
            status["reason"] == ("exit" if end >= 0 else "signal")

    def is_lost(self):
        status = self.status
        return status["state"] == "lost" and status["reason"] == "lost" and \
            status["exit_code"] is None and status["signal"] is None

    def judge_state(self):
        """Which of the two answers are right, for all that is known."""
        job = self.job
        names = [e["event"] for e in self.events]
        if job.recovered:
            right = self.is_true() if "job.exit" in names else self.is_lost()
        elif not self.plan.deny or job.keeper_killed_us is None:
            right = self.is_true()
        elif not self.finished() or job.keeper_killed_us < job.ended_us():
            right = self.is_lost()
        else:
            right = self.is_true() or self.is_lost()
        if not right:
            status = {k: self.status[k] for k in
                      ("state", "exit_code", "signal", "reason", "detail")}
            self.fail("false statuses", f"{status}, but the job's end was "
                      f"{self.plan.end}")
        self.judge_memory()
        own = job.kills["supervisor"] + job.stops
        if self.status["recoveries"] > own:
            self.fail("families stuck", f"{self.status['recoveries']} "
                      f"supervisors were replaced, we killed {own}")

    def judge_memory(self):
        """What was known before recover is known after it."""
        before, after = self.job.before, self.status
        if not self.job.recovered or not before:
            return
        keys = ["started_at", "pid"]
        if before["state"] in ("exited", "failed", "killed"):
            keys += ["state", "exit_code", "signal", "reason", "ended_at",
                     "runtime_s"]
        changed = {k: (before[k], after[k]) for k in keys
                   if before[k] is not None and
                   not is_about(before[k], after[k])}
        if changed:
            self.fail("false statuses", f"recover changed {changed}")

    def exit_code(self):
        status = self.status
        if status["state"] == "lost":
            return 125
        if status["signal"] is not None:
            return 128 + status["signal"]
        return status["exit_code"]

    # --- clients -----------------------------------------------------------

    def judge_clients(self):
        expected = {self.exit_code()}
        if self.job.recovered:
            # A client may have heard what no file could keep any more.
            end = self.plan.end
            expected |= {125, end if end >= 0 else 128 - end}
        for client in [*self.job.clients, *self.job.waiters]:
            if client.killed:
                continue
            if client.kind in ("run", "wait"):
                if client.code not in expected:
                    self.fail("false statuses", f"{client.kind} gave "
                              f"{client.code}, not {expected}: "
                              f"{client.err.read_text()[-300:]}")
            elif client.code != 0:
                self.fail("clients", f"logs -f gave {client.code}: "
                          f"{client.err.read_text()}")
            if client.kind != "wait":
                self.judge_printed(client)

    def judge_printed(self, client):
        out, err = client.out.read_bytes(), client.err.read_bytes()
        if client.kind == "run":
            rest = err[len(self.log.streams["stderr"]):]
            if self.exit_code() == 125 or client.code == 125:
                lines = rest.split(b"\n")
                if all(line.startswith(b"jobwatch: ") for line in lines[:-1]):
                    err = err[:len(err) - len(rest)]
            pairs = ((self.log.streams["stdout"], out, "stdout"),
                     (self.log.streams["stderr"], err, "stderr"))
        elif client.kind == "both":
            pairs = ((bytes(self.log.data), out, "both"),)
        else:
            pairs = ((self.log.streams[client.kind], out, client.kind),)
        for expected, found, name in pairs:
            difference = compare(expected, found)
            if not difference.is_none:
                self.fail("clients", f"{name} in {client.out}: "
                          f"{difference.words}; {err[-300:]!r}")

    # --- events ------------------------------------------------------------

    def read_events(self):
        text = (self.job.dir / "events.jsonl").read_bytes()
        events = []
        for line in text.split(b"\n")[:-1]:
            try:
                events.append(json.loads(line))
            except ValueError:
                self.fail("events wrong", f"not JSON: {line[:200]!r}")
        if text and not text.endswith(b"\n"):
            self.fail("events wrong", f"torn: {text[-80:]!r}")
        return events

    def judge_events(self):
        numbers = [e["seq"] for e in self.events]
        if numbers != list(range(1, len(numbers) + 1)):
            self.fail("events wrong", f"seq is {numbers}")
        names = Counter(e["event"] for e in self.events)
        if names["job.exit"] + names["job.lost"] != 1:
            self.fail("events wrong", f"{names['job.exit']} job.exit and "
                      f"{names['job.lost']} job.lost")
        elif names["job.lost"] != (self.status["state"] == "lost"):
            self.fail("events wrong", f"state {self.status['state']}, but "
                      f"{names['job.lost']} job.lost")
        least = 0 if self.job.recovered else 1
        if not least <= names["job.start"] <= 1:
            self.fail("events wrong", f"{names['job.start']} job.start")
        shown = self.job.site.run("events", self.job.id, "--json").stdout
        if len(shown.splitlines()) != len(self.events):
            self.fail("events wrong", f"`events` shows "
                      f"{len(shown.splitlines())} of {len(self.events)}")

    def judge_alerts(self):
        """Each planted line made one event, and nothing else did."""
        owed = {stream: planted(self.log.streams[stream])
                for stream in STREAMS}
        self.planted = sum(map(len, owed.values()))
        heard = Counter()
        for event in self.events:
            if event["event"] != "output.alert":
                continue
            stream = event["stream"]
            at = self.log.in_stream(stream, event["offset"])
            text = owed[stream].get(at)
            heard[stream, at] += 1
            if text is None or event["message"] != text or \
                    event["length"] not in (len(text), len(text) + 1):
                self.fail("events wrong", f"no such line: {event}")
        for stream in STREAMS:
            for at, text in owed[stream].items():
                count = heard[stream, at]
                if count == 0:
                    self.fail("alerts missed", f"{stream} {at}: {text}")
                elif count > 1:
                    self.fail("alerts twice", f"{stream} {at}: {text}",
                              count - 1)

    # --- the receiver ------------------------------------------------------

    def judge_deliveries(self):
        came = self.job.site.hook.of(self.job.id)
        events = {e["seq"]: e for e in self.events}
        ids, seqs = {}, {}
        for d in came:
            ids.setdefault(d.seq, set()).add(d.id)
            seqs.setdefault(d.id, set()).add(d.seq)
            event = events.get(d.seq)
            if event is None or event.get("offset") != d.offset or \
                    event["event"] != d.name or \
                    not d.message.startswith(event["message"]):
                self.fail("events wrong", f"delivered {d}, the event is "
                          f"{event}")
            if not d.agrees or not d.id:
                self.fail("unstable ids", f"header and body differ: {d}")
        for one, many in [*ids.items(), *seqs.items()]:
            if len(many) > 1:
                self.fail("unstable ids", f"{one}: {many}")
        floor = SEVERITIES.index(self.plan.floor)
        taken = {d.seq for d in came if d.status == 200}
        for seq, event in events.items():
            if SEVERITIES.index(event["severity"]) >= floor and \
                    seq not in taken and \
                    not event["event"].startswith("notify."):
                self.fail("deliveries missed", f"{seq} {event['event']}: "
                          f"{event['message'][:100]}")
