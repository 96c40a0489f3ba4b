"""One mock Pipedrive per test, with a receiver for its webhooks that answers as the test says."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from mock_servers.pipedrive.app import build_server
from mock_servers.pipedrive.companies import Caller, Company, Credentials, User
from mock_servers.pipedrive.emulator import Pipedrive
from mock_servers.pipedrive.pipelines import Stage
from mock_servers.pipedrive.storage import MIGRATIONS
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
from tests.receiver import Receiver

NOW = datetime(2026, 9, 1, 8, 15, 30, 412_000, tzinfo=UTC)
HOOK = "https://hooks.zapier.com/hooks/7"


@dataclass
class Client:
    """Somebody who talks to the server, with credentials or without."""

    server: Server
    headers: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **query: str
    ) -> Answer:
        """The raw answer; a body that is not bytes goes as JSON."""
        sent = {"host": "api.pipedrive.com", **self.headers, **(headers or {})}
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        return serve(self.server, Request(method, path, query=query, headers=sent, body=content))

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        """Status and JSON body."""
        answer = self.ask(method, path, body, **query)
        return answer.status, msgspec.json.decode(answer.body())

    def data(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The `data` of a good answer."""
        status, found = self(method, path, body, **query)
        assert status in {200, 201}, found
        return found["data"]


@pytest.fixture
def clock() -> Clock:
    return Clock.frozen(NOW)


@pytest.fixture
def dispatcher(clock: Clock) -> Dispatcher:
    return Dispatcher(clock)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def jobs(database: Database, dispatcher: Dispatcher) -> Jobs:
    jobs = Jobs("pipedrive", database, dispatcher.wake)
    dispatcher.add(jobs)
    return jobs


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "pipedrive.sqlite", MIGRATIONS, is_throwaway=True)
    yield database
    database.close()


def _find_address_problem(url: str) -> str | None:
    return "example.com is not this machine." if "example.com" in url else None


@pytest.fixture
def make_pipedrive(database: Database, clock: Clock, jobs: Jobs, receiver: Receiver) -> Callable[..., Pipedrive]:
    """Opens the server on the test's database; a second time is a restart."""

    def make(deals: int = 0, seed: int = 1) -> Pipedrive:
        session = make_session(receiver)
        return Pipedrive(
            database,
            clock,
            IdSource(seed),
            jobs,
            session,
            IN_PROCESS,
            deals=deals,
            find_address_problem=_find_address_problem,
        )

    return make


@pytest.fixture
def pipedrive(make_pipedrive: Callable[..., Pipedrive]) -> Pipedrive:
    """A server whose default company is empty."""
    return make_pipedrive()


@pytest.fixture
def make_server(clock: Clock, dispatcher: Dispatcher) -> Callable[[Pipedrive], Server]:
    def make(pipedrive: Pipedrive) -> Server:
        journal = Journal()
        desk = Desk("pipedrive", pipedrive, clock, dispatcher, journal)
        guard = Guard(stands_for=("*.pipedrive.com",))
        return build_server(pipedrive, clock=clock, guard=guard, journal=journal, desk=desk)

    return make


@pytest.fixture
def server(make_server: Callable[[Pipedrive], Server], pipedrive: Pipedrive) -> Server:
    return make_server(pipedrive)


@pytest.fixture
def anyone(server: Server) -> Client:
    """A client without credentials."""
    return Client(server)


@pytest.fixture
def api(server: Server, pipedrive: Pipedrive) -> Client:
    """A client with the api token of the default company's admin."""
    return Client(server, {"x-api-token": pipedrive.default_credentials()["api_token"]})


@pytest.fixture
def full_api(make_server: Callable[[Pipedrive], Server], make_pipedrive: Callable[..., Pipedrive]) -> Client:
    """The same on a company with 25 deals. Not to be used together with `api`."""
    pipedrive = make_pipedrive(deals=25)
    return Client(make_server(pipedrive), {"x-api-token": pipedrive.default_credentials()["api_token"]})


@pytest.fixture
def newcomer(server: Server, pipedrive: Pipedrive) -> Client:
    """A client of another company."""
    return Client(server, {"x-api-token": pipedrive.add_account({})["api_token"]})


@pytest.fixture
def admin(pipedrive: Pipedrive) -> Caller:
    """The default company's admin with the api token."""
    return pipedrive.authenticate(Credentials(api_token=pipedrive.default_credentials()["api_token"]))


@pytest.fixture
def install(tokens: Callable[..., tuple[int, Any]], pipedrive: Pipedrive) -> Callable[[], dict[str, Any]]:
    """Signs the app Zapier in and returns the answer of the token endpoint."""

    def sign_in() -> dict[str, Any]:
        found = pipedrive.default_credentials()
        caller = pipedrive.at_the_screen()
        address = pipedrive.sign_in.allow(
            caller.company.id, caller.user.id, found["client_id"], found["redirect_uri"], state=None
        )
        code = address.rpartition("code=")[2]
        status, body = tokens(grant_type="authorization_code", code=code, redirect_uri=found["redirect_uri"])
        assert status == 200, body
        return body

    return sign_in


@pytest.fixture
def tokens(anyone: Client, pipedrive: Pipedrive) -> Callable[..., tuple[int, Any]]:
    """Asks the token endpoint as the app Zapier, with these form fields; returns status and body."""

    def ask(**form: str) -> tuple[int, Any]:
        found = pipedrive.default_credentials()
        pair = f"{found['client_id']}:{found['client_secret']}"
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
        }
        answer = anyone.ask("POST", "/oauth/token", urlencode(form).encode(), headers=headers)
        return answer.status, msgspec.json.decode(answer.body())

    return ask


@pytest.fixture
def app(server: Server, install: Callable[[], dict[str, Any]]) -> Client:
    """A client of the OAuth app Zapier."""
    return Client(server, {"authorization": f"Bearer {install()['access_token']}"})


@pytest.fixture
def subscribe(api: Client) -> Callable[..., Any]:
    """Subscribes to changes of deals, or to what is said."""

    def make(action: str = "change", entity: str = "deal", **more: Any) -> Any:
        wanted = {"subscription_url": HOOK, "event_action": action, "event_object": entity, **more}
        return api.data("POST", "/v1/webhooks", wanted)

    return make


@pytest.fixture
def later(dispatcher: Dispatcher) -> Callable[[float], int]:
    """Lets so many seconds pass."""
    return lambda seconds: dispatcher.advance(timedelta(seconds=seconds))


@pytest.fixture
def northlight() -> Company:
    return Company(700_101, "Northlight", "northlight", "GB", "EUR", "Europe/Paris", NOW)


@pytest.fixture
def ada(northlight: Company) -> Caller:
    return Caller(northlight, User(5010, "Ada Moreau", "ada@northlight.example", is_admin=True, add_time=NOW))


@pytest.fixture
def lead_in() -> Stage:
    return Stage(11, "Lead In", pipeline_id=1, order_nr=1, add_time=NOW)
