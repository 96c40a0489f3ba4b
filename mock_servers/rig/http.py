"""One request, one answer, and the one pipeline between them.

A route is a row of a table; an *operation* takes the service, the caller and a `Request`, and returns an
`Answer`. Nothing here knows Flask or a socket: each door (Flask, the in-process transport) makes a `Request`,
calls `serve` and plays the `Answer`.

The order of checks is the vendors': who may talk to us at all, credentials before routing, then route and
method, then the operation. Errors are raised as `ApiError` and shaped in one place per service.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import msgspec
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from .clock import Clock, stopwatch
from .guard import Guard
from .journal import Journal

CONTROL = "/_rig/"
JSON = "application/json; charset=utf-8"


class ApiError(Exception):
    """A refusal that the service's `errors` module knows how to shape.

    `problems` names several faults of one request at once: `{"path", "message"}` each. `headers` are sent with it.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        problems: Sequence[Mapping[str, str]] = (),
        detail: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.problems = problems
        self.detail = detail
        self.headers = headers or {}


class MalformedBodyError(Exception):
    """The body is not what its reader asked for; says what and where."""


@dataclass(slots=True)
class Request:
    """What was asked, free of any framework. Header names are in lower case; `path` is percent-decoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"
    query_string: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """The variable parts of the route's path."""

    @property
    def host(self) -> str:
        """The `Host` header, with its port."""
        return self.headers.get("host", "")

    @property
    def address(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty if none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON. Raises `MalformedBodyError`."""
        try:
            return msgspec.json.decode(self.body)
        except RecursionError:
            raise MalformedBodyError("the JSON is nested too deeply") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise MalformedBodyError(str(problem)) from None

    def form(self) -> dict[str, str]:
        """The body as a form. Raises `MalformedBodyError` if it is not text."""
        try:
            return dict(parse_qsl(self.body.decode("utf-8"), keep_blank_values=True))
        except UnicodeDecodeError as problem:
            raise MalformedBodyError(str(problem)) from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back. A `payload` of None is an empty body, bytes go out as they are, all else as JSON."""

    status: int = 200
    payload: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """The bytes of the payload."""
        if self.payload is None:
            return b""
        return self.payload if isinstance(self.payload, bytes) else msgspec.json.encode(self.payload)


Operation = Callable[[Any, Any, Request], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a table. A public route is served without credentials."""

    method: str
    path: str
    operation: Operation
    is_public: bool = False


class Routes:
    """A table of routes, written with decorators so that a routes file reads like a Flask blueprint."""

    def __init__(self) -> None:
        self.rows: list[Route] = []

    def _add(self, method: str, paths: Sequence[str], *, public: bool) -> Callable[[Operation], Operation]:
        def register(operation: Operation) -> Operation:
            self.rows.extend(Route(method, path, operation, public) for path in paths)
            return operation

        return register

    def get(self, *paths: str, public: bool = False) -> Callable[[Operation], Operation]:
        """`GET` of one or more paths with parts such as `<id>`."""
        return self._add("GET", paths, public=public)

    def post(self, *paths: str, public: bool = False) -> Callable[[Operation], Operation]:
        """`POST`."""
        return self._add("POST", paths, public=public)

    def put(self, *paths: str, public: bool = False) -> Callable[[Operation], Operation]:
        """`PUT`."""
        return self._add("PUT", paths, public=public)

    def patch(self, *paths: str, public: bool = False) -> Callable[[Operation], Operation]:
        """`PATCH`."""
        return self._add("PATCH", paths, public=public)

    def delete(self, *paths: str, public: bool = False) -> Callable[[Operation], Operation]:
        """`DELETE`."""
        return self._add("DELETE", paths, public=public)

    @functools.cached_property
    def _adapter(self) -> MapAdapter:
        rules = [Rule(row.path, methods=[row.method], endpoint=row) for row in self.rows]
        return Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False).bind("rig")

    def match(self, request: Request) -> Route | ApiError:
        """The row for this request, with `request.values` filled in; or the 404 or 405 that it deserves."""
        try:
            route, values = self._adapter.match(request.path, request.method)
        except MethodNotAllowed as problem:
            allowed = {"Allow": ", ".join(sorted(problem.valid_methods or ()))}  # RFC 9110, 15.5.6
            message = f"{request.method} is not allowed on {request.path}"
            return ApiError(405, "method_not_allowed", message, headers=allowed)
        except NotFound:
            return ApiError(404, "not_found", f"There is nothing at {request.path}")
        request.values = values
        assert isinstance(route, Route)  # noqa: S101 - endpoints are our own rows
        return route


@dataclass(slots=True)
class Server:
    """Everything `serve` needs to answer for one service."""

    name: str
    service: Any
    routes: Routes
    authenticate: Callable[[Any, Request], Any]
    """`(service, request) -> caller`; raises `ApiError` where the credentials are wrong."""
    shape_error: Callable[[ApiError], Answer]
    control: Routes
    desk: Any
    """What the operations under `/_rig/` act on."""
    clock: Clock
    guard: Guard
    journal: Journal
    pages: frozenset[str] = frozenset()
    """The paths that Flask serves: pages and sign-in screens."""
    content_type: str = JSON


def wire_headers(server: Server, answer: Answer, body: bytes) -> dict[str, str]:
    """The headers that go out with an answer, at every door: its own, the length, and what kind of body it is."""
    headers = {"Content-Length": str(len(body)), **answer.headers}
    if (body or answer.status not in {204, 304}) and "Content-Type" not in headers:
        headers["Content-Type"] = server.content_type
    return headers


def serve(server: Server, request: Request) -> Answer:
    """The one way from a request to its answer."""
    if request.path.startswith(CONTROL):
        return _serve_control(server, request)
    started = stopwatch()
    received_at = server.clock.milliseconds()
    answer = _serve_vendor(server, request)
    server.journal.add(
        server.name, "in", received_at, stopwatch() - started,
        request.method, request.address, request.headers, request.body, answer.status, answer.headers, answer.body(),
    )  # fmt: skip
    return answer


def _serve_vendor(server: Server, request: Request) -> Answer:
    if refusal := server.guard.find_problem(request):
        return control_error(ApiError(403, "refused", refusal))
    try:
        route = server.routes.match(request)
        is_public = isinstance(route, Route) and route.is_public
        caller = None if is_public else server.authenticate(server.service, request)
        if isinstance(route, ApiError):
            raise route
        return route.operation(server.service, caller, request)
    except ApiError as error:
        return _with_headers(error, server.shape_error(error))


def _serve_control(server: Server, request: Request) -> Answer:
    try:
        if refusal := server.guard.find_problem(request) or server.guard.find_control_problem(request):
            _refuse(refusal)
        route = server.control.match(request)
        if isinstance(route, ApiError):
            raise route
        return route.operation(server.desk, None, request)
    except ApiError as error:
        return _with_headers(error, control_error(error))


def _with_headers(error: ApiError, answer: Answer) -> Answer:
    return replace(answer, headers={**answer.headers, **error.headers}) if error.headers else answer


def _refuse(reason: str) -> NoReturn:
    raise ApiError(403, "refused", reason)


def control_error(error: ApiError) -> Answer:
    """The shape of the rig's own errors, on every server."""
    problems = list(error.problems)
    return Answer(error.status, {"error": {"code": error.code, "message": error.message, "problems": problems}})
