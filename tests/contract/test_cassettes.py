"""The shipped cassettes: one for every scenario, made by `make record` from the rig under the vendors' host names."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr
import yaml

import connector
from mock_servers.harness.cassettes import cassette
from mock_servers.harness.scenarios import SCENARIOS, play
from mock_servers.studio import studio
from tests.sockets import socket_watch

SHIPPED = Path(__file__).parents[2] / "fixtures" / "cassettes"

SOMEBODY = {
    "clevertap": {"account_id": "ABC-123-4567", "passcode": "another-passcode-1111", "region": "eu1"},
    "pipedrive": {"api_token": "another0token0another0token0another00001"},
}
MADE = {"deal": {"id": 1, "stage_id": 2, "pipeline_id": 1}, "first_stage": 1}
"""The test deal of the recordings."""


@pytest.fixture
def no_socket() -> Iterator[None]:
    """The test may not touch a socket."""
    with socket_watch.looking() as seen:
        yield
    assert seen == []


def test_the_watch_sees_a_socket():
    """Else the tests that may not touch one would say nothing."""
    with socket_watch.looking() as seen:
        socket.socket().close()

    assert seen


def ask(scenario: Any, session: requests.Session) -> object:
    """The outcome of the scenario for somebody else."""
    try:
        return scenario.ask(session, SOMEBODY[scenario.vendor], MADE)
    except connector.ConnectorError as error:
        return error


scenarios = pytest.mark.parametrize("scenario", [pytest.param(each, id=key) for key, each in SCENARIOS.items()])


@pytest.mark.usefixtures("no_socket")
@scenarios
def test_every_scenario_replays_without_a_server(scenario):
    """A shipped cassette answers for the vendor, with whatever credentials: none of the recorded ones is needed."""
    with requests.Session() as session, cassette(SHIPPED / f"{scenario.key}.yaml", session) as played:
        outcome = ask(scenario, session)

    assert scenario.find_problem(outcome) is None
    assert len(played) >= 1


@pytest.mark.usefixtures("no_socket")
@scenarios
def test_recording_again_gives_the_same_bytes(scenario, tmp_path):
    """The shipped files are what today's rig answers, to the byte. If this fails on purpose: `make record`."""
    with studio(scenario) as place:
        taken = play(scenario, place, tmp_path / "again.yaml")

    assert taken.problem is None
    assert (tmp_path / "again.yaml").read_bytes() == (SHIPPED / f"{scenario.key}.yaml").read_bytes()


def test_every_shipped_cassette_is_of_a_scenario():
    """No cassette is left over from a recording that nobody can make again."""
    assert {path.stem for path in SHIPPED.iterdir()} == set(SCENARIOS)


def test_every_action_has_a_cassette_of_every_failure():
    """A further action brings cassettes of its own."""
    failures = {"rejected", "wrong_passcode", "unknown_account", "wrong_region", "wrong_address", "throttled"}
    for action in connector.APP.actions:
        assert {action.key, *(f"{action.key}-{failure}" for failure in failures)} <= set(SCENARIOS)


def test_the_failures_are_all_that_an_answer_can_cause():
    """Of the connector's errors only two come without an answer: wrong input is not sent, and nobody may be there."""
    raised = {scenario.raises for scenario in SCENARIOS.values()} - {None}
    children = set(connector.ConnectorError.__subclasses__())

    assert children - raised == {connector.InputError, connector.UnreachableError}


@scenarios
def test_no_shipped_cassette_holds_a_credential(scenario):
    """Neither the account's nor the wrong ones that are sent on purpose; what stands for them is a number."""
    with studio(scenario) as place:
        secrets = [*place.secrets, *scenario.other_secrets]
    text = (SHIPPED / f"{scenario.key}.yaml").read_text(encoding="utf-8")

    assert not [secret for secret in secrets if secret in text]
    assert re.search(r"(Passcode|x-api-token):\n      - ':censored-\d+:'\n", text)


@pytest.mark.usefixtures("no_socket")
@scenarios
def test_vcrpy_itself_replays_our_files(scenario):
    """`vcr.use_cassette`, which patches the connections below requests, reads what we write."""
    path = SHIPPED / f"{scenario.key}.yaml"
    recorded = yaml.safe_load(path.read_bytes())["interactions"][0]
    asked, answered = recorded["request"], recorded["response"]
    with vcr.use_cassette(path, record_mode="none", match_on=("method", "uri", "body")), requests.Session() as session:
        session.trust_env = False
        headers = {"Content-Type": "application/json"} if asked["body"] else {}
        answer = session.request(asked["method"], asked["uri"], data=asked["body"], headers=headers)

    assert answer.status_code == answered["status"]["code"]
    assert answer.text == answered["body"]["string"]
