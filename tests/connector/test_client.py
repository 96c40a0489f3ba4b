"""One call to CleverTap: what is sent, and what each answer becomes."""

import json
import traceback

import pytest
import requests

from connector import (
    AuthenticationError,
    CleverTapClient,
    ConnectorError,
    InputError,
    RecordRejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
    UploadResult,
)

RECORD = {"type": "profile", "identity": "42", "profileData": {"Name": "Ádá"}}
SUCCESS = {"status": "success", "processed": 1, "unprocessed": []}


def entry(code: int, error: str, record: dict) -> dict:
    return {"status": "fail", "code": code, "error": error, "record": record}


@pytest.fixture
def client(credentials, session) -> CleverTapClient:
    return CleverTapClient(credentials, session, timeout_seconds=7)


# What is sent


def test_an_upload_is_one_post_with_the_documented_headers(client, service, passcode):
    """POST /1/upload with `{"d": [...]}` and two headers. (docs/upload-user-profiles-api; documented)"""
    client.upload([RECORD, RECORD])
    (call,) = service.calls
    assert (call.method, call.url) == ("POST", "https://in1.api.clevertap.com/1/upload")
    assert call.headers["X-CleverTap-Account-Id"] == "ABC-123-4567"
    assert call.headers["X-CleverTap-Passcode"] == passcode
    assert call.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(call.body) == {"d": [RECORD, RECORD]}
    assert "Ádá".encode() in call.body
    assert service.options == [{"timeout": 7}]


def test_a_dry_run_says_so_in_the_query(client, service):
    """`dryRun=1` checks and stores nothing. (tradeo/clevertap-ruby; observed)"""
    client.upload([RECORD], dry_run=True)
    assert service.calls[0].url == "https://in1.api.clevertap.com/1/upload?dryRun=1"


def test_a_served_rig_is_called_at_its_own_address(credentials, session, service):
    """The address is a template. (design D18)"""
    CleverTapClient(credentials, session, base_url="http://127.0.0.1:5002/{region}").upload([RECORD])
    assert service.calls[0].url == "http://127.0.0.1:5002/in1/1/upload"


def test_credentials_do_not_stay_in_the_session(client, session):
    """Other apps use the same session."""
    client.upload([RECORD])
    assert not [name for name in session.headers if "clevertap" in name.lower()]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="NaN"),
        pytest.param(float("inf"), id="Infinity"),
        pytest.param("\ud800", id="lone surrogate"),
    ],
)
def test_what_json_cannot_carry_is_never_sent(client, service, value):
    """The place is named; the service sees nothing."""
    with pytest.raises(InputError, match=r"d\[0\]\.profileData\.Score"):
        client.upload([{**RECORD, "profileData": {"Score": value}}])
    assert service.calls == []


# What an answer to an upload becomes


def test_success_is_a_value(client, service):
    """All records were processed."""
    service.answers(200, SUCCESS)
    result = client.upload([RECORD])
    assert result == UploadResult(status="success", processed=1, unprocessed=())
    result.raise_for_unprocessed()


@pytest.mark.parametrize("status", ["partial", "fail"])
def test_unprocessed_records_are_a_value_until_asked(client, service, status):
    """HTTP 200 may mean that nothing was stored; the first reason is raised on demand. (recorded; observed)"""
    bad = entry(515, "Profile data is incorrect. Email is not valid.Skipped record number : 1", RECORD)
    worse = entry(516, "Phone number is not valid", {"type": "profile"})
    service.answers(200, {"status": status, "processed": 0, "unprocessed": [bad, worse]})
    result = client.upload([RECORD, RECORD])
    assert (result.status, [each.code for each in result.unprocessed]) == (status, [515, 516])
    with pytest.raises(RecordRejectedError, match="Email is not valid") as caught:
        result.raise_for_unprocessed()
    assert (caught.value.code, caught.value.record) == (515, RECORD)


def test_unknown_members_of_an_answer_are_ignored(client, service):
    """A service may grow."""
    service.answers(200, {**SUCCESS, "trace": "x"})
    assert client.upload([RECORD]).processed == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty, as the real host answers unknown paths"),
        pytest.param(b"<html>Sign in</html>", id="a captive portal"),
        pytest.param(b'{"status": "\xff"}', id="not UTF-8"),
        pytest.param(b'{"status": "success"}', id="members missing"),
        pytest.param(b'{"status": "maybe", "processed": 1, "unprocessed": []}', id="an unknown status"),
        pytest.param(b'{"status": "success", "processed": "1", "unprocessed": []}', id="a count as text"),
        pytest.param(b'{"status": "fail", "processed": 0, "unprocessed": []}', id="a failure without a reason"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"status": ' + b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"unknown": ' + b"[" * 100_000, id="nested without end where nobody looks"),
    ],
)
def test_an_answer_of_another_shape_is_unexpected(client, service, body):
    """A 200 is believed only with the documented body; 200 characters of it are kept."""
    service.answers(200, body)
    with pytest.raises(UnexpectedAnswerError) as caught:
        client.upload([RECORD])
    assert caught.value.status == 200
    assert caught.value.body == body.decode("utf-8", "replace")[:200]
    assert not caught.value.is_retryable


@pytest.mark.parametrize(
    ("status", "is_retryable"),
    [
        pytest.param(301, False, id="a redirect is not followed"),
        pytest.param(400, False, id="malformed request"),
        pytest.param(403, False, id="not allowed"),
        pytest.param(404, False, id="not found"),
        pytest.param(500, True, id="server error"),
        pytest.param(503, True, id="unavailable"),
    ],
)
def test_other_statuses_are_unexpected_and_from_500_on_worth_a_retry(client, service, status, is_retryable):
    """A redirect would carry the credentials elsewhere, so it is an error too."""
    body = {"status": "fail", "error": "Malformed request", "code": status}
    service.answers(status, body, {"Location": "https://evil.example/"})
    with pytest.raises(UnexpectedAnswerError, match=f"/1/upload gave .*HTTP {status}: .*Malformed request") as caught:
        client.upload([RECORD])
    assert caught.value.is_retryable is is_retryable
    assert len(service.calls) == 1


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        pytest.param(
            {"status": "fail", "error": "Passcode Invalid", "code": 401}, "CleverTap says: Passcode Invalid", id="said"
        ),
        pytest.param(b"", "region (in1)", id="empty"),
        pytest.param(b"<html>", "region (in1)", id="not JSON"),
    ],
)
def test_401_names_host_and_region(client, service, body, ending):
    """A wrong region looks like a wrong passcode, so all three are named. (other vendors' clients; observed)"""
    service.answers(401, body)
    with pytest.raises(AuthenticationError) as caught:
        client.upload([RECORD])
    assert caught.value.host == "in1.api.clevertap.com"
    assert caught.value.hint.startswith("check Account ID, passcode and region (in1)")
    assert str(caught.value).endswith(ending)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, None, id="absent, as CleverTap answers"),
        pytest.param({"Retry-After": " 12 "}, 12, id="seconds"),
        pytest.param({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None, id="a date"),
        pytest.param({"Retry-After": "-1"}, None, id="negative"),
        pytest.param({"Retry-After": "²"}, None, id="not a digit"),
        pytest.param({"Retry-After": "9" * 5000}, None, id="without end"),
    ],
)
def test_429_tells_how_long_to_wait_if_it_is_known(client, service, headers, seconds):
    """CleverTap limits parallel calls and names no delay. (API request limit; documented)"""
    service.answers(429, {"status": "fail", "error": "Too many concurrent requests", "code": 429}, headers)
    with pytest.raises(ThrottledError) as caught:
        client.upload([RECORD])
    assert caught.value.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        pytest.param(requests.ConnectTimeout("slow"), 7, id="no connection in time"),
        pytest.param(requests.ReadTimeout("slow"), 7, id="no answer in time"),
        pytest.param(requests.ConnectionError("refused"), None, id="refused"),
        pytest.param(requests.exceptions.ChunkedEncodingError("cut"), None, id="cut short"),
        pytest.param(requests.exceptions.SSLError("certificate"), None, id="certificate"),
    ],
)
def test_no_answer_is_unreachable_and_keeps_its_cause(client, service, failure, seconds):
    """The address is told without its query, which may hold an e-mail."""
    service.fails_with(failure)
    with pytest.raises(UnreachableError) as caught:
        client.profile(email="ada@example.com")
    assert caught.value.address == "https://in1.api.clevertap.com/1/profile.json"
    assert caught.value.seconds_waited == seconds
    assert caught.value.__cause__ is failure


# Reading a profile back


@pytest.mark.parametrize(
    ("key", "query"),
    [
        pytest.param({"identity": "a b&c"}, "identity=a+b%26c", id="identity"),
        pytest.param({"email": "ada+x@example.com"}, "email=ada%2Bx%40example.com", id="e-mail with a plus"),
        pytest.param({"object_id": "__abc"}, "objectId=__abc", id="object id"),
    ],
)
def test_a_profile_is_asked_for_by_one_encoded_key(client, service, key, query):
    """GET without a content type; `+` must be `%2B`. (docs/get-user-profiles-api; documented)"""
    service.answers(200, {"status": "success", "record": {"name": "Ada"}})
    assert client.profile(**key) == {"name": "Ada"}
    (call,) = service.calls
    assert (call.method, call.url) == ("GET", f"https://in1.api.clevertap.com/1/profile.json?{query}")
    assert "Content-Type" not in call.headers


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"status": "success", "record": None}, id="record is null"),
        pytest.param({"status": "success"}, id="record is absent"),
        pytest.param({"status": "fail", "error": "not found", "code": 404}, id="status is fail"),
    ],
)
def test_an_unknown_user_is_none(client, service, body):
    """All three are answered with HTTP 200. (three clients; observed)"""
    service.answers(200, body)
    assert client.profile(identity="nobody") is None


@pytest.mark.parametrize("keys", [{}, {"identity": "1", "email": "a@b.cd"}])
def test_exactly_one_key_must_be_given(client, service, keys):
    """Anything else is a mistake in the program."""
    with pytest.raises(TypeError, match="exactly one"):
        client.profile(**keys)
    assert service.calls == []


def test_a_key_that_cannot_be_sent_is_refused(client, service):
    """Half of a character pair has no UTF-8 form."""
    with pytest.raises(InputError):
        client.profile(identity="\ud800")
    assert service.calls == []


# The passcode


def test_a_client_does_not_print_the_passcode(client, passcode):
    """Neither `repr` nor `str`."""
    assert passcode not in repr(client) + str(client)
    assert "ABC-123-4567" in repr(client)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 429, 500])
def test_no_error_prints_the_passcode_even_if_the_answer_does(client, service, passcode, status):
    """A proxy's error page may show the request it was sent; also at the edge of what is kept of the body."""
    for body in (f"X-CleverTap-Passcode: {passcode}".encode(), b"x" * 190 + passcode.encode(), {"error": passcode}):
        service.answers(status, body)
        with pytest.raises(ConnectorError) as caught:
            client.upload([RECORD])
        printed = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
        assert passcode[:8] not in printed


@pytest.mark.parametrize("status", ["partial", "fail"])
def test_the_reason_of_an_unprocessed_record_never_prints_the_passcode(client, service, passcode, status):
    """The text inside a 200 is masked like that of any refusal; the rest of it stays."""
    said = entry(555, f"Bad call with {passcode}! Skipped record number : 1", RECORD)
    service.answers(200, {"status": status, "processed": 0, "unprocessed": [said]})
    result = client.upload([RECORD])
    assert result.unprocessed[0].error == "Bad call with ***! Skipped record number : 1"
    with pytest.raises(RecordRejectedError) as caught:
        result.raise_for_unprocessed()
    printed = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(result)
    assert passcode not in printed


def test_no_connection_error_prints_the_passcode(client, service, passcode):
    """The cause is kept and shows no headers."""
    service.fails_with(requests.ConnectionError("refused"))
    with pytest.raises(UnreachableError) as caught:
        client.upload([RECORD])
    assert passcode not in "".join(traceback.format_exception(caught.value))
