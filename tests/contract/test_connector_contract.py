"""Our connector keeps the contract of connectors, and connectors with slips do not."""

import pytest
import requests

import connector
from connector import Credentials
from mock_servers.harness.contract.connector_checks import ShippedConnector
from mock_servers.harness.contract.connector_contract import ConnectorContract


class TestOurConnector(ShippedConnector):
    """The first subclass."""


class Slipping(ConnectorContract):
    """Somebody else's connector, made by hand, right but for what a subclass changes."""

    valid = {"upload_event": {"identity": "ada@example.com", "creation_date": 1793611800, "event_name": "Deal Won"}}
    max_examples = 20

    def record(self, given):
        """What is sent of the form."""
        return connector.build_event_record(given)

    def url(self, region):
        return f"https://{region}.api.clevertap.com/1/upload"

    def read(self, answer):
        """What the answer means."""
        if answer["status"] != "success":
            first = answer["unprocessed"][0]
            raise connector.RecordRejectedError(first["code"], first["error"], {})
        return answer

    def values(self, action):
        from hypothesis import strategies as st

        return st.just(dict(self.valid[action]))

    def run(self, session, auth_data, action, input_data):
        headers = Credentials(**auth_data).headers()
        body = {"d": [self.record(input_data)]}
        answer = session.post(self.url(auth_data["region"]), json=body, headers=headers, allow_redirects=False)
        if answer.status_code == 401:
            raise connector.AuthenticationError("host", "check")
        if answer.status_code == 429:
            raise connector.ThrottledError
        try:
            return self.read(answer.json())
        except (ValueError, KeyError) as problem:
            raise connector.UnexpectedAnswerError(answer.status_code, "") from problem


class Milliseconds(Slipping):
    def record(self, given):
        record = super().record(given)
        return {**record, "ts": record["ts"] * 1000}


class NoRegion(Slipping):
    def url(self, region):
        return "https://eu1.api.clevertap.com/1/upload"


class UnknownMember(Slipping):
    def record(self, given):
        return {**super().record(given), "sourceId": 7}


class IgnoresPartial(Slipping):
    def read(self, answer):
        return {} if answer["status"] == "partial" else super().read(answer)


class FollowsRedirects(Slipping):
    def run(self, session, auth_data, action, input_data):
        post = session.post
        session.post = lambda *args, **given: post(*args, **{**given, "allow_redirects": True})
        return super().run(session, auth_data, action, input_data)


class TellsThePasscode(Slipping):
    def run(self, session, auth_data, action, input_data):
        try:
            return super().run(session, auth_data, action, input_data)
        except connector.AuthenticationError as error:
            raise connector.AuthenticationError("host", f"not {auth_data['passcode']}") from error


class SendsAndThenRefuses(Slipping):
    def run(self, session, auth_data, action, input_data):
        super().run(session, auth_data, action, input_data)
        raise connector.InputError("identity", "is not nice")


CHECKS = [name for name in vars(ConnectorContract) if name.startswith("test_")]


def broken(contract):
    """Which tests the connector fails, and what they say."""
    found = {}
    for name in CHECKS:
        try:
            getattr(contract(), name)()
        except AssertionError as problem:
            found[name] = str(problem)
        except (requests.RequestException, connector.ConnectorError) as problem:  # another error than it should be
            found[name] = type(problem).__name__
    return found


NOT_THERE = "test_a_service_that_is_not_there_is_said_to_be_so"


@pytest.mark.parametrize(
    ("contract", "test", "says"),
    [
        pytest.param(Milliseconds, "test_every_request_follows_the_document", "$.d[0].ts: 1793611800000 is greater",
                     id="milliseconds"),
        pytest.param(NoRegion, "test_the_accounts_own_region_is_asked", "upload_event in in1 asked", id="no region"),
        pytest.param(UnknownMember, "test_every_request_follows_the_document",
                     "$.d[0].sourceId: it is sent, but nobody reads it", id="an unknown member"),
        pytest.param(IgnoresPartial, "test_a_record_that_was_not_processed_is_an_error",
                     "took an answer that is partial for a success", id="ignores partial"),
        pytest.param(FollowsRedirects, "test_no_redirect_is_followed", "carries the credentials",
                     id="follows redirects"),
        pytest.param(TellsThePasscode, "test_wrong_credentials_are_said_to_be_wrong", "shows the passcode after a 401",
                     id="tells the passcode"),
        pytest.param(SendsAndThenRefuses, "test_every_request_follows_the_document", "sent something, and then refused",
                     id="sends and then refuses"),
    ],
)  # fmt: skip
def test_a_slip_is_found(contract, test, says):
    """By the test that is about it, in words that say what is wrong; the same connector without the slip passes it."""
    assert says in broken(contract)[test]
    assert test not in broken(Slipping)


def test_the_connector_with_slips_is_right_but_for_them():
    """It leaves one thing out on purpose, which is found too: errors of the HTTP library get out."""
    assert set(broken(Slipping)) == {NOT_THERE}
