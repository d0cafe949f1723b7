"""The webhook receiver of the kill campaign.

Keeps what each request said, by job, and answers most of them at once, some
late, some with 500 or 503, some by closing the connection.
"""
import json
import random
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Delivery:
    id: str
    seq: int
    offset: object
    name: str  # of the event
    message: str
    status: int  # as answered; 0: not at all
    agrees: bool  # the body's id is the header's


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a sender that was killed is no error here


class Hook:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.changed = threading.Condition()
        self.jobs = {}
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                hook.serve(self)

            def log_message(self, *args):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.1,),
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def choose(self):
        """(status, delay): how to answer."""
        roll = self.dice.random()
        if roll < 0.08:
            return 500, 0
        if roll < 0.10:
            return 503, 0
        if roll < 0.13:
            return 0, 0
        if roll < 0.25:
            return 200, self.dice.uniform(0.02, 0.3)
        return 200, 0

    def serve(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"] or 0))
        said = json.loads(body)
        event = said["event"]
        header = handler.headers["webhook-id"]
        with self.changed:
            status, delay = self.choose()
            self.jobs.setdefault(said["job"]["id"], []).append(Delivery(
                header, event["seq"], event.get("offset"), event["event"],
                event["message"], status, said["id"] == header))
            self.changed.notify_all()
        time.sleep(delay)  # a slow receiver is what is to be tested
        if status == 0:
            handler.close_connection = True
            return
        handler.send_response(status)
        if status == 500:
            handler.send_header("Retry-After", "1")
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    def of(self, job):
        with self.changed:
            return list(self.jobs.get(job, []))

    def wait_for_more(self, job, seconds):
        """True as soon as one more request for the job is there."""
        with self.changed:
            have = len(self.jobs.get(job, []))
            return self.changed.wait_for(
                lambda: len(self.jobs.get(job, [])) > have, seconds)
