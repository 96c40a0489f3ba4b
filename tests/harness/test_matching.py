"""Which recorded answer is meant, also by bodies that are not what they say they are."""

import json
from itertools import product
from typing import Any

import pytest
import vcr
from hypothesis import given, settings
from hypothesis import strategies as st
from vcr.matchers import requests_match
from vcr.request import Request

from mock_servers.harness.cassettes import MATCH_ON, NotRecordedError
from mock_servers.harness.cassettes.interactions import Interactions
from tests.harness.echo import UPLOAD, Echo, record, replay

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def request(body: bytes, content_type: str | None = None, *, uri: str = UPLOAD, method: str = "POST") -> Request:
    return Request(method, uri, body, {} if content_type is None else {"Content-Type": content_type})


def is_played(recorded: Request, asked: Request, **options: Any) -> bool:
    """Does the answer to one request answer the other?"""
    interactions = Interactions(**options)
    interactions.append(recorded, {"body": {"string": b"found"}})
    return interactions.play(asked) is not None


_MATCHERS = [getattr(vcr.matchers, name) for name in MATCH_ON]
_BODIES = st.sampled_from(
    [b"", b"{}", b'{"a": 1, "b": 2}', b'{"b":2,"a":1}', b'{"a": 1.0, "b": 2}', b'{"a": true, "b": 2}', b"[1, 2]",
     b"[2, 1]", b'[["a", 1]]', b'{"a": 1', b"null", b"a=1&b=2", b"b=2&a=1", b"a=1&a=2", b"a=2&a=1", b"a=1&c=&b=2",
     b'{"a": "\xff"}', b"\xff\xfe", b'"\\u00e9"', '"é"'.encode(), b"a=%41", b"a=A", b"a=1&b=2\n"]
)  # fmt: skip
_KINDS = st.sampled_from([None, JSON, FORM, f"{JSON}; charset=utf-8", "Application/JSON", "text/plain", "gzip"])
_REQUESTS = st.builds(request, _BODIES, _KINDS)
_ADDRESSES = [
    UPLOAD, f"{UPLOAD}?", f"{UPLOAD}?a=1&b=2", f"{UPLOAD}?b=2&a=1", f"{UPLOAD}?a=1&a=1&b=2", f"{UPLOAD}?a=1&b=2&c=",
    "https://example.com", "https://example.com/", "https://EXAMPLE.com:443/", "http://example.com:443/",
    f"{UPLOAD}#top",
]  # fmt: skip


@settings(deadline=None, max_examples=1_000)
@given(recorded=_REQUESTS, asked=_REQUESTS)
def test_a_body_matches_as_in_vcrpy(recorded, asked):
    """We look requests up instead of trying all matchers on each; what is found is the same."""
    assert is_played(recorded, asked) == requests_match(asked, recorded, _MATCHERS)


def test_an_address_matches_as_in_vcrpy():
    """The same for addresses: each of these against each."""
    for recorded, asked in product([request(b"", uri=uri) for uri in _ADDRESSES], repeat=2):
        assert is_played(recorded, asked) == requests_match(asked, recorded, _MATCHERS), (recorded, asked)


ODDITIES = [
    pytest.param(b"[" * 5_000 + b"]" * 5_000, JSON, id="nested 5,000 deep"),
    pytest.param(b'{"a":' * 400 + b"1" + b"}" * 400, JSON, id="nested 400 deep"),
    pytest.param(b'{"a": 1', JSON, id="no JSON"),
    pytest.param(b"9" * 5_000, JSON, id="a number of 5,000 digits"),
    pytest.param(b'{"a": NaN}', JSON, id="not a number"),
    pytest.param(b"\xff\xfe\x00", JSON, id="no UTF-8"),
    pytest.param("a=é&b".encode(), FORM, id="no form"),
    pytest.param(b"a=" + b"&" * 5_000, FORM, id="a form of blanks"),
    pytest.param(b"", JSON, id="no body"),
]


@pytest.mark.parametrize(("body", "content_type"), ODDITIES)
def test_a_body_may_be_anything_whatever_its_header_says(body, content_type, path):
    """It may well be what a test is about. It is recorded and replayed, and anything else is a miss."""

    def ask(sent: bytes) -> Any:
        return lambda session: session.post(UPLOAD, data=sent, headers={"Content-Type": content_type}).content

    assert record(path, ask(body), Echo()) == replay(path, ask(body)) == b"you sent " + body
    with pytest.raises(NotRecordedError) as raised:
        replay(path, ask(body + b"&x=1"))
    assert raised.value.differing == ("body",)


@pytest.mark.parametrize(
    ("recorded", "asked", "is_same"),
    [
        pytest.param("?a=1&a=1", "?a=1", False, id="a parameter twice"),
        pytest.param("?a=1&a=2", "?a=2&a=1", True, id="in another order"),
        pytest.param("?a=1&b=", "?a=1", True, id="a blank parameter"),
        pytest.param("?a=%41", "?a=A", True, id="another spelling"),
        pytest.param("", "/", True, id="no path"),
    ],
)
def test_parameters_are_compared_and_not_how_they_are_written(recorded, asked, is_same, path):
    """In any order, blank ones not at all, and no path is the root."""
    record(path, lambda session: session.get(f"https://example.com{recorded}"), Echo())

    ask = lambda session: session.get(f"https://example.com{asked}").status_code  # noqa: E731
    if is_same:
        assert replay(path, ask) == 200
    else:
        with pytest.raises(NotRecordedError):
            replay(path, ask)


def test_equal_requests_are_answered_in_the_order_of_the_file():
    """However each of them writes its JSON."""
    spellings = [b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', b'{"a":1,"b":2}']
    interactions = Interactions()
    for number, body in enumerate(spellings):
        interactions.append(request(body, JSON), {"number": number})

    assert [interactions.play(request(body, JSON))["number"] for body in reversed(spellings)] == [0, 1, 2]
    assert interactions.play(request(spellings[0], JSON)) is None
    interactions.rewind(request(spellings[1], JSON))
    assert interactions.play(request(spellings[2], JSON))["number"] == 0


def test_what_does_not_count_is_not_compared():
    """Whoever asks at a port asks another host; other parts still count."""
    count = ("method", "path", "query", "body")
    here = request(b"{}", JSON, uri="http://127.0.0.1:8080/1/upload")

    assert is_played(request(b"{}", JSON), here, match_on=count)
    assert not is_played(request(b"{}", JSON), here)
    assert not is_played(request(b"[]", JSON), here, match_on=count)


def test_what_is_not_there_is_known_at_once():
    """3,000 uploads that differ in their bodies alone, and as many others: trying each on each would take minutes."""
    interactions = Interactions()
    for number in range(3_000):
        interactions.append(request(json.dumps({"a": number, "b": "x" * 200}).encode(), JSON), {"number": number})

    for number, is_there in product(range(3_000), (True, False)):
        asked = request(json.dumps({"b": "x" * 200, "a": number if is_there else -1 - number}).encode(), JSON)
        answered = interactions.play(asked)
        assert (answered == {"number": number}) if is_there else (answered is None)
