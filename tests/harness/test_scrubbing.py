"""What never gets into a file, while the running test sees it."""

import subprocess
import sys

import pytest
import yaml

from mock_servers.harness.cassettes import (
    CassetteError,
    LeakedSecretError,
)
from tests.harness.echo import PASSCODE, Echo, answers, record, replay

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
        "uri": "https://example.com/:censored-1:?api_token=:censored-5:&also=:censored-1:",
        "body": '{"password": ":censored-4:", "why": ":censored-1:"}',
        "headers": {
            "X-CleverTap-Passcode": [":censored-1:"],
            "Authorization": ["Basic :censored-3:"],
            "X-Note": ["(:censored-1:)"],
        },
    }
    assert interaction["response"] == {
        "status": {"code": 200, "message": "OK"},
        "body": {"string": '{"access_token": ":censored-8:", "note": ":censored-1: is wrong", "name": "Ada"}'},
        "headers": {
            "Set-Cookie": ["session=:censored-6:"],
            "Location": ["https://example.com/?code=:censored-7:&x=1"],
        },
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

    assert replay(path, lambda session: session.get("https://example.com/").content) == b"\xff:censored-1:"


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
        "from mock_servers.harness.cassettes import CassetteError, cassette\n"
        "try:\n"
        "    with cassette('any.yaml', requests.Session()): pass\n"
        "except CassetteError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "Cassettes need vcrpy: pip install 'zaprig[cassettes]'\n"
