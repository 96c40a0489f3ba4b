"""Objects and lists within properties: how deep, how many, how large?

A public beta that an account must have. Source: docs.clevertap.com/docs/nested-objects and
developer.clevertap.com/docs/ingesting-nested-objects-via-clevertap-apis; documented for the limits. What exactly is
dropped and what becomes text is assumed.
"""

from typing import Any

import msgspec

from .operators import is_nested, is_operation
from .problems import Remark
from .texts import clean_key, cut_value

DEEPEST = 3
"""Levels below the root."""
MOST_AT_ROOT = 5
"""Properties that are objects or lists of objects."""
FLAT = frozenset({"identity", "email", "ts"})
"""What may not be nested."""
LARGEST = 128 * 1024
"""Bytes of all properties together."""


def within_limits(properties: dict[str, Any], remarks: list[Remark], *, is_profile: bool) -> dict[str, Any]:
    """The properties with what is nested in them made fit: the sixth goes, what is too deep becomes text, null and
    what is empty is dropped, and from the end so much that the whole is not too large. Scalars stay as they are.
    """
    kept: dict[str, Any] = {}
    nested: list[str] = []
    for name, value in properties.items():
        if name in FLAT and isinstance(value, dict | list) and not (is_profile and is_operation(value)):
            remarks.append(Remark("must be flat", f"{name}: kept as JSON text, this property may not be nested."))
            kept[name] = cut_value(name, msgspec.json.encode(value).decode(), remarks)
        elif is_profile and is_operation(value):
            kept[name] = value
        elif not is_nested(value) and (is_profile or not isinstance(value, list)):
            kept[name] = value  # a profile's plain list is a multi-value property, an event has no such
        elif len(nested) == MOST_AT_ROOT:
            remarks.append(Remark("property dropped", f"{name}: only {MOST_AT_ROOT} properties may be nested."))
        elif (fitting := _fitting(name, value, 1, remarks, is_profile=is_profile)) is not None:
            kept[name] = fitting
            nested.append(name)
    while nested and len(msgspec.json.encode(kept)) > LARGEST:
        name = nested.pop()
        del kept[name]
        remarks.append(Remark("property dropped", f"{name}: all properties together exceed {LARGEST // 1024} KB."))
    return kept


def _fitting(path: str, value: Any, depth: int, remarks: list[Remark], *, is_profile: bool) -> Any:
    """A value at this depth, or None for what is not kept."""
    if isinstance(value, str):
        return cut_value(path, value, remarks)
    if not isinstance(value, dict | list):
        return value
    if depth > DEEPEST:
        remarks.append(Remark("nested too deep", f"{path}: kept as JSON text, {DEEPEST} levels are allowed."))
        return cut_value(path, msgspec.json.encode(value).decode(), remarks)
    if isinstance(value, list):
        items = (_fitting(path, item, depth + 1, remarks, is_profile=is_profile) for item in value)
        return [item for item in items if item is not None] or None
    members = {}
    for name, member in value.items():
        key = clean_key(name, is_profile=is_profile, remarks=remarks)
        fitting = _fitting(f"{path}.{key}", member, depth + 1, remarks, is_profile=is_profile)
        if key and fitting is not None:
            members[key] = fitting
    return members or None
