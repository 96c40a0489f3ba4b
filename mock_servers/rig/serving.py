"""Sockets: a keep-alive WSGI server that finishes what it has in hand before it ends."""

import errno
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class TakenPortError(Exception):
    """Somebody else listens there, or we may not."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port` (0 for any free one). Raises `TakenPortError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as problem:
        listener.close()
        if isinstance(problem, OSError) and problem.errno == errno.EADDRINUSE:
            advice = "Stop what runs there, or choose other ports with --port N (0 takes free ones)."
            message = f"Port {port} on {host} is taken. {advice}"
        else:
            message = f"Cannot listen on {host}, port {port}: {problem}"
        raise TakenPortError(message) from problem
    return listener


class _KeepAliveHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    timeout = 60  # seconds an idle connection is kept

    def run_wsgi(self) -> None:
        owner = self.server
        assert isinstance(owner, HttpServer)  # noqa: S101 - we made it
        with owner.one_request():
            super().run_wsgi()
            if owner.is_draining:
                self.close_connection = True

    def log_request(self, *_: Any) -> None:
        """The journal keeps the requests."""

    def version_string(self) -> str:
        return "zaprig"


class HttpServer(ThreadedWSGIServer):
    """One WSGI app on one listening socket, a thread per connection."""

    daemon_threads = True

    def __init__(self, app: "WSGIApplication", listener: socket.socket):
        host, port = listener.getsockname()[:2]
        self._idle = threading.Condition()
        self._requests = 0
        self.is_draining = False
        super().__init__(host, port, app, handler=_KeepAliveHandler, fd=listener.fileno())
        self._listener = listener  # keeps the descriptor ours
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def one_request(self) -> Self:
        """Counts a request as in hand while the `with` block runs."""
        return self

    def __enter__(self) -> Self:
        with self._idle:
            self._requests += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._idle:
            self._requests -= 1
            self._idle.notify_all()

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def drain(self, seconds: float = 10) -> None:
        """Take no new connection, finish the requests in hand (for at most so many seconds), and close."""
        self.is_draining = True
        self.shutdown()
        self._thread.join()
        with self._idle:
            self._idle.wait_for(lambda: self._requests == 0, timeout=seconds)
        self.server_close()
        self._listener.close()
