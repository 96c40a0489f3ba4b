"""One mock CleverTap per test, driven by words instead of requests where the request is not the point."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from werkzeug.test import Client

from mock_servers.clevertap.app import build_app, build_server
from mock_servers.clevertap.emulator import CleverTap
from mock_servers.clevertap.storage import MIGRATIONS
from mock_servers.rig.clock import Clock
from mock_servers.rig.control import Desk
from mock_servers.rig.database import Database
from mock_servers.rig.dispatch import Dispatcher
from mock_servers.rig.exchange import Answer, Request
from mock_servers.rig.guard import Guard
from mock_servers.rig.http import Server, serve
from mock_servers.rig.ids import IdSource
from mock_servers.rig.journal import Journal

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@dataclass
class Caller:
    """Somebody who talks to the server with an account's credentials."""

    server: Server
    account_id: str
    passcode: str
    host: str = "127.0.0.1:8402"

    def ask(
        self, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None, **query: str
    ) -> Answer:
        sent = {
            "host": self.host,
            "x-clevertap-account-id": self.account_id,
            "x-clevertap-passcode": self.passcode,
            **(headers or {}),
        }
        return serve(self.server, Request(method, path, query=query, headers=sent, body=body))

    def upload(self, *records: Any, **query: str) -> Any:
        """The answer to an upload of these records; it is always 200."""
        answer = self.ask("POST", "/1/upload", body=msgspec.json.encode({"d": records}), **query)
        assert answer.status == 200, answer
        return msgspec.json.decode(answer.body())

    def profile(self, **query: str) -> Any:
        """The record of a profile, or None."""
        answer = self.ask("GET", "/1/profile.json", **query)
        assert answer.status == 200, answer
        return msgspec.json.decode(answer.body())["record"]

    def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body of one of the rig's own controls."""
        sent = b"" if body is None else msgspec.json.encode(body)
        answer = self.ask(method, path, body=sent, headers={"content-type": "application/json"})
        return answer.status, msgspec.json.decode(answer.body())


@pytest.fixture
def clock() -> Clock:
    return Clock.frozen(NOW)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "clevertap.sqlite", MIGRATIONS, is_throwaway=True)
    yield database
    database.close()


@pytest.fixture
def clevertap(database: Database, clock: Clock) -> CleverTap:
    return CleverTap(database, clock, IdSource(1))


@pytest.fixture
def server(clevertap: CleverTap, clock: Clock) -> Server:
    journal = Journal()
    desk = Desk("clevertap", clevertap, clock, Dispatcher(clock), journal)
    guard = Guard(stands_for=("api.clevertap.com", "*.api.clevertap.com"))
    return build_server(clevertap, clock=clock, guard=guard, journal=journal, desk=desk)


@pytest.fixture
def caller(server: Server, clevertap: CleverTap) -> Caller:
    """A caller with the credentials of the account that is there from the start."""
    credentials = clevertap.default_credentials()
    return Caller(server, credentials["account_id"], credentials["passcode"])


@pytest.fixture
def browser(server: Server) -> Client:
    """Asks as a browser or any other client does, with an address and headers of its own."""
    return build_app(server).test_client()


@pytest.fixture
def newcomer(server: Server, clevertap: CleverTap) -> Caller:
    """A caller with an account of their own, in India."""
    credentials = clevertap.add_account({"region": "in1"})
    return Caller(server, credentials["account_id"], credentials["passcode"])
