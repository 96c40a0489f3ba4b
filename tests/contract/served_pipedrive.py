"""A mock Pipedrive with something in it, for tests that need it before any fixture could make it."""

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from mock_servers.pipedrive.app import build_app, build_server
from mock_servers.pipedrive.emulator import Pipedrive
from mock_servers.pipedrive.routes import DOCUMENT
from mock_servers.pipedrive.storage import MIGRATIONS
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


def read_document() -> Any:
    """What the mock Pipedrive says of itself."""
    return yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)


class ServedPipedrive:
    """A mock Pipedrive in a folder of its own, which goes when Python does; its company has so many deals."""

    def __init__(self, deals: int = 0):
        folder = Path(tempfile.mkdtemp(prefix="zaprig-contract-"))
        clock = Clock.frozen(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
        database = Database(folder / "pipedrive.sqlite", MIGRATIONS, is_throwaway=True)
        dispatcher = Dispatcher(clock)
        self.pipedrive = Pipedrive(
            database,
            clock,
            IdSource(1),
            dispatcher.add(Jobs("pipedrive", database, dispatcher.wake)),
            make_session(DirectAdapter({})),
            IN_PROCESS,
            deals=deals,
            find_address_problem=lambda url: None,
        )
        journal = Journal()
        desk = Desk("pipedrive", self.pipedrive, clock, dispatcher, journal)
        self.app = build_app(build_server(self.pipedrive, clock=clock, guard=Guard(), journal=journal, desk=desk))

        @atexit.register
        def clean_up() -> None:
            database.close()
            shutil.rmtree(folder)

    @property
    def headers(self) -> dict[str, str]:
        """What opens the company."""
        return {"x-api-token": self.pipedrive.default_credentials()["api_token"]}

    def begin_again(self) -> None:
        """Have the company as it was at the start."""
        self.pipedrive.reset()

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **query: Any
    ) -> tuple[int, Any]:
        """Status and JSON of an answer; a body goes as JSON. Without headers it is the company's admin who asks."""
        given = {} if body is None else {"json": body}
        headers = self.headers if headers is None else headers
        answer = self.app.test_client().open(path, method=method, headers=headers, query_string=query, **given)
        return answer.status_code, answer.json

    def data(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The `data` of an answer, which must be a good one."""
        status, found = self.ask(method, path, body, **query)
        assert status in {200, 201}, found
        return found["data"]
