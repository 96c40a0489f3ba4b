"""How upload log, error stream, debug events and waiting counts lie in the database: bounded, newest first.

Functions take the connection of an open transaction.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from .exports import Kind
from .queries import Query

MOST_UPLOADS = 200
"""Uploads of one account that are remembered."""
MOST_OUTCOMES = 100
"""Records of one upload whose outcome is remembered."""
MOST_ERRORS = 1000
"""Entries of one account's error stream that are remembered."""
MOST_DEBUG_EVENTS = 100
"""Debug events of one profile that are remembered."""


class RecordOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one record. `number` counts from 1; `code` and `error` for one that was not processed."""

    number: int
    type: str | None = None
    object_id: str | None = None
    """The profile that it went to."""
    is_new: bool = False
    """Did it make that profile?"""
    reason: str | None = None
    """Why it went there, in words."""
    code: int | None = None
    error: str | None = None


class UploadEntry(msgspec.Struct, frozen=True):
    """One upload as it is remembered; `at` in milliseconds, `outcomes` of the first hundred records."""

    at: int
    is_dry_run: bool
    status: str
    processed: int
    unprocessed: int
    outcomes: tuple[RecordOutcome, ...]


class ErrorEntry(msgspec.Struct, frozen=True):
    """One entry of the error stream: a record that was refused, or something that was changed in one; `at` in ms."""

    at: int
    number: int
    """Of the record in its upload, from 1."""
    kind: str
    text: str
    code: int | None = None
    record: str | None = None
    """The beginning of a refused record, as JSON."""


MOST_COUNT_REQUESTS = 1000
"""Counts of one account that wait to be collected."""


class CountRequest(msgspec.Struct, frozen=True):
    """A count that was asked for, and how often it must still be asked for before it is there."""

    kind: Kind
    query: Query
    polls_left: int


class DebugEvent(msgspec.Struct, frozen=True):
    """Something CleverTap notes about identities; `at` in milliseconds."""

    name: str
    reason: str
    at: int


def add_upload(connection: sqlite3.Connection, account: int, entry: UploadEntry) -> None:
    """Remember an upload, and forget the oldest beyond the bound."""
    _add(connection, "upload", account, [entry], MOST_UPLOADS)


def list_uploads(
    connection: sqlite3.Connection, account: int, before: int | None, limit: int
) -> list[tuple[int, UploadEntry]]:
    """The newest uploads of an account with their ids, from the one before the id `before`."""
    return _list(connection, "upload", UploadEntry, account, before, limit)


def add_errors(connection: sqlite3.Connection, account: int, entries: Sequence[ErrorEntry]) -> None:
    """Add to the error stream, and forget the oldest beyond the bound."""
    if entries:
        _add(connection, "error_entry", account, entries[-MOST_ERRORS:], MOST_ERRORS)


def list_errors(
    connection: sqlite3.Connection, account: int, before: int | None, limit: int
) -> list[tuple[int, ErrorEntry]]:
    """The newest entries of the error stream with their ids, from the one before the id `before`."""
    return _list(connection, "error_entry", ErrorEntry, account, before, limit)


def _add(connection: sqlite3.Connection, table: str, account: int, entries: Iterable[Any], most: int) -> None:
    connection.executemany(
        f"INSERT INTO {table} (account, document) VALUES (?, ?)",  # noqa: S608 - the name is ours
        [(account, msgspec.json.encode(entry)) for entry in entries],
    )
    connection.execute(
        f"DELETE FROM {table} WHERE account = ? AND id <="  # noqa: S608 - the name is ours
        f" (SELECT id FROM {table} WHERE account = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (account, account, most),
    )


def _list(
    connection: sqlite3.Connection, table: str, kind: type[Any], account: int, before: int | None, limit: int
) -> list[tuple[int, Any]]:
    rows = connection.execute(
        f"SELECT id, document FROM {table} WHERE account = ? AND id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        (account, 2**63 - 1 if before is None else before, limit),
    )
    return [(id, msgspec.json.decode(document, type=kind)) for id, document in rows]


def add_count_request(connection: sqlite3.Connection, account: int, request: CountRequest) -> int:
    """Remember a count that is not ready, and forget the oldest beyond the bound; returns its id."""
    _add(connection, "count_request", account, [request], MOST_COUNT_REQUESTS)
    return int(connection.execute("SELECT MAX(id) FROM count_request WHERE account = ?", (account,)).fetchone()[0])


def read_count_request(connection: sqlite3.Connection, account: int, id: int) -> CountRequest | None:
    """A count that was asked for."""
    row = connection.execute(
        "SELECT document FROM count_request WHERE account = ? AND id = ?", (account, id)
    ).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=CountRequest)


def write_count_request(connection: sqlite3.Connection, id: int, request: CountRequest) -> None:
    """Store how often it must still be asked for."""
    connection.execute("UPDATE count_request SET document = ? WHERE id = ?", (msgspec.json.encode(request), id))


def add_debug_event(connection: sqlite3.Connection, profile_id: int, event: DebugEvent) -> None:
    """Note something about the identities of a profile, and forget the oldest beyond the bound."""
    connection.execute(
        "INSERT INTO debug_event (profile_id, name, reason, at) VALUES (?, ?, ?, ?)",
        (profile_id, event.name, event.reason, event.at),
    )
    connection.execute(
        "DELETE FROM debug_event WHERE profile_id = ? AND id <="
        " (SELECT id FROM debug_event WHERE profile_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (profile_id, profile_id, MOST_DEBUG_EVENTS),
    )


def move_debug_events(connection: sqlite3.Connection, source: int, target: int) -> None:
    """Let what was noted of one profile be noted of another."""
    connection.execute("UPDATE debug_event SET profile_id = ? WHERE profile_id = ?", (target, source))


def list_debug_events(connection: sqlite3.Connection, profile_id: int) -> list[DebugEvent]:
    """What was noted about the identities of a profile, oldest first."""
    rows = connection.execute(
        "SELECT name, reason, at FROM debug_event WHERE profile_id = ? ORDER BY id", (profile_id,)
    )
    return [DebugEvent(*row) for row in rows]
