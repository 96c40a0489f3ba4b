"""Connecting accounts: by fields, by signing in, and what goes wrong. (Guide, steps 1, 2 and 4)"""

import re
from urllib.parse import urlsplit

import pytest

from mock_servers.cli.guide import read_form
from mock_servers.rig.masking import stand_in


class Browser:
    """Follows the sign-in with Flask's test clients, as a person's browser would."""

    def __init__(self, stack):
        self.clients = {
            "oauth.pipedrive.com": stack.app("pipedrive").test_client(),
            "hooks.zapier.com": stack.app("zapier").test_client(),
        }

    def visit(self, url, data=None):
        parts = urlsplit(url)
        client = self.clients[parts.netloc]
        path = f"{parts.path}?{parts.query}"
        base = f"https://{parts.netloc}"
        return client.get(path, base_url=base) if data is None else client.post(path, base_url=base, data=data)

    def allow(self, authorize_url):
        """Press the one button of the sign-in page; returns the page that the browser ends on, and its address."""
        page = self.visit(authorize_url)
        assert page.status_code == 200, page.text
        assert page.text.count("<button") == 1
        action, fields = read_form(page.text)
        url = f"https://oauth.pipedrive.com{action}" if action.startswith("/") else authorize_url
        back = self.visit(url, fields).headers["location"]
        return self.visit(back), back


@pytest.fixture
def browser(stack):
    return Browser(stack)


def begin(zapier):
    return zapier.call("POST", "/api/connections", {"app": "pipedrive", "type": "oauth2"})["authorize_url"]


def test_signing_in_to_pipedrive(stack, zapier, pipedrive, browser, ada):
    """The page with one button, the way back, and a connection that works and refreshes itself. (Guide, step 2)"""
    arrived, _ = browser.allow(begin(zapier))
    assert arrived.status_code == 200
    assert "is connected" in arrived.text
    [connection] = zapier.call("GET", "/api/connections")["data"]
    assert (connection["app"], connection["type"]) == ("pipedrive", "oauth2")
    account = stack.clevertap.default_credentials()
    zapier.call("POST", "/api/connections", {"app": "clevertap", "fields": account})
    zap = zapier.publish("new_deal_to_profile")

    stack.advance(hours=3)  # the access token lives for one
    pipedrive.add_deal(person=ada)
    stack.settle()

    assert zapier.the_run(zap)["status"] == "success"
    refreshes = [entry for entry in stack.journal.entries("pipedrive") if b"refresh_token" in entry.request_body]
    assert len([entry for entry in refreshes if entry.direction == "in"]) == 1


def test_each_sign_in_counts_once(zapier, browser):
    """The state is single use: the same way back a second time connects nothing. (Ours)"""
    _, back = browser.allow(begin(zapier))
    again = browser.visit(back)
    assert again.status_code == 400
    assert "used before" in again.text
    assert len(zapier.call("GET", "/api/connections")["data"]) == 1


@pytest.mark.parametrize(
    ("query", "part"),
    [
        pytest.param("state=made-up&code=x", "not known", id="a state that nobody began"),
        pytest.param("code=x", "not known", id="no state"),
        pytest.param("error=user_denied&state=x", "not allowed", id="refused by the person"),
    ],
)
def test_a_way_back_that_connects_nothing_says_why(zapier, browser, query, part):
    """Without the state of a sign-in that began here, nothing is connected. (Ours)"""
    arrived = browser.visit(f"https://hooks.zapier.com/oauth/callback?{query}")
    assert arrived.status_code == 400
    assert part in arrived.text
    assert zapier.call("GET", "/api/connections")["data"] == []


def test_a_sign_in_that_took_too_long_begins_again(stack, zapier, browser):
    """A state lives for ten minutes. (Ours)"""
    url = begin(zapier)
    stack.advance(minutes=11)
    arrived, _ = browser.allow(url)
    assert "too long" in arrived.text


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        pytest.param({"passcode": "0" * 32}, "passcode", id="a wrong passcode"),
        pytest.param({"region": "in1"}, "region", id="the region of another data centre"),
        pytest.param({"region": "eu1.evil.example/"}, "region", id="a region that would be another host"),
        pytest.param({"account_id": "AAA-AAA-AAAA"}, "Account ID", id="an unknown account"),
        pytest.param({"passcode": ""}, "Passcode", id="a blank passcode"),
        pytest.param({"passcode": None}, "Passcode", id="no passcode"),
        pytest.param({"passcode": 5}, "text", id="a passcode that is a number"),
        pytest.param({"colour": "red"}, "colour", id="a field that does not exist"),
    ],
)
def test_a_failing_connection_test_stores_nothing(stack, zapier, changes, part):
    """The connection is tested by calling the API; a wrong account is not kept, and the message says what to look at,
    without the passcode. (Guide, step 4)
    """
    fields = {**stack.clevertap.default_credentials(), **changes}
    answer = zapier.ask("POST", "/api/connections", {"app": "clevertap", "fields": fields})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert part in error["message"] + str(error["problems"])
    assert stack.clevertap.default_credentials()["passcode"] not in answer.text
    assert zapier.call("GET", "/api/connections")["data"] == []


def test_a_service_that_cannot_be_reached_is_said(stack, zapier, at):
    """Nobody answers: the connection is not kept, and the message names the address. (Ours)"""
    from mock_servers.config import Config
    from mock_servers.rig.transport import DirectAdapter, make_session
    from mock_servers.stack import build_stack
    from tests.stories.conftest import ZapierDriver

    with build_stack(Config(deals=0), session=make_session(DirectAdapter({}))) as alone:
        fields = alone.clevertap.default_credentials()
        body = {"app": "clevertap", "fields": fields}
        driver = ZapierDriver(alone)
        driver.stack = alone
        answer = alone.servers["zapier"]
        import json

        from mock_servers.rig.exchange import Request
        from mock_servers.rig.http import serve

        headers = {"host": "localhost", "content-type": "application/json"}
        answer = serve(answer, Request("POST", "/api/connections", headers=headers, body=json.dumps(body).encode()))
    assert answer.status == 422
    assert "could not be reached" in answer.payload["error"]["message"]


def test_secrets_are_nowhere_to_be_read(stack, zapier, pipedrive, clevertap, ada):
    """After a whole passage the passcode and the API token are in no view, page, journal or run. (Ours)"""
    zap = zapier.publish("new_deal_to_profile")
    pipedrive.add_deal(person=ada)
    stack.settle()
    passcode = stack.clevertap.default_credentials()["passcode"]
    token = stack.pipedrive.default_credentials()["api_token"]
    seen = [
        *(str(stack.session.get(f"https://{host}/_rig/journal?limit=2000").json()) for host in HOSTS),
        str(zapier.call("GET", "/api/connections")),
        str(zapier.runs(zap)),
        str(zapier.show(zap)),
        *(stack.app(name).test_client().get("/").text for name in ("zapier", "pipedrive", "clevertap")),
        repr(stack),
    ]
    for text in seen:
        assert passcode not in text
        assert token not in text
    assert stand_in(passcode) in seen[2]  # the journal was not empty


HOSTS = ("hooks.zapier.com", "api.pipedrive.com", "eu1.api.clevertap.com")


def test_two_accounts_of_one_app_must_be_told_apart(stack, zapier):
    """`@clevertap` means the only one; with two it is not clear, and the message says what to do. (Ours)"""
    zapier.connect_both()
    account = stack.clevertap.default_credentials()
    zapier.call("POST", "/api/connections", {"app": "clevertap", "title": "Second", "fields": account})
    zap = zapier.create("new_deal_to_profile")
    [problem] = zapier.show(zap)["problems"]
    assert problem["path"] == "steps[0].connection"
    assert "several clevertap connections" in problem["message"]
    zapier.call("PATCH", f"/api/zaps/{zap}", {"steps": [{**zapier.show(zap)["steps"][0], "connection": "Second"}]})
    assert zapier.call("POST", f"/api/zaps/{zap}/publish", {})["state"] == "on"


def test_an_id_wins_over_a_title_of_digits(zapier):
    """A connection called "2" never hides connection 2. (Ours)"""
    zapier.connect_both()
    account = zapier.stack.clevertap.default_credentials()
    titled = zapier.call("POST", "/api/connections", {"app": "clevertap", "title": "2", "fields": account})
    assert titled["id"] == 3
    zap = zapier.create("new_deal_to_profile")
    steps = [{**zapier.show(zap)["steps"][0], "connection": "2"}]
    zapier.call("PATCH", f"/api/zaps/{zap}", {"steps": steps})
    assert zapier.call("POST", f"/api/zaps/{zap}/publish", {})["steps"][0]["connection"] == 2


def test_any_number_of_connections(zapier):
    """The 502nd connection of an app is stored and found like the first. (Ours)"""
    token = {"api_token": zapier.stack.pipedrive.default_credentials()["api_token"]}
    for _ in range(502):
        made = zapier.call("POST", "/api/connections", {"app": "pipedrive", "fields": token})
    assert made["title"] == "Ada Moreau (northlight) #502"
    zap = zapier.create("new_deal_to_profile")
    trigger = {**zapier.show(zap)["trigger"], "connection": made["title"]}
    shown = zapier.call("PATCH", f"/api/zaps/{zap}", {"trigger": trigger})
    assert [problem["path"] for problem in shown["problems"]] == ["steps[0].connection"]


@pytest.mark.parametrize(
    "token", ["\u201cabc\u201d", "line\nbreak", "x" * 5000], ids=["quotes", "a line break", "very long"]
)
def test_an_api_token_that_cannot_be_one_is_said(zapier, token):
    """Typographic quotes come from copying; nothing is sent, and the message says what a token looks like. (Ours)"""
    answer = zapier.ask("POST", "/api/connections", {"app": "pipedrive", "fields": {"api_token": token}})
    assert answer.status_code == 422
    assert "copy it again" in answer.json()["error"]["message"]


def test_a_new_passcode_connects_and_a_revoked_one_does_not(stack, zapier, clevertap):
    """CleverTap dashboard: create a passcode; revoke it, and the connection test fails. (Guide, step 1)"""
    account = stack.clevertap.default_credentials()
    path = f"/_rig/accounts/{account['account_id']}/passcodes"
    made = clevertap.call("POST", path, {"name": "Zapier"})
    fields = {**account, "passcode": made["passcode"]}
    zapier.call("POST", "/api/connections", {"app": "clevertap", "fields": fields})
    clevertap.call("DELETE", f"{path}/{made['id']}")
    refused = zapier.ask("POST", "/api/connections", {"app": "clevertap", "fields": fields})
    assert refused.status_code == 422
    assert re.search(r"passcode", refused.text)
