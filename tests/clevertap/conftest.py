"""One mock CleverTap per test, driven by words instead of requests where the request is not the point."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from werkzeug.test import Client

from mock_servers.clevertap.app import build_app, build_server
from mock_servers.clevertap.emulator import CleverTap
from mock_servers.clevertap.schema import MIGRATIONS
from mock_servers.rig.addresses import IN_PROCESS
from mock_servers.rig.clock import Clock
from mock_servers.rig.control import Desk
from mock_servers.rig.database import Database
from mock_servers.rig.dispatch import Dispatcher
from mock_servers.rig.exchange import Answer, Request
from mock_servers.rig.guard import Guard
from mock_servers.rig.http import Server, serve
from mock_servers.rig.ids import IdSource
from mock_servers.rig.jobs import Jobs
from mock_servers.rig.journal import Journal
from mock_servers.rig.transport import make_session
from tests.clevertap.page_reader import Page, look_at
from tests.receiver import Receiver

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

    def post(self, path: str, body: Any, **query: str) -> tuple[int, Any]:
        """Status and body of a POST; bytes are sent as they are, anything else as JSON."""
        sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
        answer = self.ask("POST", path, body=sent, **query)
        return answer.status, msgspec.json.decode(answer.body())

    def pages(self, path: str, question: Any, **query: str) -> list[list[Any]]:
        """The records of every page that a question to profiles.json or events.json leads to."""
        status, told = self.post(path, question, **query)
        assert status == 200, told
        cursor, found = told["cursor"], []
        while cursor is not None:
            answer = self.ask("GET", path, cursor=cursor)
            page = msgspec.json.decode(answer.body())
            assert answer.status == 200, page
            found.append(page["records"])
            cursor = page.get("next_cursor")
        return found

    def records(self, path: str, question: Any, **query: str) -> list[Any]:
        """The same, all pages together."""
        return [record for page in self.pages(path, question, **query) for record in page]

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
def dispatcher(clock: Clock) -> Dispatcher:
    return Dispatcher(clock)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def _find_address_problem(url: str) -> str | None:
    return None if "127.0.0.1" in url else f"{url} is not this machine."


def _build(database: Database, clock: Clock, dispatcher: Dispatcher, receiver: Receiver, seed: int = 1) -> CleverTap:
    return CleverTap(
        database,
        clock,
        IdSource(seed),
        dispatcher.add(Jobs("clevertap", database, dispatcher.wake)),
        make_session(receiver),
        IN_PROCESS,
        find_address_problem=_find_address_problem,
    )


@pytest.fixture
def clevertap(database: Database, clock: Clock, dispatcher: Dispatcher, receiver: Receiver) -> CleverTap:
    return _build(database, clock, dispatcher, receiver)


@pytest.fixture
def started(clock: Clock) -> Callable[..., AbstractContextManager[CleverTap]]:
    """Starts a mock CleverTap on a file of its own, of a random seed that can be given, until the `with` ends."""

    @contextmanager
    def start(path: Path, seed: int = 1) -> Iterator[CleverTap]:
        database = Database(path, MIGRATIONS)
        try:
            yield _build(database, clock, Dispatcher(clock), Receiver(), seed)
        finally:
            database.close()

    return start


@pytest.fixture
def server(clevertap: CleverTap, clock: Clock, dispatcher: Dispatcher) -> Server:
    journal = Journal()
    desk = Desk("clevertap", clevertap, clock, dispatcher, journal)
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


@pytest.fixture
def look(browser: Client) -> Callable[..., Page]:
    """Reads the page at an address."""
    return partial(look_at, browser)


@pytest.fixture
def control(caller: Caller) -> Callable[..., Any]:
    """Asks one of the rig's own controls of the account; it must do what was asked."""

    def ask(method: str, rest: str, body: Any = None) -> Any:
        status, told = caller.control(method, f"/_rig/accounts/{caller.account_id}{rest}", body)
        assert status < 300, told
        return told

    return ask
