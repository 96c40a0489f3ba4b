"""A mock CleverTap with something in it, for tests that need it before any fixture could make it."""

import atexit
from datetime import UTC, datetime
from typing import Any

import msgspec

from mock_servers.config import Config
from mock_servers.rig.clock import Clock
from mock_servers.stack import build_stack

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

RECORDS = [
    {"type": "profile", "identity": "u-1", "objectId": "__a", "profileData": {"Email": "ada@example.com"}},
    {"type": "event", "identity": "u-1", "ts": 1704700000, "evtName": "Charged", "evtData": {"Items": [{"a": 1}]}},
    {"type": "event", "identity": "u-2", "ts": 1704700001, "evtName": "Charged", "evtData": {"Amount": 5}},
    {"type": "event", "identity": "u-3", "ts": 1704700002, "evtName": "Charged", "evtData": {"Amount": 101}},
]
"""Somebody for the document's examples to find."""


class Served:
    """A mock CleverTap in a rig of its own, which goes when Python does; its account has these settings."""

    def __init__(self, **settings: Any):
        stack = build_stack(Config(deals=0), clock=Clock.frozen(START))
        atexit.register(stack.close)
        self._clevertap, self.app = stack.clevertap, stack.app("clevertap")
        self._settings = settings
        self.begin_again()

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
