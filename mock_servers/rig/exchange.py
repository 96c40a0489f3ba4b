"""One request and one answer, as values: what every door makes and plays, and what operations take and give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec


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
"""`(service, caller, request) -> answer`."""


def control_error(error: ApiError) -> Answer:
    """The shape of the rig's own errors, on every server."""
    problems = list(error.problems)
    return Answer(error.status, {"error": {"code": error.code, "message": error.message, "problems": problems}})
