"""The WSGI door: WSGI requests become `Request` values, `Answer` values become WSGI responses.

Pages and sign-in screens are Flask's. Everything else goes straight to `rig.http.serve`, without a Flask request
context, because the pipeline needs none and a context costs more than most operations.
"""

import logging
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wsgi import get_input_stream

from .bodies import LARGEST_BODY
from .exchange import Answer, ApiError, Request
from .http import Server, refuse, serve, wire_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)


class LazyDoor:
    """The WSGI app of one server while it is served: `build_app` makes its Flask app when the first page is asked
    for, since Flask costs more at the start than all that API clients need.
    """

    def __init__(self, server: Server, build_app: "Callable[[Server], WSGIApplication]"):
        self._server = server
        self._build_app = build_app
        self._app: WSGIApplication | None = None
        self._lock = Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request: a page if there is one at this path, else the pipeline."""
        if environ["PATH_INFO"] not in self._server.pages:
            return answer_wsgi(self._server, environ, start_response)
        with self._lock:
            self._app = self._app or self._build_app(self._server)
        return self._app(environ, start_response)


def answer_wsgi(server: Server, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a WSGI request by the pipeline."""
    answer = _answer(server, environ)
    body = answer.body()
    reason = HTTP_STATUS_CODES.get(answer.status, "Unknown")
    start_response(f"{answer.status} {reason}", list(wire_headers(server, answer, body).items()))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _answer(server: Server, environ: "WSGIEnvironment") -> Answer:
    try:
        request, is_too_large = to_request(environ), False
    except RequestEntityTooLarge:
        request, is_too_large = to_request({**environ, "CONTENT_LENGTH": "0"}), True
    try:
        if is_too_large:
            limit = f"{LARGEST_BODY // 1024 // 1024} MiB"
            return refuse(server, request, ApiError(413, "too_large", f"The body is larger than {limit}."))
        return serve(server, request)
    except Exception:  # the last door before the socket: a fault of ours must still be an answer
        _log.exception("%s: %s %s failed", server.name, environ["REQUEST_METHOD"], environ["PATH_INFO"])
        return server.shape_error(ApiError(500, "internal_error", "zaprig failed; its log says where."))


def to_request(environ: "WSGIEnvironment") -> Request:
    """The WSGI request as our own. Raises `RequestEntityTooLarge`."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    query_string = environ.get("QUERY_STRING", "")
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace") or "/",
        query=dict(parse_qsl(query_string, keep_blank_values=True)),
        headers=headers,
        body=get_input_stream(environ, max_content_length=LARGEST_BODY).read(),
        scheme=environ["wsgi.url_scheme"],
        query_string=query_string,
    )
