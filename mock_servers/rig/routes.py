"""Tables of routes: which operation a request is for.

A route is a row; an *operation* takes the service, the caller and a `Request`, and returns an `Answer`.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from .exchange import ApiError, Operation, Request


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
