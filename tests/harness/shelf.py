"""A small server with a document of its own: things can be made, read and taken away, rightly or not."""

import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

THING = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
    "required": ["id", "title"],
}
TITLED = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 1_000_000}}
REFUSED = {"description": "Wrong."}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "A shelf", "version": "1"},
    "servers": [{"url": "https://shelf.example.com"}],
    "paths": {
        "/things": {
            "post": {
                "operationId": "make",
                "requestBody": {"required": True, "content": _json(TITLED)},
                "responses": {
                    "201": {
                        "description": "Made.",
                        "content": _json(THING),
                        "links": {
                            "read it": {"operationId": "read", "parameters": {"id": "$response.body#/id"}},
                            "take it": {"operationId": "take", "parameters": {"id": "$response.body#/id"}},
                        },
                    },
                    "400": REFUSED,
                    "405": REFUSED,
                },
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "read",
                "parameters": [ID],
                "responses": {
                    "200": {"description": "It.", "content": _json(THING)},
                    "400": REFUSED,
                    "404": REFUSED,
                    "405": REFUSED,
                },
            },
            "delete": {
                "operationId": "take",
                "parameters": [ID],
                "responses": {
                    "204": {
                        "description": "Taken.",
                        "links": {"is it gone": {"operationId": "read", "parameters": {"id": "$request.path.id"}}},
                    },
                    "400": REFUSED,
                    "404": REFUSED,
                    "405": REFUSED,
                },
            },
        },
    },
}  # fmt: skip


def write_document(folder: Path, document: Any = DOCUMENT) -> Path:
    """The document as a file."""
    file = folder / "shelf.json"
    file.write_text(json.dumps(document))
    return file


class Shelf:
    """The server. `keeps` says that taking a thing away leaves it there; `requests` are those that came, in turn."""

    def __init__(self, *, keeps: bool = False):
        self._keeps = keeps
        self._numbers = count(1)
        self._things: dict[int, str] = {}
        self.requests: list[tuple[str, str, bytes]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.requests.append((method, path, re.sub(rb"-+WerkzeugFormPart_[\d.]+", b"--boundary", body)))
        status, answer, headers = self._answer(method, path, body)
        text = b"" if answer is None else json.dumps(answer).encode()
        if answer is not None:
            headers["Content-Type"] = "application/json"
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [text]

    def forget(self) -> None:
        """Nothing was ever there."""
        self._things.clear()

    def _answer(self, method: str, path: str, body: bytes) -> tuple[HTTPStatus, Any, dict[str, str]]:
        allowed = "POST" if path == "/things" else "GET, DELETE"
        if method not in allowed.split(", "):
            return HTTPStatus.METHOD_NOT_ALLOWED, None, {"Allow": allowed}
        if path == "/things":
            return self._make(body)
        number = re.fullmatch(r"/things/([1-9]\d{0,6})", path, re.ASCII)
        if number is None:
            return HTTPStatus.BAD_REQUEST, None, {}
        return self._find(method, int(number[1]))

    def _make(self, body: bytes) -> tuple[HTTPStatus, Any, dict[str, str]]:
        try:
            title = json.loads(body)["title"]
        except (ValueError, LookupError, TypeError):
            return HTTPStatus.BAD_REQUEST, None, {}
        if not isinstance(title, str):
            return HTTPStatus.BAD_REQUEST, None, {}
        number = next(self._numbers)
        self._things[number] = title
        return HTTPStatus.CREATED, {"id": number, "title": title}, {}

    def _find(self, method: str, number: int) -> tuple[HTTPStatus, Any, dict[str, str]]:
        if number not in self._things:
            return HTTPStatus.NOT_FOUND, None, {}
        if method == "GET":
            return HTTPStatus.OK, {"id": number, "title": self._things[number]}, {}
        if not self._keeps:
            del self._things[number]
        return HTTPStatus.NO_CONTENT, None, {}
