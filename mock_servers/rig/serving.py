"""Sockets: a server that keeps connections alive and finishes what it has in hand before it ends."""

import errno
import logging
import select
import socket
import threading
from collections.abc import Iterable
from http import HTTPStatus
from http.server import HTTPServer
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .bodies import LARGEST_BODY, UnreadableBodyError, read_body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)

BACKLOG = 128
"""Connections that may wait to be let in."""
LONGEST_REQUEST_LINE = 65_536
IDLE_SECONDS = 60
"""How long a connection without a request is kept."""
LINGER_SECONDS = 2
BREATH_SECONDS = 0.1
"""How long a server that may open no more files waits before it tries again to let somebody in."""
READ_SIZE = 1024 * 1024


class TakenPortError(Exception):
    """Somebody else listens there, or we may not."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port` (0 for any free one). Raises `TakenPortError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as problem:
        listener.close()
        if isinstance(problem, OSError) and problem.errno == errno.EADDRINUSE:
            advice = "Stop what runs there, or choose other ports with --port N (0 takes free ones)."
            message = f"Port {port} on {host} is taken. {advice}"
        else:
            message = f"Cannot listen on {host}, port {port}: {problem}"
        raise TakenPortError(message) from problem
    return listener


class _Handler(WSGIRequestHandler):
    """One connection. Werkzeug's handler closes it after each answer, and reads past the end of a request to do so;
    ours reads exactly the request's body before the app is called, so the next request can follow.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # status, headers and body leave together
    timeout = IDLE_SECONDS

    def handle_one_request(self) -> None:
        """Wait for a request and answer it."""
        self.close_connection = True
        try:
            self.raw_requestline = self.rfile.readline(LONGEST_REQUEST_LINE + 1)
            # One empty line before a request means nothing (RFC 9112, 2.2).
            if self.raw_requestline in (b"\r\n", b"\n"):
                self.raw_requestline = self.rfile.readline(LONGEST_REQUEST_LINE + 1)
            if self.raw_requestline and self._owner.begin_request():
                try:
                    self._handle()
                finally:
                    self._owner.end_request()
        except OSError:
            self.close_connection = True  # the other side hung up, or said nothing for too long

    @property
    def _owner(self) -> "HttpServer":
        assert isinstance(self.server, HttpServer)  # noqa: S101 - we made it
        return self.server

    def _handle(self) -> None:
        if len(self.raw_requestline) > LONGEST_REQUEST_LINE:
            self.requestline, self.request_version, self.command = "", "", ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
        elif self.parse_request():
            try:
                body = read_body(self.headers, self.rfile)
            except UnreadableBodyError as problem:
                self.close_connection = True
                self.send_error(HTTPStatus.BAD_REQUEST, str(problem))
            else:
                self.close_connection = self.close_connection or body.is_cut
                self._answer(self._make_environ(body.content, body.length))
                if body.is_cut:
                    self._read_on()
        self.wfile.flush()

    def _read_on(self) -> None:
        """Take in what of a refused body is on its way, for a while: a client that is still sending would see a broken
        connection instead of the answer.
        """
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGER_SECONDS)
        for _ in range(LARGEST_BODY * 4 // READ_SIZE):
            if not self.rfile.read(READ_SIZE):
                break

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request that an app could answer, in the shape of the rig's own errors."""
        status = HTTPStatus(code)
        told = {"code": status.name.lower(), "message": message or explain or status.phrase, "problems": []}
        body = msgspec.json.encode({"error": told})
        self.close_connection = True
        self.request_version = self.protocol_version  # whatever was asked in, HTTP/0.9 has no headers
        self.send_response(code, status.phrase)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        """Tell the client to go on with the body, unless it is one that would be refused."""
        length = self.headers.get("Content-Length", "")
        if length.isdigit() and len(length) < 16 and int(length) > LARGEST_BODY:
            return True
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def _make_environ(self, content: bytes, length: int) -> "WSGIEnvironment":
        environ = self.make_environ()
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("wsgi.input_terminated", None)
        environ["wsgi.input"] = BytesIO(content)
        environ["CONTENT_LENGTH"] = str(length) if length else environ.get("CONTENT_LENGTH", "")
        return environ

    def _answer(self, environ: "WSGIEnvironment") -> None:
        begun: tuple[str, list[tuple[str, str]]] = ("500 Internal Server Error", [])

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            nonlocal begun
            begun = (status, headers)
            return self.wfile.write

        try:
            chunks = self._owner.app(environ, start_response)
        except Exception:  # the app answers its own faults; what gets here has no answer
            _log.exception("%s %s failed", self.command, self.path)
            self.close_connection = True
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        try:
            self._send(begun[0], begun[1], chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    def _send(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        has_length = any(name.lower() == "content-length" for name, _ in headers)
        if self._owner.is_draining or not (has_length or code in {"204", "304"}):
            self.close_connection = True  # without a length, the end of the connection is the end of the body
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        for chunk in chunks:
            self.wfile.write(chunk)
            if not has_length:
                self.wfile.flush()

    def log_request(self, *_: Any, **__: Any) -> None:
        """The journal keeps the requests."""

    def log_message(self, *_: Any, **__: Any) -> None:
        """What is wrong with a request is answered to whoever sent it."""

    def version_string(self) -> str:
        """What the `Server` header says."""
        return "zaprig"


class HttpServer(ThreadedWSGIServer):
    """One WSGI app on one listening socket, a thread per connection."""

    daemon_threads = True

    def __init__(self, app: "WSGIApplication", listener: socket.socket):
        host, port = listener.getsockname()[:2]
        self._changed = threading.Condition()
        self._requests = 0
        self._is_closed = False
        self.is_draining = False
        super().__init__(host, port, app, handler=_Handler, fd=listener.fileno())
        self._listener = listener  # keeps the descriptor ours
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def _accept(self) -> None:
        HTTPServer.serve_forever(self, poll_interval=0.05)  # Werkzeug's own closes the socket when it ends

    def get_request(self) -> tuple[socket.socket, Any]:
        """Let in who waits at the door. Raises `OSError`, which the loop passes over."""
        try:
            return super().get_request()
        except OSError as problem:
            if problem.errno in {errno.EMFILE, errno.ENFILE} and not self.is_draining:
                with self._changed:  # whoever waits stays at the door: without a breath, the loop would only spin
                    self._changed.wait(BREATH_SECONDS)
            raise

    def begin_request(self) -> bool:
        """Count a request as in hand; False if the server has ended, and nothing may be begun any more."""
        with self._changed:
            if not self._is_closed:
                self._requests += 1
            return not self._is_closed

    def end_request(self) -> None:
        """The request is answered."""
        with self._changed:
            self._requests -= 1
            self._changed.notify_all()

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def drain(self, seconds: float = 10) -> None:
        """Take no new connection, finish the requests in hand (for at most so many seconds), and close."""
        self.is_draining = True
        self.shutdown()
        self._thread.join()
        for _ in range(BACKLOG):  # whoever waits at the door has been let in as far as they know
            if not select.select([self.socket], [], [], 0)[0]:
                break
            self._handle_request_noblock()  # type: ignore[attr-defined]
        with self._changed:
            self._changed.wait_for(lambda: self._requests == 0, timeout=seconds)
            self._is_closed = True
        self.server_close()
        self._listener.close()
