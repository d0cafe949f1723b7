"""A small training run, with real gradient steps and a planted failure.

Fits a two-layer network to noisy spirals in plain Python, saves a checkpoint
after each epoch, and fails in the last one on a shard whose labels are cut
short, as a half-copied file would be.
"""

import json
import math
import os
import random
import sys
import tempfile
import time

EPOCHS = 3
HIDDEN = 12
BATCH = 20


def spirals(count, rng):
    """Points of two arms that wind around each other, with labels 0 and 1."""
    points = []
    for i in range(count):
        arm = i % 2
        angle = 0.5 + 3.0 * math.pi * (i / count)
        radius = angle / (3.0 * math.pi)
        x = radius * math.cos(angle + arm * math.pi) + rng.gauss(0, 0.02)
        y = radius * math.sin(angle + arm * math.pi) + rng.gauss(0, 0.02)
        points.append(((x, y), arm))
    rng.shuffle(points)
    return points


class Network:
    def __init__(self, rng):
        self.w1 = [[rng.gauss(0, 1.5) for _ in range(2)] for _ in range(HIDDEN)]
        self.b1 = [0.0] * HIDDEN
        self.w2 = [rng.gauss(0, 0.5) for _ in range(HIDDEN)]
        self.b2 = 0.0

    def step(self, batch, labels, rate):
        """One step of gradient descent on the mean cross-entropy."""
        if len(batch) != len(labels):
            raise ValueError(f"shard 7 is damaged: {len(batch)} samples "
                             f"but {len(labels)} labels")
        loss = 0.0
        for (x, y), label in zip(batch, labels):
            hidden = [math.tanh(w[0] * x + w[1] * y + b)
                      for w, b in zip(self.w1, self.b1)]
            logit = sum(w * h for w, h in zip(self.w2, hidden)) + self.b2
            p = 1.0 / (1.0 + math.exp(-logit))
            loss -= math.log(max(p if label else 1.0 - p, 1e-12))
            error = rate * (p - label) / len(batch)
            for i, h in enumerate(hidden):
                back = error * self.w2[i] * (1.0 - h * h)
                self.w2[i] -= error * h
                self.w1[i][0] -= back * x
                self.w1[i][1] -= back * y
                self.b1[i] -= back
            self.b2 -= error
        return loss / len(batch)

    def save(self, path):
        with open(path, "w") as out:
            json.dump(vars(self), out)


def train_epoch(network, data, epoch, rate):
    batches = len(data) // BATCH
    for i in range(batches):
        part = data[i * BATCH:(i + 1) * BATCH]
        batch, labels = [p for p, _ in part], [label for _, label in part]
        if epoch == EPOCHS and i == batches // 2:
            labels = labels[:-3]  # the planted failure
        loss = network.step(batch, labels, rate)
        if i % 10 == 0:
            print(f"epoch {epoch}/{EPOCHS} step {i}/{batches} "
                  f"loss={loss:.4f} error_count=0")
        time.sleep(0.002)
    return loss


def main():
    rng = random.Random(7)
    data = spirals(1200, rng)
    network = Network(rng)
    folder = tempfile.mkdtemp(prefix="jobwatch-demo-")
    print(f"training on {len(data)} points, {EPOCHS} epochs")
    for epoch in range(1, EPOCHS + 1):
        train_epoch(network, data, epoch, rate=1.5)
        path = os.path.join(folder, f"epoch-{epoch}.json")
        network.save(path)
        print(f"Checkpoint saved to {path}")
    print("Training complete")


if __name__ == "__main__":
    sys.exit(main())
