"""A frozen dataclass and the table that keeps it, with a column of the same name for each of its fields.

Times are kept as milliseconds, dates as text, lists and addresses as JSON. Every list is a range of an index, from
a cursor on.
"""

import dataclasses
import operator
import sqlite3
import types
import typing
from collections.abc import Callable, Iterable, Mapping
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
    """The records of one kind, of all companies."""

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
        conditions, values = _conditions(listing)
        sorting = [(_sort_column(order.key), order.is_descending) for order in listing.orders]
        sorting.append(("id", sorting[0][1]))
        order_by = ", ".join(f"{column} DESC" if is_descending else column for column, is_descending in sorting)
        rows = connection.execute(
            f"SELECT * FROM {self.name} WHERE company_id = ? {conditions}"  # noqa: S608 - columns come from `queries`
            f" ORDER BY {order_by} LIMIT ? OFFSET ?",
            (company_id, *values, listing.limit + 1, listing.start),
        )
        return [self.from_row(row) for row in rows]


def _sort_column(key: str) -> str:
    """Where `update_time` is null, `add_time` counts. Source: facts/pipedrive.md 2.3 (assumed)."""
    return "COALESCE(update_time, add_time)" if key == "update_time" else key


def _conditions(listing: Listing) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []

    def condition(text: str, *given: Any) -> None:
        parts.append(f"AND {text}")
        values.extend(to_milliseconds(value) if isinstance(value, datetime) else value for value in given)

    for column, wanted in listing.filters.items():
        if isinstance(wanted, tuple):
            condition(f"{column} IN ({', '.join('?' * len(wanted))})", *wanted)
        else:
            condition(f"{column} = ?", wanted)
    if listing.updated_since is not None:
        condition("COALESCE(update_time, add_time) >= ?", listing.updated_since)
    if listing.updated_until is not None:
        condition("COALESCE(update_time, add_time) < ?", listing.updated_until)
    if listing.deleted_since is not None:
        condition("(status <> 'deleted' OR update_time >= ?)", listing.deleted_since)
    if (cursor := listing.cursor) is not None:
        column, comparison = _sort_column(cursor.order.key), "<=" if cursor.order.is_descending else ">="
        condition(f"({column}, id) {comparison} (?, ?)", cursor.value, cursor.id)
    return " ".join(parts), values
