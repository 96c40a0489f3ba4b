"""What may stand in the body of a write: reading it strictly, as v2 does, or leniently, as v1 does.

A *check* takes a value from the wire and returns what we keep of it, or raises `UnacceptableError` with the
reason. Every fault of a body is found, not only the first. Which keys an entity takes is said in its own module.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

Version = Literal["v1", "v2"]
Check = Callable[[object], Any]

LARGEST_ID = 2**53
"""Above it a JSON number is no longer exact everywhere, so no id is there."""
LONGEST_NAME = 255
LONGEST_TEXT = 65_535
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998
"""Times outside cannot be shown in every time zone."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_V1_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_V2_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request, and where."""

    path: str
    reason: str


class UnacceptableError(ValueError):
    """A value does not pass its check; the text is the reason, the path (if any) leads to a part of the value."""

    def __init__(self, reason: str, path: str = ""):
        super().__init__(reason)
        self.reason = reason
        self.path = path


@dataclass(frozen=True, slots=True)
class Input:
    """One key that a body may hold: how it is called inside, and its check."""

    name: str
    check: Check


def read(
    body: Mapping[str, object], inputs: Mapping[str, Input], *, is_strict: bool
) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a body under their inner names, and everything that is wrong with it.

    A key that is not known is a fault in v2 and ignored in v1. So is every custom field, for there are none here yet.
    Source: facts/pipedrive.md 4.1, 4.6 (observed: "Parameter 'x' is not allowed for this request"), 8 no. 7 (observed).
    """
    fields: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in body.items():
        known = inputs.get(key)
        if known is None:
            if is_strict:
                faults.append(not_allowed(key))
            continue
        try:
            fields[known.name] = known.check(value)
        except UnacceptableError as problem:
            faults.append(Fault(key + problem.path, problem.reason))
    faults += [not_allowed(f"custom_fields.{key}", key) for key in fields.pop("custom_fields", ())]
    return fields, faults


def not_allowed(path: str, key: str | None = None) -> Fault:
    """The fault of a key that v2 does not take. Source: facts/pipedrive.md 4.6 (observed)."""
    return Fault(path, f"Parameter '{key or path}' is not allowed for this request")


def required(key: str) -> Fault:
    """The fault of a key that is missing. Source: facts/pipedrive.md 4.6 (assumed wording)."""
    return Fault(key, f"Parameter '{key}' is required")


# Strict checks: the JSON type must be the right one. Source: facts/pipedrive.md 2.4 (documented), wording assumed.


def text(value: object, longest: int = LONGEST_TEXT) -> str:
    """A string that can be stored."""
    if not isinstance(value, str):
        raise UnacceptableError("Expected 'string'")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise UnacceptableError("Expected 'string' of valid Unicode")
    if len(value) > longest:
        raise UnacceptableError(f"length must be less than or equal to {longest} characters long")
    return value


def name(value: object) -> str:
    """A title or name: not empty, at most 255 characters."""
    found = text(value, LONGEST_NAME)
    if not found.strip():
        raise UnacceptableError("must not be empty")
    return found


def number(lowest: float = -math.inf, highest: float = math.inf) -> Check:
    """A check for JSON numbers within bounds."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnacceptableError("Expected 'number'")
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            raise UnacceptableError("Expected 'number'")
        if not lowest <= found <= highest:
            raise UnacceptableError(f"must be between {lowest:g} and {highest:g}")
        return found + 0.0  # no negative zero

    return check


def whole(lowest: int = -LARGEST_ID, highest: int = LARGEST_ID) -> Check:
    """A check for whole JSON numbers within bounds; 3.0 is whole too, as it is in JavaScript."""

    def check(value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise UnacceptableError("Expected 'integer'")
        if not lowest <= value <= highest:
            raise UnacceptableError(f"must be between {lowest} and {highest}")
        return value

    return check


identifier = whole(lowest=1)


def flag(value: object) -> bool:
    """`true` or `false` and nothing else."""
    if not isinstance(value, bool):
        raise UnacceptableError("Expected 'boolean'")
    return value


def json_object(value: object) -> Mapping[str, object]:
    """A JSON object, whatever is in it."""
    if not isinstance(value, dict):
        raise UnacceptableError("Expected 'object'")
    return value


def one_of(*choices: str | int) -> Check:
    """A check for one of a few values."""
    shown = ", ".join(str(choice) for choice in choices)

    def check(value: object) -> str | int:
        for choice in choices:
            if value == choice and type(value) is type(choice):
                return choice
        raise UnacceptableError(f"must be one of {shown}")

    return check


visibility = one_of(1, 3, 5, 7)


def currency(value: object) -> str:
    """A currency's code of three letters, e.g. `EUR`."""
    found = text(value)
    if not re.fullmatch(r"[A-Za-z]{3}", found):
        raise UnacceptableError("must be a currency code of three letters")
    return found.upper()


def day(value: object) -> date:
    """A date such as `2026-09-01`."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise UnacceptableError("not a valid date, expected YYYY-MM-DD")


def moment(value: object) -> datetime:
    """A time such as `2026-09-01T08:15:30Z`. One with milliseconds is refused.

    Source: facts/pipedrive.md 2.4 (documented form; observed refusal of milliseconds).
    """
    if isinstance(value, str) and _V2_TIME.fullmatch(value):
        try:
            found = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            found = None
        if found is not None and EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            return found
    raise UnacceptableError("not a valid datetime")


def either_moment(value: object) -> datetime:
    """A time in the form of v2 or in that of v1, `2026-09-01 08:15:30`."""
    if isinstance(value, str) and _V1_TIME.fullmatch(value):
        return moment(f"{value[:10]}T{value[11:]}Z")
    return moment(value)


def many(check: Check) -> Check:
    """A check for a list whose items pass `check`."""

    def check_all(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise UnacceptableError("Expected 'array'")
        found = []
        for position, item in enumerate(value):
            try:
                found.append(check(item))
            except UnacceptableError as problem:
                raise UnacceptableError(problem.reason, f"[{position}]{problem.path}") from None
        return tuple(found)

    return check_all


def nullable(check: Check) -> Check:
    """A check that lets `null` clear the field."""
    return lambda value: None if value is None else check(value)


def never(value: object) -> None:
    """For `is_deleted`: listed in the reference, but neither create nor patch may delete.

    Source: facts/pipedrive.md 4.2, 9 (documented that it may not; the refusal's wording is assumed).
    """
    if value is not False:
        raise UnacceptableError("Parameter 'is_deleted' is not allowed for this request")


# Lenient forms, for v1: what means the right thing counts as it. Source: facts/pipedrive.md 2.4 ("v1 coerces").


def loosely(check: Check) -> Check:
    """Take texts that hold a number as that number, and an empty text as null."""

    def coerce(value: object) -> Any:
        if isinstance(value, str):
            value = _to_number(value.strip()) if value.strip() else None
        return None if value is None else check(value)

    return coerce


def _to_number(value: str) -> object:
    if len(value) > 400 or not _NUMBER.fullmatch(value):
        return value
    try:
        return int(value)
    except ValueError:
        return float(value)


def loose_text(value: object) -> str | None:
    """A text; a number counts as its digits."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            value = str(value)
        except ValueError:
            raise UnacceptableError("Expected 'string'") from None
    return text(value)


def loose_flag(value: object) -> bool:
    """A switch: true or false, 1 or 0, as themselves or as text."""
    choices = {"1": True, "true": True, "0": False, "false": False}
    found = choices.get(str(value).lower()) if isinstance(value, str | bool) or value in (0, 1) else None
    if found is None:
        raise UnacceptableError("must be 0 or 1")
    return found


def loose_ids(value: object) -> tuple[int, ...]:
    """Ids as a list, as one number, or as a text such as `7,9`; null and an empty text are no ids."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    check = loosely(identifier)
    found: tuple[int | None, ...] = many(check)(value if isinstance(value, list) else [value])
    return tuple(item for item in found if item is not None)


def loose_label(value: object) -> tuple[int, ...]:
    """v1's single label as the list of labels that it overwrites. Source: facts/pipedrive.md 4.5 (documented)."""
    found = loosely(identifier)(value)
    return () if found is None else (found,)


def emptied(check: Check) -> Check:
    """A lenient check where an empty text means null."""
    return lambda value: None if value is None or value == "" else check(value)
