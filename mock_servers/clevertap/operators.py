"""What do `{"$add": …}` and its sisters do to a profile property?

Source: docs.clevertap.com/docs/imports-via-sftp for `$set $add $remove $delete`, docs/platform-considerations for
promotion and empty lists; documented. `$incr` and `$decr`: assumed. What an operation that makes no sense does
(nothing, and the record still counts) is assumed.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .problems import Remark
from .texts import cut_value

SET = "$set"
DELETE = "$delete"
ADD, REMOVE = "$add", "$remove"
INCR, DECR = "$incr", "$decr"
KNOWN = frozenset({SET, ADD, REMOVE, DELETE, INCR, DECR})

MOST_VALUES = 100
"""Values of a multi-value property. Source: developer.clevertap.com/docs/upload-user-profiles-api; documented."""


def is_operation(value: object) -> bool:
    """Does this value say what to do with the property, instead of being its value?"""
    return isinstance(value, Mapping) and bool(value) and all(name.startswith("$") for name in value)


def is_nested(value: object) -> bool:
    """Is this an object, or a list that holds an object or a list?"""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict | list) for item in value))


def value_to_check(value: object) -> object:
    """What a checked system property must be right about: the value itself, or what `$set` sets; None for nothing.

    Assumed.
    """
    return value.get(SET) if isinstance(value, Mapping) and is_operation(value) else value


def as_text(value: object) -> str:
    """A JSON value as text: a text is itself, anything else its JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def multi_value(values: Iterable[object], name: str, remarks: list[Remark]) -> list[str]:
    """A multi-value property: texts of up to 512 bytes, each once, the oldest dropped beyond 100; null is no value."""
    texts = (cut_value(name, as_text(value), remarks) for value in values if value is not None)
    return _newest(dict.fromkeys(texts), name, remarks)


def _newest(unique: Iterable[str], name: str, remarks: list[Remark]) -> list[str]:
    values = list(unique)
    if len(values) > MOST_VALUES:
        remarks.append(Remark("values dropped", f"{name}: only the newest {MOST_VALUES} values were kept."))
    return values[-MOST_VALUES:]


def clean(name: str, operation: Mapping[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    """The operation as it is carried out, its texts cut; without what makes no sense, and so perhaps empty."""
    kept: dict[str, Any] = {}
    for operator, operand in operation.items():
        if operator not in KNOWN:
            known = ", ".join(sorted(KNOWN))
            remarks.append(Remark("operation skipped", f"{name}: {operator} is not known; known are {known}."))
        elif operator in {INCR, DECR}:
            if is_number(operand) and operand > 0:
                kept[operator] = operand
            else:
                remarks.append(Remark("operation skipped", f"{name}: {operator} needs a number above 0."))
        elif operator == DELETE:
            if operand is True or operand == 1:
                kept[operator] = 1
            else:
                remarks.append(Remark("operation skipped", f"{name}: {operator} needs 1 or true."))
        elif operand is not None:
            if is_nested(operand):
                remarks.append(Remark("nested object", f"{name}: {operator} keeps nested values as JSON text."))
            is_list = isinstance(operand, list) or operator in {ADD, REMOVE}
            kept[operator] = (
                multi_value(_values(operand), name, remarks) if is_list else _scalar(name, operand, remarks)
            )
    return kept


def _scalar(name: str, value: Any, remarks: list[Remark]) -> Any:
    return cut_value(name, as_text(value), remarks) if isinstance(value, str | dict) else value


def operate(properties: dict[str, Any], name: str, operation: Mapping[str, Any], remarks: list[Remark]) -> None:
    """Carry out a clean operation on one of these properties, which are changed.

    A scalar is promoted to a list, its old value first. A property that has no value left is no longer there.
    """
    for operator, operand in operation.items():
        changed = _result(operator, properties.get(name), operand, name, remarks)
        if changed is None or changed == []:
            properties.pop(name, None)
        else:
            properties[name] = changed


def _result(operator: str, current: Any, operand: Any, name: str, remarks: list[Remark]) -> Any:
    """The value after one operation, or None if there is none any more."""
    if operator == SET:
        return operand
    if operator == DELETE:
        return None
    if operator == ADD:
        return _newest(dict.fromkeys([*_texts(current), *operand]), name, remarks)
    if operator == REMOVE:
        return [value for value in _texts(current) if value not in set(operand)]
    total = _sum(0 if current is None else current, operand if operator == INCR else -operand)
    if total is None:
        remarks.append(Remark("operation skipped", f"{name}: {operator} needs a property that is a number."))
        return current
    return total


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(current: Any) -> list[str]:
    return [] if current is None else [as_text(value) for value in _values(current)]


def _sum(start: Any, amount: Any) -> Any:
    """Two numbers together; None if one is no number or nothing can hold the sum."""
    if not is_number(start):
        return None
    try:
        total = start + amount
        return total if math.isfinite(total) and abs(total) < 1 << 63 else None
    except OverflowError:  # a number that no float can hold
        return None


def is_number(value: object) -> bool:
    """Is this a number? Booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
