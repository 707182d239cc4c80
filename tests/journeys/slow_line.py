"""A slow line: passes on what a server answers, a little at a time, as a telephone with one bar receives it."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

PIECE, PAUSE = 700, 0.02  # bytes, seconds: 35 KB/s


@contextmanager
def slowly(url: str) -> Iterator[str]:
    """An address that answers as the one given does, slowly."""
    to = urlsplit(url)

    class Passing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((to.hostname, to.port)) as server:
                threading.Thread(target=_pass_on, args=(self.request, server, 65536, 0), daemon=True).start()
                _pass_on(server, self.request, PIECE, PAUSE)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Passing) as line:
        line.daemon_threads = True
        threading.Thread(target=line.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{line.server_address[1]}"
        finally:
            line.shutdown()


def _pass_on(source: socket.socket, target: socket.socket, piece: int, pause: float) -> None:
    """Until one of the two hangs up."""
    try:
        while some := source.recv(piece):
            target.sendall(some)
            time.sleep(pause)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the browser went on to another page
