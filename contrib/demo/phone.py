#!/usr/bin/env python3
"""A phone, as far as alerts go: receives jobwatch's webhooks (or ntfy's JSON)
on a loopback port and prints each as a phone would show it.

    phone.py [--port N] [--port-file FILE] [--once]

--port 0 takes a free port; --port-file gets its number once it listens.
--once ends after the message that a job is finished, or a critical one.
"""
import argparse
import datetime
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ICONS = {"critical": "🚨", "high": "❗", "medium": "⚠️ ", "low": "ℹ️ ",
         "none": "💬"}
PRIORITIES = {5: "critical", 4: "high", 3: "medium", 2: "low", 1: "none"}
WIDTH = 72


def clean(text):
    """Control characters of a job's output must not drive the terminal."""
    return "".join(c if c.isprintable() or c == " " else "\N{REPLACEMENT CHARACTER}"
                   for c in text.replace("\t", "    "))


def severity_of(body):
    return body.get("severity") or PRIORITIES.get(body.get("priority"), "medium")


def latency_of(body, arrived):
    """How long after the event it is here, in words."""
    try:
        time = body["event"]["time"].replace("Z", "+00:00")
        seconds = (arrived - datetime.datetime.fromisoformat(time)).total_seconds()
    except (KeyError, TypeError, ValueError):
        return ""
    if abs(seconds) < 1:
        return f", {seconds * 1000:.1f} ms after it happened"
    return f", {seconds:.1f} s after it happened"


def card(body, arrived):
    """The lines of one message."""
    severity = severity_of(body)
    head = f"{ICONS.get(severity, '💬')} {clean(str(body.get('title', '')))}"
    message = str(body.get("message", ""))
    clock = arrived.astimezone().strftime("%H:%M:%S")
    kind = body.get("type", "push")
    return ["╭" + "─" * WIDTH, f"│ {head}", "│"] + \
        [f"│ {clean(line)}" for line in message.splitlines()] + \
        ["│", f"│ {clean(str(kind))}, {clean(str(severity))}: {clock}"
         f"{latency_of(body, arrived)}", "╰" + "─" * WIDTH]


class Phone(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, once):
        super().__init__(("127.0.0.1", port), Handler)
        self.once = once
        self.seen = set()  # ids: a retry that was received is shown once
        self.lock = threading.Lock()

    def show(self, body, message_id, arrived):
        with self.lock:
            if message_id is not None and message_id in self.seen:
                return
            self.seen.add(message_id)
            print("\n".join(card(body, arrived)), flush=True)

    def is_last(self, body):
        return self.once and (body.get("type") == "finished" or
                              severity_of(body) == "critical")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        arrived = datetime.datetime.now(datetime.timezone.utc)
        try:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self.answer(400)
            return
        self.server.show(body, self.headers.get("webhook-id"), arrived)
        self.answer(200)
        if self.server.is_last(body):
            threading.Thread(target=self.server.shutdown).start()

    def log_message(self, *args):
        pass


def tell_port(path, port):
    """In one step, so that whoever waits for the file finds the number."""
    with open(path + ".tmp", "w", encoding="ascii") as out:
        out.write(f"{port}\n")
    os.replace(path + ".tmp", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    with Phone(options.port, options.once) as phone:
        if options.port_file:
            tell_port(options.port_file, phone.server_port)
        else:
            print(f"listening on http://127.0.0.1:{phone.server_port}/",
                  flush=True)
        try:
            phone.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
