"""A mock CleverTap with something in it, for tests that need it before any fixture could make it."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mock_servers.clevertap.app import build_app, build_server
from mock_servers.clevertap.emulator import CleverTap
from mock_servers.clevertap.routes import DOCUMENT
from mock_servers.clevertap.schema import MIGRATIONS
from mock_servers.rig.addresses import IN_PROCESS
from mock_servers.rig.clock import Clock
from mock_servers.rig.control import Desk
from mock_servers.rig.database import Database
from mock_servers.rig.dispatch import Dispatcher
from mock_servers.rig.guard import Guard
from mock_servers.rig.ids import IdSource
from mock_servers.rig.jobs import Jobs
from mock_servers.rig.journal import Journal
from mock_servers.rig.mounting import Door
from mock_servers.rig.transport import DirectAdapter, make_session

RECORDS: list[dict[str, Any]] = [
    {"type": "profile", "identity": "u-1", "objectId": "__a", "profileData": {"Email": "ada@example.com"}},
    {"type": "event", "identity": "u-1", "ts": 1704700000, "evtName": "Charged", "evtData": {"Items": [{"a": 1}]}},
    {"type": "event", "identity": "u-2", "ts": 1704700001, "evtName": "Charged", "evtData": {"Amount": 5}},
    {"type": "event", "identity": "u-3", "ts": 1704700002, "evtName": "Charged", "evtData": {"Amount": 101}},
]
"""What the examples of the document ask for."""


@dataclass(frozen=True)
class Served:
    """A mock CleverTap, how to get in, and what it says of itself."""

    clevertap: CleverTap
    app: Door
    headers: dict[str, str]
    document: dict[str, Any]

    def account(self) -> Any:
        """The account that the headers open."""
        return self.clevertap.authenticate(*self.headers.values(), None)

    def ask(self, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None) -> Any:
        """The JSON of an answer, which must be a 200."""
        sent = {} if body is None else {"json": body}
        answer = self.app.test_client().open(path, method=method, headers=self.headers, query_string=query, **sent)
        assert answer.status_code == 200, answer.data
        return answer.json


def serve(**settings: Any) -> Served:
    """A mock CleverTap whose account has `RECORDS`, in a folder of its own that goes when Python does."""
    folder = Path(tempfile.mkdtemp(prefix="zaprig-contract-"))
    clock = Clock.frozen(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
    database = Database(folder / "clevertap.sqlite", MIGRATIONS, is_throwaway=True)
    dispatcher = Dispatcher(clock)
    clevertap = CleverTap(
        database,
        clock,
        IdSource(1),
        dispatcher.add(Jobs("clevertap", database, dispatcher.wake)),
        make_session(DirectAdapter({})),
        IN_PROCESS,
        find_address_problem=lambda url: None,
    )
    journal = Journal()
    desk = Desk("clevertap", clevertap, clock, dispatcher, journal)
    app = build_app(build_server(clevertap, clock=clock, guard=Guard(), journal=journal, desk=desk))

    @atexit.register
    def clean_up() -> None:
        database.close()
        shutil.rmtree(folder)

    opened = clevertap.default_credentials()
    clevertap.change_settings(opened["account_id"], settings)
    headers = {"X-CleverTap-Account-Id": opened["account_id"], "X-CleverTap-Passcode": opened["passcode"]}
    served = Served(clevertap, app, headers, yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader))
    clevertap.uploads.upload(served.account(), msgspec.json.encode({"d": RECORDS}), dry_run=False)
    return served
