"""Channels on loopback, over real sockets: one that keeps what it is sent, and two that fail."""

import json
import socket
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


@contextmanager
def dripping() -> Iterator[tuple[str, list[str]]]:
    """Serve a channel that answers a byte now and then and never comes to an end.

    Yields:
        Its address for apprise, and a list that gets an entry per connection.
    """
    called: list[str] = []
    over = threading.Event()

    def serve(server: socket.socket) -> None:
        while True:
            try:
                connection, peer = server.accept()
            except OSError:
                return
            called.append(str(peer))
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    def drip(connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not over.wait(0.2):
                    connection.sendall(b"x")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        try:
            yield f"json://user:secret@127.0.0.1:{server.getsockname()[1]}/slow", called
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)


def refused_address() -> str:
    """An address for apprise at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"json://user:secret@127.0.0.1:{gone.getsockname()[1]}/gone"
