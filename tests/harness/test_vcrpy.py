"""vcrpy reads and continues our files, and we read and continue its."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
import vcr
import yaml

from mock_servers.harness.cassettes import cassette
from mock_servers.rig.serving import HttpServer, listen
from tests.sockets import socket_watch

BINARY = bytes(range(256))
PAGES: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {
    "/json": ("200 OK", [("Content-Type", "application/json")], b'{"name": "Zo\xc3\xab"}'),
    "/binary": ("200 OK", [("Content-Type", "application/octet-stream")], BINARY),
    "/gzip": ("200 OK", [("Content-Encoding", "gzip")], gzip.compress(b"packed", mtime=0)),
    "/cookies": ("200 OK", [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")], b"two"),
    "/moved": ("302 Found", [("Location", "/json")], b""),
    "/nothing": ("204 No Content", [], b""),
    "/teapot": ("418 I'm a Teapot", [], b"short and stout"),
}


@pytest.fixture
def address() -> Iterator[str]:
    """Where the pages are served; a POST is answered with what was sent."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        status, headers, body = PAGES[environ["PATH_INFO"]]
        body = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else body
        start_response(status, [*headers, *([] if status[:3] == "204" else [("Content-Length", str(len(body)))])])
        return [body]

    with closing(listen("127.0.0.1", 0)) as listener:
        server = HttpServer(answer, listener)
        server.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.drain()


def ask_all(address: str) -> list[Any]:
    """What is told of each page, and of what is posted: JSON, bytes and a form."""
    with requests.Session() as session:
        session.trust_env = False
        told = [session.get(f"{address}{page}") for page in PAGES]
        told += [session.post(f"{address}/json?q=%41&q=b", json={"b": [1, {"c": None}], "a": "ä"})]
        told += [session.post(f"{address}/binary", data=BINARY), session.post(f"{address}/teapot", data={"x": "1 2"})]
        return [
            (each.status_code, each.reason, each.url, each.content, sorted(each.cookies.items()), len(each.history))
            for each in told
        ]


def ask(url: str) -> int:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url).status_code


def test_a_recording_of_vcrpy_replays_here(address, path):
    """JSON, bytes, packed answers, several cookies, redirects, empty answers: all are told as they were."""
    with vcr.use_cassette(path):
        told = ask_all(address)

    with socket_watch.looking() as seen, cassette(path):
        assert ask_all(address) == told
    assert seen == []


def test_a_recording_of_ours_replays_in_vcrpy(address, path):
    """With whatever matchers; only cookies have stand-ins, as they are secrets."""
    with cassette(path, record_mode="once"):
        told = ask_all(address)

    match_on = ("method", "uri", "body")
    with socket_watch.looking() as seen, vcr.use_cassette(path, record_mode="none", match_on=match_on) as played:
        replayed = ask_all(address)
        assert played.all_played
    assert seen == []
    assert [each[:4] + each[5:] for each in replayed] == [each[:4] + each[5:] for each in told]
    assert [name for name, _ in replayed[3][4]] == ["a", "b"]


def test_each_continues_what_the_other_began(address, path):
    """First we record, then vcrpy adds a page, then we: nothing is lost, and the age stays that of the oldest."""
    with cassette(path, record_mode="once"):
        ask(f"{address}/json")
    metadata = yaml.safe_load(path.read_bytes())["metadata"]
    with vcr.use_cassette(path, record_mode="new_episodes"):
        ask(f"{address}/json")
        ask(f"{address}/cookies")
    with cassette(path, record_mode="new_episodes", fail_older_than="1d"):
        ask(f"{address}/cookies")
        ask(f"{address}/nothing")

    document = yaml.safe_load(path.read_bytes())
    pages = [each["request"]["uri"].removeprefix(address) for each in document["interactions"]]
    assert pages == ["/json", "/cookies", "/nothing"]
    assert document["metadata"] == metadata


def test_what_vcrpy_wrote_with_all_secrets_answers_other_credentials(path):
    """Vcrpy writes down what is sent. A request is compared without its secrets, and a file that we write has none."""
    token = "t0ken-of-the-recording"
    recorded = {
        "request": {"method": "GET", "uri": f"https://example.com/?api_token={token}", "body": None, "headers": {}},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": f"for {token}"}},
    }
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "interactions": [recorded]}))

    with requests.Session() as session, cassette(path, session):
        assert session.get("https://example.com/?api_token=another").text == f"for {token}"
