"""One history of the store: a job that says a known sequence under a small
max_size, while one of the supervisor's system calls, or of its helpers',
fails or is the last. What is left of it is judged in store_verdict.py.
"""
import random
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from board import Board
from family import Family, send, wait_until
from oracle import Script

PATIENCE = 90  # seconds: a compression that failed is tried again for 35
SECONDS = 0.06  # that the job takes
EXIT = 7
LIFT_AFTER = 1.5  # seconds, where the job itself has to wait
POLICY = """\
[log]
max_size = "12KiB"
keep = {keep}
compress = "{compress}"
delay_compress = {delay}
on_full = "{full}"
{more}
[classify]
base = false
"""


@dataclass(frozen=True)
class Variant:
    """What [log] says, and what a job then says."""
    name: str
    compress: str
    delay: bool  # the newest closed one stays as it is
    keep: int
    full: str
    archive: bool
    hook: bool
    script: Script

    @property
    def retains(self):
        return self.keep < 1000

    def policy(self, base):
        more = []
        if self.archive:
            more.append(f'archive = "{archive_of(base)}"')
        if self.hook:
            more.append(f"on_rotate = \"printf '%s\\\\n' >>{hooked_of(base)}"
                        "\"")
        return POLICY.format(keep=self.keep, compress=self.compress,
                             delay=str(self.delay).lower(), full=self.full,
                             more="\n".join(more))


VARIANTS = (
    Variant("zstd", "zstd", False, 1000, "drop-oldest", True, True,
            Script(5, 90, 0)),
    Variant("gzip", "gzip", True, 3, "drop-oldest", False, False,
            Script(8, 130, 0)),
    Variant("block", "zstd", True, 1000, "block", False, True,
            Script(11, 120, 0)),
)


@dataclass(frozen=True)
class Plan:
    number: int
    variant: Variant
    rules: tuple = ()
    seed: int = 0

    @property
    def lasts(self):
        return any(rule.lasting for rule in self.rules)

    @property
    def kills(self):
        return sum(rule.action.startswith("kill") for rule in self.rules)

    def words(self):
        rules = ", ".join(rule.words() for rule in self.rules)
        return f"{self.variant.name}: {rules or 'undisturbed'}"


def archive_of(base):
    return Path(f"{base}.archive")


def hooked_of(base):
    return Path(f"{base}.hooked")


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class StoreJob:
    def __init__(self, site, plan):
        self.site = site
        self.plan = plan
        self.base = site.work / f"job{plan.number}"
        self.name = f"{site.tag}{plan.number}"
        self.id = f"{self.name}-1"
        self.dir = site.home / "jobs" / self.id
        self.mark = site.home / "running" / self.id
        self.side = self.base.with_suffix(".side")
        self.out = self.base.with_suffix(".out")
        self.err = self.base.with_suffix(".err")
        self.archive = archive_of(self.base)
        self.hooked = hooked_of(self.base)
        self.family = Family(self.id)
        self.board = Board(self.base.with_suffix(".board"), plan.rules)
        self.code = None
        self.stuck = None  # in words, what did not come to an end

    def start(self):
        policy = self.base.with_suffix(".toml")
        policy.write_text(self.plan.variant.policy(self.base))
        self.archive.mkdir()
        self.hooked.touch()
        argv = self.site.command(
            "run", "-q", "--policy", policy, "--name", self.name, "--",
            self.site.talker, "run", *self.plan.variant.script.args(),
            SECONDS, EXIT, self.side)
        env = self.site.env | self.board.environment(self.site.shim)
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            return subprocess.Popen(argv, env=env, stdout=out, stderr=err,
                                    stdin=subprocess.DEVNULL,
                                    start_new_session=True,
                                    preexec_fn=no_core)

    def has_said_all(self):
        try:
            return " end " in f" {self.side.read_text()}".replace("\n", " ")
        except OSError:
            return False

    def await_lift(self, client):
        """A fault that lasts ends some time after the job's output did."""
        dice = random.Random(self.plan.seed)
        wait_until(lambda: self.has_said_all() or client.poll() is not None,
                   LIFT_AFTER)
        time.sleep(dice.choice((0, 0.1, 0.7, 1.3)))
        self.board.lift()

    def only_captures(self):
        """A family whose supervisors died too often: it leaves its mark, and
        the closed segments, to whoever recovers the job."""
        try:
            return "it died too often and only captures" in (
                self.dir / "events.jsonl").read_text()
        except OSError:
            return False

    def is_marked(self):
        return self.mark.exists() and not self.only_captures()

    def is_over(self):
        return not self.is_marked() and self.family.is_gone()

    def live(self):
        client = self.start()
        if self.plan.lasts:
            self.await_lift(client)
        try:
            self.code = client.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.stuck = "the client does not end"
            client.kill()
            client.wait()
        if not wait_until(self.is_over, PATIENCE):
            members = self.family.members()
            self.stuck = (f"the family does not leave: {members}, marked: "
                          f"{self.mark.exists()}")
            for pid in members:
                send(pid, signal.SIGKILL, lambda: True)

    def clean(self):
        self.board.close()
        self.site.run("rm", self.id)
        for path in self.site.work.glob(f"job{self.plan.number}.*"):
            if path.is_dir():
                for file in path.rglob("*.*"):
                    file.unlink()
                for folder in sorted(path.rglob("*"), reverse=True):
                    folder.rmdir()
                path.rmdir()
            else:
                path.unlink()
