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


LONGEST_IDENTITY = 1023
"""Characters. Source: docs.clevertap.com/docs/imports-via-sftp, fewer than 1,024; documented."""


def clean_identity(value: Any, field: str = "identity") -> str | None:
    """How is this user called? `12` and `"12"` are one user. None if blank. Raises InputError if it is too long.

    Source: recorded traffic of tradeo/clevertap-ruby, where the server turned a numeric identity into text; observed.
    """
    identity = clean_text(value, field)
    if identity is not None and len(identity) > LONGEST_IDENTITY:
        raise InputError(field, f"has {len(identity):,} characters; at most {LONGEST_IDENTITY:,} are allowed")
    return identity


def clean_object_id(value: Any, field: str = "object_id") -> str | None:
    """CleverTap's own id of a user, which has no blanks; None if there is none. Raises InputError.

    Source: all published CleverTap IDs are without; that others are refused is assumed.
    """
    object_id = clean_identity(value, field)
    if object_id is not None and len(object_id.split()) > 1:
        raise InputError(field, f"must be a CleverTap ID, which has no blanks, not {object_id!r:.60}")
    return object_id


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
