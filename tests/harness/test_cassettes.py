"""Recording and replaying any service, and what is said where nothing fits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from connector import CleverTapClient, Credentials
from mock_servers.harness.cassettes import (
    Cassette,
    CassetteError,
    NotRecordedError,
    UnreadableCassetteError,
    cassette,
)
from mock_servers.rig.clock import utc_now
from mock_servers.rig.transport import make_session
from tests.harness.echo import UPLOAD, Echo, answers, record, replay


def test_a_recording_replays_as_it_was(path):
    """Status, headers and body come back, under the request that was made."""
    ask = lambda session: session.get("https://example.com/a?b=1&c=2")  # noqa: E731
    record(path, ask, answers(418, b'{"tea": "\xc3\xa9"}', Content_Type="application/json", X_Pot="1"))

    answer = replay(path, ask)

    assert (answer.status_code, answer.reason, answer.json()) == (418, "I'm a Teapot", {"tea": "é"})
    assert answer.headers == {"content-type": "application/json", "x-pot": "1"}
    assert answer.request.url == answer.url == "https://example.com/a?b=1&c=2"


@settings(deadline=None)
@given(sent=st.binary(), answered=st.binary())
def test_any_body_survives(sent, answered, tmp_path_factory):
    """Bytes that are no text, line ends, control characters: the body is replayed to the byte."""
    path = tmp_path_factory.mktemp("any") / "cassette.yaml"
    ask = lambda session: session.post("https://example.com/", data=sent).content  # noqa: E731

    assert record(path, ask, answers(200, answered)) == answered == replay(path, ask)


def test_once_records_only_the_first_time(path):
    """With `once` a file that is there is replayed, and the service is not asked again."""
    service = Echo()
    first = record(path, lambda session: session.get("https://example.com/").text, service)
    second = record(path, lambda session: session.get("https://example.com/").text, service)

    assert first == second
    assert len(service.calls) == 1


def test_the_session_is_as_before_afterwards(path):
    """The adapters are those the session had, also after an error; those for one host alone are covered too."""
    session, special = make_session(Echo()), answers(200, b"special")
    session.mount("https://special.example.com", special)
    before = dict(session.adapters)

    with cassette(path, session, record_mode="once"):
        assert session.get("https://special.example.com/").text == "special"
    with pytest.raises(NotRecordedError), cassette(path, session):
        session.get("https://special.example.com/other")

    assert dict(session.adapters) == before
    assert len(special.calls) == 1


def test_an_answer_is_played_once_in_the_order_of_the_file(path):
    """The same question may have had two answers; a third was never given."""
    texts = iter([b"one", b"two"])
    ask = lambda session: session.get("https://example.com/").text  # noqa: E731
    record(path, lambda session: (ask(session), ask(session)), Echo(lambda request: (200, {}, next(texts))))

    def ask_thrice(session):
        assert (ask(session), ask(session)) == ("one", "two")
        with pytest.raises(NotRecordedError, match="all 2 that match it were played already") as raised:
            ask(session)
        assert raised.value.differing == ()

    replay(path, ask_thrice)


def test_equal_json_is_the_same_request(path):
    """JSON is compared as values, query parameters without their order, and headers not at all."""
    headers = {"Content-Type": "application/json"}
    record(
        path,
        lambda session: session.post("https://example.com/?a=1&b=2", data='{"x": 1, "y": 2}', headers=headers),
        answers(200, b"found"),
    )

    answer = replay(
        path,
        lambda session: session.post(
            "https://example.com/?b=2&a=1", data='{"y":2,"x":1}', headers={**headers, "X-Other": "yes"}
        ),
    )

    assert answer.text == "found"


def test_a_block_that_fails_leaves_no_file(path):
    """Half a recording would pass for a whole one."""

    def ask_and_fail(session):
        session.get("https://example.com/")
        raise KeyError

    with pytest.raises(KeyError):
        record(path, ask_and_fail, Echo())

    assert not path.exists()


def test_a_service_that_cannot_be_reached_is_not_recorded(path):
    """The error reaches the caller, and there is no interaction."""

    def refuse(request):
        raise requests.ConnectionError

    def ask(session):
        with pytest.raises(requests.ConnectionError):
            session.get("https://example.com/")

    record(path, ask, Echo(refuse))

    assert not path.exists()


def test_eight_threads_lose_nothing(path):
    """8 threads with 50 requests each: 400 are recorded, and all 400 are replayed, each with its own answer."""

    def ask_all(session):
        def ask(thread):
            return [
                session.post(UPLOAD, json={"thread": thread, "number": number}).content
                == b"you sent " + b'{"thread": %d, "number": %d}' % (thread, number)
                for number in range(50)
            ]

        with ThreadPoolExecutor(8) as pool:
            return sum(sum(found) for found in pool.map(ask, range(8)))

    assert record(path, ask_all, Echo()) == 400
    assert len(Cassette(path, now=utc_now)) == 400
    assert replay(path, ask_all) == 400


# Nothing fits


def upload(identity: str) -> Callable[[requests.Session], requests.Response]:
    return lambda session: session.post(UPLOAD, json={"d": [{"type": "profile", "identity": identity}]})


@pytest.mark.parametrize(
    ("ask", "differing"),
    [
        pytest.param(lambda session: session.put(UPLOAD, json={"d": 1}), ("method",), id="method"),
        pytest.param(lambda session: session.post(f"{UPLOAD}?dryRun=1", json={"d": 1}), ("query",), id="query"),
        pytest.param(lambda session: session.post(f"{UPLOAD}s", json={"d": 1}), ("path",), id="path"),
        pytest.param(lambda session: session.post(UPLOAD, json={"d": 2}), ("body",), id="body"),
        pytest.param(lambda session: session.post(UPLOAD.replace("eu1", "in1"), json={"d": 1}), ("host",), id="host"),
        pytest.param(
            lambda session: session.get(UPLOAD.replace("https", "http")),
            ("method", "scheme", "port", "body"),
            id="several",
        ),
    ],
)
def test_a_miss_names_what_differs(ask, differing, path):
    """The error says which parts of the nearest interaction are other than asked."""
    record(path, lambda session: session.post(UPLOAD, json={"d": 1}), Echo())

    with pytest.raises(NotRecordedError) as raised:
        replay(path, ask)

    assert raised.value.differing == differing
    assert f"it differs in {', '.join(differing)}." in str(raised.value)


def test_a_miss_shows_the_nearest_interaction(path):
    """Among uploads to one address the nearest is the one whose body is most alike."""
    identities = ["grace@example.com", "ada@example.com", "12345"]
    record(path, lambda session: [upload(identity)(session) for identity in identities], Echo())

    with pytest.raises(NotRecordedError) as raised:
        replay(path, upload("ada@example.org"))

    message = str(raised.value)
    assert f"{path} has no answer for POST {UPLOAD}" in message
    assert f"The nearest of 3 is interaction 2, POST {UPLOAD}; it differs in body." in message
    assert '-      "identity": "ada@example.com",' in message
    assert '+      "identity": "ada@example.org",' in message
    assert "record it with record_mode='new_episodes', or delete the file" in message


SOMEBODY = Credentials("ABC-123-4567", "another-passcode-1111", "eu1")


def test_a_miss_is_no_network_that_is_down(path):
    """The connector tells an unreachable service from a test that asks what was not recorded."""
    record(path, upload("somebody"), Echo())

    with pytest.raises(NotRecordedError):
        replay(path, lambda session: CleverTapClient(SOMEBODY, session).upload([{"type": "event"}]))

    assert not issubclass(CassetteError, requests.RequestException)


def test_a_cassette_that_is_not_there_says_how_to_record(path):
    """It is said at once, not at the first request."""
    with pytest.raises(UnreadableCassetteError, match=r"There is no cassette .* record_mode='once'"):
        replay(path, lambda session: None)


def test_an_unknown_record_mode_is_refused(path):
    """A misspelled mode must not record."""
    with pytest.raises(ValueError, match="one of none, once, new_episodes, all, not 'new'"):
        replay(path, lambda session: None, record_mode="new")
