"""What a family weighs and how often it wakes."""
import subprocess
import time
from pathlib import Path

from latency import POLICY, Receiver
from rig import PATIENCE_S, wait_for

SETTLE_S = 7  # the status file's last lag is 5 s
SILENCE_S = 20


def pss_mb(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def switches(pid):
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if "ctxt_switches" in line:
                total += int(line.split()[1])
    return total


def report_idle(rig, processes, client, seconds):
    before = {name: switches(pid) for name, pid in processes.items()}
    client_before = switches(client)
    time.sleep(seconds)
    woken = {name: switches(pid) - before[name]
             for name, pid in processes.items()}
    own = sum(count for name, count in woken.items() if name != "notifier")
    rig.add("idle: wake-ups a second, keeper supervisor classifier", "/s",
            [own / seconds], budget=0, note=str(woken))
    rig.add("idle: wake-ups a second, notifier", "/s",
            [woken["notifier"] / seconds], budget=0)
    rig.add("idle: wake-ups a second, attached client", "/s",
            [(switches(client) - client_before) / seconds])
    weights = {name: pss_mb(pid) for name, pid in processes.items()}
    rest = sum(mb for name, mb in weights.items() if name != "notifier")
    words = " ".join(f"{name} {mb:.2f}" for name, mb in weights.items())
    rig.add("idle: PSS, keeper supervisor classifier", "MB", [rest],
            budget=6, note=words)
    rig.add("idle: PSS, notifier awake", "MB", [weights["notifier"]],
            budget=10)
    rig.add("idle: PSS, attached client", "MB", [pss_mb(client)])


def idle(rig, _):
    receiver = Receiver(rig)
    stay = 4000 if rig.quick else (SETTLE_S + SILENCE_S + 20) * 1000
    try:
        with rig.home(rig.root) as home:
            policy = home.path / "idle.toml"
            policy.write_text(POLICY.format(port=receiver.port))
            with subprocess.Popen(
                    home.command("run", "-q", "--policy", policy, "--",
                                 rig.tool("stamp"), 1, 10, 10, stay),
                    env=home.env, stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL) as client:
                receiver.take(1)
                job = "stamp-1"
                wait_for("notifier", lambda: "notifier" in home.family(job),
                         seconds=5, every=0.1)
                processes = home.family(job)  # asking wakes them
                time.sleep(0.5 if rig.quick else SETTLE_S)
                report_idle(rig, processes, client.pid,
                            1 if rig.quick else SILENCE_S)
                home.call("kill", job)
                client.wait(PATIENCE_S)
    finally:
        receiver.close()

