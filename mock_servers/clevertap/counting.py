"""Counts that take their time: asked for once, collected later by their number, if the account says so."""

import msgspec

from ..rig.database import Database
from . import errors, log_storage
from .accounts import Account
from .exporting import Exporting
from .exports import Kind
from .log_storage import CountRequest
from .queries import Query


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
            return str(log_storage.add_count_request(connection, account.number, request))

    def collect(self, account: Account, kind: Kind, req_id: str) -> int | str:
        """The number, or the same `req_id` if it is not there yet. Raises the 400 for one that nobody was given."""
        number = int(req_id) if req_id.isascii() and req_id.isdigit() and len(req_id) < 19 else 0
        with self._database.write() as connection:
            request = log_storage.read_count_request(connection, account.number, number)
            if request is None or request.kind != kind:
                raise errors.unreadable_query(f"There is no count with the req_id {req_id[:40]}")
            left = request.polls_left - 1
            waiting = msgspec.structs.replace(request, polls_left=left)
            log_storage.write_count_request(connection, number, waiting)
        return str(number) if left > 0 else self._exporting.count(account, kind, request.query)
