"""Is a record of an upload acceptable? One record at a time, the first thing wrong decides.

Profiles and events have their own rules in `profiles` and `events`; this file knows what both have in common.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from . import events, identity, profiles
from .problems import MISCELLANEOUS, RECORD_TYPE, TIMESTAMP, Problem

MOST_RECORDS = 1000
"""Records of one upload. Source: developer.clevertap.com/docs/upload-events-api, 2026-06-30; documented."""

LATEST_TS = 9_999_999_999
"""Seconds; what is larger must be milliseconds. Assumed."""

DEEPEST = 64
"""Levels of lists and objects in an upload. The vendor publishes none; ours keeps hostile ones from our stack."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record. `number` is its position in the upload, counted from 1."""

    number: int
    record: object
    problem: Problem | None


def find_problem(record: object) -> Problem | None:
    """Why is this record not processed? None if it is.

    Checked in this order: type, identifiers, time, then what its type asks for. Source: docs/api-errors for the codes;
    documented. Recorded traffic of tradeo/clevertap-ruby has ts before profile data; observed. The rest of the order is
    assumed.
    """
    if not isinstance(record, Mapping):
        return RECORD_TYPE
    kind = record.get("type")
    if kind == "token":
        return MISCELLANEOUS  # device tokens are not imitated yet: refused, never silently dropped
    if kind not in ("profile", "event"):
        return RECORD_TYPE
    if problem := identity.find_problem(record):
        return problem
    if record.get("ts") is not None and read_ts(record["ts"]) is None:
        return TIMESTAMP
    return profiles.find_problem(record.get("profileData")) if kind == "profile" else events.find_problem(record)


def read_ts(value: object) -> int | None:
    """The epoch seconds that a `ts` names, or None if it names none.

    A whole number or a text of digits, above 0 and not in milliseconds. Source: recorded traffic for 0; observed. Texts
    of digits are taken, milliseconds refused: assumed.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(LATEST_TS)):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= LATEST_TS else None


def is_too_deep(uploaded: object) -> bool:
    """Is the JSON nested deeper than `DEEPEST` levels? Looks at each value once, without recursion."""
    level = [uploaded]
    for _ in range(DEEPEST):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
