"""Cassettes at a port: one that answers any client, and one that records what passes through."""

import base64
import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import requests
import yaml

from mock_servers.config import Config
from mock_servers.harness.cassettes import Cassette, cassette
from mock_servers.harness.cassettes.serving import PORT_MATCH, CassettePlayer, RecordingProxy
from mock_servers.rig.clock import utc_now
from mock_servers.rig.serving import HttpServer, listen
from mock_servers.rig.transport import make_session
from mock_servers.served import serve
from tests.harness.echo import UPLOAD, Echo

SHIPPED = Path(__file__).parents[2] / "fixtures" / "cassettes"


@contextmanager
def at_a_port(app: Any) -> Iterator[str]:
    """The app's address while the block runs."""
    with closing(listen("127.0.0.1", 0)) as listener:
        server = HttpServer(app, listener)
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.drain()


@contextmanager
def played(path: Path) -> Iterator[tuple[str, list[str]]]:
    """A served cassette's address, and what it told."""
    told: list[str] = []
    with at_a_port(CassettePlayer(Cassette(path, now=utc_now, match_on=PORT_MATCH), told=told.append)) as url:
        yield url, told


@contextmanager
def proxied(target: str, path: Path, **options: Any) -> Iterator[tuple[str, list[str]]]:
    """A recording proxy's address, and what it told."""
    told: list[str] = []
    options = {"record_mode": "once", "now": utc_now, **options}
    with at_a_port(RecordingProxy(target, Cassette(path, **options), told=told.append)) as url:
        yield url, told


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_a_shipped_cassette_answers_any_client():
    """Also one that is no requests: whatever the host and the headers, the answer is that of the recording."""
    body = yaml.safe_load((SHIPPED / "upload_event.yaml").read_bytes())["interactions"][0]["request"]["body"]
    with played(SHIPPED / "upload_event.yaml") as (url, told):
        asked = Request(f"{url}/1/upload", body.encode(), {"Content-Type": "application/json; charset=utf-8"})
        with urlopen(asked) as answer:
            assert json.load(answer) == {"status": "success", "processed": 1, "unprocessed": []}
            assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert told == []


def test_answers_begin_again_when_all_were_given(path, session):
    """Each request on its own, so a client that is started again finds what it found before."""
    texts = iter([b"one", b"two", b"other"])
    recorded = make_session(Echo(lambda request: (200, {}, next(texts))))
    with cassette(path, recorded, record_mode="once"):
        for page in ("a", "a", "b"):
            recorded.get(f"https://example.com/{page}")

    with played(path) as (url, _):
        assert [session.get(f"{url}/{page}").text for page in "aabaa"] == ["one", "two", "other", "one", "two"]


def test_what_was_not_recorded_is_a_404_that_says_what_differs(session):
    """To the client and to whoever serves; the mark in the headers tells it from a 404 that was recorded."""
    with played(SHIPPED / "upload_event.yaml") as (url, told):
        answer = session.post(f"{url}/1/upload", json={"d": []})

    assert (answer.status_code, answer.headers["X-Zaprig"]) == (404, "not_recorded")
    assert "it differs in body" in answer.json()["error"]["message"]
    assert [line.split(".")[0] for line in told] == [str(SHIPPED / "upload_event")]


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_a_foreign_page_gets_nothing(headers, session):
    """As from every server of ours; the recorded host is a name that is answered to."""
    with played(SHIPPED / "upload_event.yaml") as (url, _):
        assert session.post(f"{url}/1/upload", headers=headers).status_code == 403
        named = session.post(f"{url}/1/upload", headers={"Host": "eu1.api.clevertap.com"})
    assert named.status_code == 404


def test_what_passes_through_the_proxy_is_recorded_and_answered_again(path, session):
    """A rig stands for the service. The client sees true values, the file has none, and it answers without the rig."""
    with serve(Config(port=0, deals=0)) as rig:
        account = rig.describe()["clevertap"]
        headers = {"X-CleverTap-Account-Id": account["account_id"], "X-CleverTap-Passcode": account["passcode"]}
        body = {"d": [{"type": "profile", "identity": "u-1", "profileData": {"Name": "Ada"}}]}
        with proxied(account["url"], path) as (url, told):
            first = session.post(f"{url}/1/upload?dryRun=0", json=body, headers=headers)
            at_once = path.read_text()
            read = session.get(f"{url}/1/profile.json", params={"identity": "u-1"}, headers=headers)
    assert first.json() == {"status": "success", "processed": 1, "unprocessed": []}
    assert [line.rpartition(" ")[2] for line in told] == ["200", "200"]
    assert "dryRun=0" in at_once  # in the file before the client had its answer

    text = path.read_text()
    assert yaml.safe_load(text)["metadata"]["recorded_against"] == "this machine"
    assert f"{account['url']}/1/upload?dryRun=0" in text
    assert not [secret for secret in headers.values() if secret in text]
    with played(path) as (url, _):
        again = session.get(f"{url}/1/profile.json", params={"identity": "u-1"})
    assert again.json() == read.json()


def test_a_secret_that_comes_back_packed_in_base64_is_not_in_the_file(path, session):
    """A passcode of the request in a cookie of the answer: the client gets it, the file does not."""
    passcode = "PASS-CODE-4711"

    def answer(environ, start_response):
        coded = base64.b64encode(b"last=" + environ["HTTP_X_CLEVERTAP_PASSCODE"].encode()).decode()
        start_response("200 OK", [("Set-Cookie", f"seen={coded}; Path=/"), ("Content-Length", "0")])
        return [b""]

    with at_a_port(answer) as target, proxied(target, path) as (url, _):
        cookie = session.get(url, headers={"X-CleverTap-Passcode": passcode}).headers["Set-Cookie"]

    assert base64.b64decode(cookie.split("=", 1)[1].split(";")[0]) == b"last=PASS-CODE-4711"
    assert base64.b64encode(b"CODE-4711").decode()[:8] not in path.read_text()
    assert "seen=:censored-" in path.read_text()


def test_the_proxy_goes_to_its_target_only(path, session):
    """A redirect is handed on and not followed, and an absolute address in the request line changes nothing."""
    calls = []

    def elsewhere(environ, start_response):
        calls.append(environ["PATH_INFO"])
        start_response("302 Found", [("Location", "http://127.0.0.1:9/other"), ("Content-Length", "0")])
        return [b""]

    with at_a_port(elsewhere) as target, proxied(f"{target}/base", path) as (url, _):
        answer = session.get(f"{url}/a%20b", allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/other")
    assert calls == ["/base/a b"]


def test_a_target_that_is_not_there_is_a_502(path, session):
    """Nothing is recorded then."""
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with proxied(f"http://127.0.0.1:{port}", path) as (url, told):
        answer = session.get(url)

    assert (answer.status_code, answer.headers["X-Zaprig"]) == (502, "no_answer")
    assert told
    assert not path.exists()


def test_new_episodes_are_added_to_a_file(path, session):
    """What is there is answered from the file; what is not is asked, and kept."""
    calls = []

    def answer(environ, start_response):
        calls.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    with at_a_port(answer) as target:
        for pages in ("ab", "bcdc"):
            with proxied(target, path, record_mode="new_episodes") as (url, _):
                assert [session.get(f"{url}/{page}").text for page in pages] == ["ok"] * len(pages)

    assert calls == ["/a", "/b", "/c", "/d", "/c"]
    assert len(Cassette(path, now=utc_now)) == 5


def test_asking_all_again_replaces_what_was_there(path, session):
    """Each page is in the file once, with what it says now."""
    numbers = itertools.count(1)

    def answer(environ, start_response):
        start_response("200 OK", [("Content-Length", "1")])
        return [b"%d" % next(numbers)]

    with at_a_port(answer) as target:
        for mode in ("once", "all"):
            with proxied(target, path, record_mode=mode) as (url, _):
                for page in "ab":
                    session.get(f"{url}/{page}")

    document = yaml.safe_load(path.read_bytes())
    assert [each["response"]["body"]["string"] for each in document["interactions"]] == ["3", "4"]


def test_many_clients_at_once_are_all_recorded(path):
    """8 threads with 25 requests each: all 200 are in the file, each with its own answer, and answered again."""

    def answer(environ, start_response):
        body = b"you asked " + environ["PATH_INFO"].encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def ask_all(url):
        def ask(thread):
            with requests.Session() as session:
                session.trust_env = False
                pages = [f"/{thread}/{number}" for number in range(25)]
                return sum(session.get(url + page).text == f"you asked {page}" for page in pages)

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(ask, range(8)))

    with at_a_port(answer) as target, proxied(target, path) as (url, _):
        assert ask_all(url) == 200
    with played(path) as (url, _):
        assert ask_all(url) == 200
    assert len(Cassette(path, now=utc_now)) == 200


@pytest.mark.parametrize("target", ["eu1.api.clevertap.com", "ftp://example.com", "https://", "https://a.example/?b=c"])
def test_what_is_no_target_is_refused(target, path):
    """Before anything is served."""
    with pytest.raises(ValueError, match="is no target; give an address such as"):
        RecordingProxy(target, Cassette(path, now=utc_now, record_mode="once"), told=print)


def test_what_the_port_answers_was_recorded_under_a_real_name():
    """The shipped cassettes name the vendor's host, and the port does not mind."""
    text = (SHIPPED / "upload_event.yaml").read_text()
    assert f"uri: {UPLOAD}" in text
