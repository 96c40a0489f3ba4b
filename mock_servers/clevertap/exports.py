"""What of an export is on a page, and where does the next page begin?

A query is answered with a cursor, the cursor with a page. The cursor carries the query and the place to go on, in
letters, digits, `-` and `_` only, so that it survives being encoded twice or not at all.

Source: developer.clevertap.com/docs/get-events-api and docs/get-user-profiles-api; documented. The shape of the cursor,
and what is answered to one that cannot be read: assumed.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, Literal

import msgspec

from .queries import Number, Query, UnreadableQueryError

MOST_IN_A_PAGE = 5000
"""Larger batch sizes give this many. Source: a client that asks for 50000; observed. Smaller than 1 give 1: assumed."""

DEFAULT_BATCH_SIZE = 50
"""Assumed: the documented example."""

Kind = Literal["profiles", "events"]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What is exported, and how far it was given. `app`, `events` and `profile` are what a page tells of its users.

    Source: docs/get-user-profiles-api for `app`; documented. The other two: client code; observed. That all are on
    unless switched off: assumed.
    """

    kind: Kind
    query: Query
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=MOST_IN_A_PAGE)] = DEFAULT_BATCH_SIZE
    app: bool = True
    events: bool = True
    profile: bool = True
    after: tuple[Number, Number] | None = None
    """The place of what was given last: `(ts, id)` of an event, `(0, id)` of a profile."""

    def going_on_after(self, place: tuple[int, int]) -> "Export":
        """The same from what comes after this place."""
        return msgspec.structs.replace(self, after=place)


def read_export(kind: Kind, query: Query, options: Mapping[str, str]) -> Export:
    """The export that a query and the parameters of its address ask for. Raises `UnreadableQueryError`."""
    flags = {
        name: options[name].strip().lower() not in _OFF for name in ("app", "events", "profile") if name in options
    }
    return msgspec.structs.replace(Export(kind=kind, query=query, batch_size=_size(options.get("batch_size"))), **flags)


_OFF = frozenset({"false", "0"})


def _size(text: str | None) -> int:
    if text is None:
        return DEFAULT_BATCH_SIZE
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise UnreadableQueryError("batch_size must be a whole number")
    return 1 if digits != text else min(max(int(digits[:9]), 1), MOST_IN_A_PAGE)


def write_cursor(export: Export) -> str:
    """The cursor that leads to the next page of an export."""
    return base64.urlsafe_b64encode(msgspec.json.encode(export)).decode().rstrip("=")


def read_cursor(text: str, kind: Kind) -> Export:
    """The export that a cursor goes on with. Raises `UnreadableQueryError`, also for a cursor of the other kind."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        export = msgspec.json.decode(data, type=Export)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError, RecursionError):
        raise UnreadableQueryError("The cursor is not valid") from None
    if export.kind != kind:
        raise UnreadableQueryError(f"The cursor is not valid: it is one of {export.kind}.json")
    return export


def local_time(ts: int, zone: tzinfo = UTC) -> int:
    """An event's time as the export writes it: a number yyyyMMddHHmmss in the account's time zone.

    Source: recorded answers in smpladmin/apperture; observed.
    """
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ts)).astimezone(zone)
    return int(f"{moment:%Y%m%d%H%M%S}")
