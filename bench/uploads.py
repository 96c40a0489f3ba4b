"""What judging and storing an upload of a thousand records costs, against a plain view that only checks them."""

import http.client
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request

from mock_servers.clevertap.batches import read_batch
from mock_servers.clevertap.settings import DEFAULT
from mock_servers.config import Config
from mock_servers.rig.serving import HttpServer, listen
from mock_servers.served import serve

from .measuring import Comparison, seconds_of, take_turns
from .records import check_all, new_body

TURNS = 60
AIM = 0.5
JUDGING_AIM = 2.0


def compare() -> Comparison:
    """Over the same kind of server, each call with people nobody knows yet: how much of the plain speed is left."""
    with serve(Config(port=0, deals=0)) as rig, _plain_view() as plain_url:
        account = rig.stack.clevertap.default_credentials()
        headers = {"X-CleverTap-Account-Id": account["account_id"], "X-CleverTap-Passcode": account["passcode"]}
        ours, plain = _poster(f"{rig.addresses['clevertap']}/1/upload", headers), _poster(f"{plain_url}/1/upload", {})
        bodies = iter([new_body() for _ in range(2 * TURNS + 2)])
        ours(next(bodies)), plain(next(bodies))
        measured = [(ours(next(bodies)), plain(next(bodies))) for _ in range(TURNS)]
    medians = [statistics.median(each[side] for each in measured) for side in (0, 1)]
    return Comparison(
        "1,000 records judged and stored", "Flask view that checks them", *medians, aim=AIM, is_speed=True
    )


def compare_judging() -> Comparison:
    """From the bytes of a body to the verdicts, against parsing and the plain loop."""
    body = new_body()
    ours, plain = take_turns(lambda: read_batch(body, DEFAULT, 1_800_000_000), lambda: check_all(body), 5 * TURNS)
    return Comparison("1,000 records judged", "json.loads and a loop", ours, plain, JUDGING_AIM, is_speed=True)


@contextmanager
def _plain_view() -> Iterator[str]:
    app = Flask(__name__)

    @app.post("/1/upload")
    def upload() -> dict[str, Any]:
        return check_all(request.get_data())

    listener = listen("127.0.0.1", 0)
    server = HttpServer(app, listener)
    server.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.drain(5)


def _poster(url: str, headers: dict[str, str]) -> Callable[[bytes], float]:
    """Posts bodies over one connection; gives the seconds of each."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def post(body: bytes) -> float:
        def do_post() -> None:
            connection.request("POST", parts.path, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            assert b'"processed":1000' in answer.read().replace(b" ", b"")

        return seconds_of(do_post)

    return post
