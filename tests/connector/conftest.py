"""A CleverTap that answers what a test tells it to, over a session that opens no connection."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from connector import Bundle, Credentials

PASSCODE = "s3cret-passcode-0042"

Answer = Callable[[requests.PreparedRequest], requests.Response]


def make_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> requests.Response:
    """An answer as requests would read it from the wire; a body that is not bytes is sent as JSON."""
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers or {})
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return response


@dataclass
class Service(BaseAdapter):
    """Stands at `https://` of its session, remembers the calls and answers as told."""

    answer: Answer = lambda request: make_response(200, {"status": "success", "processed": 1, "unprocessed": []})
    calls: list[requests.PreparedRequest] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        self.calls.append(request)
        self.options.append({"timeout": timeout})
        response = self.answer(request)
        response.url, response.request = request.url, request
        return response

    def close(self) -> None:
        pass

    def answers(self, status: int, body: Any = b"", headers: Mapping[str, str] | None = None) -> None:
        self.answer = lambda request: make_response(status, body, headers)

    def fails_with(self, error: Exception) -> None:
        def fail(request):
            raise error

        self.answer = fail

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of the only call."""
        (call,) = self.calls
        return json.loads(call.body)["d"]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def session(service):
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", service)
        session.mount("http://", service)
        yield session


@pytest.fixture
def passcode() -> str:
    return PASSCODE


@pytest.fixture
def credentials(passcode) -> Credentials:
    return Credentials(account_id="ABC-123-4567", passcode=passcode, region="in1")


@pytest.fixture
def make_bundle(passcode) -> Callable[..., Bundle]:
    """A bundle of a good connection with these form values."""

    def make(**input_data: Any) -> Bundle:
        auth_data = {"account_id": "ABC-123-4567", "passcode": passcode, "region": "in1"}
        return Bundle(auth_data=auth_data, input_data=input_data)

    return make
