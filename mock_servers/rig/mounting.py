"""Flask's part of a server: its pages are ordinary views, and one catch-all hands all else to the pipeline."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from .door import answer_wsgi, to_request
from .http import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Door(Flask):
    """The Flask app of one server: its pages, and the pipeline for every other path."""

    def __init__(self, server: Server, import_name: str):
        super().__init__(import_name, static_folder=None)
        self.server = server
        self.before_request(self._guard_page)

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request: a page if there is one at this path, else the pipeline."""
        if environ["PATH_INFO"] in self.server.pages:
            return super().wsgi_app(environ, start_response)
        return answer_wsgi(self.server, environ, start_response)

    def _guard_page(self) -> ResponseReturnValue | None:
        if problem := self.server.guard.find_problem(to_request(request.environ)):
            abort(403, problem)
        return None
