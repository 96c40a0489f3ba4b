"""The shipped cassettes, and the recording and replaying of others.

`make record` makes the shipped ones again, from the rig in process under the vendor's real host name.
"""

import gzip
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

import connector
from connector import AuthenticationError, Bundle, RecordRejectedError
from mock_servers.config import Config
from mock_servers.harness.cassettes import (
    Cassette,
    CassetteError,
    LeakedSecretError,
    NotRecordedError,
    UnreadableCassetteError,
    open_cassette,
)
from mock_servers.rig.clock import Clock
from mock_servers.rig.transport import make_session
from mock_servers.stack import build_stack

SHIPPED = Path(__file__).parents[2] / "fixtures" / "cassettes"
UPLOAD = "https://eu1.api.clevertap.com/1/upload"
PASSCODE = "s3cret/pass code-0042"
WRONG_PASSCODE = "wrong-passcode-0000"


@dataclass(frozen=True)
class Recording:
    """One shipped cassette: the action that is run, and what comes of it."""

    action: str
    input_data: dict[str, str]
    outcome: object
    """The action's result, or the type of its error and what it says."""
    passcode: str | None = None
    """None for the right one."""


RECORDINGS = {
    "create_update_user_profile": Recording(
        "create_update_user_profile",
        {
            "identity": "ada@example.com",
            "creation_date": "2026-11-02T09:30:00Z",
            "profile_properties": '{"Name": "Ada Lovelace", "Email": "ada@example.com", "Deal": "Red bicycle"}',
        },
        {
            "id": "ada@example.com",
            "status": "success",
            "processed": 1,
            "identity": "ada@example.com",
            "object_id": None,
            "ts": 1793611800,
        },
    ),
    "upload_event": Recording(
        "upload_event",
        {
            "identity": "ada@example.com",
            "creation_date": "2026-11-02T09:30:00Z",
            "event_name": "Deal Stage Changed",
            "event_properties": '{"Stage": "Won", "Value": 1200.5, "Currency": "EUR", "Expected Close": "2026-11-30"}',
        },
        {
            "id": "ada@example.com",
            "status": "success",
            "processed": 1,
            "identity": "ada@example.com",
            "object_id": None,
            "ts": 1793611800,
            "event_name": "Deal Stage Changed",
        },
    ),
    "rejected_record": Recording(
        "upload_event",
        {"identity": "ada@example.com", "event_name": "App Launched"},
        (RecordRejectedError, "code 513"),
    ),
    "wrong_passcode": Recording(
        "create_update_user_profile",
        {"identity": "ada@example.com", "profile_properties": "{}"},
        (AuthenticationError, "Passcode Invalid"),
        passcode=WRONG_PASSCODE,
    ),
}


def run(recording: Recording, session: requests.Session, account: dict[str, str]) -> object:
    """The outcome of the recording's action."""
    auth_data = account if recording.passcode is None else {**account, "passcode": recording.passcode}
    action = connector.APP.find_action(recording.action)
    try:
        return action.perform(session, Bundle(auth_data=auth_data, input_data=recording.input_data))
    except connector.ConnectorError as error:
        return error


def record_shipped(name: str, path: Path) -> object:
    """Make a cassette of a fresh rig whose ids, credentials and time are always the same."""
    clock = Clock.frozen(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
    with build_stack(Config(random_seed=1, deals=0), clock=clock) as stack:
        account = stack.clevertap.default_credentials()
        secrets = [account["passcode"], WRONG_PASSCODE]
        with open_cassette(path, stack.session, record_mode="once", secrets=secrets):
            return run(RECORDINGS[name], stack.session, account)


def is_expected(outcome: object, expected: object) -> bool:
    if not isinstance(outcome, Exception):
        return outcome == expected
    kind, words = expected
    return type(outcome) is kind and words in str(outcome)


@pytest.fixture(scope="module", autouse=True)
def _record_again(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--record-cassettes", default=False):
        for name in RECORDINGS:
            (SHIPPED / f"{name}.yaml").unlink(missing_ok=True)
            record_shipped(name, SHIPPED / f"{name}.yaml")


class SocketWatch:
    """Notes every use of a socket while it is looking. Python cannot take such a hook away again."""

    def __init__(self) -> None:
        self.is_looking = False
        self.seen: list[str] = []
        sys.addaudithook(self._see)

    def _see(self, event: str, _: tuple[Any, ...]) -> None:
        if self.is_looking and event.startswith("socket."):
            self.seen.append(event)


@pytest.fixture(scope="module")
def socket_watch() -> SocketWatch:
    return SocketWatch()


@pytest.fixture
def no_socket(socket_watch: SocketWatch) -> Iterator[None]:
    """The test may not touch a socket."""
    socket_watch.is_looking = True
    yield
    socket_watch.is_looking = False
    assert socket_watch.seen == []


def test_the_watch_sees_a_socket(socket_watch):
    """Else the tests that may not touch one would say nothing."""
    socket_watch.is_looking = True
    socket.socket().close()
    socket_watch.is_looking = False

    assert socket_watch.seen
    socket_watch.seen.clear()


SOMEBODY = {"account_id": "ABC-123-4567", "passcode": "another-passcode-1111", "region": "eu1"}


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize("name", RECORDINGS)
def test_every_action_replays_without_a_server(name):
    """A shipped cassette answers for CleverTap, with whatever credentials: none of the recorded ones is needed."""
    recording = RECORDINGS[name]
    with requests.Session() as session, open_cassette(SHIPPED / f"{name}.yaml", session):
        outcome = run(recording, session, SOMEBODY)

    assert is_expected(outcome, recording.outcome), outcome


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize("name", RECORDINGS)
def test_recording_again_gives_the_same_bytes(name, tmp_path):
    """The shipped files are what today's rig answers, to the byte. If this fails on purpose: `make record`."""
    outcome = record_shipped(name, tmp_path / "again.yaml")

    assert is_expected(outcome, RECORDINGS[name].outcome), outcome
    assert (tmp_path / "again.yaml").read_bytes() == (SHIPPED / f"{name}.yaml").read_bytes()


def test_every_shipped_cassette_is_made_here():
    """No cassette is left over from a recording that nobody can make again."""
    assert {path.stem for path in SHIPPED.iterdir()} == set(RECORDINGS)


def test_every_action_of_the_app_has_a_cassette():
    """A further action brings a cassette of its own."""
    assert {action.key for action in connector.APP.actions} <= set(RECORDINGS)


def test_no_shipped_cassette_holds_a_secret():
    """The passcodes are in no file, and nothing about them."""
    with build_stack(Config(random_seed=1, deals=0)) as stack:
        passcode = stack.clevertap.default_credentials()["passcode"]
    for path in SHIPPED.iterdir():
        text = path.read_text(encoding="utf-8")
        assert passcode not in text
        assert WRONG_PASSCODE not in text
        assert "X-CleverTap-Passcode:\n      - ':censored:'\n" in text


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize("name", RECORDINGS)
def test_vcrpy_itself_replays_our_files(name):
    """`vcr.use_cassette`, which patches the connections below requests, reads what we write."""
    path = SHIPPED / f"{name}.yaml"
    recorded = yaml.safe_load(path.read_bytes())["interactions"][0]
    with vcr.use_cassette(path, record_mode="none", match_on=("method", "uri", "body")), requests.Session() as session:
        session.trust_env = False
        answer = session.post(UPLOAD, data=recorded["request"]["body"], headers={"Content-Type": "application/json"})

    assert answer.status_code == recorded["response"]["status"]["code"]
    assert answer.text == recorded["response"]["body"]["string"]


# Recording and replaying anything


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
            (200, {}, b"you sent " + _bytes(request.body)) if self.answer is None else self.answer(request)
        )
        response.headers.update(headers)
        return response

    def close(self) -> None:
        pass


def _bytes(body: bytes | str | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def answers(status: int = 200, body: bytes = b"", **headers: str) -> Echo:
    return Echo(lambda request: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body))


NOBODY = Echo(lambda request: pytest.fail(f"{request.method} {request.url} went out"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "cassette.yaml"


def record(path: Path, ask: Callable[[requests.Session], Any], service: Echo, **options: Any) -> Any:
    """Record what `ask` asks of `service`."""
    session = make_session(service)
    with open_cassette(path, session, record_mode="once", **options):
        return ask(session)


def replay(path: Path, ask: Callable[[requests.Session], Any], **options: Any) -> Any:
    """Let the cassette answer what `ask` asks."""
    session = make_session(NOBODY)
    with open_cassette(path, session, **options):
        return ask(session)


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

    with open_cassette(path, session, record_mode="once"):
        assert session.get("https://special.example.com/").text == "special"
    with pytest.raises(NotRecordedError), open_cassette(path, session):
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
    assert len(Cassette(path)) == 400
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
    assert "delete the file and record it again" in message


def test_a_miss_is_no_network_that_is_down(path):
    """The connector tells an unreachable service from a test that asks what was not recorded."""
    record(path, upload("somebody"), Echo())

    with pytest.raises(NotRecordedError):
        replay(path, lambda session: run(RECORDINGS["upload_event"], session, SOMEBODY))

    assert not issubclass(CassetteError, requests.RequestException)


def test_a_cassette_that_is_not_there_says_how_to_record(path):
    """It is said at once, not at the first request."""
    with pytest.raises(UnreadableCassetteError, match=r"There is no cassette .* record_mode='once'"):
        replay(path, lambda session: None)


def test_an_unknown_record_mode_is_refused(path):
    """A misspelled mode must not record."""
    with pytest.raises(ValueError, match="'none' or 'once', not 'new'"):
        replay(path, lambda session: None, record_mode="new")


# Files from elsewhere


INTERACTION = """\
interactions:
- request:
    body: null
    headers: {}
    method: GET
    uri: https://example.com/
  response:
    body:
      string: hello
    headers: {}
    status: {code: 200, message: OK}
version: 1
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "Expected `object`, got `null`", id="empty"),
        pytest.param("hello", "Expected `object`, got `str`", id="a text"),
        pytest.param("- request: {}", "Expected `object`, got `array`", id="the format before version 1"),
        pytest.param(INTERACTION.replace("version: 1", "version: 2"), r"version", id="a version of the future"),
        pytest.param(INTERACTION[:160], "response", id="cut short"),
        pytest.param(INTERACTION[:-40], "line", id="cut within a value"),
        pytest.param(INTERACTION.replace("hello", "!!python/object/apply:os.getcwd []"), "tag", id="a tag that acts"),
        pytest.param(INTERACTION.replace("hello", "!!timestamp 2026-11-02"), "not date", id="a harmless tag"),
        pytest.param(INTERACTION.replace("hello", "&a [*a]"), "aliases are not allowed", id="an alias"),
        pytest.param(INTERACTION.replace("body: null", "body: 1\n    body: 2"), "twice", id="a key twice"),
        pytest.param(INTERACTION.replace("hello", "{}"), "a body is text, not dict", id="an object as body"),
        pytest.param(INTERACTION.replace("GET", "1"), "request.method", id="a number as method"),
        pytest.param(INTERACTION.replace("example.com", "h:99999"), "[Pp]ort", id="a port that cannot be"),
        pytest.param(INTERACTION.replace("200", "ok"), "status.code", id="a text as status"),
        pytest.param("\x00", "control characters", id="a control character"),
        pytest.param("a: " + "[" * 5_000, "nest", id="nested without end"),
        pytest.param("#" * (16 * 1024 * 1024 + 1), "larger than 16384 KiB", id="too large"),
    ],
)
@pytest.mark.parametrize("record_mode", ["none", "once"])
def test_a_damaged_file_is_one_clear_error(text, reason, record_mode, path):
    """It names the file and the fault. Nothing in it is acted upon, and it is never taken for empty or written over."""
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableCassetteError, match=reason) as raised:
        replay(path, lambda session: None, record_mode=record_mode)

    assert str(raised.value).startswith(f"{path} cannot be read: ")
    assert "\n" not in str(raised.value)
    assert path.read_text(encoding="utf-8") == text


def test_a_folder_is_no_cassette(tmp_path):
    """What the system says is passed on."""
    with pytest.raises(UnreadableCassetteError, match="directory"):
        replay(tmp_path, lambda session: None)


def test_a_cassette_made_by_vcrpy_replays(path):
    """Header values may be texts or lists, the body packed, and members that we do not write are passed over."""
    packed = yaml.safe_dump(gzip.compress(b"hello", mtime=0)).strip().replace("\n", "\n        ")
    text = INTERACTION.replace("string: hello", f"string: {packed}").replace(
        "headers: {}\n    status",
        "headers: {Content-Encoding: gzip, Transfer-Encoding: [chunked], Set-Cookie: [a=1, b=2]}\n"
        "    url: https://example.com/\n    status",
    )
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    answer = replay(path, lambda session: session.get("https://example.com/"))

    assert answer.text == "hello"
    assert answer.raw.headers.getlist("set-cookie") == ["a=1", "b=2"]


# Scrubbing


def test_nothing_secret_is_written_and_the_test_sees_all(path):
    """Known secrets go wherever they stand, others by the name they stand under; the true answer is handed on."""
    said = b'{"access_token": "tok-1", "note": "s3cret/pass code-0042 is wrong", "name": "Ada"}'
    service = answers(200, said, Set_Cookie="session=abc", Location="https://example.com/?code=c0de&x=1")

    def ask(session):
        return session.post(
            "https://joe:pa55@example.com/s3cret%2Fpass%20code-0042?api_token=t0ken&also=s3cret%2Fpass+code-0042",
            data='{"password": "pa55word", "why": "s3cret/pass code-0042"}',
            headers={"X-CleverTap-Passcode": PASSCODE, "Authorization": "Bearer b34rer", "X-Note": f"({PASSCODE})"},
        )

    assert record(path, ask, service, secrets=[PASSCODE]).content == said
    assert service.calls[0].headers["X-CleverTap-Passcode"] == PASSCODE

    interaction = yaml.safe_load(path.read_bytes())["interactions"][0]
    assert interaction["request"] == {
        "method": "POST",
        "uri": "https://example.com/:censored:?api_token=:censored:&also=:censored:",
        "body": '{"password": ":censored:", "why": ":censored:"}',
        "headers": {
            "X-CleverTap-Passcode": [":censored:"],
            "Authorization": [":censored:"],
            "X-Note": ["(:censored:)"],
        },
    }
    assert interaction["response"] == {
        "status": {"code": 200, "message": "OK"},
        "body": {"string": '{"access_token": ":censored:", "note": ":censored: is wrong", "name": "Ada"}'},
        "headers": {"Set-Cookie": [":censored:"], "Location": ["https://example.com/?code=:censored:&x=1"]},
    }
    assert replay(path, ask, secrets=[PASSCODE]).json()["name"] == "Ada"


def test_other_credentials_replay_too(path):
    """What is compared is the scrubbed request, so nobody needs the credentials of the recording."""

    def ask_with(token):
        return lambda session: session.post("https://example.com/token", data={"refresh_token": token, "a": "1"}).text

    record(path, ask_with("the true one"), answers(200, b"found"))

    assert replay(path, ask_with("no true one")) == "found"


def test_what_the_libraries_say_of_themselves_is_not_written(path):
    """Versions, lengths, dates and packing would make every recording a different one."""
    service = answers(200, b"hello", Date="now", Server="S/1", Content_Length="5", Content_Type="text/plain")
    record(path, lambda session: session.post("https://example.com/", json={}), service)

    interaction = yaml.safe_load(path.read_bytes())["interactions"][0]
    assert interaction["request"]["headers"] == {"Content-Type": ["application/json"]}
    assert interaction["response"]["headers"] == {"Content-Type": ["text/plain"]}


def test_a_body_that_is_no_text_is_scrubbed_too(path):
    """Known secrets are found among bytes that are not UTF-8."""
    record(path, lambda session: session.get("https://example.com/"), answers(200, b"\xff" + PASSCODE.encode()),
         secrets=[PASSCODE])  # fmt: skip

    assert replay(path, lambda session: session.get("https://example.com/").content) == b"\xff:censored:"


def test_a_secret_that_scrubbing_missed_stops_the_writing(path):
    """What would be written is searched once more, in plain form; the error tells the place and not the secret."""
    ask = lambda session: session.get("https://example.com/", headers={"X-passcode-0042": "1"})  # noqa: E731

    with pytest.raises(LeakedSecretError, match=r"a name in interactions\[0\].request.headers") as raised:
        record(path, ask, Echo(), secrets=["passcode-0042"])

    assert "0042" not in str(raised.value)
    assert list(path.parent.parent.rglob("*.yaml")) == []


@pytest.mark.parametrize("secrets", [["abc"], [""], "passcode-0042"])
def test_a_secret_that_is_too_short_is_refused(secrets, path):
    """It would be found, and replaced, all over the traffic."""
    with pytest.raises(ValueError, match="at least 6 characters"):
        record(path, lambda session: None, Echo(), secrets=secrets)


def test_a_body_sent_piece_by_piece_is_refused_before_it_is_sent(path):
    """It could be read only once: by the cassette or by the service."""
    service = Echo()
    with pytest.raises(CassetteError, match="piece by piece cannot be recorded"):
        record(path, lambda session: session.post("https://example.com/", data=iter([b"a"])), service)

    assert service.calls == []


def test_without_vcrpy_one_sentence_says_what_to_install():
    """It is asked for only when a cassette is opened."""
    program = (
        "import sys; sys.modules['vcr'] = None\n"
        "import requests\n"
        "from mock_servers.harness.cassettes import CassetteError, open_cassette\n"
        "try:\n"
        "    with open_cassette('any.yaml', requests.Session()): pass\n"
        "except CassetteError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "Cassettes need vcrpy: pip install 'zaprig[cassettes]'\n"
