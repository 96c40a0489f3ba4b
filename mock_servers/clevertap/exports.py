"""Which events does somebody ask for, and where does the next page begin?

A query is answered with a cursor, the cursor with a page. The cursor carries the query and the place to go on, in
letters, digits, `-` and `_` only, so that it survives being encoded twice or not at all.

Source: developer.clevertap.com/docs/get-events-api; documented. The shape of the cursor, and what is answered to a
query or a cursor that cannot be read: assumed.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import msgspec

MOST_IN_A_PAGE = 5000
"""Larger batch sizes give this many. Source: a client that asks for 50000; observed. Smaller than 1 give 1: assumed."""

DEFAULT_BATCH_SIZE = 50
"""Assumed: the documented example."""


Number = Annotated[int, msgspec.Meta(ge=-(1 << 62), le=1 << 62)]
"""What the database takes as a number."""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Events of one name from one moment up to but without another, both epoch seconds; `after` is `(ts, id)` of the
    last event that was given.
    """

    name: str
    since: Number
    until: Number
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=MOST_IN_A_PAGE)] = DEFAULT_BATCH_SIZE
    after: tuple[Number, Number] | None = None

    def going_on_after(self, ts: int, id: int) -> "EventQuery":
        """The same query from the event after this one."""
        return replace(self, after=(ts, id))


class UnreadableQueryError(Exception):
    """The query or the cursor says nothing that could be looked for."""


def read_query(body: object, batch_size: str | None) -> EventQuery:
    """The query in a body, e.g. `{"event_name": "Charged", "from": 20240101, "to": 20240131}`, both days included.

    Raises `UnreadableQueryError`. Days are in UTC: an account has no time zone of its own yet.
    """
    if not isinstance(body, Mapping):
        raise UnreadableQueryError("The query must be a JSON object")
    name = body.get("event_name")
    if not isinstance(name, str) or not name.strip():
        raise UnreadableQueryError("event_name is mandatory")
    first, last = _day(body, "from"), _day(body, "to")
    midnight = datetime.combine(first, time(), UTC)
    after = datetime.combine(last, time(), UTC)
    return EventQuery(name, int(midnight.timestamp()), int(after.timestamp()) + 86_400, _size(batch_size))


def _day(body: Mapping[str, Any], member: str) -> date:
    value = body.get(member)
    if isinstance(value, int) and not isinstance(value, bool) and 10_000_000 <= value <= 99_999_999:
        try:
            return date(value // 10_000, value // 100 % 100, value % 100)
        except ValueError:
            pass  # no such day in the calendar: said below like every other value that is no day
    raise UnreadableQueryError(f"{member} must be a day as a number, such as 20240131")


def _size(text: str | None) -> int:
    if text is None:
        return DEFAULT_BATCH_SIZE
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise UnreadableQueryError("batch_size must be a whole number")
    return 1 if digits != text else min(max(int(digits[:9]), 1), MOST_IN_A_PAGE)


def write_cursor(query: EventQuery) -> str:
    """The cursor that leads to the next page of a query."""
    return base64.urlsafe_b64encode(msgspec.json.encode(query)).decode().rstrip("=")


def read_cursor(text: str) -> EventQuery:
    """The query that a cursor goes on with. Raises `UnreadableQueryError`."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(data, type=EventQuery)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError):
        raise UnreadableQueryError("The cursor is not valid") from None


def local_time(ts: int) -> int:
    """An event's time as the export writes it: a number yyyyMMddHHmmss.

    Source: recorded answers in smpladmin/apperture; observed. In UTC: see `read_query`.
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ts)
    return int(f"{moment:%Y%m%d%H%M%S}")
