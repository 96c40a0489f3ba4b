"""From filled values to what an action is called with: defaults, text, required fields, no blanks.

Source: facts on Zapier 2.11, 4.4 and 4.5, read 2026-11; documented for the cleaning, observed for texts, which
are left unchanged.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.definition import InputField

from .mapping import as_text
from .problems import Problem


def coerce(values: Mapping[str, Any], fields: Sequence[InputField]) -> tuple[dict[str, Any], list[Problem]]:
    """`(input data, problems)`: input data has no blank values; a problem names a required field that is blank."""
    with_defaults = {field.key: field.default for field in fields if field.default is not None}
    given = {key: value for key, value in values.items() if not _is_falsy(value)}
    cleaned = clean({key: _as_field(value) for key, value in {**with_defaults, **given}.items()}) or {}
    problems = [
        Problem(field.key, f"{field.label} is required, but nothing was left of it after mapping.")
        for field in fields
        if field.required and field.key not in cleaned
    ]
    return cleaned, problems


def clean(value: Any) -> Any:
    """The value without empty texts, nulls, empty lists and empty objects, at any depth; None if nothing is left."""
    if isinstance(value, Mapping):
        kept = {key: cleaned for key, each in value.items() if (cleaned := clean(each)) is not None}
        return kept or None
    if isinstance(value, list):
        return [cleaned for each in value if (cleaned := clean(each)) is not None] or None
    if isinstance(value, str) and not value.strip():
        return None
    return value


def _is_falsy(value: Any) -> bool:
    return value is None or value == ""


def _as_field(value: Any) -> Any:
    """A list in a field that takes one value is joined with commas; numbers and booleans stay what they are."""
    return as_text(value) if isinstance(value, list) else value
