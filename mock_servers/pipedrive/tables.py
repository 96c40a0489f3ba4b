"""A frozen dataclass and the table that keeps it, with a column of the same name for each of its fields.

Times are kept as milliseconds, dates as text, lists and addresses as JSON.

How a list is found does not hang on the statistics of SQLite: the condition that leads to the records is written so
that an index can serve it, all others with a `+` before them, so that none can. What leads:

- sorted by id, the first filter that has an index (`Table.leading`), else nothing: a range of an index in the order
  that is asked for, from the cursor on;
- sorted by a time, a filter or a span of updates that at most `FEW` records pass: these are sorted by hand;
- else nothing: the index of the order is walked from the cursor on, and what does not pass is stepped over.

So a page costs its own length, plus at most `FEW`, plus what is stepped over. That can be many where filters that each
pass many records pass few together, where all that pass lie at the far end, where nearly all deals are archived or
deleted, and behind a large `start`. Where v1 sorts by a column without an index, everything is sorted.
"""

import dataclasses
import operator
import sqlite3
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from ..rig.clock import from_milliseconds, to_milliseconds
from .queries import Listing


class HasId(Protocol):
    """What every record has."""

    @property
    def id(self) -> int:
        """The number within its company."""


T = TypeVar("T")
R = TypeVar("R", bound=HasId)

FEW = 2_000
"""So many records are fetched and sorted faster than 100 of them are found among 100,000."""
UPDATED = "COALESCE(update_time, add_time)"
"""Where `update_time` is null, `add_time` counts. Source: facts/pipedrive.md 2.3 (assumed)."""
EXPRESSIONS = {"update_time": UPDATED, "first_char": "lower(substr(name, 1, 1))"}
"""What is no column of its own."""
INDEXED_ORDERS = ("id", "add_time", "update_time")

Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""How a field goes into its column, and how it comes out."""


def _codec(hint: Any) -> Codec | None:
    """None for what SQLite keeps as it is."""
    options = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    kind = next(option for option in options if option is not type(None))
    if kind is datetime:
        return to_milliseconds, from_milliseconds
    if kind is date:
        return date.isoformat, date.fromisoformat
    if kind is bool:
        return int, bool
    if typing.get_origin(kind) is not None:
        return lambda value: msgspec.json.encode(value).decode(), msgspec.json.Decoder(kind).decode
    return None


class Rows(Generic[T]):
    """Turns values of one dataclass into rows of its table, and back."""

    def __init__(self, name: str, kind: type[T]):
        self.name = name
        self.kind = typing.cast("Any", kind)
        hints = typing.get_type_hints(kind)
        self.columns = tuple(field.name for field in dataclasses.fields(self.kind))
        codecs = [(position, _codec(hints[column])) for position, column in enumerate(self.columns)]
        self._codecs = [(position, codec) for position, codec in codecs if codec is not None]
        self._values = operator.attrgetter(*self.columns)

    def to_row(self, record: T) -> list[Any]:
        """The values of the columns."""
        row = list(self._values(record))
        for position, (encode, _) in self._codecs:
            if row[position] is not None:
                row[position] = encode(row[position])
        return row

    def from_row(self, row: sqlite3.Row) -> T:
        """The record of a row that holds at least its columns."""
        values = [row[column] for column in self.columns]
        for position, (_, decode) in self._codecs:
            if values[position] is not None:
                values[position] = decode(values[position])
        record: T = self.kind(*values)
        return record

    def insert(self, connection: sqlite3.Connection, others: Mapping[str, Any], records: Iterable[T]) -> None:
        """Add rows; `others` are columns that all of them share and that the record does not hold."""
        names = ", ".join((*others, *self.columns))
        marks = ", ".join("?" * (len(others) + len(self.columns)))
        shared = list(others.values())
        connection.executemany(
            f"INSERT INTO {self.name} ({names}) VALUES ({marks})",  # noqa: S608 - our own names
            (shared + self.to_row(record) for record in records),
        )


class Table(Rows[R]):
    """The records of one kind, of all companies.

    `leading` are the columns with an index `(company_id, column, id)`, the one that narrows most first, and `ordered`
    those pairs of a column and a key to sort by that have an index of their own. A flag has one of its set ones only.
    """

    def __init__(self, name: str, kind: type[R], leading: Sequence[str] = (), ordered: Sequence[tuple[str, str]] = ()):
        super().__init__(name, kind)
        self.leading = tuple(EXPRESSIONS.get(key, key) for key in leading)
        self.ordered = frozenset(ordered)

    def add(self, connection: sqlite3.Connection, company_id: int, *records: R) -> None:
        """Add new records."""
        self.insert(connection, {"company_id": company_id}, records)

    def add_all(self, connection: sqlite3.Connection, company_id: int, records: Iterable[R]) -> None:
        """Add many new records as they are made."""
        self.insert(connection, {"company_id": company_id}, records)

    def replace(self, connection: sqlite3.Connection, company_id: int, record: R) -> None:
        """Store the newer version of a record."""
        settings = ", ".join(f"{column} = ?" for column in self.columns)
        connection.execute(
            f"UPDATE {self.name} SET {settings} WHERE company_id = ? AND id = ?",  # noqa: S608 - our own names
            [*self.to_row(record), company_id, record.id],
        )

    def remove(self, connection: sqlite3.Connection, company_id: int, id: int) -> None:
        """Forget a record."""
        connection.execute(
            f"DELETE FROM {self.name} WHERE company_id = ? AND id = ?",  # noqa: S608 - our own name
            (company_id, id),
        )

    def get(self, connection: sqlite3.Connection, company_id: int, id: int) -> R | None:
        """One record, deleted or not, or None."""
        return next(iter(self.get_all(connection, company_id, (id,)).values()), None)

    def get_all(self, connection: sqlite3.Connection, company_id: int, ids: Iterable[int | None]) -> dict[int, R]:
        """The records with these ids; what is not there is left out."""
        wanted = sorted({id for id in ids if id is not None})
        found = {}
        for first in range(0, len(wanted), 500):
            some = wanted[first : first + 500]
            marks = ", ".join("?" * len(some))
            rows = connection.execute(
                f"SELECT * FROM {self.name} WHERE company_id = ? AND id IN ({marks})",  # noqa: S608 - our own name
                (company_id, *some),
            )
            found.update({row["id"]: self.from_row(row) for row in rows})
        return found

    def of_company(self, connection: sqlite3.Connection, company_id: int) -> list[R]:
        """All records of a company by id: only for kinds of which a company has a few dozen."""
        rows = connection.execute(
            f"SELECT * FROM {self.name} WHERE company_id = ? ORDER BY id",  # noqa: S608 - our own name
            (company_id,),
        )
        return [self.from_row(row) for row in rows]

    def find(self, connection: sqlite3.Connection, company_id: int, listing: Listing) -> list[R]:
        """The records of a page, and one more if there is a next page."""
        lead, is_ordered = self._choose_lead(connection, company_id, listing)
        usable = {lead} if lead is not None else set()
        if is_ordered:
            usable |= {*_order_columns(listing)[:1], "id"}
        conditions = [*_filters(listing), *_later_ones(listing)]
        given = " ".join(f"AND {condition.text(is_usable=condition.column in usable)}" for condition in conditions)
        mark = "" if is_ordered else "+"
        directions = ("DESC" if order.is_descending else "ASC" for order in (*listing.orders, listing.orders[0]))
        order_by = ", ".join(
            f"{mark}{column} {way}" for column, way in zip(_order_columns(listing), directions, strict=False)
        )
        rows = connection.execute(
            f"SELECT * FROM {self.name} WHERE company_id = ? {given}"  # noqa: S608 - columns come from `queries`
            f" ORDER BY {order_by} LIMIT ? OFFSET ?",
            (company_id, *_values(conditions), listing.limit + 1, listing.start),
        )
        return [self.from_row(row) for row in rows]

    def _choose_lead(
        self, connection: sqlite3.Connection, company_id: int, listing: Listing
    ) -> tuple[str | None, bool]:
        """What leads to the records (None: nothing), and whether they come in order that way."""
        order = listing.orders[0].key
        filters = _filters(listing)
        if any(condition.column == "id" for condition in filters):
            return "id", False
        span = [condition for condition in filters if condition.column == UPDATED]
        if span and order != "update_time" and self._are_few(connection, company_id, span):
            return UPDATED, False
        leading = {condition.column: condition for condition in filters if condition.can_lead}
        possible = [leading[column] for column in self.leading if column in leading]
        if order not in INDEXED_ORDERS:
            return (possible[0].column if possible else None), False
        for condition in possible:
            if order == "id" or (condition.column, order) in self.ordered:
                return condition.column, True
            if self._are_few(connection, company_id, [condition]):
                return condition.column, False
        return None, True

    def _are_few(self, connection: sqlite3.Connection, company_id: int, conditions: Sequence["_Condition"]) -> bool:
        given = " ".join(f"AND {condition.text(is_usable=True)}" for condition in conditions)
        row = connection.execute(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {self.name} WHERE company_id = ? {given} LIMIT ?)",  # noqa: S608
            (company_id, *_values(conditions), FEW + 1),
        ).fetchone()
        return int(row[0]) <= FEW


@dataclasses.dataclass(frozen=True, slots=True)
class _Condition:
    """`column` compared; with a `+` before it no index can serve it. Source: sqlite.org/optoverview.html."""

    column: str
    comparison: str
    values: tuple[Any, ...] = ()
    can_lead: bool = False
    is_pair: bool = False

    def text(self, *, is_usable: bool) -> str:
        return f"{'' if is_usable or self.is_pair else '+'}{self.column} {self.comparison}"


def _values(conditions: Iterable[_Condition]) -> list[Any]:
    given = (value for condition in conditions for value in condition.values)
    return [to_milliseconds(value) if isinstance(value, datetime) else value for value in given]


def _filters(listing: Listing) -> list[_Condition]:
    found = []
    for key, wanted in listing.filters.items():
        column = EXPRESSIONS.get(key, key)
        if isinstance(wanted, bool):  # written out, for the sake of partial indexes
            found.append(_Condition(column, f"= {int(wanted)}", can_lead=wanted))
        elif isinstance(wanted, tuple) and len(wanted) != 1:
            found.append(_Condition(column, f"IN ({', '.join('?' * len(wanted))})", wanted))
        else:
            value = wanted[0] if isinstance(wanted, tuple) else wanted
            found.append(_Condition(column, "= ?", (value,), can_lead=True))
    if listing.updated_since is not None:
        found.append(_Condition(UPDATED, ">= ?", (listing.updated_since,)))
    if listing.updated_until is not None:
        found.append(_Condition(UPDATED, "< ?", (listing.updated_until,)))
    if listing.deleted_since is not None:
        found.append(_Condition("(status <> 'deleted' OR update_time >= ?)", "", (listing.deleted_since,)))
    return found


def _later_ones(listing: Listing) -> list[_Condition]:
    """What the cursor says. An index on an expression cannot seek to a pair: there its first half is said twice."""
    cursor = listing.cursor
    if cursor is None:
        return []
    key, comparison = cursor.order.key, "<=" if cursor.order.is_descending else ">="
    column = EXPRESSIONS.get(key, key)
    first = _Condition(column, f"{comparison} ?", (cursor.value,))
    if key == "id":
        return [first]
    pair = _Condition(f"({column}, id)", f"{comparison} (?, ?)", (cursor.value, cursor.id), is_pair=True)
    return [first, pair] if key in EXPRESSIONS else [pair]


def _order_columns(listing: Listing) -> list[str]:
    """The columns to sort by, up to the id, which comes last always."""
    keys = [order.key for order in listing.orders]
    keys = [*keys[: keys.index("id")], "id"] if "id" in keys else [*keys, "id"]
    return [EXPRESSIONS.get(key, key) for key in keys]
