"""Counts that take their time: asked for once, collected later by their number, if the account says so."""

import sqlite3

import msgspec

from ..rig.database import Database
from . import errors
from .accounts import Account
from .exporting import Exporting
from .exports import Kind
from .queries import Query

MOST_REQUESTS = 1000
"""Counts of one account that are remembered."""


class CountRequest(msgspec.Struct, frozen=True):
    """A count that was asked for, and how often it must still be asked for before it is there."""

    kind: Kind
    query: Query
    polls_left: int


class Counting:
    """`counts/profiles.json` and `counts/events.json`.

    Source: developer.clevertap.com/docs/get-profile-count-api and docs/get-event-count-api; documented. When a count is
    not ready at once is the account's setting: ours.
    """

    def __init__(self, database: Database, exporting: Exporting):
        self._database = database
        self._exporting = exporting

    def ask(self, account: Account, kind: Kind, query: Query) -> int | str:
        """The number, or the `req_id` to ask again with, as a text."""
        if account.settings.counts_ready_after == 0:
            return self._exporting.count(account, kind, query)
        request = CountRequest(kind, query, account.settings.counts_ready_after)
        with self._database.write() as connection:
            cursor = connection.execute(
                "INSERT INTO count_request (account, document) VALUES (?, ?)",
                (account.number, msgspec.json.encode(request)),
            )
            connection.execute(
                "DELETE FROM count_request WHERE account = ? AND id <="
                " (SELECT id FROM count_request WHERE account = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (account.number, account.number, MOST_REQUESTS),
            )
            return str(cursor.lastrowid)

    def collect(self, account: Account, kind: Kind, req_id: str) -> int | str:
        """The number, or the same `req_id` if it is not there yet. Raises the 400 for one that nobody was given."""
        number = int(req_id) if req_id.isascii() and req_id.isdigit() and len(req_id) < 19 else 0
        with self._database.write() as connection:
            request = _read(connection, account, number)
            if request is None or request.kind != kind:
                raise errors.unreadable_query(f"There is no count with the req_id {req_id[:40]}")
            left = request.polls_left - 1
            waiting = msgspec.structs.replace(request, polls_left=left)
            connection.execute(
                "UPDATE count_request SET document = ? WHERE id = ?", (msgspec.json.encode(waiting), number)
            )
        return str(number) if left > 0 else self._exporting.count(account, kind, request.query)


def _read(connection: sqlite3.Connection, account: Account, number: int) -> CountRequest | None:
    row = connection.execute(
        "SELECT document FROM count_request WHERE account = ? AND id = ?", (account.number, number)
    ).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=CountRequest)
