"""Secrets in disguise, people, and what must be equal although its secrets are not."""

import base64
import gzip
import json
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_servers.harness.cassettes import LeakedSecretError
from mock_servers.harness.cassettes.personal import hide_people
from mock_servers.harness.cassettes.scrubbing import Scrubber
from mock_servers.harness.cassettes.spellings import spellings_of
from tests.harness.echo import Echo, answers, record, replay

SECRET = "PASS/CODE 47-11"


def in_base64(text: str, *, url_safe: bool = False) -> str:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    return encode(text.encode()).decode()


SPELLED = [
    pytest.param(SECRET, id="plain"),
    pytest.param(quote(SECRET), id="percent"),
    pytest.param(quote(SECRET, safe="").replace("%2F", "%2f"), id="percent in small letters"),
    pytest.param(quote(quote(SECRET, safe=""), safe=""), id="percent twice"),
    pytest.param(SECRET.replace(" ", "+"), id="a form"),
    pytest.param(json.dumps(SECRET).replace("/", "\\/")[1:-1], id="JSON with escaped slashes"),
    pytest.param("".join(f"\\u{ord(each):04x}" for each in SECRET), id="JSON with escapes only"),
    *(pytest.param(in_base64("x" * before + SECRET), id=f"base64 after {before} bytes") for before in range(4)),
    pytest.param(in_base64(f"account:{SECRET}ÿÿ", url_safe=True), id="base64 for addresses"),
    pytest.param(quote(in_base64(SECRET + "??"), safe=""), id="base64 in percent"),
]  # fmt: skip


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda each: answers(302, Location=f"https://example.com/?next={each}&a=1"), id="in a redirect"),
        pytest.param(lambda each: answers(200, Set_Cookie=f"seen={each}; Path=/"), id="in a cookie"),
        pytest.param(lambda each: answers(200, json.dumps({"a": [json.dumps({"b": f"<{each}>"})]}).encode()),
                     id="in JSON in JSON"),
        pytest.param(lambda each: answers(200, b"\xff\xfe" + each.encode()), id="among bytes that are no text"),
    ],
)  # fmt: skip
def test_a_secret_that_comes_back_in_disguise_is_found(answer, spelled, path):
    """However it is spelled and wherever it stands; the running test sees what the service said."""
    service = answer(spelled)
    ask = lambda session: session.get("https://example.com/", headers={"X-CleverTap-Passcode": SECRET})  # noqa: E731

    response = record(path, ask, service, secrets=[SECRET])

    assert ":censored" not in str(response.headers) + response.text
    found = yaml.safe_load(path.read_bytes())
    texts = [str(found), path.read_text()]
    assert not [text for text in texts if spellings_of(SECRET).is_in(text)]


def test_a_secret_that_is_met_late_is_scrubbed_from_what_came_before(path):
    """A token that an answer gives may have stood in an address already."""
    token = "tok-4711-abcdef"
    service = Echo(lambda request: (200, {}, json.dumps({"access_token": token}).encode()))

    record(path, lambda session: session.get(f"https://example.com/about/{token}"), service)

    assert token not in path.read_text()
    assert "https://example.com/about/:censored-1:" in path.read_text()


def test_a_secret_that_is_met_in_an_address_is_found_elsewhere(path):
    """There it is percent-encoded, and in an answer it is not."""
    ask = lambda session: session.get("https://example.com/?api_token=t0ken%2Fwith%20marks")  # noqa: E731
    record(path, ask, answers(200, b'{"said": "t0ken/with marks"}'))

    assert (
        yaml.safe_load(path.read_bytes())["interactions"][0]["response"]["body"]["string"] == '{"said": ":censored-1:"}'
    )


def test_a_secret_has_one_stand_in_and_two_have_two(path):
    """In headers, addresses, bodies and answers, over all interactions."""

    def ask(session):
        for token in ("token-aaaa-1111", "token-bbbb-2222", "token-aaaa-1111"):
            session.post(f"https://example.com/{token}", json={"why": token}, headers={"X-Api-Token": token})

    record(path, ask, Echo())

    text = path.read_text()
    assert (text.count(":censored-1:"), text.count(":censored-2:")) == (8, 4)


def test_two_accounts_are_told_apart_when_their_secrets_are_listed(path):
    """Whatever the order in which they ask."""
    mine, yours = "token-aaaa-1111", "token-bbbb-2222"
    ask = lambda token: lambda session: session.get(f"https://example.com/?api_token={token}").text  # noqa: E731
    service = Echo(lambda request: (200, {}, b"mine" if mine in request.url else b"yours"))
    record(path, lambda session: [ask(each)(session) for each in (mine, yours)], service, secrets=[mine, yours])

    asked = replay(path, lambda session: [ask(each)(session) for each in (yours, mine)], secrets=[mine, yours])

    assert asked == ["yours", "mine"]


def test_a_password_in_basic_credentials_is_a_secret_everywhere(path):
    """Nobody sees it in the header, and so nobody would name it."""
    record(
        path,
        lambda session: session.get("https://example.com/pa55word-4711", auth=("joe", "pa55word-4711")),
        answers(200, b"hello pa55word-4711"),
    )

    assert "4711" not in path.read_text()
    assert "Basic :censored-" in path.read_text()


def test_a_packed_body_is_kept_unpacked(path):
    """Packed, it would hide what is in it."""
    body = gzip.compress(json.dumps({"why": SECRET}).encode())
    ask = lambda session: session.post("https://example.com/", data=body, headers={"Content-Encoding": "gzip"}).text  # noqa: E731
    record(path, ask, answers(200, b"found"), secrets=[SECRET])

    assert """body: '{"why": ":censored-1:"}'""" in path.read_text()
    assert replay(path, ask, secrets=[SECRET]) == "found"


def test_nothing_secret_stands_in_a_miss(path):
    """Neither what was asked nor what was recorded."""
    ask = lambda secret: lambda session: session.post("https://example.com/", json={"a": 1, "password": secret})  # noqa: E731
    record(path, ask("recorded-4711"), Echo())

    with pytest.raises(Exception, match="interaction 1") as raised:
        replay(path, lambda session: session.put("https://example.com/x", json={"a": 2, "password": "asked-0815"}))

    assert not [each for each in ("recorded-4711", "asked-0815") if each in str(raised.value)]


@settings(deadline=None)
@given(
    secret=st.text(st.characters(codec="utf-8", exclude_characters=":"), min_size=6, max_size=30),
    before=st.text(max_size=20),
    disguise=st.sampled_from([str, quote, lambda each: quote(each, safe=""), lambda each: json.dumps(each)[1:-1],
                              in_base64]),
)  # fmt: skip
def test_whatever_the_secret_its_spellings_are_found(secret, before, disguise):
    """Also where something stands before it, which changes the whole of its base64."""
    text = in_base64(before + secret) if disguise is in_base64 else before + disguise(secret)

    assert Scrubber([secret]).find_leak({"a": [text]}) == "a[0]"
    assert not spellings_of(secret).is_in(spellings_of(secret).replace(text, "#"))


# People


def test_people_are_replaced_by_nobody(path):
    """In headers, addresses, bodies and answers; one person is one stand-in, of the same kind."""
    email, phone = "ada@analytical.io", "+4930901820"

    def ask(session):
        return session.post(
            f"https://example.com/?email={quote(email)}&Phone={quote(phone)}",
            json={"Email": email, "Phone": phone, "Mobile": 4930901820, "id": 4930901820, "note": f"call {phone}"},
            headers={"X-User": email},
        )

    answered = record(path, ask, answers(200, json.dumps({"phones": [{"value": "49 30 901820"}]}).encode()))

    assert answered.json()["phones"][0]["value"] == "49 30 901820"
    interaction = yaml.safe_load(path.read_bytes())["interactions"][0]
    sent = json.loads(interaction["request"]["body"])
    assert "analytical" not in path.read_text()
    assert sent["Email"].startswith("person-")
    assert sent["Email"].endswith("@example.com")
    assert sent["Phone"] == f"+{sent['Mobile']}" == sent["note"].removeprefix("call ")
    assert str(sent["Mobile"]).startswith("999")
    assert sent["id"] == 4930901820  # under no name for phones, a number is a number
    assert json.loads(interaction["response"]["body"]["string"])["phones"] == [{"value": str(sent["Mobile"])}]
    assert f"email={sent['Email'].replace('@', '%40')}" in interaction["request"]["uri"]
    assert replay(path, ask).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com", "ada@mail.example.org", "ada@company.test", "ada@host.localhost", "+14155550100",
        "+44 20 7946 0958", "+441134960123", "2026-11-02T09:30:00+00:00", "1+1=2", "a@b", "@ada", "v1.2.3@4",
        "+1234567", "1e+10", "?a=1+20261102",
    ],
)  # fmt: skip
def test_made_up_people_and_other_texts_stay(text):
    """Nobody lives there, nobody has that number, and not everything with an at sign or a plus is one."""
    assert hide_people(text, is_address=text.startswith("?")) == text


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.sampled_from('ab1@+.-%4 0"\\{}:,=&'), max_size=60))
def test_scrubbing_again_changes_nothing(text):
    """A file that is written again stays as it is."""
    scrubber = Scrubber(["a1b@4.0"])
    once = scrubber.scrub_text(text)

    assert scrubber.scrub_text(once) == once


def test_a_secret_in_the_name_of_a_header_stops_the_writing(path):
    """It cannot be replaced there without another header being sent."""
    with pytest.raises(LeakedSecretError, match="a name in"):
        record(
            path,
            lambda session: session.get("https://example.com/", headers={f"X-{in_base64('SECRET-4711')}": "1"}),
            Echo(),
            secrets=["SECRET-4711"],
        )

    assert not path.exists()


@pytest.mark.parametrize("piece", ["\\", "a", "@", "%25", "+1", "a@", "{", '"', ":censored-1:"])
def test_long_texts_take_no_square_of_their_length(piece):
    """Two hundred thousand of anything, with which a careless expression would be busy for hours."""
    text = piece * 200_000

    assert isinstance(Scrubber(["back\\slash-4711"]).scrub_text(text), str)
