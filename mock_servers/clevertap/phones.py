"""Which phones are to be taken away from their users?

Source: developer.clevertap.com/docs/disassociate-api; documented. The codes are those of an upload: assumed.
"""

from collections.abc import Mapping
from typing import Any

from .problems import PHONE, PHONE_TYPE, Problem
from .properties import is_phone, plain_phone


def find_problem(entry: object) -> Problem | None:
    """Why is an entry of `d`, such as `{"type": "phone", "value": "+14155550100"}`, not processed?"""
    if not isinstance(entry, Mapping) or entry.get("type") != "phone":
        return PHONE_TYPE
    value = entry.get("value")
    return None if isinstance(value, str) and value.strip() and is_phone(value) else PHONE


def read_phone(entry: Mapping[str, Any]) -> str:
    """The phone of an entry without problems, `+` and digits."""
    return plain_phone(entry["value"])
