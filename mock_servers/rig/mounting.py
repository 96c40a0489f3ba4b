"""The Flask door: WSGI requests become `Request` values, `Answer` values become WSGI responses.

A server is a Flask app whose pages (and sign-in screens) are ordinary Flask views. Everything else is one
catch-all that goes straight to `rig.http.serve`, without a Flask request context, because the pipeline needs
none and a context costs more than most operations.
"""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wsgi import get_input_stream

from .http import Answer, ApiError, Request, Server, serve, wire_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes; a larger body is answered with 413 before it is read."""

_log = logging.getLogger(__name__)


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


class Door(Flask):
    """A Flask app for one server's pages that hands all other requests to the pipeline."""

    def __init__(self, server: Server, import_name: str):
        super().__init__(import_name, static_folder=None)
        self.server = server
        self._pages = self.url_map.bind("rig")
        self.before_request(self._guard_page)

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request: a page if there is one at this path, else the pipeline."""
        if self._is_page(environ["PATH_INFO"]):
            return super().wsgi_app(environ, start_response)
        answer = self._answer(environ)
        body = answer.body()
        headers = Headers(wire_headers(self.server, answer, body))
        reason = HTTP_STATUS_CODES.get(answer.status, "Unknown")
        start_response(f"{answer.status} {reason}", headers.to_wsgi_list())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _is_page(self, path: str) -> bool:
        try:
            self._pages.match(path, "GET")
        except HTTPException as problem:
            return problem.code == 405
        return True

    def _answer(self, environ: "WSGIEnvironment") -> Answer:
        try:
            return serve(self.server, to_request(environ))
        except RequestEntityTooLarge:
            limit = f"{LARGEST_BODY // 1024 // 1024} MiB"
            return self.server.shape_error(ApiError(413, "too_large", f"The body is larger than {limit}."))
        except Exception:  # the last door before the socket: a fault of ours must still be an answer
            _log.exception("%s: %s %s failed", self.server.name, environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return self.server.shape_error(ApiError(500, "internal_error", "zaprig failed; its log says where."))

    def _guard_page(self) -> ResponseReturnValue | None:
        if problem := self.server.guard.find_problem(to_request(request.environ)):
            abort(403, problem)
        return None
