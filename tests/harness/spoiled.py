"""A server that does not do as it should in one place."""

import json

from werkzeug.test import run_wsgi_app


class Spoiled:
    """A server whose answers to one path are spoiled."""

    def __init__(self, app, path, spoil):
        self._app, self._path, self._spoil = app, path, spoil

    def __call__(self, environ, start_response):
        """Answer as `spoil` makes of status and JSON."""
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        content = b"".join(body)
        if environ["PATH_INFO"] == self._path and status.startswith("200"):
            status, answer = self._spoil(status, json.loads(content))
            content = json.dumps(answer).encode()
            headers["Content-Length"] = str(len(content))
        start_response(status, list(headers.items()))
        return [content]
