"""What both actions do to form values before they are a record. Dates have a file of their own, `dates`.

A form value is what a person typed, or whatever a mapped field holds, so numbers and objects come here too.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .errors import InputError
from .json_text import encode, parse_object, refuse_unsendable


def is_blank(value: Any) -> bool:
    """Was nothing given? An empty object is something."""
    return value is None or (isinstance(value, str) and not value.strip())


def clean_identity(value: Any, field: str = "identity") -> str | None:
    """How is this user called? `12` and `"12"` are one user. None if blank.

    Source: recorded traffic of tradeo/clevertap-ruby, where the server turned a numeric identity into text; observed.
    """
    return clean_text(value, field)


def clean_text(value: Any, field: str) -> str | None:
    """The value as trimmed text, a number as its decimal text; None if blank. Raises InputError for anything else."""
    match value:
        case None:
            return None
        case bool() | list() | dict():
            raise InputError(field, f"must be text or a number, not {value!r:.60}")
        case float():
            refuse_unsendable(value, field)
            return _decimal_text(value)
    text = str(value).strip()
    refuse_unsendable(text, field)
    return text or None


def parse_properties(value: Any, field: str) -> dict[str, Any]:
    """Which properties were given, as JSON text or as an object already? Blank means none.

    Raises InputError if it is no object, or holds what JSON cannot carry (NaN, half of a character pair).
    """
    if is_blank(value):
        return {}
    match value:
        case str():
            properties = parse_object(value, field)
        case Mapping():
            properties = dict(value)
        case _:
            raise InputError(field, f"must be a JSON object, not {value!r:.60}")
    refuse_unsendable(properties, field)
    return properties


def property_values(properties: Mapping[str, Any], *, keep: Callable[[str, Any], bool]) -> dict[str, Any]:
    """The properties without null, and with lists and objects as JSON text unless `keep(name, value)`.

    CleverTap drops null without clearing anything, and takes a nested value for an invalid event structure.
    Source: docs/ingesting-nested-objects-via-clevertap-apis; documented. As text: other vendors' connectors; observed.
    """
    return {
        name: encode(value, name).decode() if isinstance(value, list | dict) and not keep(name, value) else value
        for name, value in properties.items()
        if value is not None
    }


def _decimal_text(number: float) -> str:
    return str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")
