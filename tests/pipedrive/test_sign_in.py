"""Signing in with OAuth: the page, the code, the tokens."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from mock_servers.pipedrive.app import build_app


@pytest.fixture
def browser(server):
    """A browser on the server's pages, under the vendor's host."""
    return build_app(server).test_client()


@pytest.fixture
def query(pipedrive):
    """What the app sends the browser to the page with."""
    found = pipedrive.default_credentials()
    return {"client_id": found["client_id"], "redirect_uri": found["redirect_uri"], "state": "a b&<c>"}


def code_of(answer):
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def test_the_page_names_app_company_and_user(browser, query):
    """One button, and who allows what to whom. (facts 1.3)"""
    page = browser.get("/oauth/authorize", query_string=query)
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert all(name in text for name in ("Zapier", "Northlight", "Ada Moreau"))
    assert text.count("<button") == 1
    assert "Allow and install" in text


def test_allowing_leads_back_with_a_code(browser, query):
    """302 to the registered address with code and the unchanged state. (facts 1.3)"""
    answer = browser.post("/oauth/authorize", query_string=query)
    address = urlsplit(answer.headers["location"])
    assert (answer.status_code, f"{address.scheme}://{address.netloc}{address.path}") == (302, query["redirect_uri"])
    assert parse_qs(address.query)["state"] == [query["state"]]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param({"client_id": "other"}, "client is invalid", id="a wrong app"),
        pytest.param({"redirect_uri": "https://hooks.zapier.com/other"}, "is invalid", id="another address"),
        pytest.param({"redirect_uri": ""}, "not a valid URI", id="no address"),
    ],
)
def test_a_wrong_app_or_address_is_never_redirected_to(browser, query, method, more, message):
    """A wrong client_id or redirect_uri is shown as a page. (facts 1.3)"""
    answer = getattr(browser, method)("/oauth/authorize", query_string={**query, **more})
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert message in answer.get_data(as_text=True)


def test_the_company_is_the_one_whose_host_was_called(browser, query, pipedrive, tokens, anyone):
    """At `millbrook.pipedrive.com` it is Millbrook that is asked. (facts 1.1)"""
    pipedrive.add_account({"company_name": "Millbrook"})
    answer = browser.post("/oauth/authorize", query_string=query, base_url="https://millbrook.pipedrive.com")
    _, body = tokens(grant_type="authorization_code", code=code_of(answer), redirect_uri=query["redirect_uri"])
    me = anyone.ask("GET", "/v1/users/me", headers={"authorization": f"Bearer {body['access_token']}"})
    assert msgspec.json.decode(me.body())["data"]["company_name"] == "Millbrook"


def test_a_code_becomes_tokens(browser, query, tokens):
    """200 with both tokens, 3599 seconds, the scopes, and where the API is. (facts 1.3)"""
    code = code_of(browser.post("/oauth/authorize", query_string=query))
    status, body = tokens(grant_type="authorization_code", code=code, redirect_uri=query["redirect_uri"])
    assert status == 200
    assert body["access_token"].startswith("v1u:")
    assert body["refresh_token"].startswith("700101:5010:")
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3599)
    assert "admin" in body["scope"].split(",")
    assert body["api_domain"] == "https://api.pipedrive.com"


def test_a_code_works_once(browser, query, tokens):
    """The second time it is invalid. (facts 1.3)"""
    form = {
        "grant_type": "authorization_code",
        "code": code_of(browser.post("/oauth/authorize", query_string=query)),
        "redirect_uri": query["redirect_uri"],
    }
    assert tokens(**form)[0] == 200
    assert tokens(**form) == (
        400,
        {"success": False, "message": "Invalid grant: `authorization_code` is invalid", "error": "invalid_grant"},
    )


def test_a_code_is_too_old_after_five_minutes(browser, query, tokens, clock):
    """It lives five minutes by the clock. (facts 1.3)"""
    code = code_of(browser.post("/oauth/authorize", query_string=query))
    clock.move_to(clock.now() + timedelta(minutes=5, milliseconds=1))
    status, body = tokens(grant_type="authorization_code", code=code, redirect_uri=query["redirect_uri"])
    assert (status, body["message"]) == (400, "Invalid grant: `authorization_code` has expired")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        pytest.param({}, "Missing parameter: `grant_type`", id="nothing"),
        pytest.param({"grant_type": "x"}, "Unsupported grant type: `grant_type` is invalid", id="another grant"),
        pytest.param(
            {"grant_type": "refresh_token", "refresh_token": "x"},
            "Invalid grant: `refresh_token` is invalid",
            id="an unknown refresh token",
        ),
        pytest.param(
            {"grant_type": "authorization_code", "code": "x"},
            "Invalid grant: `authorization_code` is invalid",
            id="an unknown code",
        ),
    ],
)
def test_what_the_token_endpoint_refuses(tokens, form, message):
    """400 with the documented message. (facts 1.3)"""
    status, body = tokens(**form)
    assert (status, body["message"], body["success"]) == (400, message, False)


@pytest.mark.parametrize(
    ("redirect_uri", "message"),
    [
        pytest.param("https://hooks.zapier.com/other", "Invalid request: `redirect_uri` is invalid", id="another"),
        pytest.param("", "Invalid request: `redirect_uri` is not a valid URI", id="none"),
    ],
)
def test_the_address_must_be_named_again(browser, query, tokens, redirect_uri, message):
    """The exchange names the registered address too; a wrong one does not use the code up. (facts 1.3)"""
    code = code_of(browser.post("/oauth/authorize", query_string=query))
    status, body = tokens(grant_type="authorization_code", code=code, redirect_uri=redirect_uri)
    assert (status, body["message"], body["error"]) == (400, message, "invalid_request")
    assert tokens(grant_type="authorization_code", code=code, redirect_uri=query["redirect_uri"])[0] == 200


@pytest.mark.parametrize(
    ("headers", "body", "message"),
    [
        pytest.param(
            {"content-type": "application/json"},
            b"{}",
            "Invalid request: content must be `application/x-www-form-urlencoded`",
            id="JSON",
        ),
        pytest.param(
            {"content-type": "application/x-www-form-urlencoded"},
            b"grant_type=refresh_token",
            "Invalid client: cannot retrieve client credentials",
            id="no client",
        ),
        pytest.param(
            {"content-type": "application/x-www-form-urlencoded"},
            b"client_id=a&client_secret=b",
            "Invalid client: client is invalid",
            id="a wrong client",
        ),
        pytest.param(
            {"content-type": "application/x-www-form-urlencoded"},
            b"\xff\xfe",
            "Invalid client: cannot retrieve client credentials",
            id="no text",
        ),
    ],
)
def test_who_is_refused_at_the_token_endpoint(anyone, headers, body, message):
    """The client must say who it is, in a form. (facts 1.3)"""
    answer = anyone.ask("POST", "/oauth/token", body, headers=headers)
    assert (answer.status, answer.payload["message"]) == (400, message)


def test_an_access_token_opens_both_versions_for_an_hour(anyone, install, clock):
    """Bearer on v1 and v2; 60 minutes by the clock. (facts 1.3)"""
    bearer = {"authorization": f"Bearer {install()['access_token']}"}
    for path in ("/v1/users/me", "/api/v2/deals"):
        assert anyone.ask("GET", path, headers=bearer).status == 200
    clock.move_to(clock.now() + timedelta(minutes=60))
    assert anyone.ask("GET", "/v1/users/me", headers=bearer).status == 401


def test_refreshing_gives_a_new_access_token_and_the_same_refresh_token(anyone, install, tokens, clock):
    """The refresh token does not rotate. (facts 1.3, 9)"""
    first = install()
    clock.move_to(clock.now() + timedelta(days=59))
    status, second = tokens(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (status, second["refresh_token"]) == (200, first["refresh_token"])
    assert second["access_token"] != first["access_token"]
    bearer = {"authorization": f"Bearer {second['access_token']}"}
    assert anyone.ask("GET", "/v1/users/me", headers=bearer).status == 200


def test_a_refresh_token_dies_60_days_after_its_last_use(install, tokens, clock):
    """Each use gives it 60 more days. (facts 1.3)"""
    refresh = {"grant_type": "refresh_token", "refresh_token": install()["refresh_token"]}
    for _ in range(3):
        clock.move_to(clock.now() + timedelta(days=60))
        assert tokens(**refresh)[0] == 200
    clock.move_to(clock.now() + timedelta(days=60, milliseconds=1))
    assert tokens(**refresh)[0] == 400
