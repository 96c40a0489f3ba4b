"""What do `{"$add": …}` and its sisters do to a profile property?

Source: docs.clevertap.com/docs/imports-via-sftp for `$set $add $remove $delete`, docs/platform-considerations for
promotion and empty lists; documented. `$incr` and `$decr`: assumed. What an operation that makes no sense does
(nothing, and the record still counts) is assumed.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

SET = "$set"
DELETE = "$delete"

MOST_VALUES = 100
"""Values of a multi-value property. Source: developer.clevertap.com/docs/upload-user-profiles-api; documented."""


def is_operation(value: object) -> bool:
    """Does this value say what to do with the property, instead of being its value?"""
    return isinstance(value, Mapping) and bool(value) and all(name.startswith("$") for name in value)


def value_to_check(value: object) -> object:
    """What a checked system property must be right about: the value itself, or what `$set` sets; None for nothing.

    Assumed.
    """
    return value.get(SET) if isinstance(value, Mapping) and is_operation(value) else value


def as_text(value: object) -> str:
    """A JSON value as text: a text is itself, anything else its JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def multi_value(values: Iterable[object]) -> list[str]:
    """A multi-value property: texts, each once, the oldest dropped beyond 100; null is no value."""
    unique = dict.fromkeys(as_text(value) for value in values if value is not None)
    return list(unique)[-MOST_VALUES:]


def apply(operator: str, current: Any, operand: Any) -> Any:
    """The value of a property after an operation other than `$set`, or None if it has none any more.

    `current` is None for a property that does not exist. A scalar is promoted to a list, its old value first.
    """
    if operator == DELETE:
        return None if operand is True or operand == 1 else current
    if operator == "$add":
        return multi_value([*_values(current), *_values(operand)]) or None
    if operator == "$remove":
        gone = set(multi_value(_values(operand)))
        return [value for value in multi_value(_values(current)) if value not in gone] or None
    if operator in {"$incr", "$decr"}:
        return _sum(current, operand, -1 if operator == "$decr" else 1)
    return current


def _values(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _sum(current: Any, amount: Any, sign: int) -> Any:
    """A number plus or minus a positive amount; a missing one starts at 0, anything but a number stays."""
    start = 0 if current is None else current
    if not _is_number(start) or not _is_number(amount) or amount <= 0:
        return current
    try:
        total = start + sign * amount
        return total if math.isfinite(total) else current
    except OverflowError:  # a number that no float can hold
        return current


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
