"""A webhook on loopback: a real HTTP server that keeps what it is sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Hook(BaseHTTPRequestHandler):
    """A webhook that keeps what it is sent and refuses the first `refusals` calls."""

    received: list[dict[str, str]]
    refusals: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if type(self).refusals > 0:
            type(self).refusals -= 1
            self.send_response(503)
        else:
            self.received.append(json.loads(body))
            self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


@contextmanager
def webhook() -> Iterator[tuple[str, type[Hook]]]:
    """Serve one until the block ends: its address for apprise, with a password, and its handler."""
    handler = type("OneHook", (Hook,), {"received": [], "refusals": 0})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"json://user:secret@127.0.0.1:{server.server_port}/hook", handler
        finally:
            server.shutdown()
            thread.join()
