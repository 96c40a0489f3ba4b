"""A mock CleverTap with something in it, for tests that need it before any fixture could make it."""

import atexit
import shutil
import tempfile
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
from mock_servers.rig.transport import DirectAdapter, make_session

RECORDS = [
    {"type": "profile", "identity": "u-1", "objectId": "__a", "profileData": {"Email": "ada@example.com"}},
    {"type": "event", "identity": "u-1", "ts": 1704700000, "evtName": "Charged", "evtData": {"Items": [{"a": 1}]}},
    {"type": "event", "identity": "u-2", "ts": 1704700001, "evtName": "Charged", "evtData": {"Amount": 5}},
    {"type": "event", "identity": "u-3", "ts": 1704700002, "evtName": "Charged", "evtData": {"Amount": 101}},
]
"""Somebody for the document's examples to find."""


def read_document() -> Any:
    """What the mock CleverTap says of itself."""
    return yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)


class Served:
    """A mock CleverTap in a folder of its own, which goes when Python does; its account has these settings."""

    def __init__(self, **settings: Any):
        folder = Path(tempfile.mkdtemp(prefix="zaprig-contract-"))
        clock = Clock.frozen(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
        database = Database(folder / "clevertap.sqlite", MIGRATIONS, is_throwaway=True)
        dispatcher = Dispatcher(clock)
        self._clevertap = CleverTap(
            database,
            clock,
            IdSource(1),
            dispatcher.add(Jobs("clevertap", database, dispatcher.wake)),
            make_session(DirectAdapter({})),
            IN_PROCESS,
            find_address_problem=lambda url: None,
        )
        journal = Journal()
        desk = Desk("clevertap", self._clevertap, clock, dispatcher, journal)
        self.app = build_app(build_server(self._clevertap, clock=clock, guard=Guard(), journal=journal, desk=desk))
        self._settings = settings
        self.begin_again()

        @atexit.register
        def clean_up() -> None:
            database.close()
            shutil.rmtree(folder)

    @property
    def headers(self) -> dict[str, str]:
        """What opens the account."""
        credentials = self._clevertap.default_credentials()
        return {
            "X-CleverTap-Account-Id": credentials["account_id"],
            "X-CleverTap-Passcode": credentials["passcode"],
        }

    def begin_again(self) -> None:
        """Have one account with `RECORDS`, and nothing of what came after."""
        self._clevertap.reset()
        self._clevertap.change_settings(self._clevertap.default_credentials()["account_id"], self._settings)
        self.ask("POST", "/1/upload", {"d": RECORDS})

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of an answer, which must be a 200."""
        data = b"" if body is None else msgspec.json.encode(body)
        answer = self.app.test_client().open(path, method=method, headers=self.headers, query_string=query, data=data)
        assert answer.status_code == 200, answer.data
        return answer.json
