"""Creation Date: what a person types or maps, as epoch seconds.

The accepted forms are a table, tried in order; nothing is guessed, and no locale and no clock has a say.

Source: docs.clevertap.com/docs/zapier, read 2026-11: UNIX epoch, ISO 8601, short and long date, unpadded parts, UTC
with `Z` at the end; documented. Epoch milliseconds, offsets, fractions, date alone, and that eight digits may be a
day (ISO 8601 without hyphens) are ours; assumed.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from .errors import InputError

# CleverTap refuses zero with code 525. Source: recorded traffic of tradeo/clevertap-ruby; observed.
# From eleven digits on a number means milliseconds, so seconds end in the year 2286; assumed.
_FIRST_SECOND = 1
_LAST_SECOND = 9_999_999_999

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _any_of(names: Sequence[str]) -> str:
    """A pattern for each name in full or as its first three letters."""
    return "|".join(f"{name}|{name[:3]}" for name in names)


_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?"
_ZONE = r"(?:\s*(?:Z|UTC|GMT)|\s*(?P<sign>[+-])(?P<zone_hours>\d{2})(?::?(?P<zone_minutes>[0-5]\d))?)?"
_UTC_ONLY = r"(?:\s*(?:Z|UTC|GMT))?"

_DAY_IN_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?", re.ASCII)
_EPOCH = r"(?P<number>-?\d{1,20})(?:\.\d+)?"
_NUMERIC_DATE = rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:(?:T|\s+){_TIME}{_ZONE}|{_UTC_ONLY})"
_LONG_DATE = (
    rf"(?:(?:{_any_of(_WEEKDAYS)}),?\s+)?(?P<month_name>{_any_of(_MONTHS)})\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})"
    rf"(?:,?\s+{_TIME}{_ZONE}|{_UTC_ONLY})"
)

_EXAMPLE = "give it in UTC, for example 2018-03-05T15:16:00Z or 1520263000"


def parse_date(value: Any, field: str) -> int | None:
    """Which moment is meant, in epoch seconds? None if blank; UTC if no zone is given; midnight if no time is.

    Raises InputError naming the field if the value cannot be read, or means no moment between 1970 and 2286.
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    for form, read in _FORMS:
        if found := form.fullmatch(text):
            return _checked(found, read, field)
    raise InputError(field, f"{text[:60]!r} cannot be read as a date; {_EXAMPLE}")


def _checked(found: re.Match[str], read: Callable[[re.Match[str]], int], field: str) -> int:
    try:
        seconds = read(found)
    except ValueError as error:
        raise InputError(field, f"{found[0][:60]!r} does not exist ({error}); {_EXAMPLE}") from error
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise InputError(field, f"{found[0][:60]!r} is not between the years 1970 and 2286; {_EXAMPLE}")
    return seconds


def _read_number(found: re.Match[str]) -> int:
    """A day such as 20180305, else epoch seconds or milliseconds. As seconds, such a day would be one of 1970."""
    if (day := _day_in_digits(found[0])) is not None:
        return day
    number = int(found["number"])
    return number // 1000 if number > _LAST_SECOND else number


def _day_in_digits(text: str) -> int | None:
    found = _DAY_IN_DIGITS.fullmatch(text)
    if found is None or not 1900 <= int(found[1]) <= 2100:
        return None
    try:
        return int(datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC).timestamp())
    except ValueError:
        return None  # no day of the calendar, so a number like any other


def _read_numeric_date(found: re.Match[str]) -> int:
    return _moment(found, int(found["month"]))


def _read_long_date(found: re.Match[str]) -> int:
    short = found["month_name"].lower()[:3]
    return _moment(found, next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(short)))


def _moment(found: re.Match[str], month: int) -> int:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    zone = _zone(found)
    return int(datetime(int(found["year"]), month, int(found["day"]), hour, minute, second, tzinfo=zone).timestamp())


def _zone(found: re.Match[str]) -> timezone:
    if not found["sign"]:
        return UTC
    offset = timedelta(hours=int(found["zone_hours"]), minutes=int(found["zone_minutes"] or 0))
    return timezone(-offset if found["sign"] == "-" else offset)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], int]], ...] = (
    (re.compile(_EPOCH, re.ASCII), _read_number),
    (re.compile(_NUMERIC_DATE, re.ASCII | re.IGNORECASE), _read_numeric_date),
    (re.compile(_LONG_DATE, re.ASCII | re.IGNORECASE), _read_long_date),
)
