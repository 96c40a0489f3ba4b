"""What the cases of every document need: a way to ask their server, and numbers in the spelling of clients."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemathesis.core.transport import Response
    from schemathesis.schemas import BaseSchema


class UnpreparedServerError(RuntimeError):
    """A server does not give what its cases need; the message says what, or what to do."""


def call(
    schema: "BaseSchema",
    method: str,
    path: str,
    body: Any = None,
    *,
    query: Mapping[str, Any] | None = None,
    path_parameters: Mapping[str, Any] | None = None,
) -> "Response":
    """What the server that the cases are for answers with its credentials, asked beside them."""
    operation = schema[path][method]
    content = {} if body is None else {"body": body, "media_type": "application/json"}
    asked = operation.Case(query=dict(query or {}), path_parameters=dict(path_parameters or {}), **content)
    return asked.call(headers=schema.config.headers_for(operation=operation))


def ask(schema: "BaseSchema", method: str, path: str, body: Any = None, **given: Mapping[str, Any]) -> Any:
    """The JSON of a good answer to such a call. Raises `UnpreparedServerError` for any other answer."""
    answer = call(schema, method, path, body, **given)
    if answer.status_code not in (200, 201):
        message = f"{method} {path} must answer well before cases can be made, but it answered {answer.status_code}"
        raise UnpreparedServerError(message)
    return answer.json()


def plain_numbers(part: Any) -> Any:
    """The same JSON in the spelling of clients: to a schema 7.0 is a whole number, too."""
    if isinstance(part, list):
        return [plain_numbers(item) for item in part]
    if isinstance(part, dict):
        return {name: plain_numbers(value) for name, value in part.items()}
    return int(part) if isinstance(part, float) and part.is_integer() and abs(part) <= 1 << 53 else part
