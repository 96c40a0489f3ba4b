"""Who may call, and what is answered before any record is looked at?"""

import dataclasses

import msgspec
import pytest

from mock_servers.rig.exchange import Request
from mock_servers.rig.http import serve

UPLOAD = {"d": [{"type": "profile", "identity": "u-1"}]}


def upload(caller, headers=None, path="/1/upload"):
    answer = caller.ask("POST", path, body=msgspec.json.encode(UPLOAD), headers=headers)
    return answer.status, answer.payload


def refused(text):
    return 401, {"status": "fail", "error": text, "code": 401}


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        pytest.param({"x-clevertap-account-id": ""}, "12 digit account ID mandatory", id="empty account id"),
        pytest.param({"x-clevertap-account-id": "ABC-123"}, "Account ID is not valid", id="malformed account id"),
        pytest.param({"x-clevertap-account-id": "AAA-AAA-AAAA"}, "Account ID is not valid", id="unknown account id"),
        pytest.param({"x-clevertap-passcode": "0" * 32}, "Passcode Invalid", id="wrong passcode"),
        pytest.param({"x-clevertap-passcode": ""}, "Passcode Invalid", id="empty passcode"),
        pytest.param({"x-clevertap-passcode": "é😀"}, "Passcode Invalid", id="a passcode in no alphabet of ours"),
        pytest.param(
            {"x-clevertap-account-id": "AAA-AAA-AAAA", "x-clevertap-passcode": ""},
            "Account ID is not valid",
            id="both wrong: the account id is looked at first",
        ),
    ],
)
def test_wrong_credentials_are_401_and_store_nothing(caller, headers, text):
    """Each wrong credential has its text. (Recorded, and the Go SDK's tests; observed)"""
    assert upload(caller, headers) == refused(text)
    assert caller.profile(identity="u-1") is None


def test_missing_headers(server):
    """Without headers the account id is what is missing. (Go SDK's tests; observed, the trigger assumed)"""
    answer = serve(server, Request("POST", "/1/upload", headers={"host": "localhost"}))
    assert (answer.status, answer.payload) == refused("12 digit account ID mandatory")


def test_passcode_of_another_account(caller, newcomer):
    """A passcode opens its own account only."""
    assert upload(caller, {"x-clevertap-passcode": newcomer.passcode}) == refused("Passcode Invalid")


@pytest.mark.parametrize(
    ("host", "path", "is_right"),
    [
        pytest.param("127.0.0.1:8402", "/1/upload", True, id="local, no region named"),
        pytest.param("127.0.0.1:8402", "/in1/1/upload", True, id="local, right region in the path"),
        pytest.param("127.0.0.1:8402", "/eu1/1/upload", False, id="local, wrong region in the path"),
        pytest.param("127.0.0.1:8402", "/nowhere/1/upload", False, id="local, no region at all in the path"),
        pytest.param("in1.localhost:8402", "/1/upload", True, id="local, right region in the host"),
        pytest.param("us1.localhost:8402", "/1/upload", False, id="local, wrong region in the host"),
        pytest.param("in1.api.clevertap.com", "/1/upload", True, id="the region's own host"),
        pytest.param("IN1.API.CLEVERTAP.COM:443", "/1/upload", True, id="in capitals, with port"),
        pytest.param("us1.api.clevertap.com", "/1/upload", False, id="another region's host"),
        pytest.param("api.clevertap.com", "/1/upload", False, id="the bare host, which is Europe's"),
    ],
)
def test_an_account_lives_in_one_region(newcomer, host, path, is_right):
    """The wrong regional host is a 401, no redirect. (Several clients; observed; the text assumed)"""
    status, payload = upload(dataclasses.replace(newcomer, host=host), path=path)
    assert status == (200 if is_right else 401)
    assert is_right or payload["error"] == "Account ID is not valid"


def test_a_local_address_without_a_region_opens_every_account(caller, newcomer):
    """`/1/upload` on this machine takes the account's own region, Europe's or India's: a convenience. (Ours)"""
    assert [upload(each)[0] for each in (caller, newcomer)] == [200, 200]


def test_no_region_in_a_path_of_the_real_host(newcomer):
    """A doubled region is a wrong address, found after the credentials. (Ours)"""
    status, payload = upload(dataclasses.replace(newcomer, host="in1.api.clevertap.com"), path="/in1/1/upload")
    assert (status, payload["status"], payload["code"]) == (404, "fail", 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/1/nothing", 404, id="an unknown path"),
        pytest.param("GET", "/in1/1/nothing", 404, id="an unknown path with a region"),
        pytest.param("POST", "/1/profile.json", 405, id="a profile is only read"),
        pytest.param("GET", "/1/upload", 405, id="an upload is only sent"),
        pytest.param("DELETE", "/in1/1/upload", 405, id="with a region too"),
    ],
)
def test_credentials_come_before_path_and_method(newcomer, method, path, status):
    """Unknown paths and methods have the fail envelope, after authentication. (Codes: documented; order assumed)"""
    answer = newcomer.ask(method, path)
    assert (answer.status, answer.payload["status"], answer.payload["code"]) == (status, "fail", status)
    assert newcomer.ask(method, path, headers={"x-clevertap-passcode": ""}).status == 401


def test_the_document_is_public(server):
    """The description of the API needs no credentials, so tools can load it. (Ours)"""
    answer = serve(server, Request("GET", "/openapi.json", headers={"host": "localhost"}))
    assert answer.status == 200
    assert msgspec.json.decode(answer.body())["openapi"] == "3.1.0"


def test_refusals_do_not_show_the_passcode(caller):
    """The passcode appears in no answer and not in the journal."""
    upload(caller, {"x-clevertap-account-id": "AAA-AAA-AAAA"})
    caller.ask("GET", "/1/profile.json", passcode=caller.passcode)
    status, journal = caller.control("GET", "/_rig/journal")
    assert status == 200
    assert caller.passcode not in msgspec.json.encode(journal).decode()


def test_a_wrong_method_says_which_are_right(caller):
    """A 405 names the allowed methods. (RFC 9110, 15.5.6)"""
    assert caller.ask("POST", "/1/profile.json").headers == {"Allow": "GET, HEAD"}
    assert caller.ask("GET", "/1/upload").headers == {"Allow": "POST"}
    assert caller.ask("PUT", "/_rig/reset", headers={"content-type": "application/json"}).headers == {"Allow": "POST"}
