"""Lists: what a query asks for, in v2's words and in v1's, and the cursor that leads to the next page."""

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from .changes import Record
from .checks import LARGEST_ID, Fault, UnacceptableError, identifier, loosely, moment
from .deals import KEPT_AFTER_DELETION

T = TypeVar("T", bound=Record)

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 500
MOST_IDS = 100
LIVING = ("open", "won", "lost")
TIME_KEYS = ("add_time", "update_time")


@dataclass(frozen=True, slots=True)
class Order:
    """One key to sort by; the id comes last always, in the direction of the first key."""

    key: str = "id"
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """The first item of the next page: its sort value and its id. `value` is a datetime for times."""

    order: Order
    value: int | datetime
    id: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is asked for. A filter's value is one value or a tuple of possible ones."""

    filters: Mapping[str, Any] = field(default_factory=dict)
    orders: tuple[Order, ...] = (Order(),)
    limit: int = DEFAULT_LIMIT
    start: int = 0
    cursor: Cursor | None = None
    updated_since: datetime | None = None
    updated_until: datetime | None = None
    deleted_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The records of one page, and how to get the next; `cursor` is None on the last."""

    records: tuple[T, ...]
    cursor: Cursor | None
    start: int
    limit: int

    @property
    def next_cursor(self) -> str | None:
        """The cursor as v2 clients get it."""
        return None if self.cursor is None else write_cursor(self.cursor)

    @property
    def has_more(self) -> bool:
        """Is there a next page?"""
        return self.cursor is not None


def page_of(found: Sequence[T], listing: Listing) -> Page[T]:
    """The page made of the records that were found: one more than the limit means that there is a next page."""
    first_of_next = found[listing.limit] if len(found) > listing.limit else None
    cursor = None
    if first_of_next is not None:
        order = listing.orders[0]
        value = getattr(first_of_next, order.key)
        if value is None and order.key == "update_time":
            value = first_of_next.add_time
        cursor = Cursor(order, value, first_of_next.id)
    return Page(tuple(found[: listing.limit]), cursor, listing.start, listing.limit)


@dataclass(frozen=True, slots=True)
class ListKind:
    """What one entity's lists can filter and sort by: `filters` from the name in the query to the inner one.

    `deal_id` is not of the person itself: `Records.page` turns it into the ids of persons.
    """

    filters: Mapping[str, str]
    sort_by: tuple[str, ...] = ("id", "update_time", "add_time")


V2_LISTS = {
    "deal": ListKind(
        {"owner_id": "owner_id", "person_id": "person_id", "org_id": "org_id", "pipeline_id": "pipeline_id",
         "stage_id": "stage_id"}
    ),
    "person": ListKind({"owner_id": "owner_id", "org_id": "org_id", "deal_id": "deal_id"}),
    "organization": ListKind({"owner_id": "owner_id"}),
    "pipeline": ListKind({}),
    "stage": ListKind({"pipeline_id": "pipeline_id"}, ("id", "update_time", "add_time", "order_nr")),
}  # fmt: skip
"""Source: facts/pipedrive.md 2.3, 3.1, 3.3, 3.5, 3.6 (documented)."""

_V1_COMMON = ("id", "add_time", "update_time")
V1_LISTS = {
    "deal": ListKind(
        {"user_id": "owner_id", "stage_id": "stage_id"},
        (*_V1_COMMON, "title", "value", "currency", "status", "stage_id", "pipeline_id", "person_id", "org_id",
         "probability", "expected_close_date", "stage_change_time", "close_time", "won_time", "lost_time"),
    ),
    "person": ListKind({"user_id": "owner_id"}, (*_V1_COMMON, "name", "first_name", "last_name", "org_id")),
    "organization": ListKind({"user_id": "owner_id"}, (*_V1_COMMON, "name")),
    "pipeline": ListKind({}),
    "stage": ListKind({"pipeline_id": "pipeline_id"}),
}  # fmt: skip
"""Source: facts/pipedrive.md 2.3, 3.2, 3.4-3.6 (documented; which first-level keys can be sorted by is assumed)."""


def read_v2(
    query: Mapping[str, str], entity: str, now: datetime, *, is_archived: bool = False
) -> tuple[Listing, list[Fault]]:
    """The listing that a v2 query asks for, and everything that is wrong with it.

    `updated_since` is inclusive, `updated_until` exclusive; a missing `update_time` counts as `add_time`.
    A parameter that no list knows is ignored. Source: facts/pipedrive.md 2.2-2.4, 3.1 (documented; a bad cursor,
    a limit that is too large and the handling of null `update_time` assumed).
    """
    kind = V2_LISTS[entity]
    reader = _Reader(query)
    filters = reader.filters(kind)
    if "filter_id" in query:
        reader.fault("filter_id", "Filter not found")
    if "ids" in query:
        filters["id"] = reader.ids("ids")
    deleted_since = None
    if entity == "deal":
        filters["is_archived"] = is_archived
        filters["status"] = reader.choices("status", (*LIVING, "deleted"), LIVING)
        deleted_since = _deleted_since(filters["status"], now)
    else:
        filters["is_deleted"] = False
    cursor = reader.cursor("cursor", kind)
    order = reader.order(kind, cursor)
    if cursor is not None and cursor.order != order:
        reader.fault("cursor", "does not belong to this sorting")
    listing = Listing(
        filters=filters,
        orders=(order,),
        limit=reader.number("limit", DEFAULT_LIMIT, 1, LARGEST_LIMIT),
        cursor=cursor,
        updated_since=reader.moment("updated_since"),
        updated_until=reader.moment("updated_until"),
        deleted_since=deleted_since,
    )
    return listing, reader.faults


def read_v1(query: Mapping[str, str], entity: str, now: datetime, user_id: int) -> tuple[Listing, list[Fault]]:
    """The listing that a v1 query asks for, and everything that is wrong with it; `user_id` is the caller's.

    A limit above the maximum is cut. Source: facts/pipedrive.md 2.2, 2.3, 3.2 (documented; the cut assumed).
    """
    kind = V1_LISTS[entity]
    reader = _Reader(query)
    filters = reader.filters(kind)
    if query.get("filter_id"):
        reader.fault("filter_id", "Filter not found")
    deleted_since = None
    if entity == "deal":
        filters["is_archived"] = False
        status = query.get("status") or "all_not_deleted"
        filters["status"] = (
            LIVING if status == "all_not_deleted" else reader.choices("status", (*LIVING, "deleted"), ())
        )
        deleted_since = _deleted_since(filters["status"], now)
        if query.get("owned_by_you") == "1":
            filters["owner_id"] = user_id
    else:
        filters["is_deleted"] = False
    if entity == "person" and query.get("first_char", "").strip():
        filters["first_char"] = reader.first_char("first_char")
    listing = Listing(
        filters=filters,
        orders=reader.v1_orders(kind),
        limit=min(reader.number("limit", DEFAULT_LIMIT, 1, LARGEST_ID), LARGEST_LIMIT),
        start=reader.number("start", 0, 0, LARGEST_ID),
        deleted_since=deleted_since,
    )
    return listing, reader.faults


def _deleted_since(statuses: Collection[str], now: datetime) -> datetime | None:
    return now - KEPT_AFTER_DELETION if "deleted" in statuses else None


def write_cursor(cursor: Cursor) -> str:
    """The cursor as clients hold it: base64url of a small JSON object. Source: facts/pipedrive.md 2.2 (observed)."""
    value = cursor.value
    parts = {
        "field": cursor.order.key,
        "fieldValue": value if isinstance(value, int) else value.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sortDirection": "desc" if cursor.order.is_descending else "asc",
        "id": cursor.id,
    }
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """The cursor behind a text, or None if there is none behind it."""
    try:
        parts = msgspec.json.decode(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        key, value, direction = parts["field"], parts["fieldValue"], parts["sortDirection"]
        found = moment(value) if key in TIME_KEYS else identifier(value) if key == "id" else _plain(value)
        id = identifier(parts["id"])
    except (msgspec.DecodeError, ValueError, RecursionError, TypeError, KeyError):
        return None
    if direction not in ("asc", "desc") or not isinstance(key, str):
        return None
    return Cursor(Order(key, direction == "desc"), found, id)


def _plain(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_ID:
        raise ValueError
    return value


class _Reader:
    """Reads parameters and gathers what is wrong with them."""

    def __init__(self, query: Mapping[str, str]):
        self._query = query
        self.faults: list[Fault] = []

    def fault(self, path: str, reason: str) -> None:
        self.faults.append(Fault(path, reason))

    def filters(self, kind: ListKind) -> dict[str, Any]:
        """The id filters; an empty one is none."""
        check = loosely(identifier)
        found = {}
        for key, name in kind.filters.items():
            if self._query.get(key):
                try:
                    found[name] = check(self._query[key])
                except UnacceptableError as problem:
                    self.fault(key, problem.reason)
        return found

    def ids(self, key: str) -> tuple[int, ...]:
        parts = [part for part in self._query[key].split(",") if part.strip()]
        if len(parts) > MOST_IDS:
            self.fault(key, f"at most {MOST_IDS} ids")
            return ()
        try:
            return tuple(loosely(identifier)(part) for part in parts)
        except UnacceptableError as problem:
            self.fault(key, problem.reason)
            return ()

    def first_char(self, key: str) -> str | tuple[str, ...]:
        """The letter in lower case as the database has it, which knows only those of ASCII; of others both cases.

        Source: facts/pipedrive.md 3.4 (documented; that only one character will do is assumed).
        """
        text = self._query[key].strip()
        if len(text) != 1:
            self.fault(key, "must be one character")
            return ()
        return text.lower() if text.isascii() else tuple(dict.fromkeys((text.lower(), text.upper())))

    def choices(self, key: str, allowed: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        if not self._query.get(key):
            return default
        found = tuple(dict.fromkeys(part.strip() for part in self._query[key].split(",")))
        if any(choice not in allowed for choice in found):
            self.fault(key, f"must be one of {', '.join(allowed)}")
            return default
        return found

    def number(self, key: str, default: int, lowest: int, highest: int) -> int:
        text = self._query.get(key, "")
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 18 or not lowest <= int(text) <= highest:
            self.fault(key, f"must be a whole number between {lowest} and {highest}")
            return default
        return int(text)

    def moment(self, key: str) -> datetime | None:
        if not self._query.get(key):
            return None
        try:
            found: datetime = moment(self._query[key].replace(" ", "+"))
        except UnacceptableError as problem:
            self.fault(key, problem.reason)
            return None
        return found

    def cursor(self, key: str, kind: ListKind) -> Cursor | None:
        if not self._query.get(key):
            return None
        found = read_cursor(self._query[key])
        if found is None or found.order.key not in kind.sort_by:
            self.fault(key, "Invalid cursor")
            return None
        return found

    def order(self, kind: ListKind, cursor: Cursor | None) -> Order:
        """What to sort by; where nothing is said, the cursor knows."""
        assumed = cursor.order if cursor is not None else Order()
        key = self._query.get("sort_by") or assumed.key
        direction = (self._query.get("sort_direction") or ("desc" if assumed.is_descending else "asc")).lower()
        if key not in kind.sort_by:
            self.fault("sort_by", f"must be one of {', '.join(kind.sort_by)}")
            key = assumed.key
        if direction not in ("asc", "desc"):
            self.fault("sort_direction", "must be one of asc, desc")
        return Order(key, direction == "desc")

    def v1_orders(self, kind: ListKind) -> tuple[Order, ...]:
        """v1's `sort=add_time DESC, id ASC`."""
        orders = []
        for part in self._query.get("sort", "").split(","):
            key, _, direction = part.strip().partition(" ")
            if not key:
                continue
            if key not in kind.sort_by or direction.strip().upper() not in ("", "ASC", "DESC"):
                self.fault("sort", f"cannot sort by {part.strip()!r}")
                continue
            orders.append(Order(key, direction.strip().upper() == "DESC"))
        return tuple(orders) or (Order(),)
