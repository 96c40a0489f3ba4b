"""The one pipeline between a request and its answer.

Nothing here knows Flask or a socket: each door (Flask, the in-process transport) makes a `Request`, calls `serve` and
plays the `Answer`.

The order of checks is the vendors': who may talk to us at all, credentials before routing, then how many calls there
may be, then route and method, then the operation. Errors are raised as `ApiError` and shaped in one place per service.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from .clock import Clock, stopwatch
from .exchange import Answer, ApiError, Request, control_error
from .guard import Guard
from .journal import Journal
from .routes import Route, Routes

CONTROL = "/_rig/"
JSON = "application/json; charset=utf-8"


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
    admit: Callable[[Any, Any, Request], AbstractContextManager[None]] = lambda *_: nullcontext()
    """`(service, caller, request)`: what is held while a call of this caller is answered; raises `ApiError` where the
    caller may make no more calls now."""
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
    return _noted(server, request, lambda: _serve_vendor(server, request))


def refuse(server: Server, request: Request, error: ApiError) -> Answer:
    """Answer a request that a door could not take in, in the server's own shape."""
    return _noted(server, request, lambda: server.shape_error(error))


def _noted(server: Server, request: Request, answer_it: Callable[[], Answer]) -> Answer:
    """Answer, and write the exchange into the journal, also where the answering fails unforeseen."""
    started, received_at = stopwatch(), server.clock.milliseconds()
    answer, problem = None, None
    try:
        answer = answer_it()
    except Exception as failure:
        problem = f"{type(failure).__name__}: {failure}"
        raise
    finally:
        server.journal.add(
            server.name, "in", received_at, stopwatch() - started,
            request.method, request.address, request.headers, request.body,
            answer.status if answer else None, answer.headers if answer else {}, answer.body() if answer else b"",
            problem,
        )  # fmt: skip
    return answer


def _serve_vendor(server: Server, request: Request) -> Answer:
    if refusal := server.guard.find_problem(request):
        return control_error(ApiError(403, "refused", refusal))
    try:
        route = server.routes.match(request)
        if isinstance(route, Route) and route.is_public:
            return route.operation(server.service, None, request)
        caller = server.authenticate(server.service, request)
        with server.admit(server.service, caller, request):
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
