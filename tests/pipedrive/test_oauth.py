"""Rules of OAuth: what is wrong with a token request, and how long things live."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mock_servers.pipedrive import oauth
from mock_servers.pipedrive.oauth import FORM, App, Code, Consent, Refusal, TokenRequest

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)
APP = App("id", "secret", "Zapier", "zapier:/oauth/callback", ("base", "admin"))
BASIC = f"Basic {base64.b64encode(b'id:secret').decode()}"


@pytest.mark.parametrize(
    ("media_type", "authorization", "form", "expected"),
    [
        pytest.param(FORM, BASIC, {}, TokenRequest("id", "secret", {}), id="a Basic header"),
        pytest.param(
            FORM,
            "",
            {"client_id": "id", "client_secret": "secret"},
            TokenRequest("id", "secret", {"client_id": "id", "client_secret": "secret"}),
            id="a pair in the body",
        ),
        pytest.param(FORM, "", {}, "Invalid client: cannot retrieve client credentials", id="neither"),
        pytest.param(FORM, "Basic %%%", {}, "Invalid client: cannot retrieve client credentials", id="a broken header"),
        pytest.param(FORM, "Bearer abc", {}, "Invalid client: cannot retrieve client credentials", id="another scheme"),
        pytest.param(
            "application/json",
            BASIC,
            {},
            "Invalid request: content must be `application/x-www-form-urlencoded`",
            id="JSON",
        ),
    ],
)
def test_who_asks_for_tokens(media_type, authorization, form, expected):
    """Basic header or body pair, in a form. (facts 1.3)"""
    found = oauth.read_token_request(media_type, authorization, form)
    assert (found.message if isinstance(found, Refusal) else found) == expected


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        pytest.param({"grant_type": "refresh_token"}, None, id="a refresh"),
        pytest.param({"grant_type": "authorization_code"}, None, id="a code"),
        pytest.param({}, ("invalid_request", "Missing parameter: `grant_type`"), id="none"),
        pytest.param(
            {"grant_type": "password"},
            ("unsupported_grant_type", "Unsupported grant type: `grant_type` is invalid"),
            id="an unknown one",
        ),
    ],
)
def test_what_is_asked_for(form, refusal):
    """The grant types we know. (facts 1.3)"""
    assert oauth.find_grant_problem(form) == (None if refusal is None else Refusal(*refusal))


@pytest.mark.parametrize(
    ("uri", "name", "message"),
    [
        pytest.param("https://h/oauth/callback", APP.redirect_uri, None, id="the registered one"),
        pytest.param("https://h/other", "zapier:/other", "Invalid request: `redirect_uri` is invalid", id="another"),
        pytest.param("", "", "Invalid request: `redirect_uri` is not a valid URI", id="none"),
        pytest.param("callback", "callback", "Invalid request: `redirect_uri` is not a valid URI", id="no address"),
        pytest.param("http://[", "http://[", "Invalid request: `redirect_uri` is not a valid URI", id="malformed"),
    ],
)
def test_where_the_browser_may_go(uri, name, message):
    """`redirect_uri` must equal the registered callback. (facts 1.3)"""
    found = oauth.find_redirect_problem(uri, name, APP)
    assert (found and found.message) == message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param(Code("id", 1, 2, NOW), None, id="at the last moment"),
        pytest.param(
            Code("id", 1, 2, NOW - timedelta(milliseconds=1)),
            "Invalid grant: `authorization_code` has expired",
            id="too late",
        ),
        pytest.param(None, "Invalid grant: `authorization_code` is invalid", id="unknown or used"),
        pytest.param(Code("other", 1, 2, NOW), "Invalid grant: `authorization_code` is invalid", id="another app's"),
    ],
)
def test_a_code_lives_five_minutes(code, message):
    """The code is this app's, unused, and not older than five minutes. (facts 1.3)"""
    found = oauth.find_code_problem(code, APP, NOW)
    assert (found and found.message) == message


@pytest.mark.parametrize(
    ("consent", "is_good"),
    [
        pytest.param(Consent("id", 1, 2, NOW - timedelta(days=60)), True, id="used 60 days ago"),
        pytest.param(Consent("id", 1, 2, NOW - timedelta(days=61)), False, id="used 61 days ago"),
        pytest.param(Consent("other", 1, 2, NOW), False, id="another app's"),
        pytest.param(None, False, id="unknown or revoked"),
    ],
)
def test_a_refresh_token_lives_60_days_after_its_last_use(consent, is_good):
    """60 days after the last use. (facts 1.3)"""
    expected = None if is_good else Refusal("invalid_grant", "Invalid grant: `refresh_token` is invalid")
    assert oauth.find_refresh_problem(consent, APP, NOW) == expected


@pytest.mark.parametrize(
    ("uri", "state", "expected"),
    [
        pytest.param("https://h/cb", "a b&c", "https://h/cb?code=xyz&state=a+b%26c", id="with a state"),
        pytest.param("https://h/cb", None, "https://h/cb?code=xyz", id="without"),
        pytest.param("https://h/cb?x=1", None, "https://h/cb?x=1&code=xyz", id="to an address with a query"),
    ],
)
def test_the_state_goes_back_unchanged(uri, state, expected):
    """`state` is returned unchanged. (facts 1.3)"""
    assert oauth.redirect_to(uri, state=state, code="xyz") == expected


def test_no_secret_shows_in_an_app():
    """A printed app does not show its secret."""
    assert "secret" not in repr(replace(APP, client_id="x")).replace("client_secret", "")
