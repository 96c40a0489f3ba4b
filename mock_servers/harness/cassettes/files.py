"""Cassettes on disk: vcrpy's YAML, read as nothing but data and checked, and written whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from ...rig.ids import unguessable
from ...rig.yaml_text import UnreadableYamlError, read_yaml

LARGEST = 16 * 1024 * 1024
"""Bytes of a cassette."""


class UnreadableFileError(Exception):
    """Says what is wrong, and where as far as known; a sentence that goes on after the file's name."""


class _Request(msgspec.Struct):
    method: str
    uri: str
    body: Any
    headers: dict[str, str | list[str]]


class _Status(msgspec.Struct):
    code: Annotated[int, msgspec.Meta(ge=100, le=599)]
    message: str | None


class _Body(msgspec.Struct):
    string: Any


class _Response(msgspec.Struct):
    status: _Status
    headers: dict[str, str | list[str]]
    body: _Body


class _Interaction(msgspec.Struct):
    request: _Request
    response: _Response

    def request_arguments(self) -> dict[str, Any]:
        """What vcrpy's `Request` is made from. Raises `ValueError`."""
        request = self.request
        parts = urlsplit(request.uri)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:  # `port` itself may raise
            raise ValueError(f"{request.uri[:80]!r} is no address such as https://example.com/")
        return {
            "method": request.method,
            "uri": request.uri,
            "body": _as_bytes(request.body),
            "headers": _as_lists(request.headers),
        }

    def response_dict(self) -> dict[str, Any]:
        """The answer as vcrpy holds it. Raises `ValueError`."""
        response = self.response
        return {
            "status": msgspec.to_builtins(response.status),
            "headers": _as_lists(response.headers),
            "body": {"string": _as_bytes(response.body.string) or b""},
        }


class _Document(msgspec.Struct):
    version: Literal[1]
    interactions: list[_Interaction]
    metadata: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: for each interaction what vcrpy's `Request` is made from, and its answer."""

    interactions: list[tuple[dict[str, Any], dict[str, Any]]]
    metadata: dict[str, Any]


def read(path: Path) -> Content:
    """Raises `UnreadableFileError`; a file that is not there is `FileNotFoundError`."""
    try:
        if not (path.is_file() or path.is_dir()) and path.exists():  # whoever opens a pipe waits for ever
            raise UnreadableFileError("it is no regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        document = msgspec.convert(read_yaml(content, largest=LARGEST, with_bytes=True), _Document)
        pairs = [(each.request_arguments(), each.response_dict()) for each in document.interactions]
        return Content(pairs, document.metadata or {})
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise UnreadableFileError(str(problem.strerror)) from None
    except (UnreadableYamlError, msgspec.ValidationError, ValueError) as problem:
        raise UnreadableFileError(str(problem)) from None


def parse_own(text: str) -> dict[str, Any]:
    """What is about to be written, as `read` would find it. Raises `UnreadableFileError`."""
    try:
        document: dict[str, Any] = read_yaml(text, largest=LARGEST, with_bytes=True)
    except UnreadableYamlError as problem:
        raise UnreadableFileError(str(problem)) from None
    return document


def head(metadata: Mapping[str, str]) -> str:
    """The beginning of a file; interactions can be added at its end, one after the other."""
    return _dumped({"metadata": dict(metadata)} if metadata else {}) + "version: 1\ninteractions:\n"


def item(request: Any, answered: Mapping[str, Any]) -> str:
    """One interaction as it stands in a file: vcrpy's request and answer."""
    return _dumped(
        [
            {
                "request": {
                    "method": request.method,
                    "uri": request.uri,
                    "body": _as_text(request.body),
                    "headers": {name: [value] for name, value in request.headers.items()},
                },
                "response": {**answered, "body": {"string": _as_text(answered["body"]["string"])}},
            }
        ]
    )


def _dumped(value: Any) -> str:
    import yaml

    return str(yaml.dump(value, Dumper=yaml.CSafeDumper)) if value else ""


def write(path: Path, text: str) -> None:
    """Put the whole text in place of what is there; nobody ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{unguessable()}")
    try:
        part.write_bytes(text.encode("utf-8"))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def append(path: Path, text: str) -> None:
    """Put whole interactions at the end of a file that is there. They are with the system when this returns."""
    with path.open("ab") as file:
        file.write(text.encode("utf-8"))


def _as_lists(headers: dict[str, str | list[str]]) -> dict[str, list[str]]:
    return {name: [values] if isinstance(values, str) else values for name, values in headers.items() if values != []}


def _as_bytes(body: object) -> bytes | None:
    match body:
        case None | bytes():
            return body
        case str():
            return body.encode("utf-8")
    raise ValueError(f"a body is text, not {type(body).__name__}")


def _as_text(body: bytes | None) -> str | bytes | None:
    """A body that people can read, if it is text."""
    if body is None:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body
