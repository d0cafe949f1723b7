"""Where a campaign lives, and what it starts there."""
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 120  # seconds for what should take one
HERE = Path(__file__).resolve().parent
POLICY = """\
[log]
max_size = "{segment}"
keep = 1000000
total_size = "100GB"
compress = "none"
[classify]
base = false
[[rule]]
name = "planted"
pattern = '^PLANTED alert [a-z]+ [a-z]+ [a-z]+ [0-9]+$'
severity = "high"
[notify]
min_severity = "{floor}"
dedup = "0s"
group_wait = "0s"
max_per_hour = 1000000
context_lines = 2
linger = "60s"
[[channel]]
name = "hook"
type = "webhook"
url = "{url}"
"""


def compile_program(name, work, *flags):
    """tests/fault/NAME.c as a program, or with flags a library, in work."""
    program = work / name
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", *flags, "-o", str(program),
                    str(HERE / f"{name}.c")], check=True)
    return program


@dataclass
class Site:
    """Where a campaign lives."""
    bin: Path
    work: Path  # temporary
    hook: object  # a receiver; None: nothing is sent
    tag: str  # no other job on this machine has such a name
    talker: Path = None
    deny: Path = None
    shim: Path = None
    env: dict = field(default_factory=dict)

    @property
    def home(self):
        return self.work / "home"

    def command(self, *args):
        return [str(self.bin / "jobwatch"), *map(str, args)]

    def run(self, *args, **more):
        return subprocess.run(self.command(*args), env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=PATIENCE, **more)

    def start(self, argv, out, err):
        with open(out, "wb") as o, open(err, "wb") as e:
            return subprocess.Popen(argv, env=self.env, stdout=o, stderr=e,
                                    stdin=subprocess.DEVNULL,
                                    start_new_session=True)


@dataclass
class Client:
    """A follower of the job, and the files that it writes into."""
    kind: str  # run, or which streams `logs -f` shows
    process: object
    out: Path
    err: Path
    killed: bool = False
    code: int = None
