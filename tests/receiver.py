"""Somebody who is called by webhooks, and answers as a test says."""

from collections.abc import Callable
from typing import Any

import msgspec
import requests
from requests.adapters import BaseAdapter


class Receiver(BaseAdapter):
    """Receives every webhook. `statuses` are answered in turn, then 200; None means that nothing answers."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[requests.PreparedRequest] = []
        self.timeouts: list[Any] = []
        self.statuses: list[int | None] = []
        self.before_answer: Callable[[], None] = lambda: None

    def send(self, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any) -> requests.Response:
        self.received.append(request)
        self.timeouts.append(timeout)
        self.before_answer()
        status = self.statuses.pop(0) if self.statuses else 200
        if status is None:
            raise requests.ConnectTimeout("nobody answers")
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, str(request.url)
        response._content = b""
        if status in {301, 302, 307}:
            response.headers["location"] = "https://hooks.zapier.com/elsewhere"
        return response

    def close(self) -> None:
        """Nothing is held."""

    @property
    def bodies(self) -> list[Any]:
        return [msgspec.json.decode(request.body or b"") for request in self.received]

    @property
    def deliveries(self) -> list[str]:
        return [str(request.headers["X-Zaprig-Delivery"]) for request in self.received]
