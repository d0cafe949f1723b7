"""From a job's write to the request at a loopback webhook."""
import os
import subprocess

from rig import percentile, wait_for

POLICY = """
[notify]
group_wait = "0s"
dedup = "0s"
max_per_hour = 100000
[[rule]]
name = "alarm"
pattern = "^ALARM"
severity = "high"
[[channel]]
name = "hook"
type = "webhook"
url = "http://127.0.0.1:{port}/"
"""


class Receiver:
    """receive.c and what it heard: (printed, received) in ns."""

    def __init__(self, rig):
        self.file = (rig.root / "heard").open("w+")
        self.process = subprocess.Popen([rig.tool("receive")],
                                        stdout=self.file)
        self.port = int(wait_for("port", self.read)[0])
        self.taken = 1

    def read(self):
        self.file.seek(0)
        lines = self.file.read().split("\n")
        return lines[:-1]

    def take(self, count):
        """Milliseconds of each of the next `count` requests."""
        wait_for(f"{count} requests",
                 lambda: len(self.read()) >= self.taken + count, every=0.05)
        lines = self.read()[self.taken:self.taken + count]
        self.taken += count
        return [(int(got) - int(printed)) / 1e6 for printed, got
                in (line.split() for line in lines)]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.file.close()


def null(rig, receiver, count, pause):
    subprocess.run([rig.tool("post"), str(receiver.port), str(count),
                    *pause], check=True)
    return receiver.take(count)


def warm(home, receiver, count, pause, policy):
    """The first two start the notifier and are not counted."""
    home.detach(home.rig.tool("stamp"), count + 2, *pause, 200,
                policy=policy)
    return receiver.take(count + 2)[2:]


def first(home, receiver, policy):
    job = home.detach(home.rig.tool("stamp"), 1, 300, 300, 300,
                      policy=policy)
    took = receiver.take(1)
    home.call("wait", job)
    return took[0]


def measure_place(rig, place, folder, receiver, rounds):
    # What an outbox is synced behind would be somebody else's bytes.
    os.sync()
    count = rounds or (5 if rig.quick else 300)
    fresh = 2 if rig.quick else 20
    pause = ("5", "10") if rig.quick else ("50", "150")
    with rig.home(folder) as home:
        policy = home.path / "latency.toml"
        policy.write_text(POLICY.format(port=receiver.port))
        took = warm(home, receiver, count, pause, policy)
        rig.add(f"{place}: write → webhook, p50", "ms", took, budget=5)
        rig.add(f"{place}: write → webhook, p99", "ms", took, budget=25,
                value=percentile(took, 0.99))
        took = [first(home, receiver, policy) for _ in range(fresh)]
        rig.add(f"{place}: first alert, p50", "ms", took, budget=60)
        rig.add(f"{place}: first alert, the slowest", "ms", took, budget=60,
                value=max(took))


def measure(rig, rounds):
    receiver = Receiver(rig)
    try:
        took = null(rig, receiver, 5 if rig.quick else 200, ("5", "20"))
        rig.add("null: a bare POST to the same receiver, p50", "ms", took)
        rig.add("null: the same, p99", "ms", took,
                value=percentile(took, 0.99))
        for place, folder in rig.places():
            measure_place(rig, place, folder, receiver, rounds)
    finally:
        receiver.close()
