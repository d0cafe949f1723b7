"""One job of the kill campaign: started, shot at, settled.

What it is found to be afterwards is judged in verdict.py.
"""
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

from family import (Family, children_of, is_alive, send, stat_of, wait_for_end,
                    wait_until)
from place import PATIENCE, POLICY, Client


class Job:
    def __init__(self, site, plan, ledger):
        self.site = site
        self.plan = plan
        self.ledger = ledger
        self.id = f"{site.tag}{plan.number}-1"
        self.dir = site.home / "jobs" / self.id
        self.mark = site.home / "running" / self.id
        self.base = site.work / f"job{plan.number}"
        self.side = site.work / f"job{plan.number}.side"
        self.family = Family(self.id)
        self.dice = random.Random(plan.seed)
        self.clients = []
        self.waiters = []
        self.last_pid = {}  # of a kind, as killed last
        self.kills = dict.fromkeys(ledger.done, 0)
        self.notes = []  # what was done, for a report of failure
        self.wrong = []  # found on the way: (figure, words)
        self.keeper_killed_us = None
        self.massacred = False
        self.recovered = False
        self.before = None  # the status that the family left
        self.stops = 0

    def note(self, words):
        self.notes.append(f"{time.time():.4f} {words}")

    # --- the start ---------------------------------------------------------

    def start(self):
        plan, site = self.plan, self.site
        policy = self.base.with_suffix(".toml")
        policy.write_text(POLICY.format(
            segment=plan.segment, floor=plan.floor, url=site.hook.url))
        argv = site.command("run", "-q", "--policy", policy, "--name",
                            f"{site.tag}{plan.number}",
                            *(["-d"] if plan.detached else []), "--",
                            site.talker, "run", *plan.script.args(),
                            plan.seconds, plan.end, self.side)
        if plan.deny:
            argv.insert(0, str(site.deny))
        out = self.base.with_suffix(".out")
        process = site.start(argv, out, self.base.with_suffix(".err"))
        self.note(f"start {' '.join(argv)}")
        if plan.detached:
            process.wait(PATIENCE)
            self.follow()
        else:
            self.clients.append(Client("run", process, out,
                                       self.base.with_suffix(".err")))
        if plan.fate == "stillborn":
            self.shoot_newborn_client(process)
            if not self.mark.exists():
                return
        if not wait_until(self.mark.exists, PATIENCE, 0.0002):
            raise RuntimeError(f"{self.id} did not start: see {self.base}.err")
        if plan.fate == "early":
            self.shoot_early()
        wait_until(lambda: self.massacred or self.family.keeper_pid or
                   self.family.keeper() or not self.mark.exists(),
                   PATIENCE, 0.001)
        self.waiters.append(self.follower("wait", "wait", self.id))

    def follower(self, kind, *args):
        name = f"job{self.plan.number}.{len(self.clients)}.{kind}"
        out = self.site.work / f"{name}.out"
        err = self.site.work / f"{name}.err"
        return Client(kind, self.site.start(self.site.command(*args), out,
                                            err), out, err)

    def follow(self):
        kind = self.dice.choice(("stdout", "stderr", "both"))
        flags = [] if kind == "both" else [f"--{kind}"]
        self.clients.append(self.follower(kind, "logs", "-f", *flags,
                                          self.id))

    # --- the side file -----------------------------------------------------

    def marks(self):
        """[(word, pid, time in µs)] as the job's processes left them."""
        try:
            lines = self.side.read_text().splitlines()
        except OSError:
            return []
        return [(w, int(p), int(t)) for w, p, t in map(str.split, lines)]

    def job_pid(self):
        marks = self.marks()
        return marks[0][1] if marks else None

    def ended_us(self):
        ends = [t for word, _, t in self.marks() if word == "end"]
        return ends[0] if ends else None

    # --- shooting ----------------------------------------------------------

    def await_moment(self, kill):
        """gap: just the delay, which is long. flow: the log has grown, after
        a delay as long as gap's could be. hair: a process of the kind, not the one that
        was killed last, is there. event: events.jsonl has grown. hook: a
        request for the job came in. end: the job has said all. last: its
        end is an event. Then the delay."""
        if kill.when == "hair":
            wait_until(lambda: self.find(kill.kind) not in
                       (None, self.last_pid.get(kill.kind)), 1, 0.0002)
        elif kill.when == "flow":
            time.sleep(self.dice.uniform(0, self.plan.seconds /
                                         len(self.plan.kills)))
            size = self.log_size()
            wait_until(lambda: self.log_size() != size, 1, 0)
        elif kill.when == "event":
            size = self.events_size()
            wait_until(lambda: self.events_size() > size, 1, 0.0002)
        elif kill.when == "hook":
            self.site.hook.wait_for_more(self.id, 1)
        elif kill.when == "end":
            wait_until(self.ended_us, self.plan.seconds + 40, 0.0005)
        elif kill.when == "last":
            wait_until(self.exit_is_told, self.plan.seconds + 40, 0.0005)
        time.sleep(kill.delay)

    def exit_is_told(self):
        try:
            text = (self.dir / "events.jsonl").read_bytes()
        except OSError:
            return False
        return b'"event":"job.exit"' in text or \
            b'"event":"job.lost"' in text or self.family.is_gone()

    def size_of(self, name):
        try:
            return os.stat(self.dir / name).st_size
        except OSError:
            return 0

    def log_size(self):
        return self.size_of("output.log")

    def events_size(self):
        return self.size_of("events.jsonl")

    def find(self, kind):
        if kind == "client":
            living = [c.process.pid for c in self.clients
                      if c.process.poll() is None]
            return living[-1] if living else None
        return self.family.find(kind)

    def shoot(self, kind, patience=0.7):
        """Kills one of the kind; True when there was one."""
        pid = wait_until(lambda: self.find(kind), patience, 0.002)
        if pid is None or not self.hit(kind, pid):
            return False
        if kind == "client":
            for client in self.clients:
                client.killed = client.killed or client.process.pid == pid
            self.follow()
        return True

    def hit(self, kind, pid):
        before = time.time_ns() // 1000
        if not send(pid, signal.SIGKILL, lambda: self.find(kind) == pid):
            return False
        if kind == "keeper":
            self.keeper_killed_us = before
        self.booked(kind, pid)
        return True

    def booked(self, kind, pid):
        self.note(f"killed {kind} {pid}")
        self.last_pid[kind] = pid
        self.kills[kind] += 1
        self.ledger.book(kind)

    def shoot_keeper(self, kill):
        """Only where a supervisor is there to take over; with a hair trigger
        it may be as young as can be."""
        if kill.when == "hair" and self.kills["supervisor"] > 0:
            fresh = wait_until(lambda: self.family.newborn(self.job_pid()),
                               1, 0.0001)
            if fresh is not None and self.shoot("keeper", 0):
                self.note(f"the supervisor then was {fresh}")
                return True
        if wait_until(self.family.supervisor, 10) is None:
            return False
        return self.shoot("keeper")

    def shoot_newborn_client(self, process):
        """`run`, before it has done all that it does to start a job."""
        time.sleep(self.dice.uniform(0, 0.015))
        process.kill()
        process.wait()
        self.booked("client", process.pid)
        self.clients[0].killed = True
        # What it has forked by then goes on: a keeper may come yet.
        wait_until(lambda: self.family.keeper() or self.job_pid(), 1)
        self.massacred = self.family.keeper_pid is None
        if self.massacred:
            self.note("there is no family")

    def shoot_early(self):
        """The keeper in its first moments, when it may or may not have
        forked a job, or a supervisor."""
        keeper = wait_until(self.family.keeper, PATIENCE, 0.0002)
        at = self.dice.choice((0, self.dice.uniform(0, 0.002),
                               self.dice.uniform(0, 0.02)))
        if self.dice.random() < 0.5:  # right after a fork of its
            forks = self.dice.randint(1, 2)
            wait_until(lambda: len(children_of(keeper)) >= forks, 1, 0)
            at = 0
        time.sleep(at)
        if not self.shoot("keeper", 0):
            self.ledger.give_back("keeper")
            return
        self.massacred = not wait_until(self.family.heir, 0.5)
        if self.massacred:
            self.note("there was no supervisor yet")

    def massacre(self, kill):
        first, second = self.dice.sample(("keeper", "supervisor"), 2)
        if not self.shoot(first, 10):
            self.ledger.give_back("keeper")
            self.ledger.give_back("supervisor")
            return
        if first == "supervisor":
            time.sleep(self.dice.choice((0, 0.0005, 0.003, 0.06)))
        else:
            time.sleep(self.dice.choice((0, 0.001, 0.2)))
        self.massacred = self.shoot(second, 10)
        if not self.massacred:
            self.ledger.give_back(second)
        elif first == "supervisor":
            self.finish_off()

    def finish_off(self):
        """The keeper may have had the time to start another supervisor."""
        while (pid := wait_until(lambda: self.family.newborn(0) or
                                 self.family.supervisor(), 0.1)):
            if send(pid, signal.SIGKILL,
                    lambda: self.family.supervisor() == pid):
                self.booked("supervisor", pid)
            wait_for_end(pid, 5)

    def probe(self):
        """Nobody may say that a living job has ended."""
        pid = self.job_pid()
        if pid is None or self.massacred or self.plan.fate == "massacre":
            return
        begun = stat_of(pid)
        answer = self.site.run("status", self.id, "--json")
        if begun[0] is None or not is_alive(pid) or self.ended_us():
            return
        text = answer.stdout.decode()
        if not any(f'"state":"{s}"' in text.replace(" ", "")
                   for s in ("starting", "running", "stopping")):
            self.wrong.append(("false statuses", "while the job lived, status "
                               f"said: {text} {answer.stderr.decode()}"))

    def shoot_all(self):
        for i, kill in enumerate(self.plan.kills):
            if kill.kind != "client" and self.family.is_gone():
                self.ledger.give_back(kill.kind)
                if kill.kind == "keeper" and self.plan.fate == "massacre":
                    self.ledger.give_back("supervisor")
                continue
            self.await_moment(kill)
            if kill.kind == "keeper" and self.plan.fate == "massacre":
                self.massacre(kill)
                continue
            done = self.shoot_keeper(kill) if kill.kind == "keeper" \
                else self.shoot(kill.kind)
            if not done:
                self.ledger.give_back(kill.kind)
            elif self.dice.random() < 0.15:
                self.probe()

    def stop_supervisor(self):
        """A supervisor that is stopped must be replaced by its keeper."""
        time.sleep(self.dice.uniform(0.3, 2))
        pid = wait_until(self.family.supervisor, 10)
        if pid is None or not send(pid, signal.SIGSTOP,
                                   lambda: self.family.supervisor() == pid):
            return
        self.note(f"stopped supervisor {pid}")
        self.stops = 1
        self.ledger.stopped += 1
        if not wait_for_end(pid, 60):
            self.wrong.append(("families stuck", f"the stopped supervisor "
                               f"{pid} was not replaced within a minute"))
            send(pid, signal.SIGKILL, lambda: True)

    # --- until all is done -------------------------------------------------

    def settle(self):
        """Waits for the family to leave; where it was killed, recovers,
        unless another job's `run` has done so in passing."""
        self.recovered = self.massacred
        if self.dir.exists():
            status = self.site.run("status", self.id, "--json").stdout
            self.before = json.loads(status) if self.mark.exists() else None
        if not wait_until(self.family.is_gone, PATIENCE, 0.05):
            self.stuck("the family does not leave")
            return
        for shots in (1, 1, 0, 0):
            if not self.mark.exists():
                break
            self.recover(shots)
        if self.mark.exists():
            self.stuck("recover does not settle the job")

    def recover(self, shots):
        """Adopts the job; the adopter may be shot, too."""
        self.recovered = True
        pid = self.job_pid()
        if pid is not None and self.dice.random() < 0.5:
            wait_until(lambda: not is_alive(pid), PATIENCE)
        process = subprocess.Popen(
            self.site.command("recover", "--wait"), env=self.site.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.note("recover")
        if shots and self.dice.random() < 0.4 and self.ledger.draw(
                self.dice, ["supervisor"]) is not None:
            time.sleep(self.dice.uniform(0, 0.03))
            if not self.shoot("supervisor", 0.5):
                self.ledger.give_back("supervisor")
        process.wait(PATIENCE)
        # Another job's `run` may have adopted it in passing.
        wait_until(lambda: not self.mark.exists() or self.family.is_gone(),
                   PATIENCE)
        wait_until(self.family.is_gone, PATIENCE)

    def stuck(self, words):
        rows = []
        for pid in self.family.members():
            try:
                wchan = Path(f"/proc/{pid}/wchan").read_text()
            except OSError:
                wchan = "?"
            rows.append(f"{pid} {stat_of(pid)} {wchan}")
        status = self.site.run("status", self.id, "--json").stdout.decode()
        self.wrong.append(("families stuck", f"{words}: {rows}, {status}"))

    def see_clients_off(self):
        for client in [*self.clients, *self.waiters]:
            try:
                client.code = client.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.wrong.append(("clients", f"{client.kind} does not end"))
                client.process.kill()
                client.process.wait()
                client.killed = True

    def live(self):
        """All of it; the caller judges afterwards."""
        self.start()
        if self.plan.fate == "stopped":
            self.stop_supervisor()
        self.shoot_all()
        self.settle()
        self.see_clients_off()

    def clean(self):
        """Takes away what a job that was fine has left."""
        self.site.run("rm", self.id)
        for path in self.site.work.glob(f"job{self.plan.number}.*"):
            os.unlink(path)
