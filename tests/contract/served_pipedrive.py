"""A mock Pipedrive with something in it, for tests that need it before any fixture could make it."""

import atexit
from typing import Any

from mock_servers.config import Config
from mock_servers.rig.clock import Clock
from mock_servers.stack import build_stack
from tests.contract.served import START

RECEIVER = "https://hooks.zapier.com/hooks/7"
"""An address at which a rig in process may be told of changes."""


class ServedPipedrive:
    """A mock Pipedrive in a rig of its own, which goes when Python does; its company has so many deals."""

    def __init__(self, deals: int = 0):
        stack = build_stack(Config(deals=deals), clock=Clock.frozen(START))
        atexit.register(stack.close)
        self.pipedrive, self.app = stack.pipedrive, stack.app("pipedrive")

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
