"""The shipped cassettes.

`make record` makes the shipped ones again, from the rig in process under the vendor's real host name.
"""

import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr
import yaml

import connector
from connector import AuthenticationError, Bundle, RecordRejectedError
from mock_servers.config import Config
from mock_servers.harness.cassettes import (
    cassette,
)
from mock_servers.rig.clock import Clock
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
        with cassette(path, stack.session, record_mode="once", secrets=secrets, now=clock.now):
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
    with requests.Session() as session, cassette(SHIPPED / f"{name}.yaml", session):
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
        assert re.search(r"X-CleverTap-Passcode:\n      - ':censored-[12]:'\n", text)


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
