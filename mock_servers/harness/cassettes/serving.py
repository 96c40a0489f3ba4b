"""Cassettes at a port, for clients in any language: one that answers, and one that records what passes through.

Both are WSGI apps. `CassettePlayer` answers from a file. `RecordingProxy` sends every request to one target and puts
each exchange into a file before the client has its answer, so that nothing that was answered is lost.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import requests
import urllib3

from ...rig.door import to_request
from ...rig.exchange import Answer, ApiError, Request, control_error
from ...rig.guard import Guard
from ...rig.transport import GuardedAdapter, make_session
from .errors import CassetteError, NotRecordedError
from .recording import Cassette, CassetteAdapter
from .scrubbing import TRANSPORT_HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PORT_MATCH = ("method", "path", "query", "body")
"""What counts at a port: whoever asks here asks 127.0.0.1, whatever host was recorded."""

TIMEOUT_SECONDS = 60
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade", "host", "content-length", "expect")
)  # fmt: skip
_Headers = list[tuple[str, str]]


class CassettePlayer:
    """Answers what the cassette has an answer for, as often as it is asked; all else is a 404 that says what differs.

    The cassette is one that was opened with `match_on=PORT_MATCH`.
    """

    def __init__(self, cassette: Cassette, *, told: Callable[[str], None]):
        self._cassette = cassette
        self._guard = Guard(stands_for=tuple(cassette.hosts))
        self._told = told

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request."""
        request = to_request(environ)
        if refusal := self._guard.find_problem(request):
            return _refuse(start_response, ApiError(403, "refused", refusal))
        try:
            answered = self._cassette.play_again(self._cassette.read_request(_prepared(environ, request, "")))
        except NotRecordedError as problem:
            self._told(str(problem))
            return _refuse(start_response, ApiError(404, "not_recorded", str(problem)))
        headers = [(name, value) for name, values in answered["headers"].items() for value in values]
        return _send(start_response, request, answered["status"]["code"], headers, answered["body"]["string"])


class RecordingProxy:
    """Sends each request to `target` (scheme, host, perhaps a path before all paths), and only there."""

    def __init__(self, target: str, cassette: Cassette, *, told: Callable[[str], None]):
        parts = urlsplit(target)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            message = f"{target!r} is no target; give an address such as https://eu1.api.clevertap.com"
            raise ValueError(message)
        self._target = target.rstrip("/")
        self._cassette = cassette
        self._guard = Guard()
        outside = GuardedAdapter(Guard(allowed_hosts=(parts.hostname,)))
        self._session = make_session(CassetteAdapter(outside, cassette))
        self._session.headers.clear()
        self._told = told

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request, there and back."""
        request = to_request(environ)
        if refusal := self._guard.find_problem(request):
            return _refuse(start_response, ApiError(403, "refused", refusal))
        prepared = _prepared(environ, request, self._target)
        try:
            response = self._session.send(prepared, timeout=TIMEOUT_SECONDS, allow_redirects=False)
            self._cassette.keep()
        except requests.RequestException as problem:
            return self._fail(start_response, ApiError(502, "no_answer", f"{self._target} gave no answer: {problem}"))
        except CassetteError as problem:
            return self._fail(start_response, ApiError(502, "not_recorded", str(problem)))
        self._told(f"{request.method} {prepared.url}: {response.status_code}")
        return _send(start_response, request, response.status_code, _headers_of(response), response.content)

    def _fail(self, start_response: "StartResponse", error: ApiError) -> Iterable[bytes]:
        self._told(error.message)
        return _refuse(start_response, error)


def _prepared(environ: "WSGIEnvironment", request: Request, target: str) -> requests.PreparedRequest:
    """The request as it goes out, or as it is looked up: nothing about the way it came here."""
    prepared = requests.PreparedRequest()
    prepared.method = request.method
    raw = str(environ.get("REQUEST_URI") or quote(request.path))
    path = raw.partition("?")[0] if raw.startswith("/") else urlsplit(raw).path
    query = f"?{request.query_string}" if request.query_string else ""
    prepared.url = f"{target or 'http://localhost'}{path}{query}"
    headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
    if "accept-encoding" in headers:
        headers["accept-encoding"] = "gzip, deflate"  # what can be unpacked here, whatever the client can
    prepared.headers = requests.structures.CaseInsensitiveDict({name.title(): each for name, each in headers.items()})
    prepared.body = request.body or None
    if request.body:
        prepared.headers["Content-Length"] = str(len(request.body))
    return prepared


def _headers_of(response: requests.Response) -> _Headers:
    raw: Any = response.raw.headers
    headers = raw if isinstance(raw, urllib3.HTTPHeaderDict) else urllib3.HTTPHeaderDict(response.headers)
    return list(headers.iteritems())


def _refuse(start_response: "StartResponse", error: ApiError) -> Iterable[bytes]:
    answer: Answer = control_error(error)
    headers = [("Content-Type", "application/json; charset=utf-8"), ("X-Zaprig", error.code)]
    return _send(start_response, None, answer.status, headers, answer.body())


def _send(
    start_response: "StartResponse", request: Request | None, status: int, headers: _Headers, body: bytes
) -> Iterable[bytes]:
    phrase = HTTPStatus(status).phrase if status in {each.value for each in HTTPStatus} else "Unknown"
    kept = [(name, value) for name, value in headers if name.lower() not in TRANSPORT_HEADERS]
    if status not in (204, 304):
        kept.append(("Content-Length", str(len(body))))
    start_response(f"{status} {phrase}", kept)
    return [] if request is not None and request.method == "HEAD" else [body]
