"""A service that answers from a function, and recordings of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from mock_servers.harness.cassettes import (
    cassette,
)
from mock_servers.rig.transport import make_session

UPLOAD = "https://eu1.api.clevertap.com/1/upload"
PASSCODE = "s3cret/pass code-0042"


@dataclass
class Echo(BaseAdapter):
    """A service that answers as told, else with the number of the call and what it was sent."""

    answer: Callable[[requests.PreparedRequest], tuple[int, dict[str, str], bytes]] | None = None
    calls: list[requests.PreparedRequest] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        with self._lock:
            self.calls.append(request)
        response = requests.Response()
        response.url, response.request = request.url, request
        response.status_code, headers, response._content = (
            (200, {}, b"you sent " + as_bytes(request.body)) if self.answer is None else self.answer(request)
        )
        response.headers.update(headers)
        return response

    def close(self) -> None:
        pass


def as_bytes(body: bytes | str | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def answers(status: int = 200, body: bytes = b"", **headers: str) -> Echo:
    return Echo(lambda request: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body))


NOBODY = Echo(lambda request: pytest.fail(f"{request.method} {request.url} went out"))


def record(path: Path, ask: Callable[[requests.Session], Any], service: Echo, **options: Any) -> Any:
    """Record what `ask` asks of `service`."""
    session = make_session(service)
    with cassette(path, session, record_mode="once", **options):
        return ask(session)


def replay(path: Path, ask: Callable[[requests.Session], Any], **options: Any) -> Any:
    """Let the cassette answer what `ask` asks."""
    session = make_session(NOBODY)
    with cassette(path, session, **options):
        return ask(session)
