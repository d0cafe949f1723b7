"""Who is killed when: plans for jobs, drawn from a seed.

A ledger holds how many kills of each kind the campaign owes. A plan takes
some; what a job could not place (a notifier that never ran) goes back.
"""
import threading
from dataclasses import dataclass, field

from oracle import Script

WEIGHTS = {"supervisor": 40, "classifier": 20, "notifier": 15, "client": 15,
           "keeper": 10}
SIGNALS = (6, 9, 10, 11, 15)  # ABRT KILL USR1 SEGV TERM
SIZES = ("12KiB", "48KiB", "200KiB", "1MiB", "100MB")  # of segments
LATE = {"end": 1, "last": 2}  # moments that come once, in this order

FATES = {
    "spared": "its keeper is, the others are not",
    "keeper": "the keeper is killed, while it has a supervisor",
    "massacre": "keeper and supervisor are killed",
    "early": "the keeper is killed as soon as it is there",
    "stillborn": "the client is killed while it starts the job",
    "stopped": "the supervisor gets SIGSTOP and must be replaced",
}


@dataclass(frozen=True)
class Kill:
    kind: str
    when: str  # gap, flow, hair, event, hook, end, last: see job.Job.await_moment
    delay: float  # seconds, after that moment


@dataclass
class Plan:
    number: int
    fate: str  # see FATES
    script: Script
    seconds: float
    end: int  # exit code, or a negative signal
    deny: bool  # no PIDFD_GET_INFO
    detached: bool
    segment: str
    floor: str  # the least severity that is delivered
    seed: int
    kills: list = field(default_factory=list)

    def words(self):
        kills = " ".join(f"{k.kind}:{k.when}+{k.delay * 1000:.1f}ms"
                         for k in self.kills)
        return (f"fate={self.fate} end={self.end} deny={self.deny} "
                f"detached={self.detached} segment={self.segment} "
                f"floor={self.floor} "
                f"script={self.script.args()} seconds={self.seconds:.1f} "
                f"kills: {kills}")


class Ledger:
    def __init__(self, total, weights=None):
        weights = weights or WEIGHTS
        parts = sum(weights.values())
        self.lock = threading.Lock()
        self.owed = {k: total * weights.get(k, 0) // parts for k in WEIGHTS}
        most = max(weights, key=weights.get)
        self.owed[most] += total - sum(self.owed.values())
        self.done = dict.fromkeys(WEIGHTS, 0)
        self.stopped = 0

    def draw(self, dice, kinds):
        """A kind that is still owed, or None."""
        with self.lock:
            left = [k for k in kinds for _ in range(self.owed[k])]
            if not left:
                return None
            kind = dice.choice(left)
            self.owed[kind] -= 1
            return kind

    def give_back(self, kind):
        with self.lock:
            self.owed[kind] += 1

    def book(self, kind):
        with self.lock:
            self.done[kind] += 1

    def left(self):
        with self.lock:
            return sum(self.owed.values())


def moment(dice, seconds, count):
    """(when, delay) of a kill among so many in a job of so many seconds."""
    roll = dice.random()
    if roll < 0.20:
        return "gap", dice.uniform(0, 2 * seconds / (count + 1))
    if roll < 0.45:
        return "flow", dice.choice((0, dice.uniform(0, 0.0005)))
    if roll < 0.60:
        return "hair", dice.choice((0, dice.uniform(0, 0.004),
                                    dice.uniform(0, 0.04)))
    if roll < 0.75:
        return "event", dice.choice((0, dice.uniform(0, 0.001),
                                     dice.uniform(0, 0.004)))
    if roll < 0.85:
        return "hook", dice.choice((0, dice.uniform(0, 0.003),
                                    dice.uniform(0, 0.02)))
    if roll < 0.92:
        return "last", dice.choice((0, dice.uniform(0, 0.001),
                                    dice.uniform(0, 0.01)))
    return "end", dice.choice((dice.uniform(0, 0.02), dice.uniform(0, 0.3)))


def kills_of(dice, ledger, fate, seconds, most):
    """The job's kills in order: those that wait for its end come last."""
    count = dice.randint(max(2, most // 2), most)
    kinds = ["supervisor", "classifier", "notifier", "client"]
    kills = []
    for _ in range(count):
        kind = ledger.draw(dice, kinds)
        if kind is None:
            break
        kills.append(Kill(kind, *moment(dice, seconds, count)))
        if sum(k.kind == "supervisor" for k in kills) >= 5:
            kinds = ["classifier", "notifier", "client"]
    kills.sort(key=lambda k: LATE.get(k.when, 0))
    if fate in ("keeper", "massacre"):
        # From then on nobody replaces a supervisor.
        at = dice.randint(len(kills) // 2, len(kills))
        later = [k for k in kills[at:] if k.kind != "supervisor"]
        for _ in range(len(kills) - at - len(later)):
            ledger.give_back("supervisor")
        kills[at:] = later
        late = max((LATE.get(k.when, 0) for k in kills[:at]), default=0)
        when, delay = moment(dice, seconds, count)
        if LATE.get(when, 0) < late:
            when, delay = "gap", dice.uniform(0, 0.3)
        kills.insert(at, Kill("keeper", when, delay))
    return kills


def choose_fate(dice, ledger, most):
    """Takes the kills that the fate itself needs out of the ledger."""
    share = ledger.owed["keeper"] / max(1, ledger.left())
    fate = "spared"
    if dice.random() < min(0.7, share * most * 0.75):
        fate = dice.choice(("keeper", "keeper", "keeper", "massacre",
                            "massacre", "early"))
    elif dice.random() < 0.08:
        fate = "stillborn"
    if fate == "stillborn" and ledger.draw(dice, ["client"]) is None:
        return "spared"
    if fate in ("keeper", "massacre", "early") and \
            ledger.draw(dice, ["keeper"]) is None:
        return "spared"
    if fate == "massacre" and ledger.draw(dice, ["supervisor"]) is None:
        return "keeper"
    return fate


def make_plan(dice, ledger, number, fate=None, most=12):
    """The next job's plan; its kills are taken out of the ledger."""
    fate = fate or choose_fate(dice, ledger, most)
    seconds = 16.0 if fate == "stopped" else dice.uniform(1.5, 5)
    plan = Plan(
        number=number, fate=fate,
        script=Script(dice.getrandbits(40), dice.choice((300, 3000, 3000,
                                                         10000, 30000)),
                      dice.choice((0, 1, 2, 5, 9, 14))),
        seconds=seconds,
        end=dice.choice((0, 0, 1, 7, 77, 255) if dice.random() < 0.7
                        else [-s for s in SIGNALS]),
        deny=fate == "keeper" and dice.random() < 0.4,
        detached=fate != "stillborn" and dice.random() < 0.25,
        segment=dice.choice(SIZES),
        floor=dice.choice(("low", "high")),
        seed=dice.getrandbits(32))
    if fate in ("early", "stillborn"):
        plan.seconds = min(plan.seconds, 2)
    elif fate != "stopped":
        plan.kills = kills_of(dice, ledger, fate, seconds, most)
    return plan
