"""A local HTTP receiver for notifications, which answers as it is told.

It records every request and answers each by the next entry of its script,
200 when the script is at its end.
"""
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    status: int = 200
    headers: tuple = ()
    delay: float = 0  # before the answer
    close: bool = False  # the connection, instead of an answer
    times: int = 1


@dataclass(frozen=True)
class Request:
    time: float  # time.monotonic() when it was there in full
    wall: float
    path: str
    headers: dict  # lower-case names
    body: bytes
    status: int  # what it was answered with; 0: nothing
    peer: tuple

    @property
    def id(self):
        return self.headers.get("webhook-id")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def seq(self):
        return self.json["event"]["seq"]


class Receiver:
    """with Receiver() as r: … r.url … r.wait(3) …"""

    def __init__(self, *script):
        self.requests = []
        self.changed = threading.Condition()
        self.gate = threading.Event()  # cleared: answers are held back
        self.gate.set()
        self.script = [a for a in script for _ in range(a.times)]
        self.choose = None  # a function of the request's JSON, if set
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                receiver.serve(self)

            def do_GET(self):
                receiver.serve(self)

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # a sender that was killed is no error here

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    def tell(self, *script):
        """Answers for the next requests."""
        with self.changed:
            self.script.extend(a for a in script for _ in range(a.times))

    def next_answer(self, body):
        if self.choose is not None:
            return self.choose(json.loads(body))
        with self.changed:
            return self.script.pop(0) if self.script else Answer()

    def serve(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"] or 0))
        now, wall = time.monotonic(), time.time()
        answer = self.next_answer(body)
        with self.changed:
            self.requests.append(Request(
                now, wall, handler.path,
                {k.lower(): v for k, v in handler.headers.items()}, body,
                0 if answer.close else answer.status, handler.client_address))
            self.changed.notify_all()
        self.gate.wait()
        time.sleep(answer.delay)
        if answer.close:
            handler.close_connection = True
            handler.connection.shutdown(2)
            return
        handler.send_response(answer.status)
        for name, value in answer.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    def wait(self, count, timeout=10):
        """The requests, once there are `count`; fails when time is up."""
        return self.wait_for(lambda r: len(r) >= count, timeout)

    def wait_for(self, done, timeout=10):
        with self.changed:
            if not self.changed.wait_for(lambda: done(self.requests), timeout):
                got = [(r.path, r.status) for r in self.requests]
                raise AssertionError(f"not received in {timeout} s: {got}")
            return list(self.requests)

    def accepted(self):
        with self.changed:
            return [r for r in self.requests if r.status == 200]
