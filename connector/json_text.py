"""JSON as it is typed into a form and as it goes over the wire; what cannot be carried is refused by name.

Nothing here knows CleverTap. Every function raises InputError and nothing else.
"""

import json
import math
import re
from typing import Any, NoReturn

import msgspec

from .errors import InputError

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EXCERPT_LENGTH = 25

# By the start of the standard library's message. Zapier puts mapped values into the text as they are, without escaping
# them (observed), so they are the usual culprits.
_HINTS = {
    "Expecting ',' delimiter": "A mapped value may hold a double quote, which ends the text early",
    "Invalid control character": "A mapped value holds a line break or a tab, which JSON text may not hold as it is",
    "Invalid \\": "A mapped value may hold a backslash, which JSON text must double",
    "Expecting value": 'A mapped value may be blank here, or be text without quotes; write it as "{{...}}"',
    "Expecting property name": "Names stand in straight double quotes, and no comma follows the last pair",
    "Illegal trailing comma": "No comma follows the last pair",
    "Unterminated string": "A closing double quote is missing",
    "Extra data": "The object ends before the mark; a mapped value may hold a closing brace or a double quote",
}
_ANY_HINT = 'It should look like {"Name": "Ada", "Score": 5}'


def parse_object(text: str, field: str) -> dict[str, Any]:
    """Which object does this JSON text hold? The error tells line and column and shows the text around the mark."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputError(field, _explain(error)) from error
    except ValueError as error:
        raise InputError(field, f"not valid JSON: {error}") from error
    except RecursionError as error:
        raise InputError(field, "nested too deeply") from error
    if not isinstance(value, dict):
        raise InputError(field, f"must be a JSON object, not {_name_of(value)}. {_ANY_HINT}")
    return value


def encode(value: Any, field: str) -> bytes:
    """The value as JSON. Unlike most encoders it refuses what JSON cannot say instead of writing something else."""
    refuse_unsendable(value, field)
    return msgspec.json.encode(value)


def refuse_unsendable(value: Any, field: str) -> None:
    """Raises InputError, naming the place, if the value holds something that JSON in UTF-8 cannot carry."""
    try:
        problem = _find_unsendable(value, "")
    except RecursionError as error:
        raise InputError(field, "nested too deeply") from error
    if problem:
        raise InputError(field, problem)


def _find_unsendable(value: Any, path: str) -> str | None:
    match value:
        case str():
            return _place(path, "holds half of a character pair (a lone surrogate)") if _is_broken(value) else None
        case None | bool() | int():
            return None
        case float():
            return None if math.isfinite(value) else _place(path, f"is {value}, which is not a JSON number")
        case list() | tuple():
            places = ((f"{path}[{position}]", item) for position, item in enumerate(value))
            return next((problem for place, item in places if (problem := _find_unsendable(item, place))), None)
        case dict():
            return _find_unsendable_member(value, path)
    return _place(path, f"is a Python {type(value).__name__}, which JSON does not have")


def _find_unsendable_member(members: dict[Any, Any], path: str) -> str | None:
    for name, value in members.items():
        if not isinstance(name, str) or _is_broken(name):
            return _place(path, f"has the name {name!r}, which is not proper text")
        if problem := _find_unsendable(value, f"{path}.{name}" if path else name):
            return problem
    return None


def _is_broken(text: str) -> bool:
    return not text.isascii() and _LONE_SURROGATE.search(text) is not None


def _place(path: str, what: str) -> str:
    return f"{path} {what}" if path else f"the value {what}"


def _explain(error: json.JSONDecodeError) -> str:
    hint = next((hint for start, hint in _HINTS.items() if error.msg.startswith(start)), _ANY_HINT)
    where = f"line {error.lineno}, column {error.colno}, at the mark >>>"
    return f"not valid JSON ({error.msg}), {where}: {_excerpt(error.doc, error.pos)}. {hint}"


def _excerpt(text: str, position: int) -> str:
    """A stretch of the text with a mark at the position, on one line and printable."""
    start, end = max(0, position - _EXCERPT_LENGTH), position + _EXCERPT_LENGTH
    before = ("…" if start else "") + text[start:position]
    after = text[position:end] + ("…" if end < len(text) else "")
    line = re.sub(r"[\x00-\x1f\x7f]", " ", f"{before}>>>{after}")
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _name_of(value: Any) -> str:
    match value:
        case list():
            return "a list"
        case str():
            return "a text"
        case None:
            return "null"
        case bool():
            return "true or false"
    return "a number"
